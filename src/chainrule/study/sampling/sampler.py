"""What a sampler is: from the scores so far to every candidate decided so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from chainrule.study.sampling.candidate import Candidate

# The mean of the deciding metric by a finished candidate's number, higher is better; None: failed.
Scores = Mapping[int, float | None]


class Sampler(ABC):
    """Decides which candidates a study tries; frozen settings, nothing else.

    What it returns depends on its settings and the scores alone. So a study that was killed asks
    again, and is told the same.

    Attributes
    ----------
    adapts : bool
        Whether later candidates depend on the scores of earlier ones.
    """

    adapts: ClassVar[bool] = False

    @abstractmethod
    def candidates(self, scores: Scores | None = None) -> list[Candidate]:
        """Return every candidate that is decided so far, by number.

        Parameters
        ----------
        scores : mapping from int to float or None, optional
            Of the finished candidates. More scores only add candidates at the end.
        """

    def __len__(self) -> int:
        """Return how many candidates there are in the end, without making them where it can."""
        return len(self.candidates())

    @classmethod
    @abstractmethod
    def from_toml(cls, given: Any) -> Self:
        """Return the sampler that a study's table stands for."""

    @abstractmethod
    def to_toml(self) -> Any:
        """Return that table."""
