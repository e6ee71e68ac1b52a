"""The epochs: batches in, a trained network and its history out.

Each step is gather → loss and gradient → penalty → clip → update. The loss of every batch is
checked, and the parameters after every epoch: a run that leaves the finite numbers stops there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from chainrule._cached import cached_property
from chainrule._finite import all_finite
from chainrule._types import Array
from chainrule.engine import optimizers
from chainrule.engine.backends import compiled
from chainrule.engine.backends.compiled import CompiledLoop
from chainrule.engine.checks import check_array, check_integer, check_vector
from chainrule.engine.memory import require
from chainrule.engine.network import backpropagate, quiet
from chainrule.engine.optimizers import SGD, Optimizer, OptimizerState
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Clip, Penalty
from chainrule.engine.schedules import Clock, Constant, Schedule
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError, InvalidValueError
from chainrule.training.callbacks import Callback, Progress, as_callbacks, listening
from chainrule.training.evaluator import Measured
from chainrule.training.history import Epoch, History
from chainrule.training.source import Source

Order = Callable[[Array], Array]  # from row numbers to row numbers, once an epoch


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
    loss_scale : float
        What the training loss is multiplied by in the history, and there only: scikit-learn reports
        the squared loss divided by the number of outputs.
    stop_on_divergence : bool
        Whether a loss or a weight that is not finite is an error. scikit-learn trains on.
    n_threads : int or None
        How many threads share a batch in the compiled loop; None decides by size.
    """

    epochs: int
    batch_size: int
    schedule: Schedule = field(default_factory=lambda: Constant(1e-3))
    optimizer: Optimizer = field(default_factory=SGD)
    penalty: Penalty = field(default_factory=Penalty)
    clip: Clip | None = None
    loss_scale: float = 1.0
    stop_on_divergence: bool = True
    n_threads: int | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "n_threads"):
            if name != "n_threads" or self.n_threads is not None:
                check_integer(name, getattr(self, name), 1, "pass a larger integer")


