from __future__ import annotations

import math
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Adaptive, Constant
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import TrainingInterrupted
from chainrule.training.callbacks import (
    BestWeights,
    Callback,
    Convergence,
    EarlyStopping,
    Patience,
    Progress,
    Snapshot,
    StopWhen,
)
from chainrule.training.evaluator import Evaluator
from chainrule.training.history import Epoch, History
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.source import Source

from ..parts import Ears

SPEC = NetworkSpec.of([2, 3], dtype="float64")


def follow(patience, losses):
    """Return the number of stale epochs after each loss."""
    stale = []
    for loss in losses:
        patience.observe(loss)
        stale.append(patience.stale)
    return stale


def test_patience_counts_epochs_without_improvement():
    patience = Patience(3)
    assert follow(patience, [5, 4, 4, 6, 3, 3.5, 3.5]) == [0, 0, 1, 2, 0, 1, 2]
    assert not patience.exhausted
    patience.observe(3)
    assert patience.exhausted


def test_patience_takes_no_improvement_smaller_than_min_delta():
    patience = Patience(2, min_delta=0.5)
    assert follow(patience, [5, 4.75, 4.25, 4.5, 3.75]) == [0, 1, 0, 1, 0]


def test_small_improvements_do_not_add_up():
    # Each is measured from the best so far, as in scikit-learn.
    patience = Patience(9, min_delta=0.5)
    assert follow(patience, [5, 4.7, 4.4, 4.1]) == [0, 1, 2, 3]


def test_the_best_loss_is_told_however_small_the_improvement():
    patience = Patience(2, min_delta=0.5)
    assert [patience.observe(loss) for loss in (5, 4.9, 4.9, 5)] == [True, True, False, False]


def test_a_nan_is_no_improvement():
    assert follow(Patience(3), [5, math.nan, 4]) == [0, 1, 0]


def test_no_limit_is_never_exhausted():
    patience = Patience(None)
    follow(patience, [1] * 1000)
    assert not patience.exhausted


def progress_of(epochs, schedule=None):
    """Return the progress of a training that has not begun, its weights 0."""
    trainer = Trainer(Parameters(SPEC), Plan(epochs, 1, schedule or Constant(0.1)))
    return Progress(trainer, History(), epochs)


def show(callback, progress, **columns):
    """Show a callback an epoch with these columns; the weights are the epoch's number."""
    number = len(progress.history) + 1
    progress.params.flat[:] = number
    row = Epoch(number, 0.0, None, {}, 0.1, 0.0)
    progress.history.epochs.append(row._replace(**columns))
    progress.epochs_done += 1
    return callback.epoch_end(progress)


def play(callback, losses):
    """Show a callback epochs with these validation losses, until it asks to stop."""
    progress = progress_of(max(len(losses), 1))
    callback.train_begin(progress)
    for loss in losses:
        if show(callback, progress, validation_loss=loss):
            break
    callback.train_end(progress)
    return progress


def test_early_stopping_stops_in_time_and_restores_the_best():
    progress = play(EarlyStopping(2), [5, 3, 4, 3, 1, 1])
    assert len(progress.history) == 4
    assert progress.history.best_epoch == 2
    assert (progress.params.flat == 2).all()


def test_early_stopping_restores_the_first_of_equals():
    assert play(EarlyStopping(5), [3, 3, 3]).history.best_epoch == 1


def test_early_stopping_restores_the_best_also_at_the_last_epoch_and_without_a_limit():
    progress = play(EarlyStopping(None), [5, 3, 4])
    assert len(progress.history) == 3
    assert progress.history.best_epoch == 2
    assert (progress.params.flat == 2).all()


def test_min_delta_decides_when_to_stop_and_not_what_is_best():
    progress = play(EarlyStopping(2, min_delta=1), [5, 4.9, 4.8, 1])
    assert len(progress.history) == 3
    assert progress.history.best_epoch == 3


