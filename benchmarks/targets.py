"""The figures to reach: how many times as fast as whom, and which share of the limit."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.contenders import LIMIT


class Target(NamedTuple):
    """A ratio to reach: their time by ours, so that of the limit is a share."""

    workload: str
    family: str
    wanted: float


_FAMILIES = ("scikit-learn", "PyTorch", "JAX", LIMIT)
_WANTED: dict[str, tuple[float | None, ...]] = {
    "image": (6, 2.2, 1.2, 0.65),
    "small": (10, 8, 1.7, 0.55),
    "tiny batches": (30, 40, 2.2, None),
    "wide": (2.5, 1.1, 1.0, 0.85),
    "predict 1 row": (5, 2, 1, None),
    "first fit": (3, 3, 20, None),
    "grid": (6, None, None, 0.6),
}

TARGETS = [
    Target(workload, family, wanted)
    for workload, row in _WANTED.items()
    for family, wanted in zip(_FAMILIES, row, strict=True)
    if wanted is not None
]
