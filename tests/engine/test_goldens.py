"""The engine against PyTorch: values, gradients, trajectories and learning rates it computed.

``tests/goldens/torch.npz`` is written by ``tools/make_goldens.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.backends.compiled import CompiledLoop
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.optimizers import OPTIMIZERS, SGD, start
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Penalty
from chainrule.engine.schedules import SCHEDULES, Clock
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace

from ..parts import BACKENDS, STEPS

with np.load(Path(__file__).parents[1] / "goldens" / "torch.npz") as file:
    GOLDENS = dict(file)
PATHS = [json.loads(str(case)) for case in GOLDENS["paths.cases"]]
RATES = [json.loads(str(case)) for case in GOLDENS["rates.cases"]]
HINT = "has no golden values: add it to tools/make_goldens.py and run that with torch installed"


def position(name, kind):
    names = GOLDENS[kind].tolist()
    assert name in names, f"{name} {HINT}"
    return names.index(name)


def numpy_gradient(params, X, y):
    """Return the loss of a batch, and its gradient."""
    gradient, work = Parameters(params.spec), Workspace(params.spec, len(X))
    work.x[:] = X
    return loss_and_gradient(params, work, y, gradient), gradient.flat


def compiled_gradient(params, X, y):
    # A step of SGD at rate 1 is the gradient.
    after = Parameters(params.spec, params.flat.copy())
    loop = CompiledLoop(after, start(SGD(), after), SGD(), Penalty(), None, len(X), 2)
    loop.lend(X, np.arange(len(X)), y, None, shift=None, scale=None)
    total, _, _ = loop.run(0, len(X), np.ones(1), False)
    return total / len(X), params.flat - after.flat


GRADIENTS = {"numpy": numpy_gradient, "compiled": compiled_gradient}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_value_and_gradient_are_torch_s(activation, loss, backend):
    i, j = position(activation, "networks.activations"), position(loss, "networks.losses")
    sizes = GOLDENS["networks.sizes"].tolist()
    spec = NetworkSpec.of(sizes, activation, loss, dtype="float64")
    X, y = GOLDENS["networks.X"], GOLDENS[f"networks.y.{loss}"]
    value, gradient = GRADIENTS[backend](Parameters(spec, GOLDENS["networks.flat"]), X, y)
    np.testing.assert_allclose(value, GOLDENS["networks.values"][i, j], rtol=1e-12)
    np.testing.assert_allclose(
        gradient, GOLDENS["networks.gradients"][i, j], rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_is_followed_at_its_defaults(name):
    assert {"optimizer": name, "learning_rate": 0.1, "settings": {}} in PATHS, f"{name} {HINT}"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "k", range(len(PATHS)), ids=[f"{c['optimizer']}-{i}" for i, c in enumerate(PATHS)]
)
def test_ten_steps_are_torch_s(k, backend):
    case = PATHS[k]
    optimizer = OPTIMIZERS[case["optimizer"]](**case["settings"])
    spec = NetworkSpec.of(GOLDENS["paths.sizes"].tolist(), loss="squared", dtype="float64")
    params = Parameters(spec, GOLDENS["paths.begin"].copy())
    state, path = start(optimizer, params), []
    for g in GOLDENS["paths.gradients"]:
        STEPS[backend](optimizer, params, Parameters(spec, g.copy()), state, case["learning_rate"])
        path.append(params.flat.copy())
    np.testing.assert_allclose(path, GOLDENS["paths.paths"][k], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "k", range(len(RATES)), ids=[f"{c['schedule']}-{i}" for i, c in enumerate(RATES)]
)
def test_every_learning_rate_is_torch_s(k):
    case = RATES[k]
    schedule = SCHEDULES[case["schedule"]](case["learning_rate"], **case["settings"])
    theirs = GOLDENS[f"rates.{k}"]
    ours = [schedule(Clock(step=n, epoch=n)) for n in range(len(theirs))]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-15)
