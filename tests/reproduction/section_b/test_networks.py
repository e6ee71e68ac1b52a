import numpy as np
import pytest

from chainrule.engine.optimizers import SGD, Adam
from chainrule.estimators import NeuralNetwork
from chainrule.reproduction.section_b import networks
from chainrule.reproduction.section_b.networks import AdamNetwork, FewImagesNetwork
from chainrule.training.callbacks import Callback


@pytest.fixture
def data(rng):
    return rng.integers(0, 256, (60, 12), dtype=np.uint8), np.arange(60) % 3


class Seen(Callback):
    def train_begin(self, progress):
        self.plan = progress.trainer.plan
        self.before = [W.copy() for W in progress.params.W]


def trained(kind, data, **settings):
    given = {"epochs": 3, "batch_size": 20, "random_state": 5, "clip_value": 7.0, **settings}
    seen = Seen()
    net = kind(3, [12, 6, 3], 0.01, "sigmoid", "normal", **given)
    return net.fit(*data, callbacks=[seen]), seen


def test_adam_is_all_that_differs(data):
    (_, adam), (_, sgd) = trained(AdamNetwork, data), trained(NeuralNetwork, data)
    assert (type(adam.plan.optimizer), type(sgd.plan.optimizer)) == (Adam, SGD)
    names = ("epochs", "batch_size", "schedule", "clip", "penalty")
    for name in names:
        assert getattr(adam.plan, name) == getattr(sgd.plan, name)
    for a, b in zip(adam.before, sgd.before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_adam_s_first_step_is_the_rate_for_each_weight(data):
    net, seen = trained(AdamNetwork, data, epochs=1, batch_size=60)
    steps = np.abs(net.params_.W[1] - seen.before[1])
    np.testing.assert_allclose(steps, 0.01, rtol=1e-3)


def test_few_images_are_the_first_and_the_last_ones_measure(data, monkeypatch):
    monkeypatch.setattr(networks, "FEW", 10)
    few, _ = trained(FewImagesNetwork, data, validation_fraction=0.2)
    X, y = data
    wanted, _ = trained(NeuralNetwork, (X[:10], y[:10], X[48:], y[48:]))
    np.testing.assert_array_equal(few.params_.flat, wanted.params_.flat)
    assert [row.validation_loss for row in few.history_] == [
        row.validation_loss for row in wanted.history_
    ]


def test_few_images_are_never_those_that_measure(data):
    few, _ = trained(FewImagesNetwork, data, validation_fraction=0.2)
    X, y = data
    wanted, _ = trained(NeuralNetwork, (X[:48], y[:48], X[48:], y[48:]))
    np.testing.assert_array_equal(few.params_.flat, wanted.params_.flat)
