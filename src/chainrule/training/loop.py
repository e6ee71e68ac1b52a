"""The epochs: batches in, a trained network and its history out.

Each step is gather → loss and gradient → penalty → clip → update. The loss of every batch is
checked, and the parameters after every epoch: a run that leaves the finite numbers stops there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

import numpy as np

from chainrule._types import Array
from chainrule.engine import optimizers
from chainrule.engine.network import forward, loss_and_gradient
from chainrule.engine.optimizers import SGD, Optimizer
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Clip, Penalty
from chainrule.engine.schedules import Adaptive, Clock, Constant, Schedule
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError, InvalidValueError
from chainrule.training.callbacks import Callback, Patience, Progress
from chainrule.training.history import Epoch, History
from chainrule.training.source import Source

EVALUATION_ROWS = (
    1000  # rows a batch where nothing is learnt: large enough for BLAS, small in memory
)


@dataclass(frozen=True)
class Plan:
    """How to train: everything but the network and the data.

    Parameters
    ----------
    epochs : int
        The largest number of passes over the data.
    batch_size : int
        Rows a step; the last batch of an epoch may be shorter.
    schedule : Schedule
        The learning rate.
    optimizer : Optimizer
        The update rule.
    penalty : Penalty
        L1 and L2 on the weights.
    clip : Clip or None
        What bounds the gradient before the step.
    """

    epochs: int
    batch_size: int
    schedule: Schedule = field(default_factory=lambda: Constant(1e-3))
    optimizer: Optimizer = field(default_factory=SGD)
    penalty: Penalty = field(default_factory=Penalty)
    clip: Clip | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if not value >= 1:
                raise InvalidValueError(f"{name} must be at least 1", value, "raise it")


class Trainer:
    """One network in training: parameters, buffers, and the optimiser's state.

    Parameters
    ----------
    params : Parameters
        Changed in place.
    plan : Plan
        How to train.
    """

    def __init__(self, params: Parameters, plan: Plan) -> None:
        self.params, self.plan = params, plan
        self.gradient = Parameters(params.spec)
        self.work = Workspace(params.spec, plan.batch_size)
        self.state = optimizers.start(plan.optimizer, params)
        self.clock = Clock()
        self.learning_rate = plan.schedule(self.clock)
        schedule = plan.schedule
        self._patience = (
            Patience(schedule.patience, schedule.min_delta)
            if isinstance(schedule, Adaptive)
            else Patience(None)
        )
        self._scratch = np.empty_like(params.weights)

    def step(
        self,
        work: Workspace,
        y: Array,
        weight: Array | None = None,
        rng: np.random.Generator | None = None,
    ) -> float:
        """Take one step on the batch in ``work.x`` and return its loss, penalties left out."""
        params, gradient, plan = self.params, self.gradient, self.plan
        loss = loss_and_gradient(params, work, y, gradient, weight=weight, rng=rng)
        plan.penalty.add(params, gradient, self._scratch)
        if plan.clip is not None:
            plan.clip.apply(gradient.flat)
        self.learning_rate = plan.schedule(self.clock)
        optimizers.step(plan.optimizer, params, gradient, self.state, self.learning_rate)
        self.clock = self.clock._replace(step=self.clock.step + 1)
        return loss

    def epoch(
        self,
        source: Source,
        rng: np.random.Generator,
        progress: Progress,
        callbacks: Sequence[Callback] = (),
    ) -> float:
        """Take one pass over shuffled data and return the mean loss."""
        total = 0.0
        for work, y in source.batches(self.work, rng):
            assert y is not None
            loss = self.step(work, y, rng=rng)
            if not math.isfinite(loss):
                raise _diverged(self.clock.epoch + 1, "the training loss")
            total += loss * len(y)
            for callback in callbacks:
                callback.batch_end(progress)
        if not _all_finite(self.params.flat):
            raise _diverged(self.clock.epoch + 1, "a weight")
        self.clock = self.clock._replace(
            epoch=self.clock.epoch + 1, samples=self.clock.samples + len(source)
        )
        return total / len(source)

    def observe(self, loss: float) -> None:
        """Tell the schedule's plateau counter the loss of an epoch."""
        self._patience.observe(loss)
        if self._patience.exhausted:
            self._patience.stale = 0
            self.clock = self.clock._replace(plateaus=self.clock.plateaus + 1)


