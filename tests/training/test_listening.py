from __future__ import annotations

import numpy as np
import pytest

from chainrule import MLPClassifier, NeuralNetwork
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError, _repr
from chainrule.training.callbacks import MOMENTS, Callback, as_callbacks
from chainrule.training.checkpoint import describe, keeps_state
from chainrule.training.loop import Plan, Trainer, train
from chainrule.training.source import InOrder, Source

X, Y = np.ones((4, 2)), np.array([0, 0, 1, 1])


class Log(Callback):
    """Notes each moment; raises an error in one of them."""

    def __init__(self, heard, name, fail_at=None, error=ZeroDivisionError):
        self.heard, self.name, self.fail_at, self.error = heard, name, fail_at, error

    def note(self, moment):
        self.heard.append(f"{self.name} {moment}")
        if moment == self.fail_at:
            raise self.error

    def train_begin(self, progress):
        self.note("train_begin")

    def epoch_begin(self, progress):
        self.note(f"epoch_begin {progress.epochs_done}")

    def batch_end(self, progress):
        self.note("batch_end")

    def epoch_end(self, progress):
        self.note(f"epoch_end {progress.epochs_done}")
        return False

    def train_end(self, progress):
        self.note("train_end")

    def close(self):
        self.note("close")


def fit(*callbacks, epochs=2):
    params = Parameters(NetworkSpec.of([2, 3], dtype="float64"))
    return train(Trainer(params, Plan(epochs, 4)), Source(X, Y), InOrder(), callbacks=callbacks)


def test_a_training_has_these_moments():
    heard = []
    fit(Log(heard, "a"), Log(heard, "b"))
    moments = ["epoch_begin 0", "batch_end", "epoch_end 1"]
    moments += ["epoch_begin 1", "batch_end", "epoch_end 2"]
    called = [f"{name} {m}" for m in ["train_begin", *moments, "train_end"] for name in "ab"]
    assert heard == [*called, "b close", "a close"]


@pytest.mark.parametrize("moment", ["epoch_begin 0", "batch_end", "epoch_end 1"])
def test_where_training_fails_callbacks_are_closed_and_not_ended(moment):
    heard = []
    with pytest.raises(ZeroDivisionError):
        fit(Log(heard, "a"), Log(heard, "b", fail_at=moment), Log(heard, "c"))
    assert heard[-3:] == ["c close", "b close", "a close"]
    assert not [line for line in heard if line.endswith("train_end")]


def test_callbacks_that_did_not_begin_are_not_closed():
    heard = []
    with pytest.raises(ZeroDivisionError):
        fit(Log(heard, "a"), Log(heard, "b", fail_at="train_begin"), Log(heard, "c"))
    assert heard == ["a train_begin", "b train_begin", "b close", "a close"]


def test_callbacks_are_closed_where_one_cannot_end():
    heard = []
    with pytest.raises(ZeroDivisionError):
        fit(Log(heard, "a", fail_at="train_end"), Log(heard, "b"))
    assert heard[-3:] == ["a train_end", "b close", "a close"]


def test_callbacks_are_closed_where_another_one_cannot_be():
    heard = []
    with pytest.raises(ZeroDivisionError):
        fit(Log(heard, "a"), Log(heard, "b", fail_at="close"))
    assert heard[-2:] == ["b close", "a close"]


def test_a_plain_callback_has_nothing_to_close():
    assert len(fit(Callback())) == 2


class Duck:
    """No subclass; has the methods that are named."""

    def __init__(self, *names):
        self.heard = []
        for name in names:
            setattr(self, name, lambda *given, name=name: self.heard.append(name))


METHODS = [name for name in vars(Callback) if not name.startswith("_")]


@pytest.mark.parametrize("name", MOMENTS)
def test_what_is_no_subclass_hears_of_the_moments_that_it_has_a_method_for(name):
    duck = Duck(name, "close")
    assert len(fit(duck)) == 2
    times = 1 if name.startswith("train") else 2
    assert duck.heard == [name] * times + ["close"]


def test_what_is_no_subclass_may_stop_training():
    duck = Duck()
    duck.epoch_end = lambda progress: progress.epochs_done == 1
    assert len(fit(duck, epochs=5)) == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", MOMENTS)
def test_an_estimator_takes_what_is_no_subclass_alone_and_in_a_list(tmp_path, name):
    duck = Duck(name)
    checkpoint = tmp_path / "net.ckpt"
    MLPClassifier((2,), max_iter=1, callbacks=duck, checkpoint=checkpoint).fit(X, Y)
    MLPClassifier((2,), max_iter=1, callbacks=[duck]).fit(X, Y)
    NeuralNetwork(2, [2, 2], 0.1, "relu", "normal", 1, 4).fit(X, Y, callbacks=duck)
    assert duck.heard == [name] * 3


def test_every_method_of_a_callback_is_taken_over():
    assert [*MOMENTS, "close", "state_dict", "load_state_dict"] == METHODS
    duck = Duck(*METHODS)
    (callback,) = as_callbacks(duck)
    assert isinstance(callback, Callback)
    for name in METHODS:
        getattr(callback, name)("anything")
    assert duck.heard == METHODS


def test_a_checkpoint_knows_what_is_no_subclass_by_its_class():
    (callback,) = as_callbacks(Duck("epoch_end"))
    assert describe(type(callback)) == describe(Duck)
    assert not keeps_state(callback)
    (callback,) = as_callbacks(Duck("epoch_end", "state_dict"))
    assert keeps_state(callback)


@pytest.mark.parametrize("given", [Duck, Duck("close"), Duck("on_epoch_end"), Log, 1, None])
def test_what_has_none_of_the_moments_is_refused(message_of, given):
    shown = _repr.repr(given)
    net = NeuralNetwork(2, [2, 2], 0.1, "relu", "normal", 1, 4)
    estimator = MLPClassifier((2,), callbacks=[given])
    for call in (fit, lambda one: net.fit(X, Y, callbacks=[one]), lambda _: estimator.fit(X, Y)):
        assert message_of(InvalidValueError, call, given) == (
            "callbacks must be objects with at least one of the methods train_begin, epoch_begin, "
            f"batch_end, steps_end, epoch_end, train_end, got {shown}: make one, best of a "
            "subclass of chainrule.training.callbacks.Callback"
        )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimator_closes_its_callbacks():
    heard = []
    MLPClassifier((2,), max_iter=1, callbacks=[Log(heard, "a")]).fit(X, Y)
    assert heard[-2:] == ["a train_end", "a close"]
    heard.clear()
    net = MLPClassifier((2,), callbacks=[Log(heard, "a", "batch_end")])
    with pytest.raises(ZeroDivisionError):
        net.fit(X, Y)
    assert heard[-2:] == ["a batch_end", "a close"]


def test_an_estimator_that_is_interrupted_ends_its_callbacks():
    heard = []
    net = MLPClassifier((2,), callbacks=[Log(heard, "a", "batch_end", KeyboardInterrupt)])
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        net.fit(X, Y)
    assert heard[-3:] == ["a batch_end", "a train_end", "a close"]
