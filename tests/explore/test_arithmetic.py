"""The page's arithmetic gives the engine's numbers: every activation, every loss, one step.

Both get the same float32 weights, and both compute in double precision. A factor of a hidden unit
is the page's own; to the engine the network is one whose weights from that unit are multiplied by
it. A step is compared less closely, as the page rounds its new weights to float32.
"""

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS, LeakyRelu
from chainrule.engine.losses import (
    LOSSES,
    GroupedSoftmaxCrossEntropy,
    Huber,
    Poisson,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from chainrule.engine.network import forward, loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.explore.content import Network
from chainrule.explore.packing import pack
from chainrule.explore.subject import named

SCRIPT = Path(__file__).with_name("scripts") / "parity.js"
RATE = 0.05
OUTPUTS = 6
TOLERANCES = {
    "output": 1e-10,
    "loss": 1e-10,
    "loss_of_gradient": 1e-10,
    "delta": 1e-10,
    "upstream": 1e-10,
    "input": 1e-10,
    "weights": 1e-10,
    "loss_after_step": 1e-4,
}
ALL_ACTIVATIONS = [*(ACTIVATIONS[name] for name in ACTIVATIONS), LeakyRelu(0.3)]
ALL_LOSSES = [
    *(LOSSES[name] for name in LOSSES),
    SoftmaxCrossEntropy(label_smoothing=0.2),
    SigmoidCrossEntropy(label_smoothing=0.2),
    GroupedSoftmaxCrossEntropy((3, 1, 2)),
    GroupedSoftmaxCrossEntropy((2, 4), label_smoothing=0.1),
    Huber(0.3),
    Quantile((0.1, 0.5, 0.7)),
]
# Linear and curved parts, the kink, both tails, and where an exponential overflows.
FAR = (20.5, 38.0, 800.0, 1e5)
Z = [*np.linspace(-12, 12, 193).tolist(), *FAR, *(-z for z in FAR)]


@dataclass(frozen=True)
class Case:
    spec: NetworkSpec
    flat: np.ndarray
    x: np.ndarray
    target: np.ndarray
    scales: list

    @property
    def label(self):
        scaled = "" if self.scales[0] is None else ", with factors"
        return f"{self.spec.activations[0]} and {self.spec.loss}{scaled}"

    def told(self):
        """Return it as the script reads it."""
        spec = self.spec
        network = Network(
            spec.layer_sizes,
            [named(activation) for activation in spec.activations],
            named(spec.loss),
            pack(self.flat, "float32"),
        )
        return {
            "document": {"network": asdict(network), "samples": None, "measured": None},
            "x": self.x.tolist(),
            "target": self.target[0].tolist(),
            "scales": [None if one is None else one.tolist() for one in self.scales],
            "rate": RATE,
        }

    def worked(self):
        """Return what the engine makes of it."""
        params = Parameters(self.spec, self.flat.astype(np.float64))
        loss, output, delta, slopes = self._gradient(params)
        factors = [np.ones(self.spec.layer_sizes[0]), *map(self._factor, range(2))]
        weights = [s[:, np.newaxis] * g for s, g in zip(factors, slopes.W, strict=True)]
        after = Parameters(self.spec, params.flat - RATE * slopes.flat)
        for W, old, g in zip(after.W, params.W, weights, strict=True):
            W[...] = old - RATE * g
        return {
            "output": output,
            "loss": loss,
            "loss_of_gradient": loss,
            "delta": np.concatenate(delta),
            "upstream": np.concatenate(
                [W @ d for W, d in zip(params.W[1:], delta[1:], strict=True)]
            ),
            "input": params.W[0] @ delta[0],
            "weights": np.concatenate([one.ravel() for one in weights]),
            "loss_after_step": self._gradient(after)[0],
        }

    def _factor(self, layer):
        factor = self.scales[layer]
        return np.ones(self.spec.layer_sizes[layer + 1]) if factor is None else factor

    def _gradient(self, params):
        scaled = Parameters(self.spec, params.flat.copy())
        for layer in range(2):
            scaled.W[layer + 1][...] *= self._factor(layer)[:, np.newaxis]
        work, gradient = Workspace(self.spec, 1), Parameters(self.spec)
        work.x[...] = self.x
        with quiet():
            output = forward(scaled, work).copy()
            self.spec.loss.predict(output, output)
            loss = loss_and_gradient(scaled, work, self.target, gradient)
        return loss, output[0], [delta[0].copy() for delta in work.delta], gradient


def drawn(activation, loss, with_factors):
    """Draw a network of two hidden layers, a row and its target; always the same ones."""
    rng = np.random.default_rng(crc32(f"{activation} {loss} {with_factors}".encode()))
    sizes = (*(int(n) for n in rng.integers(2, 9, 3)), OUTPUTS)
    spec = NetworkSpec(sizes, (activation,) * 2, loss, (0.0,) * 3, "float64")
    width = rng.choice([0.5, 2.0])  # of the weights: sums near 0, and in the tails
    flat = (width * rng.standard_normal(spec.n_parameters)).astype(np.float32)
    x = rng.standard_normal(sizes[0])
    scales = [None, None]
    if with_factors:
        scales = [rng.choice([0, 1, -1, 0.5, 2], n).astype(float) for n in sizes[1:3]]
    if isinstance(loss, Poisson):
        flat *= np.float32(0.3)  # its output is an exponential
    return Case(spec, flat, x, drawn_target(loss, rng), scales)


def drawn_target(loss, rng):
    """Return (1,) or (1, k), as the engine takes it."""
    if isinstance(loss, GroupedSoftmaxCrossEntropy):
        return np.array([[rng.integers(size) for size in loss.sizes]])
    if loss.takes_classes:
        return rng.integers(OUTPUTS, size=1)
    if isinstance(loss, SigmoidCrossEntropy):
        return rng.choice([0.0, 1.0, 0.25], (1, OUTPUTS))
    if isinstance(loss, Poisson):
        return rng.poisson(1.0, (1, OUTPUTS)).astype(float)
    k = OUTPUTS // len(loss.levels) if isinstance(loss, Quantile) else OUTPUTS
    return rng.standard_normal((1, k))


CASES = [
    drawn(activation, loss, with_factors)
    for activation in ALL_ACTIVATIONS
    for loss in ALL_LOSSES
    for with_factors in (False, True)
]


def difference(found, wanted):
    """Return the largest difference, in numbers beyond 1 the largest relative one."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    assert found.shape == wanted.shape
    assert np.isfinite(found).all()
    return np.max(np.abs(found - wanted) / np.maximum(1, np.abs(wanted)))


@pytest.fixture(scope="module")
def found(program):
    """Everything that the script says, of all cases at once."""
    asked = {
        "cases": [case.told() for case in CASES],
        "curves": [asdict(named(activation)) for activation in ALL_ACTIVATIONS],
        "z": Z,
    }
    done = subprocess.run(
        [program("node"), str(SCRIPT)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_tables_have_all_that_a_model_file_may_name(found):
    assert sorted(found["activations"]) == sorted(ACTIVATIONS)
    assert sorted(found["losses"]) == sorted({*LOSSES, "grouped_softmax_cross_entropy"})


@pytest.mark.parametrize("i", range(len(CASES)), ids=[case.label for case in CASES])
def test_a_network_s_numbers_are_the_engine_s(found, i):
    wanted = CASES[i].worked()
    differences = {key: difference(found["cases"][i][key], wanted[key]) for key in TOLERANCES}
    assert {key: d for key, d in differences.items() if d > TOLERANCES[key]} == {}


@pytest.mark.parametrize("i", range(len(ALL_ACTIVATIONS)), ids=map(str, ALL_ACTIVATIONS))
def test_activations_are_the_engine_s_to_their_tails(found, i):
    activation, curve = ALL_ACTIVATIONS[i], found["curves"][i]
    z = np.array([Z])
    a = z.copy()
    delta, scratch = np.ones_like(z), (np.empty_like(z), np.empty_like(z))
    with quiet():
        activation.forward(z, a, scratch)
        activation.backward(z, a, delta, scratch)
    assert difference(curve["value"], a[0]) < 1e-12
    assert difference(curve["slope"], delta[0]) < 1e-12