def test_early_stopping_without_an_epoch_restores_nothing():
    progress = play(EarlyStopping(2), [])
    assert progress.history.best_epoch is None
    assert not progress.params.flat.any()


@pytest.mark.parametrize("make", [partial(EarlyStopping, 2), BestWeights])
def test_without_validation_the_training_loss_decides(make):
    callback, progress = make(), progress_of(9)
    callback.train_begin(progress)
    for loss in (5.0, 3.0, 4.0):
        show(callback, progress, train_loss=loss)
    callback.train_end(progress)
    assert progress.history.best_epoch == 2


@pytest.mark.parametrize("cut", range(8))
def test_early_stopping_goes_on_from_a_state(cut):
    losses = [5, 3, 4, 3.5, 2, 2, 4, 2.5]
    through = play(EarlyStopping(4), losses)
    first, progress = EarlyStopping(4), progress_of(8)
    first.train_begin(progress)
    for loss in losses[:cut]:
        assert not show(first, progress, validation_loss=loss)
    state = pickle.loads(pickle.dumps(first.state_dict()))
    second = EarlyStopping(4)
    second.train_begin(progress)
    second.load_state_dict(state)
    for loss in losses[cut:]:
        if show(second, progress, validation_loss=loss):
            break
    second.train_end(progress)
    assert len(progress.history) == len(through.history) == 8
    assert progress.history.best_epoch == through.history.best_epoch == 5
    np.testing.assert_array_equal(progress.params.flat, through.params.flat)
    assert second.state_dict()["patience"] == [2, 3]


def test_early_stopping_goes_on_with_its_stale_epochs():
    first, progress = EarlyStopping(3), progress_of(9)
    first.train_begin(progress)
    for loss in (1, 2, 2):
        assert not show(first, progress, validation_loss=loss)
    second = EarlyStopping(3)
    second.train_begin(progress)
    second.load_state_dict(first.state_dict())
    assert show(second, progress, validation_loss=2)
    second.train_end(progress)
    assert progress.history.best_epoch == 1
    assert (progress.params.flat == 1).all()


@pytest.mark.parametrize(
    "make", [partial(EarlyStopping, None), partial(Convergence, 3, 0.0, score="r2")]
)
def test_what_a_state_holds_does_not_change_with_training(make):
    callback, progress = make(), progress_of(9)
    callback.train_begin(progress)
    show(callback, progress, validation_loss=3.0, scores={"r2": 0.3})
    state = callback.state_dict()
    other = make()
    other.load_state_dict(state)
    for better in (callback, other):
        show(better, progress, validation_loss=2.0, scores={"r2": 0.4})
    assert state["snapshot"]["epoch"] == 1
    assert (state["snapshot"]["flat"] == 1).all()


def test_best_weights_stop_nothing():
    losses = [5, 3, 1, *[2] * 200, math.nan]
    progress = play(BestWeights(), losses)
    assert len(progress.history) == len(losses)
    assert progress.history.best_epoch == 3
    assert (progress.params.flat == 3).all()


def test_where_every_loss_is_nan_nothing_is_restored():
    progress = play(BestWeights(), [math.nan] * 3)
    assert progress.history.best_epoch is None
    assert (progress.params.flat == 3).all()


def test_a_snapshot_is_a_copy_that_is_overwritten():
    snapshot, progress = Snapshot(), progress_of(3)
    snapshot.restore(progress)
    assert progress.history.best_epoch is None
    progress.params.flat[:] = 7
    snapshot.keep(4, progress.params)
    kept = snapshot.flat
    progress.params.flat[:] = 8
    assert (kept == 7).all()
    snapshot.keep(5, progress.params)
    assert snapshot.flat is kept
    progress.params.flat[:] = 9
    snapshot.restore(progress)
    assert (progress.params.flat == 8).all()
    assert progress.history.best_epoch == 5


