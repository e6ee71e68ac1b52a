"""When a second thread pays in the compiled loop: python -m benchmarks.workers.

Times epochs of networks from small to large with one, two and four threads (as many as there are
cores) sharing each batch, in turns of a few epochs, and prints the medians in milliseconds an epoch
beside the products of a step: three times weights times rows. ``PRODUCTS_OF_TWO`` and
``PRODUCTS_PER_WORKER`` are read off this table.
"""

from __future__ import annotations

import os
import statistics
from time import perf_counter

import numpy as np

from chainrule.engine.backends import using
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.optimizers import Adam
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.training.loop import Plan, Trainer
from chainrule.training.source import Source

NETWORKS = [
    (20, 32, 32, 2),
    (20, 100, 2),
    (50, 100, 100, 5),
    (100, 200, 10),
    (200, 256, 10),
    (784, 128, 64, 32, 10),
    (784, 1024, 1024, 10),
]
BATCHES = (32, 128, 512)
SAMPLES, ROUNDS, EPOCHS = 2048, 7, 4


def trainer(sizes: tuple[int, ...], batch_size: int, n_threads: int) -> Trainer:
    spec = NetworkSpec.of(sizes, "relu")
    params = Parameters(spec).initialize(INITIALIZERS["he_normal"], np.random.default_rng(0))
    return Trainer(params, Plan(1, batch_size, optimizer=Adam(), n_threads=n_threads))


def main() -> None:
    counts = [n for n in (1, 2, 4) if n <= (os.cpu_count() or 1)]
    heads = ["network", "batch", "products a step", *(f"{n} threads" for n in counts)]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for sizes in NETWORKS:
        rng = np.random.default_rng(0)
        source = Source(
            rng.normal(size=(SAMPLES, sizes[0])).astype(np.float32),
            rng.integers(0, sizes[-1], SAMPLES),
        )
        for batch_size in BATCHES:
            trainers = {n: trainer(sizes, batch_size, n) for n in counts}
            times: dict[int, list[float]] = {n: [] for n in counts}
            with using("compiled"):
                for _ in range(ROUNDS):
                    for n, one in trainers.items():
                        one.epoch(source, rng.permutation)
                        begun = perf_counter()
                        for _ in range(EPOCHS):
                            one.epoch(source, rng.permutation)
                        times[n].append(1000 * (perf_counter() - begun) / EPOCHS)
            products = 3 * trainers[1].params.spec.n_weights * batch_size
            cells = ["-".join(map(str, sizes)), str(batch_size), f"{products:,}"]
            cells += [f"{statistics.median(times[n]):.2f}" for n in counts]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
