"""How an epoch's cost grows: one of four sizes from once to 64 times, the others as they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.workload import Workload

FACTORS = (1, 2, 4, 8, 16, 32, 64)
FEW = (1, 8, 64)  # for quick runs
BASE = Workload(1024, 64, (32, 32), 10, "relu", 64)


def _wider(factor: int) -> Workload:
    return replace(BASE, hidden=tuple(factor * width for width in BASE.hidden))


# For batches there must be as many samples as in the largest.
_BATCHES = replace(BASE, n_samples=4096)

AXES: dict[str, Callable[[int], Workload]] = {
    "samples": lambda factor: replace(BASE, n_samples=factor * BASE.n_samples),
    "width": _wider,
    "depth": lambda factor: replace(BASE, hidden=BASE.hidden[:1] * factor),
    "batch size": lambda factor: replace(_BATCHES, batch_size=factor * _BATCHES.batch_size),
}
WORDS = {
    "samples": f"{BASE.n_samples:,} samples to {64 * BASE.n_samples:,}",
    "width": f"two hidden layers of {BASE.hidden[0]} units to {64 * BASE.hidden[0]:,}",
    "depth": f"1 hidden layer of {BASE.hidden[0]} units to 64",
    "batch size": f"batches of {BASE.batch_size} to {64 * BASE.batch_size:,}, "
    f"of {_BATCHES.n_samples:,} samples",
}
# Enough for curves, and few enough to finish.
CONTENDERS = ("chainrule", "scikit-learn, float32")
