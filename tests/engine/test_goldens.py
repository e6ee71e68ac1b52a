"""The engine against PyTorch: values, gradients, trajectories and learning rates it computed.

``tests/goldens/torch.npz`` is written by ``tools/make_goldens.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.optimizers import OPTIMIZERS, start, step
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import SCHEDULES, Clock
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace

with np.load(Path(__file__).parents[1] / "goldens" / "torch.npz") as file:
    GOLDENS = dict(file)
PATHS = [json.loads(str(case)) for case in GOLDENS["paths.cases"]]
RATES = [json.loads(str(case)) for case in GOLDENS["rates.cases"]]
HINT = "has no golden values: add it to tools/make_goldens.py and run that with torch installed"


def position(name, kind):
    names = GOLDENS[kind].tolist()
    assert name in names, f"{name} {HINT}"
    return names.index(name)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_value_and_gradient_are_torch_s(activation, loss):
    i, j = position(activation, "networks.activations"), position(loss, "networks.losses")
    sizes = GOLDENS["networks.sizes"].tolist()
    spec = NetworkSpec.of(sizes, activation, loss, dtype="float64")
    X, y = GOLDENS["networks.X"], GOLDENS[f"networks.y.{loss}"]
    params, gradient = Parameters(spec, GOLDENS["networks.flat"]), Parameters(spec)
    work = Workspace(spec, len(X))
    work.x[:] = X
    value = loss_and_gradient(params, work, y, gradient)
    np.testing.assert_allclose(value, GOLDENS["networks.values"][i, j], rtol=1e-12)
    np.testing.assert_allclose(
        gradient.flat, GOLDENS["networks.gradients"][i, j], rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_is_followed_at_its_defaults(name):
    assert {"optimizer": name, "learning_rate": 0.1, "settings": {}} in PATHS, f"{name} {HINT}"


@pytest.mark.parametrize(
    "k", range(len(PATHS)), ids=[f"{c['optimizer']}-{i}" for i, c in enumerate(PATHS)]
)
def test_ten_steps_are_torch_s(k):
    case = PATHS[k]
    optimizer = OPTIMIZERS[case["optimizer"]](**case["settings"])
    spec = NetworkSpec.of(GOLDENS["paths.sizes"].tolist(), loss="squared", dtype="float64")
    params = Parameters(spec, GOLDENS["paths.begin"].copy())
    state, path = start(optimizer, params), []
    for g in GOLDENS["paths.gradients"]:
        step(optimizer, params, Parameters(spec, g.copy()), state, case["learning_rate"])
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
