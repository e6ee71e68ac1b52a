"""PyTorch: an ordinary good training loop with fused Adam, and one step compiled as a whole.

Samples are tensors from the beginning, and are put in order once an epoch, so that a batch is a
view. Two classes are one output with the logistic loss.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise
from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.contenders.base import Contender, Timed
from benchmarks.workload import L2, RATE, Workload

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8

Step = Callable[[Tensor, Tensor], object]


def network(workload: Workload) -> nn.Sequential:
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(workload.sizes):
        layers += [nn.Linear(fan_in, fan_out), ACTIVATIONS[workload.activation]()]
    return nn.Sequential(*layers[:-1])


def loss_of(workload: Workload) -> Callable[[Tensor, Tensor], Tensor]:
    if workload.reconstructs:
        return functional.mse_loss
    if workload.sizes[-1] == 1:
        return functional.binary_cross_entropy_with_logits
    return functional.cross_entropy


class Eager(Contender):
    """Operation by operation."""

    def __init__(self, n_threads: int) -> None:
        super().__init__(n_threads)
        torch.set_num_threads(n_threads)

    def train(self, workload: Workload) -> Timed:
        X = torch.from_numpy(self.X)
        y = X if workload.reconstructs else torch.from_numpy(self.y)
        if workload.sizes[-1] == 1:
            y = y[:, None].to(torch.float32)
        step = self.step(workload)

        def timed(epochs: int) -> float:
            begun = perf_counter()
            for _ in range(epochs):
                order = torch.randperm(len(X))
                x, t = X[order], y[order]
                for a, b in zip(
                    x.split(workload.batch_size), t.split(workload.batch_size), strict=True
                ):
                    step(a, b)
            return perf_counter() - begun

        return timed

    def step(self, workload: Workload) -> Step:
        """Return what takes a step on a batch."""
        torch.manual_seed(0)
        model, loss_function = network(workload), loss_of(workload)
        optimizer = torch.optim.Adam(model.parameters(), RATE, weight_decay=L2, fused=True)

        def step(x: Tensor, t: Tensor) -> None:
            optimizer.zero_grad(set_to_none=True)
            loss_function(model(x), t).backward()
            optimizer.step()

        return step

    def predict(self, workload: Workload) -> Timed:
        rows = np.resize(self.X, (workload.n_rows, workload.n_features))
        model = self.model(network(workload).eval())

        def timed(calls: int) -> float:
            begun = perf_counter()
            with torch.inference_mode():
                for _ in range(calls):
                    torch.softmax(model(torch.from_numpy(rows)), 1).numpy()
            return perf_counter() - begun

        return timed

    def model(self, model: nn.Module) -> Callable[[Tensor], Tensor]:
        """Return what computes raw outputs."""
        return model


class Compiled(Eager):
    """``torch.compile`` of the whole step: forward, backward and Adam in one graph."""

    def prepare(self, workload: Workload, turn: float) -> float:
        torch.compiler.reset()  # it counts the networks that it has compiled a function for
        return super().prepare(workload, turn)

    def step(self, workload: Workload) -> Step:
        torch.manual_seed(0)
        model, loss_function = network(workload), loss_of(workload)
        params = {name: p.detach() for name, p in model.named_parameters()}
        first = {name: torch.zeros_like(p) for name, p in params.items()}
        second = {name: torch.zeros_like(p) for name, p in params.items()}

        def loss(params: dict[str, Tensor], x: Tensor, t: Tensor) -> Tensor:
            return loss_function(torch.func.functional_call(model, params, (x,)), t)

        @torch.compile(fullgraph=True, dynamic=False)
        def update(x: Tensor, t: Tensor, rate: Tensor) -> None:
            gradients = torch.func.grad(loss)(params, x, t)
            for name, p in params.items():
                g = gradients[name] + L2 * p
                first[name].lerp_(g, 1 - BETA_1)
                second[name].lerp_(g * g, 1 - BETA_2)
                p.sub_(rate * first[name] / (second[name].sqrt() + EPSILON))

        steps = count(1)

        def step(x: Tensor, t: Tensor) -> None:
            n = next(steps)  # its powers, inside the graph, would be taken for every parameter
            update(x, t, torch.tensor(RATE * (1 - BETA_2**n) ** 0.5 / (1 - BETA_1**n)))

        return step

    def model(self, model: nn.Module) -> Callable[[Tensor], Tensor]:
        compiled: Callable[[Tensor], Tensor] = torch.compile(model, dynamic=False)
        return compiled
