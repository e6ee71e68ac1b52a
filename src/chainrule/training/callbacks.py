"""What can listen to training and stop it.

A callback has six moments, all optional: before the first epoch, before each epoch, after each
batch, after some batches, after each epoch, at the end. One that wants training to stop returns
true from ``epoch_end``; one that wants it to stop at once raises from ``steps_end``. What it holds
meanwhile it gives back in ``close``, which runs however training ends. An object of another class
that has some of the methods is made a callback by :func:`as_callbacks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule._finite import all_finite
from chainrule._types import Array
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError, TrainingInterrupted
from chainrule.training.history import Epoch, History

if TYPE_CHECKING:
    from chainrule.training.loop import Trainer


@dataclass
class Progress:
    """What a callback sees.

    Attributes
    ----------
    trainer : Trainer
        The network in training: ``params``, the optimiser's ``state``, ``clock``,
        ``learning_rate``.
    history : History
        The rows so far.
    epochs : int
        The number of epochs planned.
    epochs_done : int
        The number of epochs run; the history may have more, of an earlier training.
    stopped : bool
        Whether a callback has asked to stop.
    estimator : object or None
        An estimator fitted as far as training has come; None where a bare network is trained.
    """

    trainer: Trainer
    history: History
    epochs: int
    epochs_done: int = 0
    stopped: bool = False
    estimator: Any = None

    @property
    def params(self) -> Parameters:
        """The network's parameters as they are now."""
        return self.trainer.params

    @property
    def diverged(self) -> bool:
        """Whether a parameter or the last loss is not finite: none comes back from there."""
        losses = [row.train_loss for row in self.history.epochs[-1:] if self.epochs_done]
        return not all(map(math.isfinite, losses)) or not all_finite(self.params.flat)


class Callback:
    """Listens, does nothing; override what you need."""

    def train_begin(self, progress: Progress) -> None:
        """Run once before the first epoch; forget an earlier training here."""

    def epoch_begin(self, progress: Progress) -> None:
        """Run before each epoch."""

    def batch_end(self, progress: Progress) -> None:
        """Run after each optimiser step."""

    def steps_end(self, progress: Progress) -> None:
        """Run after some optimiser steps, several times a second where a batch is shorter.

        Where nobody listens to every batch, the compiled loop takes many steps at a call.
        """

    def epoch_end(self, progress: Progress) -> bool:
        """Run after each epoch; return true to stop training."""
        return False

    def train_end(self, progress: Progress) -> None:
        """Run once after the last epoch."""

    def close(self) -> None:
        """Run last, also where training has failed; give back what is held."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep: numbers, texts, lists and arrays by name."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state_dict` returned; runs after ``train_begin``."""


MOMENTS = ("train_begin", "epoch_begin", "batch_end", "steps_end", "epoch_end", "train_end")
_METHODS = (*MOMENTS, "close", "state_dict", "load_state_dict")


def as_callbacks(given: Any) -> list[Callback]:
    """Return what users give to listen, one object or several, as a list of callbacks.

    Parameters
    ----------
    given : Callback, object with one of its moments, iterable of them, or None
        What an object of another class lacks, it doesn't do.

    Raises
    ------
    InvalidValueError
        If one has none of the moments, or is a class.
    """
    if given is None:
        return []
    is_one = any(hasattr(given, moment) for moment in MOMENTS) or not isinstance(given, Iterable)
    several = [given] if is_one else given
    return [one if isinstance(one, Callback) else _completed(one) for one in several]


def _completed(listener: Any) -> Callback:
    # A subclass that has the listener's own methods, and its name, by which checkpoints know it.
    if isinstance(listener, type) or not any(hasattr(listener, moment) for moment in MOMENTS):
        raise InvalidValueError(
            f"callbacks must be objects with at least one of the methods {', '.join(MOMENTS)}",
            listener,
            "make one, best of a subclass of chainrule.training.callbacks.Callback",
        )
    kind = type(listener)
    own = {
        name: staticmethod(getattr(listener, name)) for name in _METHODS if hasattr(listener, name)
    }
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    completed: Callback = type(kind.__name__, (Callback,), {**own, **names})()
    return completed


@contextmanager
def listening(callbacks: Sequence[Callback], progress: Progress) -> Iterator[None]:
    """Begin and end a training for its callbacks, and close them however it ends."""
    with ExitStack() as stack:
        for callback in callbacks:
            stack.callback(callback.close)
            callback.train_begin(progress)
        yield
        for callback in callbacks:
            callback.train_end(progress)


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


class Snapshot:
    """A copy of the best parameters so far, made when there is something to copy.

    All its numbers are finite, whatever loss or score an epoch that has diverged may show.

    Attributes
    ----------
    epoch : int or None
        After which epoch they were copied.
    flat : array of shape (n_parameters,) or None
        The copy.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.flat: Array | None = None

    def keep(self, epoch: int, params: Parameters) -> None:
        """Copy the parameters if they are finite, overwriting the last copy."""
        if not all_finite(params.flat):
            return
        if self.flat is None:
            self.flat = np.empty_like(params.flat)
        np.copyto(self.flat, params.flat)
        self.epoch = epoch

    def restore(self, progress: Progress) -> None:
        """Write the copy, if there is one, back to the network."""
        if self.flat is not None:
            np.copyto(progress.params.flat, self.flat)
            progress.history.best_epoch = self.epoch

    def state_dict(self) -> dict[str, Any]:
        """Return epoch and vector, the vector copied, as the next best overwrites it."""
        return {"epoch": self.epoch, "flat": None if self.flat is None else self.flat.copy()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned, copied too."""
        self.epoch, flat = state["epoch"], state["flat"]
        self.flat = None if flat is None else flat.copy()