class Rule:
    """scikit-learn 1.9, written down: _update_no_improvement_count, the end of an iteration of
    _fit_stochastic, and trigger_stopping of the optimisers.

    But what is no number is no improvement: there scikit-learn counts anew."""

    def __init__(self, n_iter_no_change, tol, early_stopping, adaptive, learning_rate):
        self.n_iter_no_change, self.tol = n_iter_no_change, tol
        self.early_stopping, self.adaptive = early_stopping, adaptive
        self.learning_rate = learning_rate
        self.best_validation_score_, self.best_loss_ = -np.inf, np.inf
        self._no_improvement_count = self.n_iter_ = 0
        self.best_iteration = 0
        self.said = []

    def update(self, loss, score):
        if self.early_stopping:
            self.said.append(f"Validation score: {score:f}")
            if not score > -np.inf or score < (self.best_validation_score_ + self.tol):
                self._no_improvement_count += 1
            else:
                self._no_improvement_count = 0
            if score > self.best_validation_score_:
                self.best_validation_score_ = score
                self.best_iteration = self.n_iter_
        else:
            if not loss < np.inf or loss > self.best_loss_ - self.tol:
                self._no_improvement_count += 1
            else:
                self._no_improvement_count = 0
            if loss < self.best_loss_:
                self.best_loss_ = loss

    def iteration(self, loss, score):
        """Return whether training stops."""
        self.n_iter_ += 1
        self.said.append(f"Iteration {self.n_iter_}, loss = {loss:.8f}")
        self.update(loss, score)
        if self._no_improvement_count > self.n_iter_no_change:
            msg = "Validation score" if self.early_stopping else "Training loss"
            msg += f" did not improve more than tol={self.tol:f}"
            msg += f" for {self.n_iter_no_change} consecutive epochs."
            if self.trigger_stopping(msg):
                return True
            self._no_improvement_count = 0
        return False

    def trigger_stopping(self, msg):
        if not self.adaptive:
            self.said.append(msg + " Stopping.")
            return True
        if self.learning_rate <= 1e-6:
            self.said.append(msg + " Learning rate too small. Stopping.")
            return True
        self.learning_rate /= 5.0
        self.said.append(f"{msg} Setting learning rate to {self.learning_rate:f}")
        return False


# Ties, and steps of exactly and of nearly tol; what rounds differently in sums is among the floats.
numbers = st.one_of(
    st.sampled_from([0.0, 0.5, 0.5 - 1e-4, 0.5 + 1e-4, 0.4, 1.0, -1.0, math.nan, math.inf]),
    st.floats(-1, 1),
).map(lambda number: number + 0.0)  # no loss is -0
lengths = st.sampled_from([1, 1, 1, 2, 4, 12])  # of a piece in which nothing changes


@given(
    pieces=st.lists(st.tuples(numbers, numbers, lengths), min_size=1, max_size=20),
    patience=st.sampled_from([1, 2, 3, 10]),
    tol=st.sampled_from([0.0, 1e-4, 0.1]),
    scored=st.booleans(),
    adaptive=st.booleans(),
    learning_rate=st.sampled_from([0.1, 0.000125, 1e-6]),
    cut=st.integers(0, 40),
)
def test_convergence_is_scikit_learn_s_rule(
    pieces, patience, tol, scored, adaptive, learning_rate, cut
):
    curve = [(loss, score) for loss, score, length in pieces for _ in range(length)]
    wanted = Rule(patience, tol, scored, adaptive, learning_rate)
    schedule = Adaptive(learning_rate) if adaptive else Constant(learning_rate)
    progress, said = progress_of(len(curve), schedule), []

    def convergence():
        return Convergence(
            patience, tol, score="r2" if scored else None, adaptive=adaptive, say=said.append
        )

    callback = convergence()
    callback.train_begin(progress)
    for number, (loss, score) in enumerate(curve):
        if number == cut:  # a checkpoint
            state = pickle.loads(pickle.dumps(callback.state_dict()))
            callback = convergence()
            callback.train_begin(progress)
            callback.load_state_dict(state)
        columns = {"train_loss": loss, "scores": {"r2": score}}
        stops = wanted.iteration(loss, score)
        assert show(callback, progress, **columns) == stops
        assert callback.stale == wanted._no_improvement_count
        rate = progress.trainer.plan.schedule(progress.trainer.clock)
        assert rate == wanted.learning_rate
        if stops:
            break
    assert said == wanted.said
    best = -wanted.best_validation_score_ if scored else wanted.best_loss_
    assert callback.best == best
    callback.train_end(progress)
    assert (progress.params.flat == (wanted.best_iteration or len(progress.history))).all()
    assert progress.history.best_epoch == (wanted.best_iteration or None)


