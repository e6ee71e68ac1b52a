"""Fit time beside scikit-learn's MLPClassifier: python -m benchmarks.estimators.

Three workloads: *image* (8,000 x 784 to 128, 64, 32 to 10, tanh, batch 128), *small* (1,000 x 20
to 100 to 2, relu, batch 200), *tiny batches* (1,000 x 20 to 32, 32 to 2, relu, batch 32); adam,
float64 input, each library's default dtype. scikit-learn is timed with one BLAS thread and with
all, and its better setting counts; chainrule runs as it comes, with its compiled loop and with
NumPy alone. Rounds are interleaved in one process; what is printed are medians of milliseconds an
epoch, and how many times as fast as scikit-learn's chainrule's two are.
"""

from __future__ import annotations

import argparse
import os
import statistics
import warnings
from contextlib import nullcontext
from functools import partial
from time import perf_counter
from typing import NamedTuple

import numpy as np
import sklearn
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

import chainrule
from chainrule.engine.backends import using
from chainrule.study.environment import environment


class Workload(NamedTuple):
    """What is fitted: n_samples x n_features, hidden layers, and how long."""

    n_samples: int
    n_features: int
    hidden: tuple[int, ...]
    activation: str
    batch_size: int
    n_classes: int
    epochs: int


WORKLOADS = {
    "image": Workload(8000, 784, (128, 64, 32), "tanh", 128, 10, 5),
    "small": Workload(1000, 20, (100,), "relu", 200, 2, 100),
    "tiny batches": Workload(1000, 20, (32, 32), "relu", 32, 2, 40),
}


def fit_seconds(cls, workload: Workload, X, y, setting) -> float:
    """Return what one fit takes in a context, such as one that limits BLAS to some threads."""
    model = cls(
        workload.hidden,
        workload.activation,
        batch_size=workload.batch_size,
        max_iter=workload.epochs,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    with setting(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        begun = perf_counter()
        model.fit(X, y)
        return perf_counter() - begun


def compare(workload: Workload, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds an epoch of every contestant in every round."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(workload.n_samples, workload.n_features))
    y = rng.integers(0, workload.n_classes, workload.n_samples)
    theirs, ours = sklearn.neural_network.MLPClassifier, chainrule.MLPClassifier
    contestants = {
        "scikit-learn, 1 thread": (theirs, partial(threadpool_limits, 1, user_api="blas")),
        f"scikit-learn, {os.cpu_count()} threads": (theirs, nullcontext),
        "chainrule, NumPy": (ours, partial(using, "numpy")),
        "chainrule, compiled": (ours, partial(using, "compiled")),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for cls, setting in contestants.values():  # warm-up
        fit_seconds(cls, workload, X, y, setting)
    for _ in range(rounds):
        for name, (cls, setting) in contestants.items():
            seconds = fit_seconds(cls, workload, X, y, setting)
            times[name].append(1000 * seconds / workload.epochs)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for name, value in environment().items():
        print(f"{name}: {value}")
    print(f"scikit-learn: {sklearn.__version__}\n{options.rounds} rounds, milliseconds an epoch\n")
    header = None
    for name, workload in WORKLOADS.items():
        times = compare(workload, options.rounds)
        if header is None:
            header = ["workload", *times, "NumPy", "compiled"]
            print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
        middles = {who: statistics.median(values) for who, values in times.items()}
        *theirs, in_numpy, compiled = middles.values()
        cells = [name, *(f"{middle:.2f}" for middle in middles.values())]
        cells += [f"{min(theirs) / ours:.1f} times" for ours in (in_numpy, compiled)]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
