"""How long trainings take, by measured runs at the report's scale and in its quick form.

``reference_run.json`` has the epochs and seconds of each training of such runs; it is made by
``tools/reference_run.py`` and committed. Other machines are compared with its by the time of a
matrix product, and other settings with those at the report's scale, by epochs and images.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from time import perf_counter
from typing import Any

import numpy as np

from chainrule.study.pools.trying import count_jobs, one_blas_thread
from chainrule.study.trial import Trial

PRODUCT = (128, 784, 256)  # a batch through the first layer of section B's network
PRODUCTS, TRIES = 20, 7


@cache
def reference() -> Mapping[str, Any]:
    """Return ``product_seconds``, and ``trainings``: by section and name a list of measurements."""
    text = files(__package__).joinpath("reference_run.json").read_text(encoding="utf-8")
    measured: Mapping[str, Any] = json.loads(text)
    return measured


def planned_epochs(trial: Trial) -> int:
    """Return for how many epochs a trial trains at most."""
    fixed = trial.settings.get("fixed", {})
    found = trial.settings.get("epochs") or fixed.get("epochs") or fixed["max_iter"]
    return int(found)


def expected_work(trials: Sequence[Trial]) -> dict[str, float]:
    """Return the seconds that each trial would take on the reference's machine, by id."""
    trainings = reference()["trainings"]
    known = [rows[0] for section in trainings.values() for rows in section.values()]
    # What the reference has not, such as another library's, is taken for a training like others.
    usual: float = sum(row["seconds"] / row["epochs"] / row["samples"] for row in known) / len(
        known
    )
    return {
        trial.id: _seconds(
            trial, trainings.get(trial.section, {}).get(trial.configuration, []), usual
        )
        for trial in trials
    }


def _seconds(trial: Trial, rows: Sequence[Mapping[str, float]], usual: float) -> float:
    epochs, samples = planned_epochs(trial), trial.settings["train_samples"]
    if not rows:
        return usual * float(epochs * samples)
    same = (row for row in rows if (row["planned"], row["samples"]) == (epochs, samples))
    row = next(same, rows[0])
    if row["epochs"] < row["planned"]:  # it stops early
        epochs = min(epochs, int(row["epochs"]))
    return row["seconds"] / row["epochs"] / row["samples"] * float(epochs * samples)


def expected_seconds(work: float, jobs: int) -> float:
    """Return how long an amount of work is expected to take on this machine."""
    slower = product_seconds() / float(reference()["product_seconds"])
    return work * slower / min(jobs, count_jobs(-1))


def product_seconds() -> float:
    """Return the time of a batch's matrix product on one core, the shortest of some."""
    n, fan_in, fan_out = PRODUCT
    x, w = np.ones((n, fan_in), np.float32), np.ones((fan_in, fan_out), np.float32)
    out = np.empty((n, fan_out), np.float32)
    times = []
    with one_blas_thread():
        for _ in range(TRIES):
            begun = perf_counter()
            for _ in range(PRODUCTS):
                np.matmul(x, w, out=out)
            times.append((perf_counter() - begun) / PRODUCTS)
    return min(times)