def test_convergence_watches_the_loss_with_its_penalty():
    said, progress = [], progress_of(9)
    callback = Convergence(1, 0.0, say=said.append)
    callback.train_begin(progress)
    stops = [
        show(callback, progress, train_loss=loss, penalty=penalty)
        for loss, penalty in ((1.0, 0.5), (0.75, 0.75), (0.5, 1.25), (0.25, 1.375))
    ]
    assert stops == [False, False, False, True]
    assert said == [
        "Iteration 1, loss = 1.50000000",
        "Iteration 2, loss = 1.50000000",
        "Iteration 3, loss = 1.75000000",
        "Iteration 4, loss = 1.62500000",
        "Training loss did not improve more than tol=0.000000 for 1 consecutive epochs. Stopping.",
    ]


def test_convergence_says_what_scikit_learn_says():
    said, progress = [], progress_of(9, Adaptive(3e-6))
    callback = Convergence(1, 1e-4, score="accuracy", adaptive=True, say=said.append)
    callback.train_begin(progress)
    for _ in range(5):
        show(callback, progress, train_loss=0.25, scores={"accuracy": 0.75})
    epoch = [
        "Iteration {}, loss = 0.25000000",
        "Validation score: 0.750000",
    ]
    first, second, third, fourth, fifth = ([line.format(n) for line in epoch] for n in range(1, 6))
    message = "Validation score did not improve more than tol=0.000100 for 1 consecutive epochs."
    assert said == [
        *first,
        *second,
        *third,
        f"{message} Setting learning rate to 0.000001",
        *fourth,
        *fifth,
        f"{message} Learning rate too small. Stopping.",
    ]


def test_convergence_of_a_later_training_counts_its_iterations_anew_and_goes_on():
    said, history = [], History()
    callback = Convergence(2, 0.0, score="r2", say=said.append)
    for scores in ((0.5, 0.6), (0.6, 0.6)):
        progress = progress_of(2)
        progress.history = history
        callback.train_begin(progress)
        stops = [show(callback, progress, scores={"r2": score}) for score in scores]
        assert stops == [False, False]
        callback.train_end(progress)
    assert [line for line in said if line.startswith("Iteration")] == [
        "Iteration 1, loss = 0.00000000",
        "Iteration 2, loss = 0.00000000",
    ] * 2
    assert history.best_epoch == 2
    assert (progress.params.flat == 2).all()
    # Equals are no improvement, but with tol=0 they are not stale either.
    assert callback.stale == 0
    assert not show(callback, progress, scores={"r2": 0.5})
    assert not show(callback, progress, scores={"r2": 0.5})
    assert show(callback, progress, scores={"r2": 0.5})


def test_convergence_keeps_the_last_weights_where_nothing_is_a_number():
    callback, progress = Convergence(2, 0.0, score="r2"), progress_of(9)
    callback.train_begin(progress)
    undefined = {"scores": {"r2": math.nan}, "validation_loss": math.nan}
    assert [show(callback, progress, **undefined) for _ in range(3)] == [False, False, True]
    callback.train_end(progress)
    assert (progress.params.flat == 3).all()
    assert progress.history.best_epoch is None


