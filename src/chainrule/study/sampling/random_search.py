"""Candidates drawn at random."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule._cached import cached_property
from chainrule.errors import InvalidValueError, Words
from chainrule.study.checks import check_count
from chainrule.study.sampling.candidate import Candidate, name_of
from chainrule.study.sampling.distributions import Distribution, read_distributions
from chainrule.study.sampling.sampler import Sampler, Scores


@dataclass(frozen=True)
class Random(Sampler):
    """Candidates drawn at random, each factor for itself.

    The first candidates stay as they are where ``n`` is raised. Where all factors are integers or
    choices, no candidate comes twice. Bergstra and Bengio, JMLR 13 (2012), 281-305.

    Parameters
    ----------
    n : int
        How many candidates.
    distributions : mapping from str to Distribution, dict or list
        What each factor is drawn from: a distribution, its table in a study's file, or a list of
        values of which each is as likely as the others.
    seed : int
        Of the draws.

    Raises
    ------
    InvalidValueError
        If a value breaks a rule, or there are fewer than ``n`` combinations.
    """

    n: int
    distributions: Mapping[str, Distribution | Mapping[str, Any] | Sequence[Any]]
    seed: int = 0

    def __post_init__(self) -> None:
        read = read_distributions(self.distributions, "random")
        object.__setattr__(self, "distributions", read)
        check_counts("random", n=self.n, seed=self.seed)
        check_count(self.n, "n in random", "lower it")
        check_enough(self.n, read, "random")

    @cached_property
    def _all(self) -> list[Candidate]:
        distributions: Any = self.distributions
        draws = np.random.default_rng(self.seed)
        is_finite = math.isfinite(combinations(distributions))
        seen: dict[str, Candidate] = {}
        while len(seen) < self.n:
            values = {name: one.at(draws.random()) for name, one in distributions.items()}
            # Of a continuous factor there are no repeats but by chance, and these do no harm.
            name = name_of(values) if is_finite else str(len(seen))
            seen.setdefault(name, Candidate(len(seen), values))
        return list(seen.values())

    def __len__(self) -> int:
        return self.n

    def candidates(self, scores: Scores | None = None) -> list[Candidate]:
        return self._all

    @classmethod
    def from_toml(cls, given: Any) -> Random:
        return cls(**split_settings(given, "random", {"n": None, "seed": 0}))

    def to_toml(self) -> Any:
        return {"n": self.n, "seed": self.seed, **tables(self.distributions)}


def combinations(distributions: Mapping[str, Distribution]) -> float:
    """Return how many different candidates there are; infinity where a factor is continuous."""
    return math.prod(one.size for one in distributions.values())


def check_enough(n: int, distributions: Mapping[str, Distribution], where: str) -> None:
    """Raise InvalidValueError if there are fewer than ``n`` different candidates."""
    if n > (most := combinations(distributions)):
        raise InvalidValueError(
            f"n in {where} must be at most {most}, the number of different candidates",
            n,
            "lower it, or use a grid",
        )


def check_counts(where: str, **counts: Any) -> None:
    """Raise InvalidValueError unless all are integers, ``seed`` at least 0, the others 1."""
    for name, value in counts.items():
        least = 0 if name == "seed" else 1
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise InvalidValueError(
                f"{name} in {where} must be an integer of at least {least}", value, "change it"
            )


def split_settings(given: Any, where: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sampler's arguments from its table, where settings and factors are side by side.

    Parameters
    ----------
    given : object
        What a study's file has.
    where : str
        The table's name.
    defaults : mapping
        The settings by name; one whose default is None must be there.
    """
    if not isinstance(given, Mapping):
        raise InvalidValueError(f"{where} must be a table", given, f"write [{where}]")
    settings = {name: given.get(name, default) for name, default in defaults.items()}
    for name, value in settings.items():
        if value is None:
            raise InvalidValueError(
                f"{where} must say how many candidates there are", Words("none"), f"add {name} = 20"
            )
    factors = {name: value for name, value in given.items() if name not in defaults}
    return {**settings, "distributions": factors}


def tables(distributions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of distributions by name."""
    return {name: one.to_toml() for name, one in distributions.items()}