class Trainer:
    """One network in training: parameters, buffers, and the optimiser's state.

    Parameters
    ----------
    params : Parameters
        Changed in place.
    plan : Plan
        How to train.
    state : OptimizerState, optional
        To go on from, changed in place; new if left out.
    clock : Clock, optional
        To go on from.
    samples_before : int
        Samples of earlier trainings, which scikit-learn's inverse scaling counts from the second
        epoch on.
    dropout_rng : numpy.random.Generator, optional
        The source of dropout masks; without it nothing is dropped.

    Raises
    ------
    InvalidValueError
        If the parameters or the state cannot be written to, or do not belong together.
    """

    def __init__(
        self,
        params: Parameters,
        plan: Plan,
        *,
        state: OptimizerState | None = None,
        clock: Clock | None = None,
        samples_before: int = 0,
        dropout_rng: np.random.Generator | None = None,
    ) -> None:
        plan.optimizer.check_dtype(params.spec.np_dtype)
        check_memory(params.spec, 2 + len(plan.optimizer.slots), plan.batch_size)
        self.params, self.plan, self.dropout_rng = params, plan, dropout_rng
        self.gradient = Parameters(params.spec)
        self.work = Workspace(params.spec, plan.batch_size)
        self.state = optimizers.start(plan.optimizer, params) if state is None else state
        self._check_vectors()
        self.clock = Clock() if clock is None else clock
        self.samples_before = samples_before
        self.learning_rate = plan.schedule(self.clock)
        self._scratch = np.empty_like(params.weights)

    def _check_vectors(self) -> None:
        flat, rng, slots = self.params.flat, self.dropout_rng, self.state.slots
        check_array("the optimizer's slots", slots, (len(self.plan.optimizer.slots), flat.size))
        for name, vector in [
            ("flat", flat),
            *(("each of the optimizer's slots", slot) for slot in slots),
        ]:
            check_vector(name, vector, flat.size, flat.dtype, writable=True)
        check_integer("t of the optimizer's state", self.state.t, 0, "it counts steps taken")
        if rng is not None and not isinstance(rng, np.random.Generator):
            raise InvalidValueError(
                "dropout_rng must be None or a numpy.random.Generator",
                rng,
                "use numpy.random.default_rng(seed)",
            )

    def step(self, work: Workspace, y: Array, weight: Array | None = None) -> tuple[float, float]:
        """Take one step on the batch in ``work.x`` and return its loss and its penalty.

        Called under :func:`~chainrule.engine.network.quiet`, with what a source hands out.
        """
        params, gradient, plan = self.params, self.gradient, self.plan
        samples = work.capacity if weight is None else float(weight.sum(dtype=np.float64))
        if samples == 0:  # nothing to learn from
            return 0.0, 0.0
        loss = backpropagate(params, work, y, gradient, weight=weight, rng=self.dropout_rng)
        penalty = plan.penalty.add(params, gradient, self._scratch, samples)
        if plan.clip is not None:
            plan.clip.apply(gradient.flat)
        self.learning_rate = plan.schedule(self.clock)
        optimizers.step(plan.optimizer, params, gradient, self.state, self.learning_rate)
        step, epoch, samples_seen, plateaus = self.clock
        self.clock = Clock(step + 1, epoch, samples_seen, plateaus)
        return loss, penalty

    def epoch(
        self,
        source: Source,
        order: Order,
        after_batch: Callable[[], None] | None = None,
        after_steps: Callable[[], None] | None = None,
    ) -> tuple[float, float]:
        """Take one pass over the data and return the mean loss and the mean penalty.

        Parameters
        ----------
        source : Source
            The training data.
        order : callable
            From row numbers to row numbers: the order of this epoch.
        after_batch : callable, optional
            Called after each step.
        after_steps : callable, optional
            Called after some steps: the compiled loop takes many at a call.

        Raises
        ------
        DivergenceError
            If the plan says so, as soon as a loss, or after the epoch a weight, is not finite; in
            any case if weights stand still after the epoch, as a running average of the optimiser
            has overflowed.
        InvalidValueError
            If the data, or the rows that ``order`` returns, do not fit the network.
        """
        if not len(source):
            raise InvalidValueError("a source to learn from must have rows", 0, "give it some")
        rows, spec = order(source.rows), self.params.spec
        lent = None if self.compiled is None else source.lent(spec, rows, labelled=True)
        if self.compiled is None or lent is None:
            total, penalties = self._one_by_one(source, rows, after_batch, after_steps)
        else:
            self.compiled.lend(**lent)
            total, penalties = self._many_at_a_call(self.compiled, source, after_batch, after_steps)
        stop = self.plan.stop_on_divergence
        if stop and not all_finite(self.params.flat):
            raise _diverged(self.clock.epoch + 1, "a weight")
        self._check_averages()
        step, epochs, samples, plateaus = self.clock
        samples = (samples or self.samples_before) + len(source)
        self.clock = Clock(step, epochs + 1, samples, plateaus)
        return self.plan.loss_scale * total / len(source), penalties / len(source)

    @cached_property
    def compiled(self) -> CompiledLoop | None:
        """The compiled loop, made in the first epoch; None where a part of training has none."""
        params, plan = self.params, self.plan
        if not compiled.can_run(params, plan.optimizer, plan.penalty, plan.clip):
            return None
        workers = compiled.count_workers(params.spec.n_weights, plan.batch_size, plan.n_threads)
        rules = (plan.optimizer, plan.penalty, plan.clip)
        return CompiledLoop(params, self.state, *rules, plan.batch_size, workers, self.dropout_rng)

    @quiet()
    def _one_by_one(
        self, source: Source, rows: Array, *listeners: Callable[[], None] | None
    ) -> tuple[float, float]:
        total = penalties = 0.0
        for work, y, weight in source.batches(self.work, rows, labelled=True):
            loss, penalty = self.step(work, y, weight)
            self._check(loss)
            total += loss * work.capacity
            penalties += penalty * work.capacity
            for listener in filter(None, listeners):
                listener()
        return total, penalties

    def _many_at_a_call(
        self,
        loop: CompiledLoop,
        source: Source,
        after_batch: Callable[[], None] | None,
        after_steps: Callable[[], None] | None,
    ) -> tuple[float, float]:
        total = penalties = 0.0
        batch = loop.batch_size
        rows = loop.rows_per_call if after_batch is None else batch
        if source.pages.rows is not None:
            rows = max(1, min(rows, source.pages.rows) // batch) * batch
        for begin in range(0, len(source), rows):
            end = min(begin + rows, len(source))
            rates = self._rates(-(-(end - begin) // batch))
            loss, penalty, steps = loop.run(begin, end, rates, self.plan.stop_on_divergence)
            self.learning_rate = float(rates[max(steps - 1, 0)])
            done, *rest = self.clock
            self.clock = Clock(done + steps, *rest)
            self._check(loss)
            source.pages.read(end - begin)
            total += loss
            penalties += penalty
            for listener in filter(None, (after_batch, after_steps)):
                listener()
        return total, penalties

    def _rates(self, steps: int) -> Array:
        """Return the learning rates of the steps that come next: (steps,)."""
        schedule, clock = self.plan.schedule, self.clock
        if not schedule.by_step:
            rates = np.empty(steps)
            rates.fill(schedule(clock))
            return rates
        each = (schedule(clock._replace(step=clock.step + i)) for i in range(steps))
        return np.fromiter(each, np.float64, steps)

    def _check(self, loss: float) -> None:
        if self.plan.stop_on_divergence and not math.isfinite(loss):
            raise _diverged(self.clock.epoch + 1, "the training loss")

    def _check_averages(self) -> None:
        # A step divided by an infinite root is 0. Weights that are not finite speak for themselves.
        dtype = self.params.spec.np_dtype
        for name, average in zip(self.plan.optimizer.slots, self.state.slots, strict=True):
            if all_finite(average) or not all_finite(self.params.flat):
                continue
            largest = math.sqrt(np.finfo(dtype).max)
            remedy = "" if dtype == np.float64 else ', or pass dtype="float64"'
            raise DivergenceError(
                self.clock.epoch + 1,
                f"{type(self.plan.optimizer).__name__}'s running {name} of the gradient in {dtype}",
                f"gradients must stay well below {largest:.1e}: scale y and X{remedy}",
            )

    def plateau(self) -> None:
        """Tell the schedule that the loss has stopped falling."""
        self.clock = self.clock._replace(plateaus=self.clock.plateaus + 1)


def train(
    trainer: Trainer,
    source: Source,
    order: Order,
    *,
    measure: Callable[[], Measured] | None = None,
    callbacks: Sequence[Callback] = (),
    progress: Progress | None = None,
) -> History:
    """Train a network in place.

    Parameters
    ----------
    trainer : Trainer
        The network and how to train it.
    source : Source
        The training data.
    order : callable
        From row numbers to row numbers, once an epoch: a generator's ``permutation``, or one of
        :mod:`chainrule.training.source`.
    measure : callable, optional
        Called after each epoch, returns what the network does on data it doesn't learn from.
    callbacks : sequence of Callback
        Called in this order.
    progress : Progress, optional
        What callbacks see; its history may have rows of an earlier training, which count neither
        as epochs of this one nor go away.

    Returns
    -------
    History
        One row an epoch.

    Raises
    ------
    DivergenceError
        As soon as a batch's loss, or after an epoch a weight or the validation loss, is not finite,
        unless the plan says to go on.
    """
    plan, callbacks = trainer.plan, as_callbacks(callbacks)
    if progress is None:
        progress = Progress(trainer, History(), plan.epochs)
    with listening(callbacks, progress):
        run_epochs(trainer, source, order, progress, measure=measure, callbacks=callbacks)
    return progress.history


def run_epochs(
    trainer: Trainer,
    source: Source,
    order: Order,
    progress: Progress,
    *,
    measure: Callable[[], Measured] | None = None,
    callbacks: Sequence[Callback] = (),
) -> None:
    """Run epochs until a callback stops training or ``progress.epochs`` are over.

    Parameters and errors are :func:`train`'s; what comes before and after is left to the caller.
    """
    before_epoch = [callback.epoch_begin for callback in callbacks]
    after = [_telling(callbacks, moment, progress) for moment in ("batch_end", "steps_end")]
    while progress.epochs_done < progress.epochs and not progress.stopped:
        for listener in before_epoch:
            listener(progress)
        begun = perf_counter()
        loss, penalty = trainer.epoch(source, order, *after)
        measured = measure() if measure is not None else Measured(None)
        if trainer.plan.stop_on_divergence and not math.isfinite(measured.loss or 0.0):
            raise _diverged(trainer.clock.epoch, "the validation loss")
        row = Epoch(
            epoch=len(progress.history) + 1,
            train_loss=loss,
            validation_loss=measured.loss,
            scores=dict(measured.scores),
            learning_rate=trainer.learning_rate,
            seconds=perf_counter() - begun,
            penalty=penalty,
        )
        progress.history.epochs.append(row)
        progress.epochs_done += 1
        for callback in callbacks:
            progress.stopped |= bool(callback.epoch_end(progress))


def _telling(
    callbacks: Sequence[Callback], moment: str, progress: Progress
) -> Callable[[], None] | None:
    # Most callbacks have nothing to do after a batch, and a step of a small network is short.
    nothing = getattr(Callback, moment)
    listeners = [getattr(c, moment) for c in callbacks if getattr(type(c), moment) is not nothing]
    if not listeners:
        return None

    def tell() -> None:
        for listener in listeners:
            listener(progress)

    return tell


def check_memory(spec: NetworkSpec, vectors: int, rows: int = 1) -> None:
    """Raise NotEnoughMemoryError if memory cannot hold a network in training.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    vectors : int
        How many numbers there are for each parameter: itself, its gradient, what is kept of it.
    rows : int
        Of a batch, each of whose weighted sums has a derivative.
    """
    numbers = vectors * spec.n_parameters + rows * 2 * sum(spec.layer_sizes[1:])
    what = f"{spec.n_parameters:,} parameters of {spec.dtype} in training"
    require(numbers * spec.np_dtype.itemsize, what)


def _diverged(epoch: int, what: str) -> DivergenceError:
    return DivergenceError(
        epoch, what, "try a lower learning rate, clip the gradient, or scale the features"
    )