undefined = st.sampled_from([math.nan, -math.inf])
measured = st.one_of(undefined, st.sampled_from([0.0, 0.5, 1.0]), st.floats(-1, 1))
scores = st.one_of(
    st.lists(st.tuples(measured, measured), max_size=12),
    st.lists(st.tuples(undefined, measured), max_size=12),  # then the losses decide
)


@given(rows=scores, cut=st.integers(0, 12))
def test_an_epoch_with_a_score_is_better_than_all_without(rows, cut):
    def convergence():
        return Convergence(math.inf, 0.0, score="auc")

    progress, callback = progress_of(len(rows) or 1), convergence()
    callback.train_begin(progress)
    for number, (score, minus_loss) in enumerate(rows):
        if number == cut:  # a checkpoint
            state, callback = callback.state_dict(), convergence()
            callback.load_state_dict(state)
        show(callback, progress, scores={"auc": score}, validation_loss=-minus_loss)
    kept = callback.best_score(progress.history)
    callback.train_end(progress)
    # The oracle: Python's order of pairs, and max, which returns the first of equals.
    order = [(s > -math.inf, s if s > -math.inf else minus_loss) for s, minus_loss in rows]
    known = [place for place, (_, value) in enumerate(order) if value > -math.inf]
    if not known:
        assert progress.history.best_epoch is None
        assert kept == -math.inf
        return
    best = max(known, key=order.__getitem__)
    assert progress.history.best_epoch == best + 1
    assert (progress.params.flat == best + 1).all()
    assert kept == pytest.approx(rows[best][0], nan_ok=True)


def test_patience_with_a_loss_ends_where_the_score_is_undefined():
    callback, progress = Convergence(2, 0.0, score="auc"), progress_of(9)
    callback.train_begin(progress)
    losses = [3.0, 2.0, 2.5, 2.5, 2.5]
    stops = [
        show(callback, progress, scores={"auc": math.nan}, validation_loss=loss) for loss in losses
    ]
    assert stops == [False] * 4 + [True]


@pytest.mark.parametrize(
    "callback", [EarlyStopping(9), BestWeights(), Convergence(9, 0, score="a")]
)
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_never_the_best(callback, number):
    progress = progress_of(2)
    callback.train_begin(progress)
    show(callback, progress, train_loss=2.0, validation_loss=2.0, scores={"a": 0.5})
    assert not progress.diverged
    progress.params.flat[-1] = number
    progress.history.epochs.append(Epoch(2, 1.0, 1.0, {"a": 0.9}, 0.1, 0.0))
    assert progress.diverged
    callback.epoch_end(progress)
    callback.train_end(progress)
    assert progress.history.best_epoch == 1
    assert (progress.params.flat == 1).all()


def test_convergence_with_endless_patience_never_stops():
    callback, progress = Convergence(math.inf, 0.0), progress_of(300)
    callback.train_begin(progress)
    assert not any(show(callback, progress, train_loss=1.0 + n) for n in range(300))


def test_convergence_says_nothing_unless_it_is_told_whom_to(capsys):
    callback, progress = Convergence(1, 0.0), progress_of(9)
    callback.train_begin(progress)
    assert [show(callback, progress, train_loss=loss) for loss in (1.0, 2.0, 2.0)][-1]
    assert capsys.readouterr() == ("", "")


class Recorder(Callback):
    def __init__(self):
        self.weights, self.batches, self.ended = [], 0, 0

    def batch_end(self, progress):
        self.batches += 1

    def epoch_end(self, progress):
        self.weights.append(progress.params.flat.copy())
        return False

    def train_end(self, progress):
        self.ended += 1


def fit(callbacks, epochs=30, learning_rate=3.0, validation=True):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)
    params = Parameters(SPEC)
    held_out = Source(X[30:], y[30:])
    history = train(
        Trainer(params, Plan(epochs, 10, Constant(learning_rate))),
        Source(X[:30], y[:30]),
        rng.permutation,
        measure=partial(Evaluator(params).measure, held_out) if validation else None,
        callbacks=callbacks,
    )
    return params, history


