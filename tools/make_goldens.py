"""Compute with PyTorch what the tests compare the engine with: tests/goldens/torch.npz.

    python tools/make_goldens.py

Needs torch beside chainrule; the tests need the file alone. Nothing of chainrule is called but the
names in its tables: networks, losses and their gradients come from torch's own functions and
autograd, trajectories from torch.optim, learning rates from torch's schedulers. Everything is in
float64, inputs are stored beside results, and the same version of torch writes the same bytes.

A new entry of a table needs a line here: in ACTIVATIONS, LOSSES, OPTIMIZERS or SCHEDULES.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from chainrule.engine.activations import ACTIVATIONS as OUR_ACTIVATIONS
from chainrule.engine.losses import LOSSES as OUR_LOSSES
from chainrule.engine.optimizers import OPTIMIZERS as OUR_OPTIMIZERS

OUT = Path(__file__).parents[1] / "tests" / "goldens" / "torch.npz"
Tensor = torch.Tensor

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": lambda z: functional.gelu(z, approximate="none"),
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": functional.softplus,
    "identity": lambda z: z,
}


def poisson(raw: Tensor, y: Tensor) -> Tensor:
    nll = functional.poisson_nll_loss(raw, y, log_input=True, full=False, reduction="sum")
    return nll + (torch.xlogy(y, y) - y).sum()


# Each sums over outputs and samples; and the kind of its targets.
LOSSES = {
    "softmax_cross_entropy": (
        lambda raw, y: functional.cross_entropy(raw, y, reduction="sum"),
        "classes",
    ),
    "sigmoid_cross_entropy": (
        lambda raw, y: functional.binary_cross_entropy_with_logits(raw, y, reduction="sum"),
        "shares",
    ),
    "squared": (lambda raw, y: functional.mse_loss(raw, y, reduction="sum") / 2, "numbers"),
    "absolute": (lambda raw, y: functional.l1_loss(raw, y, reduction="sum"), "numbers"),
    "huber": (lambda raw, y: functional.huber_loss(raw, y, reduction="sum", delta=1.0), "numbers"),
    "quantile": (lambda raw, y: functional.l1_loss(raw, y, reduction="sum") / 2, "numbers"),
    "poisson": (poisson, "counts"),
}


class HandWritten(torch.optim.Optimizer):
    """An update rule that torch lacks: ``rule(group, w, g, state)`` changes w and state."""

    def __init__(self, groups: list[dict[str, Any]], rule: Any, **defaults: float) -> None:
        super().__init__(groups, defaults)
        self.rule = rule

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for w in group["params"]:
                self.rule(group, w, w.grad, self.state[w])


def lion(group: dict[str, Any], w: Tensor, g: Tensor, state: dict[str, Tensor]) -> None:
    """Chen et al., arXiv:2302.06675, algorithm 2."""
    m = state.setdefault("m", torch.zeros_like(w))
    w -= group["lr"] * torch.sign(group["beta_1"] * m + (1 - group["beta_1"]) * g)
    m.copy_(group["beta_2"] * m + (1 - group["beta_2"]) * g)


def betas(settings: dict[str, float]) -> dict[str, Any]:
    kept = {"betas": (settings.get("beta_1", 0.9), settings.get("beta_2", 0.999))}
    return kept | {"eps": settings.get("epsilon", 1e-8)}


# From parameter groups, rate and our settings to torch's optimiser. Decay is done by `trajectory`.
OPTIMIZERS = {
    "sgd": lambda groups, lr, s: torch.optim.SGD(groups, lr),
    "momentum": lambda groups, lr, s: torch.optim.SGD(groups, lr, s.get("momentum", 0.9)),
    "nesterov": lambda groups, lr, s: torch.optim.SGD(
        groups, lr, s.get("momentum", 0.9), nesterov=True
    ),
    "adam": lambda groups, lr, s: torch.optim.Adam(groups, lr, **betas(s)),
    "adamw": lambda groups, lr, s: torch.optim.AdamW(groups, lr, weight_decay=0, **betas(s)),
    "rmsprop": lambda groups, lr, s: torch.optim.RMSprop(
        groups, lr, alpha=s.get("rho", 0.99), eps=s.get("epsilon", 1e-8)
    ),
    "lion": lambda groups, lr, s: HandWritten(
        groups, lion, lr=lr, beta_1=s.get("beta_1", 0.9), beta_2=s.get("beta_2", 0.99)
    ),
}
DECAY = {"adamw": 0.01}  # by default; torch's own is used for AdamW, see `trajectory`

# Settings to follow, beside the defaults; the large epsilons show where epsilon is added.
CASES = {
    "sgd": [{"weight_decay": 0.3}],
    "momentum": [{"momentum": 0.5}, {"weight_decay": 0.3}],
    "nesterov": [{"momentum": 0.5}, {"weight_decay": 0.3}],
    "adam": [{"beta_1": 0.5, "beta_2": 0.7}, {"epsilon": 0.5}, {"weight_decay": 0.3}],
    "adamw": [
        {"beta_1": 0.5, "beta_2": 0.7},
        {"epsilon": 0.5},
        {"weight_decay": 0.3},
        {"weight_decay": 0.0},
    ],
    "rmsprop": [{"rho": 0.6}, {"epsilon": 0.5}, {"weight_decay": 0.3}],
    "lion": [{"beta_1": 0.6, "beta_2": 0.3}, {"weight_decay": 0.3}],
}

SCHEDULES: list[tuple[str, dict[str, float], Any]] = [
    ("step", {"factor": 10.0, "every": 30}, ("StepLR", {"step_size": 30, "gamma": 0.1})),
    ("step", {"factor": 2.0, "every": 7}, ("StepLR", {"step_size": 7, "gamma": 0.5})),
    ("cosine", {"total_steps": 60}, ("CosineAnnealingLR", {"T_max": 60})),
    ("cosine", {"total_steps": 1}, ("CosineAnnealingLR", {"T_max": 1})),
    ("one_cycle", {"total_steps": 60}, ("OneCycleLR", {"total_steps": 60})),
    ("one_cycle", {"total_steps": 10}, ("OneCycleLR", {"total_steps": 10})),
    (
        "one_cycle",
        {"total_steps": 37, "warmup": 0.45, "start_factor": 3.0, "end_factor": 50.0},
        (
            "OneCycleLR",
            {"total_steps": 37, "pct_start": 0.45, "div_factor": 3.0, "final_div_factor": 50.0},
        ),
    ),
]
LEARNING_RATE = 0.1


def main() -> None:
    for ours, here in (
        (OUR_ACTIVATIONS, ACTIVATIONS),
        (OUR_LOSSES, LOSSES),
        (OUR_OPTIMIZERS, OPTIMIZERS),
    ):
        missing = set(ours) - set(here)
        if missing:
            raise SystemExit(f"{', '.join(sorted(missing))}: add a line to {Path(__file__).name}")
    torch.set_num_threads(1)
    goldens: dict[str, Any] = {"torch": torch.__version__}
    goldens |= networks(np.random.default_rng(1)) | paths(np.random.default_rng(2)) | rates()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(OUT, **{name: np.asarray(value) for name, value in goldens.items()})
    print(f"wrote {OUT}: {OUT.stat().st_size} bytes")


def networks(rng: np.random.Generator) -> dict[str, Any]:
    """Return value and gradient of a 5-4-3-2 network for every activation and loss."""
    sizes, n = (5, 4, 3, 2), 7
    shapes = list(pairwise(sizes))
    X = rng.normal(size=(n, sizes[0]))
    # Weights, then biases: the order of chainrule's flat vector.
    parts = [rng.normal(size=shape) for shape in shapes] + [rng.normal(size=k) for k in sizes[1:]]
    targets = {
        "classes": rng.integers(0, sizes[-1], n),
        "shares": np.clip(rng.uniform(-0.5, 1.5, (n, sizes[-1])), 0, 1),
        "numbers": rng.normal(0, 2, (n, sizes[-1])),
        "counts": rng.poisson(1.5, (n, sizes[-1])).astype(np.float64),
    }
    values = np.empty((len(ACTIVATIONS), len(LOSSES)))
    gradients = np.empty((*values.shape, sum(part.size for part in parts)))
    for i, f in enumerate(ACTIVATIONS.values()):
        for j, (loss, kind) in enumerate(LOSSES.values()):
            tensors = [torch.tensor(part, requires_grad=True) for part in parts]
            W, b = tensors[: len(shapes)], tensors[len(shapes) :]
            h = torch.tensor(X)
            for layer in range(len(shapes) - 1):
                h = f(h @ W[layer] + b[layer])
            value = loss(h @ W[-1] + b[-1], torch.tensor(targets[kind])) / n
            value.backward()
            values[i, j] = value.item()
            gradients[i, j] = np.concatenate([t.grad.numpy().ravel() for t in tensors])
    return {
        "networks.sizes": sizes,
        "networks.X": X,
        "networks.flat": np.concatenate([part.ravel() for part in parts]),
        "networks.activations": list(ACTIVATIONS),
        "networks.losses": list(LOSSES),
        "networks.values": values,
        "networks.gradients": gradients,
    } | {f"networks.y.{name}": targets[kind] for name, (_, kind) in LOSSES.items()}


def paths(rng: np.random.Generator) -> dict[str, Any]:
    """Return ten steps of every optimiser, with the same gradients for all."""
    n_weights, n = 6, 8  # a 3-2 network
    begin, gradients = rng.normal(size=n), rng.normal(size=(10, n))
    cases = [
        {"optimizer": name, "learning_rate": LEARNING_RATE, "settings": settings}
        for name in OPTIMIZERS
        for settings in [{}, *CASES.get(name, [])]
    ]
    followed = [trajectory(case, begin, gradients, n_weights) for case in cases]
    return {
        "paths.sizes": (3, 2),
        "paths.begin": begin,
        "paths.gradients": gradients,
        "paths.cases": [json.dumps(case) for case in cases],
        "paths.paths": followed,
    }


def trajectory(
    case: dict[str, Any], begin: np.ndarray, gradients: np.ndarray, n_weights: int
) -> np.ndarray:
    name, settings, lr = case["optimizer"], case["settings"], case["learning_rate"]
    decay = settings.get("weight_decay", DECAY.get(name, 0.0))
    weights, biases = torch.tensor(begin[:n_weights]), torch.tensor(begin[n_weights:])
    groups: list[dict[str, Any]] = [{"params": [weights]}, {"params": [biases]}]
    if name == "adamw":
        groups[0]["weight_decay"] = decay
    optimizer = OPTIMIZERS[name](groups, lr, settings)
    followed = []
    for t, gradient in enumerate(gradients, start=1):
        if name != "adamw":
            weights *= 1 - lr * decay
        if name == "adam":
            # Added to the corrected root there, to the uncorrected root here.
            _, beta_2 = optimizer.defaults["betas"]
            for group in optimizer.param_groups:
                group["eps"] = optimizer.defaults["eps"] / math.sqrt(1 - beta_2**t)
        weights.grad = torch.tensor(gradient[:n_weights])
        biases.grad = torch.tensor(gradient[n_weights:])
        optimizer.step()
        followed.append(np.concatenate([weights.numpy(), biases.numpy()]))
    return np.array(followed)


def rates() -> dict[str, Any]:
    """Return every learning rate of torch's counterparts of our schedules."""
    cases, goldens = [], {}
    for ours, settings, (theirs, arguments) in SCHEDULES:
        goldens[f"rates.{len(cases)}"] = scheduled(theirs, arguments)
        cases.append({"schedule": ours, "learning_rate": LEARNING_RATE, "settings": settings})
    return {"rates.cases": [json.dumps(case) for case in cases]} | goldens


def scheduled(name: str, arguments: dict[str, Any]) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], LEARNING_RATE)
    if name == "OneCycleLR":
        arguments = {"max_lr": LEARNING_RATE, "cycle_momentum": False} | arguments
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **arguments)
    followed = []
    for _ in range(arguments.get("total_steps", arguments.get("T_max", 100) + 1)):
        followed.append(scheduler.get_last_lr()[0])
        optimizer.step()
        if len(followed) < arguments.get("total_steps", math.inf):
            scheduler.step()
    return followed


if __name__ == "__main__":
    main()
