"""How close an epoch comes to the matrix products in it: python -m benchmarks.roofline.

The network is section B's: 784-256-128-64-32-10, batch 128, relu, softmax cross-entropy, plain
gradient descent, clipping by value, uint8 images that are gathered, cast and scaled. The limit is
the same matrix products alone, on the same buffers, in the same order. Both are timed in one
process, interleaved, on one BLAS thread; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import statistics
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from chainrule import load_mnist
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByValue
from chainrule.engine.schedules import Constant
from chainrule.engine.spec import NetworkSpec
from chainrule.estimators.validation import PIXEL_SCALE
from chainrule.reproduction.section_b.experiments import LAYER_SIZES, SETTINGS
from chainrule.study.environment import environment
from chainrule.training.loop import Plan, Trainer
from chainrule.training.source import Source


def products(trainer: Trainer, n_samples: int) -> None:
    """Run the matrix products of one epoch, and nothing else."""
    params, gradient = trainer.params, trainer.gradient
    layers = range(len(params.W))
    for begin in range(0, n_samples, trainer.work.capacity):
        work = trainer.work.rows(min(trainer.work.capacity, n_samples - begin))
        for layer in layers:
            np.matmul(work.inputs[layer], params.W[layer], out=work.z[layer])
        for layer in reversed(layers):
            np.matmul(work.inputs[layer].T, work.delta[layer], out=gradient.W[layer])
            if layer > 0:
                np.matmul(work.delta[layer], params.W[layer].T, out=work.delta[layer - 1])


def epoch(trainer: Trainer, source: Source, rng: np.random.Generator) -> None:
    """Train for one epoch, without validation."""
    trainer.epoch(source, rng.permutation)


def seconds(function, *arguments) -> float:
    begun = perf_counter()
    function(*arguments)
    return perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--activation", default="relu")
    options = parser.parse_args()

    data = load_mnist()
    rng = np.random.default_rng(0)
    setting = {name: s.full for name, s in SETTINGS.items()}
    spec = NetworkSpec.of(LAYER_SIZES, options.activation)
    params = Parameters(spec).initialize(INITIALIZERS["normal"], rng)
    plan = Plan(
        epochs=1,
        batch_size=setting["batch_size"],
        schedule=Constant(setting["learning_rate"]),
        clip=ClipByValue(setting["clip_value"]),
    )
    trainer = Trainer(params, plan)
    source = Source(data.X_train, data.y_train, scale=PIXEL_SCALE)

    epochs, limits = [], []
    with threadpool_limits(1, user_api="blas"):
        epoch(trainer, source, rng)  # warm-up; the products then run on the epoch's own numbers
        for _ in range(options.rounds):
            epochs.append(seconds(epoch, trainer, source, rng))
            limits.append(seconds(products, trainer, len(source)))
    for name, value in environment().items():
        print(f"{name}: {value}")
    print(
        f"\n{options.activation}, {len(source):,} samples, {options.rounds} rounds, one BLAS thread"
    )
    for name, times in (("epoch", epochs), ("matrix products alone", limits)):
        middle = 1000 * statistics.median(times)
        print(f"{name}: {middle:.0f} ms (from {1000 * min(times):.0f} to {1000 * max(times):.0f})")
    print(f"ratio: {statistics.median(limits) / statistics.median(epochs):.2f}")


if __name__ == "__main__":
    main()