@pytest.mark.parametrize("validation", [True, False])
def test_training_stops_early_with_the_best_weights_to_the_bit(validation):
    recorder = Recorder()
    params, history = fit([recorder, EarlyStopping(3)], validation=validation)
    losses = [row.monitored_loss for row in history]
    best = int(np.argmin(losses))
    assert len(history) == best + 1 + 3 < 30
    assert history.best_epoch == best + 1
    np.testing.assert_array_equal(params.flat, recorder.weights[best])
    assert not np.array_equal(params.flat, recorder.weights[-1])


def test_every_callback_hears_everything():
    first, second = Recorder(), Recorder()
    fit([first, second], epochs=4)
    for recorder in (first, second):
        assert (recorder.batches, len(recorder.weights), recorder.ended) == (12, 4, 1)


def test_one_callback_that_wants_to_stop_does_not_silence_the_others():
    class Stop(Callback):
        def epoch_end(self, progress):
            return True

    last = Recorder()
    _, history = fit([Stop(), last], epochs=4)
    assert len(history) == len(last.weights) == last.ended == 1


def test_a_plain_callback_does_nothing():
    plain, _ = fit([], epochs=3)
    heard, history = fit([Callback()], epochs=3)
    assert len(history) == 3
    np.testing.assert_array_equal(plain.flat, heard.flat)


def test_a_plain_callback_has_nothing_to_keep():
    plain = Callback()
    plain.load_state_dict(plain.state_dict())
    assert plain.state_dict() == {}


def test_stop_when_counts_the_epochs_of_this_training(message_of):
    progress = progress_of(3)
    for _ in range(5):
        show(Callback(), progress)
    progress.epochs_done = 1  # four are of an earlier training
    message = message_of(TrainingInterrupted, StopWhen(lambda: True).steps_end, progress)
    assert message == "stopped after 1 of 3 epochs"


def test_stop_when_interrupts_in_the_middle_of_an_epoch(message_of):
    ears = Ears()
    message = message_of(TrainingInterrupted, fit, [ears, StopWhen(lambda: ears.epochs == 2)])
    assert message == "stopped after 2 of 30 epochs"
    assert ears.epochs == 2


class Counts(Callback):
    def __init__(self):
        self.steps = []

    def note(self, progress):
        self.steps.append(progress.trainer.clock.step)


class EachBatch(Counts):
    batch_end = Counts.note


class Steps(Counts):
    steps_end = Counts.note


def test_who_listens_to_steps_hears_of_the_last_one_and_changes_nothing():
    each_batch, steps = EachBatch(), Steps()
    plain = fit([], epochs=4)[0].flat
    assert np.array_equal(fit([each_batch], epochs=4)[0].flat, plain)
    assert np.array_equal(fit([steps], epochs=4)[0].flat, plain)
    assert each_batch.steps == list(range(1, 13))
    assert set(steps.steps) <= set(each_batch.steps)
    assert {3, 6, 9, 12} <= set(steps.steps)  # an epoch has three batches


def test_early_stopping_forgets_an_earlier_training(rng):
    spec = NetworkSpec.of((3, 4, 2), "relu", dtype="float64")
    source = Source(rng.normal(size=(20, 3)), rng.integers(0, 2, 20))

    def trained(stopping):
        params = Parameters(spec).initialize(INITIALIZERS["normal"], np.random.default_rng(0))
        order = np.random.default_rng(1).permutation
        history = train(Trainer(params, Plan(3, 5)), source, order, callbacks=[stopping])
        return history.best_epoch, params.flat

    used = EarlyStopping(2)
    used.patience.best = -1.0  # as an earlier and better training leaves it
    used.patience.stale = 5
    best, flat = trained(used)
    fresh_best, fresh_flat = trained(EarlyStopping(2))
    assert best == fresh_best
    np.testing.assert_array_equal(flat, fresh_flat)
