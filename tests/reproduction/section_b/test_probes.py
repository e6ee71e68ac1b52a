from types import SimpleNamespace

import numpy as np
import pytest

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.estimators import NeuralNetwork
from chainrule.reproduction import zeros as zeros_module
from chainrule.reproduction.section_b.probes import Probe, Zeros, distinct_units
from chainrule.training.callbacks import Callback


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 256, (120, 30), dtype=np.uint8)


@pytest.fixture
def params(rng):
    return Parameters(NetworkSpec.of((30, 8, 6, 4), "relu")).initialize(INITIALIZERS["normal"], rng)


def test_the_probe_sees_the_network_that_is_trained(pixels):
    # One full batch and one step at a rate of 1: the step is the first gradient.
    net = NeuralNetwork(4, [30, 8, 6, 4], 1.0, "relu", "normal", 1, 120, random_state=7)
    y = np.arange(120) % 4
    rows = []

    class Weights(Callback):
        def train_begin(self, progress):
            rows.append([W.copy() for W in progress.params.W])

        def epoch_end(self, progress):
            rows.append([W.copy() for W in progress.params.W])
            return False

    probe = Probe(pixels, y)
    net.fit(pixels, y, callbacks=[probe, Weights()])
    steps = [a - b for a, b in zip(*rows, strict=True)]
    norms, sizes = (probe.measured[f"gradient_{name}"] for name in ("norms", "sizes"))
    np.testing.assert_allclose(norms[0], [np.linalg.norm(dW) for dW in steps], rtol=1e-3)
    np.testing.assert_allclose(sizes[0], [np.abs(dW).mean() for dW in steps], rtol=1e-3)
    assert len(sizes) == 2
    before, after = probe.measured["activation_stds"]
    hidden = np.maximum(pixels / 255 @ rows[0][0], 0)
    assert before[0] == pytest.approx(hidden.std(axis=0).mean(), rel=1e-4)
    assert before != after


def test_units_with_equal_incoming_weights_are_one():
    params = Parameters(NetworkSpec.of((3, 4, 2, 2), "relu"))
    params.W[0][...] = [[1, 1, 2, 1], [0, 0, 0, 5], [0, 0, 0, 0]]
    assert distinct_units(params) == [3, 1]


@pytest.mark.parametrize("batch", [7, 1000])
def test_zeros_are_counted_over_all_images_a_batch_at_a_time(pixels, params, monkeypatch, batch):
    monkeypatch.setattr(zeros_module, "BATCH", batch)
    params.b[0][:3] = -1e3  # never on
    zeros = Zeros(pixels)
    zeros.train_begin(SimpleNamespace(params=params))
    zeros.measure(params)
    first = np.maximum(pixels / 255 @ params.W[0] + params.b[0], 0)
    second = np.maximum(first @ params.W[1] + params.b[1], 0)
    wanted = [float((a == 0).mean()) for a in (first, second)]
    dead = [float((a == 0).all(axis=0).mean()) for a in (first, second)]
    assert dead[0] >= 3 / 8
    assert zeros.measured == {"zero_shares": [wanted] * 2, "dead_shares": [dead] * 2}
