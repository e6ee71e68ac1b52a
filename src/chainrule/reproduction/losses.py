"""What the claims ask of a training's losses: which they are, and how often they turn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chainrule.reproduction.results import Results
from chainrule.study.trial import TrialResult


def losses_of(run: TrialResult) -> list[float]:
    """Return the loss after each epoch that early stopping goes by: the validation loss."""
    return [row.monitored_loss for row in run.epochs]


def turning_share(curve: Sequence[float]) -> float:
    """Return the share of a curve's inner points at which it turns; 0 for fewer than three."""
    steps = [later - earlier for earlier, later in pairwise(curve)]
    turns = [before * after < 0 for before, after in pairwise(steps)]
    return sum(turns) / len(turns) if turns else 0.0


def turning_shares(results: Results, *names: object) -> list[float]:
    """Return at what share of the epochs the loss turns, of the runs that did not diverge."""
    return [turning_share(losses_of(run)) for run in results.trained(*names)]