class Convergence(Callback):
    """scikit-learn's rule: stop, or lower an adaptive rate, when nothing improves for a while.

    An epoch improves where what is watched falls to ``tol`` below its best, or further; what is no
    number is no improvement, where scikit-learn counts anew. After more than ``patience`` epochs in
    a row without that, training stops; under an adaptive schedule the learning rate is divided
    instead, until it is 1e-6 or less. The state goes on over several trainings (warm start,
    ``partial_fit``) and starts anew with a new object.

    A score may be undefined: NaN, or minus infinity. As long as it has been so in every epoch, the
    validation loss is watched; an epoch with a score is better than all without.

    Parameters
    ----------
    patience : float
        A number of epochs; infinity never stops.
    tol : float
        The smallest improvement that counts.
    score : str, optional
        The column of a score that is watched and whose best weights are restored at the end;
        without it the training loss with its penalty is watched, and nothing is restored.
    adaptive : bool
        Whether a plateau lowers the learning rate.
    say : callable, optional
        Told, in scikit-learn's words, how each epoch went.
    """

    def __init__(
        self,
        patience: float,
        tol: float,
        *,
        score: str | None = None,
        adaptive: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.patience, self.tol, self.score, self.adaptive = patience, tol, score, adaptive
        self.say = say or _nothing
        self.best = math.inf  # of a loss, or of minus the score
        self.stale = 0
        self.snapshot = Snapshot()

    def epoch_end(self, progress: Progress) -> bool:
        row = progress.history.epochs[-1]
        self.say(f"Iteration {progress.epochs_done}, loss = {row.train_loss + row.penalty:.8f}")
        if self.score is not None:
            self.say(f"Validation score: {row.scores[self.score]:f}")
        watched = self._watched(row, progress.history)
        improved = watched < math.inf and watched <= self.best - self.tol
        self.stale = 0 if improved else self.stale + 1
        if watched < self.best:
            self.best = watched
            if self.score is not None:
                self.snapshot.keep(row.epoch, progress.params)
        return self.stale > self.patience and self._plateau(progress.trainer)

    def _watched(self, row: Epoch, history: History) -> float:
        """Return what has to fall: a loss, or minus the score."""
        if self.score is None:
            return row.train_loss + row.penalty
        score = row.scores[self.score]
        if is_defined(self.best_score(history)):
            return -score
        if is_defined(score):
            self.best = math.inf  # what it was is a loss, and no score compares with it
            return -score
        return math.nan if row.validation_loss is None else row.validation_loss

    def best_score(self, history: History) -> float:
        """Return the score of the epoch that is kept.

        NaN or minus infinity if its validation loss decided; minus infinity if there is none.
        """
        if self.score is None or self.snapshot.epoch is None:
            return -math.inf
        return history.epochs[self.snapshot.epoch - 1].scores.get(self.score, math.nan)

    def _plateau(self, trainer: Trainer) -> bool:
        what = "Training loss" if self.score is None else "Validation score"
        tol, patience = self.tol, self.patience
        message = f"{what} did not improve more than tol={tol:f} for {patience} consecutive epochs."
        if not self.adaptive:
            self.say(f"{message} Stopping.")
            return True
        if trainer.plan.schedule(trainer.clock) <= 1e-6:
            self.say(f"{message} Learning rate too small. Stopping.")
            return True
        trainer.plateau()
        self.stale = 0
        self.say(f"{message} Setting learning rate to {trainer.plan.schedule(trainer.clock):f}")
        return False

    def train_end(self, progress: Progress) -> None:
        self.snapshot.restore(progress)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "stale": self.stale, "snapshot": self.snapshot.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.stale = state["best"], state["stale"]
        self.snapshot.load_state_dict(state["snapshot"])


def is_defined(score: float) -> bool:
    """Return whether a score says something: it is neither NaN nor minus infinity."""
    return score > -math.inf


def _nothing(message: str) -> None:
    pass


class EarlyStopping(Callback):
    """Stop when the loss has not improved for a while, and restore the best weights.

    The loss is the validation loss where there is one, the training loss otherwise. NaN is no
    improvement, and weights that are not finite are never the best.

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
        self.snapshot = Snapshot()

    def train_begin(self, progress: Progress) -> None:
        self.patience = Patience(self.patience.limit, self.patience.min_delta)
        self.snapshot = Snapshot()

    def epoch_end(self, progress: Progress) -> bool:
        row = progress.history.epochs[-1]
        if self.patience.observe(row.monitored_loss):
            self.snapshot.keep(row.epoch, progress.params)
        return self.patience.exhausted

    def train_end(self, progress: Progress) -> None:
        self.snapshot.restore(progress)

    def state_dict(self) -> dict[str, Any]:
        return {
            "patience": [self.patience.best, self.patience.stale],
            "snapshot": self.snapshot.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.patience.best, self.patience.stale = state["patience"]
        self.snapshot.load_state_dict(state["snapshot"])


class BestWeights(EarlyStopping):
    """Restore the weights of the epoch with the lowest loss, and stop nothing.

    The loss is the validation loss where there is one, the training loss otherwise.
    """

    def __init__(self) -> None:
        super().__init__(None)


class StopWhen(Callback):
    """Raise :class:`~chainrule.errors.TrainingInterrupted` once a condition holds.

    Parameters
    ----------
    condition : callable of no argument
        Asked several times a second; ``threading.Event().is_set`` for a stop from another thread.
    """

    def __init__(self, condition: Callable[[], bool]) -> None:
        self.condition = condition

    def steps_end(self, progress: Progress) -> None:
        if self.condition():
            done, planned = progress.epochs_done, progress.epochs
            raise TrainingInterrupted(f"stopped after {done} of {planned} epochs")
