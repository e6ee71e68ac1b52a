"""Where a step spends its time: python -m benchmarks.steps.

Times the parts of a training step on the workloads of benchmarks.workloads, on one BLAS thread,
and prints the 20 % quantile of microseconds, which other work on the machine disturbs little.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS
from chainrule.engine import optimizers
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.network import backpropagate, forward, quiet
from chainrule.engine.optimizers import Adam
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import PenaltyPerSample
from chainrule.engine.schedules import Constant
from chainrule.engine.spec import NetworkSpec
from chainrule.training.loop import Plan, Trainer
from chainrule.training.source import Source

CALLS = 400
NETWORKS = ("image", "small", "tiny batches")


def microseconds(part) -> float:
    times = []
    for _ in range(CALLS):
        begun = perf_counter()
        part()
        times.append(perf_counter() - begun)
    return 1e6 * float(np.quantile(times, 0.2))


def products(trainer: Trainer) -> None:
    """Run the matrix products of a step alone."""
    params, gradient, work = trainer.params, trainer.gradient, trainer.work
    for layer, W in enumerate(params.W):
        work.inputs[layer].dot(W, work.z[layer])
        work.inputs[layer].T.dot(work.delta[layer], gradient.W[layer])
        if layer:
            work.delta[layer].dot(W.T, work.delta[layer - 1])


NAMES = ("step", "products", "forward", "loss", "forward and backward", "penalty", "adam", "gather")


def measure(w: Workload, rng: np.random.Generator) -> list[float]:
    """Return the microseconds of each part, in the order of NAMES."""
    binary = w.sizes[-1] == 1
    spec = NetworkSpec.of(
        w.sizes, w.activation, "sigmoid_cross_entropy" if binary else "softmax_cross_entropy"
    )
    params = Parameters(spec).initialize(INITIALIZERS["glorot_uniform"], rng)
    plan = Plan(1, w.batch_size, Constant(1e-3), Adam(), PenaltyPerSample(l2=1e-4))
    trainer = Trainer(params, plan)
    X = rng.normal(size=(w.n_samples, w.n_features)).astype(np.float32)
    y = rng.integers(0, w.n_outputs, w.batch_size)
    y = y[:, np.newaxis].astype(np.float32) if binary else y
    source, rows = Source(X), rng.permutation(w.n_samples)[: w.batch_size]
    work, loss = trainer.work, spec.loss
    source._gather(rows, work.x)
    parts = (
        lambda: trainer.step(work, y),
        lambda: products(trainer),
        lambda: forward(params, work),
        lambda: loss.value_and_gradient(work.z[-1], y, work.delta[-1], work.scratch[-1][0]),
        lambda: backpropagate(params, work, y, trainer.gradient),
        lambda: plan.penalty.add(params, trainer.gradient, trainer._scratch, len(y)),
        lambda: optimizers.step(plan.optimizer, params, trainer.gradient, trainer.state, 1e-5),
        lambda: source._gather(rows, work.x),
    )
    with threadpool_limits(1, user_api="blas"), quiet():
        return [microseconds(part) for part in parts]


def main() -> None:
    rng = np.random.default_rng(0)
    print("| workload | " + " | ".join(NAMES) + " |\n" + "|---" * (len(NAMES) + 1) + "|")
    for name in NETWORKS:
        cells = (f"{value:.0f}" for value in measure(WORKLOADS[name], rng))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
