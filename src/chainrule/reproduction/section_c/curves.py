"""Measures of a training's curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chainrule.reproduction.thresholds import PLATEAU_EPOCHS, PLATEAU_FALL
from chainrule.study.trial import TrialResult


def curve(run: TrialResult, column: str) -> list[float]:
    """Return a column of a run's history, from the first epoch on."""
    return [value for row in run.epochs if (value := row.value(column)) is not None]


def falling_share(losses: Sequence[float]) -> float:
    """Return the share of steps at which a curve falls; 0 for a single epoch."""
    steps = [later < earlier for earlier, later in pairwise(losses)]
    return sum(steps) / len(steps) if steps else 0.0


def _flat_starts(losses: Sequence[float]) -> list[bool]:
    """Return for each epoch whether so many after it gain too little to be no plateau."""
    starts = range(len(losses) - PLATEAU_EPOCHS)
    return [losses[i + PLATEAU_EPOCHS] > losses[i] * (1 - PLATEAU_FALL) for i in starts]


def plateaus(losses: Sequence[float]) -> int:
    """Return how many plateaus a curve has: stretches of :func:`on_plateau`."""
    return sum(now and not before for before, now in pairwise([False, *on_plateau(losses)]))


def on_plateau(losses: Sequence[float]) -> list[bool]:
    """Return for each epoch whether it is on a plateau."""
    flat = _flat_starts(losses)
    return [any(flat[max(0, i - PLATEAU_EPOCHS) : i]) for i in range(len(losses))]
