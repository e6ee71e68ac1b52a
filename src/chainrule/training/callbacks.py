"""What can listen to training and stop it.

A callback has four moments, all optional: before the first epoch, after each batch, after each
epoch, at the end. One that wants training to stop returns true from ``epoch_end``; one that wants
it to stop at once raises from ``batch_end``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule._types import Array
from chainrule.engine.params import Parameters
from chainrule.errors import TrainingInterrupted
from chainrule.training.history import History


@dataclass
class Progress:
    """What a callback sees.

    Attributes
    ----------
    params : Parameters
        The network's parameters as they are now.
    history : History
        The rows so far.
    epochs : int
        The number of epochs planned.
    """

    params: Parameters
    history: History
    epochs: int


class Callback:
    """Listens, does nothing; override what you need."""

    def train_begin(self, progress: Progress) -> None:
        """Run once before the first epoch; forget an earlier training here."""

    def batch_end(self, progress: Progress) -> None:
        """Run after each optimiser step."""

    def epoch_end(self, progress: Progress) -> bool:
        """Run after each epoch; return true to stop training."""
        return False

    def train_end(self, progress: Progress) -> None:
        """Run once after the last epoch."""


class Patience:
    """Counts the epochs in a row in which a loss did not improve.

    Parameters
    ----------
    limit : int or None
        How many such epochs are too many; None for no limit.
    min_delta : float
        What counts as an improvement: at least this much, and not nothing, below the best so far.
    """

    def __init__(self, limit: int | None, min_delta: float = 0.0) -> None:
        self.limit, self.min_delta = limit, min_delta
        self.best, self.stale = math.inf, 0

    def observe(self, loss: float) -> bool:
        """Count one epoch and return whether its loss is the best so far, by however little."""
        is_best = loss < self.best
        improved = is_best and loss <= self.best - self.min_delta
        self.stale = 0 if improved else self.stale + 1
        self.best = min(self.best, loss)
        return is_best

    @property
    def exhausted(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and self.stale >= self.limit


class EarlyStopping(Callback):
    """Stop when the loss has not improved for a while, and restore the best weights.

    The loss is the validation loss where there is one, the training loss otherwise.

    Parameters
    ----------
    patience : int or None
        Stop after this many epochs in a row without improvement; None never stops, but still
        restores the best weights.
    min_delta : float
        What counts as an improvement: at least this much below the best loss so far.
    """

    def __init__(self, patience: int | None, min_delta: float = 0.0) -> None:
        self.patience = Patience(patience, min_delta)
        self._best: tuple[int, Array] | None = None

    def train_begin(self, progress: Progress) -> None:
        self.patience = Patience(self.patience.limit, self.patience.min_delta)
        self._best = None

    def epoch_end(self, progress: Progress) -> bool:
        row = progress.history.epochs[-1]
        if self.patience.observe(row.monitored_loss):
            kept = np.empty_like(progress.params.flat) if self._best is None else self._best[1]
            np.copyto(kept, progress.params.flat)
            self._best = row.epoch, kept
        return self.patience.exhausted

    def train_end(self, progress: Progress) -> None:
        if self._best is not None:
            progress.history.best_epoch, kept = self._best
            np.copyto(progress.params.flat, kept)


class StopWhen(Callback):
    """Raise :class:`~chainrule.errors.TrainingInterrupted` once a condition holds.

    Parameters
    ----------
    condition : callable of no argument
        Asked after each batch; ``threading.Event().is_set`` for a stop from another thread.
    """

    def __init__(self, condition: Callable[[], bool]) -> None:
        self.condition = condition

    def batch_end(self, progress: Progress) -> None:
        if self.condition():
            done = len(progress.history)
            raise TrainingInterrupted(f"stopped after {done} of {progress.epochs} epochs")
