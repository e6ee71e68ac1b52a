from __future__ import annotations

import math

import numpy as np
import pytest

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Constant
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import TrainingInterrupted
from chainrule.training.callbacks import Callback, EarlyStopping, Patience, Progress, StopWhen
from chainrule.training.history import Epoch, History
from chainrule.training.loop import Plan, train
from chainrule.training.source import Source

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


def play(callback, losses):
    """Show a callback epochs with these validation losses; the weights are the epoch's number."""
    progress = Progress(Parameters(SPEC), History(), len(losses))
    for number, loss in enumerate(losses, start=1):
        progress.params.flat[:] = number
        progress.history.epochs.append(Epoch(number, 0.0, loss, 0.5, 0.1, 0.0))
        if callback.epoch_end(progress):
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
    history = train(
        params,
        Plan(epochs, 10, Constant(learning_rate)),
        Source(X[:30], y[:30]),
        rng,
        validation=Source(X[30:], y[30:]) if validation else None,
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


def test_stop_when_interrupts_between_batches(message_of):
    asked = []

    def on_the_eighth_batch():
        asked.append(None)
        return len(asked) == 8

    message = message_of(TrainingInterrupted, fit, [StopWhen(on_the_eighth_batch)])
    assert message == "stopped after 2 of 30 epochs"
    assert len(asked) == 8


def test_early_stopping_forgets_an_earlier_training(rng):
    spec = NetworkSpec.of((3, 4, 2), "relu", dtype="float64")
    source = Source(rng.normal(size=(20, 3)), rng.integers(0, 2, 20))

    def trained(stopping):
        params = Parameters(spec).initialize(INITIALIZERS["normal"], np.random.default_rng(0))
        history = train(params, Plan(3, 5), source, np.random.default_rng(1), callbacks=[stopping])
        return history.best_epoch, params.flat

    used = EarlyStopping(2)
    used.patience.best = -1.0  # as an earlier and better training leaves it
    used.patience.stale = 5
    best, flat = trained(used)
    fresh_best, fresh_flat = trained(EarlyStopping(2))
    assert best == fresh_best
    np.testing.assert_array_equal(flat, fresh_flat)
