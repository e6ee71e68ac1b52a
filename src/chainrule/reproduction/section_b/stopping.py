"""Where a patience counter would have stopped a training, worked out from its losses.

Early stopping changes no step of a training: it decides which epoch is the last, and whose weights
are kept. So one training tells what any counter that stops no later would have ended with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.training.callbacks import Patience


@dataclass(frozen=True)
class Stop:
    """The end of a training.

    Attributes
    ----------
    best : int or None
        The epoch with the lowest loss until then; None if there is none.
    last : int
        The last epoch.
    by_counter : bool
        Whether the counter ended it.
    """

    best: int | None
    last: int
    by_counter: bool


def early_stopping(losses: Sequence[float], patience: int | None, min_delta: float = 0.0) -> Stop:
    """Return where a counter stops.

    Parameters
    ----------
    losses : sequence of float
        After each epoch.
    patience : int or None
        How many epochs in a row may fail to improve; None never stops.
    min_delta : float
        What counts as an improvement: at least this much below the best so far.
    """
    counter, best = Patience(patience, min_delta), None
    for epoch, loss in enumerate(losses, 1):
        if counter.observe(loss):
            best = epoch
        if counter.exhausted:
            return Stop(best, epoch, True)
    return Stop(best, len(losses), False)