def train(
    params: Parameters,
    plan: Plan,
    source: Source,
    rng: np.random.Generator,
    *,
    validation: Source | None = None,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Train a network in place.

    Parameters
    ----------
    params : Parameters
        Initialised parameters, changed in place.
    plan : Plan
        How to train.
    source : Source
        The training data.
    rng : numpy.random.Generator
        Draws the order of the rows, and dropout.
    validation : Source, optional
        Measured after each epoch, never learnt from.
    callbacks : sequence of Callback
        Called in this order.

    Returns
    -------
    History
        One row an epoch.

    Raises
    ------
    DivergenceError
        As soon as a batch's loss, or after an epoch a weight or the validation loss, is not finite.
    """
    history = History()
    progress = Progress(params, history, plan.epochs)
    trainer = Trainer(params, plan)
    evaluator = None if validation is None else Evaluator(params)
    for callback in callbacks:
        callback.train_begin(progress)
    for _ in range(plan.epochs):
        begun = perf_counter()
        loss = trainer.epoch(source, rng, progress, callbacks)
        measured = evaluator.measure(validation) if evaluator and validation is not None else None
        if measured is not None and not math.isfinite(measured.loss):
            raise _diverged(trainer.clock.epoch, "the validation loss")
        row = Epoch(
            epoch=trainer.clock.epoch,
            train_loss=loss,
            validation_loss=measured.loss if measured else None,
            validation_accuracy=measured.accuracy if measured else None,
            learning_rate=trainer.learning_rate,
            seconds=perf_counter() - begun,
        )
        history.epochs.append(row)
        trainer.observe(row.monitored_loss)
        stops = [callback.epoch_end(progress) for callback in callbacks]
        if any(stops):
            break
    for callback in callbacks:
        callback.train_end(progress)
    return history


class Measured(NamedTuple):
    """How well a network does on some data.

    Attributes
    ----------
    loss : float
        The mean over the samples.
    accuracy : float or None
        The share classified correctly; None where the targets are numbers.
    """

    loss: float
    accuracy: float | None


class Evaluator:
    """Runs data through a network without learning; its buffers are made once.

    Parameters
    ----------
    params : Parameters
        Read at each call, so that one evaluator serves a whole training.
    rows : int
        The largest batch.
    """

    def __init__(self, params: Parameters, rows: int = EVALUATION_ROWS) -> None:
        self.params = params
        self.work = Workspace(params.spec, rows)

    def measure(self, source: Source) -> Measured:
        """Return the mean loss and, for classes, the accuracy on a source with targets."""
        loss = self.params.spec.loss
        total, correct = 0.0, 0
        for work, y in source.batches(self.work):
            assert y is not None
            raw = forward(self.params, work)
            total += len(y) * loss.value_and_gradient(raw, y, work.delta[-1], work.scratch[-1][0])
            if loss.takes_classes:
                correct += int((raw.argmax(axis=1) == y).sum())
        n = len(source)
        return Measured(total / n, correct / n if loss.takes_classes else None)

    def predict(self, source: Source) -> Array:
        """Return the loss's output function of the raw outputs: (n, n_outputs)."""
        spec = self.params.spec
        out = np.empty((len(source), spec.layer_sizes[-1]), spec.np_dtype)
        done = 0
        for work, _ in source.batches(self.work):
            raw = forward(self.params, work)
            spec.loss.predict(raw, out=out[done : done + len(raw)])
            done += len(raw)
        return out


def _all_finite(vector: Array) -> bool:
    # Two passes without a temporary: NaN and inf both survive minimum or maximum.
    return math.isfinite(vector.min()) and math.isfinite(vector.max())


def _diverged(epoch: int, what: str) -> DivergenceError:
    return DivergenceError(
        epoch, what, "try a lower learning rate, clip the gradient, or scale the features"
    )
