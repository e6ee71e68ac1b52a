"""A claim of the report, the verdict that a run passes on it, and the words for both."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a run says about a claim."""

    REPRODUCED = "reproduced"  # our figure agrees within the stated tolerance
    DIFFERS = "differs"  # it does not; the note says by how much and, where known, why
    ERRATUM = "erratum"  # the report contradicts itself or mathematics; the note shows how


@dataclass(frozen=True)
class Judgement:
    """A claim beside its measurement.

    Attributes
    ----------
    id : str
        The claim's id.
    claimed : dict
        The report's figures by name, accuracies and shares between 0 and 1; or its statement.
    measured : dict
        Ours, by the same names where there is a counterpart; a mean has its spread beside it.
    per_seed : list of dict
        Ours, seed by seed.
    verdict : Verdict or None
        None where trials that it needs are not finished.
    note : str
        The tolerance, and what there is to know, in words.
    """

    id: str
    claimed: dict[str, Any]
    measured: dict[str, Any]
    per_seed: list[dict[str, Any]]
    verdict: Verdict | None
    note: str


@dataclass(frozen=True)
class Spread:
    """Mean and spread of one figure over seeds.

    Attributes
    ----------
    mean, std, low, high : float
        Mean, standard deviation (n - 1; 0 for one seed), smallest and largest.
    n : int
        The number of seeds.
    """

    mean: float
    std: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        std = statistics.stdev(values) if len(values) > 1 else 0.0
        return cls(statistics.fmean(values), std, min(values), max(values), len(values))

    def contains(self, value: float) -> bool:
        """Whether a value lies between the smallest and the largest."""
        return self.low <= value <= self.high


def points(difference: float) -> str:
    """Return a difference of two shares in words, without its sign."""
    return f"{100 * abs(difference):.2f} percentage points"


def side(difference: float) -> str:
    """Return on which side of a claim a measurement lies."""
    return "above" if difference > 0 else "below"


def named(shares: Mapping[str, float], digits: int = 2) -> str:
    """Return shares by name in words: ``relu 94.37%, tanh 92.80%``."""
    return ", ".join(f"{name} {share:.{digits}%}" for name, share in shares.items())


def inside(claimed: float, spread: Spread) -> str:
    """Return in words whether a claimed accuracy lies within the seeds' range."""
    if spread.n == 1:
        return "One seed has no spread to compare with."
    where = "inside" if spread.contains(claimed) else "outside"
    return f"The claimed accuracy lies {where} the range of our {spread.n} seeds."
