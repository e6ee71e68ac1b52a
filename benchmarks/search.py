"""The grid search that chainrule, scikit-learn and the products run: section C's, made shorter."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from benchmarks.workload import Workload
from chainrule.reproduction import settings as reproduction
from chainrule.reproduction.sections import SECTIONS

JOBS = 2
SECTION = SECTIONS["C"]
NAMES = {"solver": "solver", "batch_size": "batch_size", "learning_rate": "learning_rate_init"}


def settings(workload: Workload) -> Mapping[str, Any]:
    """Return the section's settings with a workload's samples and epochs."""
    less = {"C.train_samples": workload.n_samples, "C3.epochs": workload.epochs}
    return reproduction.values(SECTION.settings, False, less)


def grid(workload: Workload) -> dict[str, list[Any]]:
    """Return the values of each parameter, by an estimator's name of it."""
    own = settings(workload)["C3"]
    return {theirs: list(own[name]) for name, theirs in NAMES.items()}


def fits(workload: Workload) -> list[tuple[int, int]]:
    """Return each fit's number of training samples and its batch size."""
    folds = settings(workload)["C3"]["folds"]
    # As KFold and its stratified kin divide, but for a sample.
    rows = workload.n_samples - workload.n_samples // folds
    sizes = [dict(zip(NAMES, one, strict=True)) for one in product(*grid(workload).values())]
    return [(rows, candidate["batch_size"]) for candidate in sizes for _ in range(folds)]
