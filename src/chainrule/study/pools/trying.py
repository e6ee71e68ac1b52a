"""What pools have in common: how a trial is tried, how many at a time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from chainrule.errors import InvalidValueError
from chainrule.study.runner import Execute
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback

TRIES = 3  # of a trial whose worker dies; one that raises is tried once


def attempt(
    execute: Execute, trial: Trial, data: Any, callbacks: Sequence[Callback]
) -> TrialResult:
    """Train one; whatever it raises becomes the error of its result, so that a study goes on."""
    begun = perf_counter()
    try:
        return execute(trial, data, callbacks)
    except Exception as error:
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        return failed(trial, words, perf_counter() - begun)


def failed(trial: Trial, error: str, seconds: float = 0.0) -> TrialResult:
    """Return the result of a trial that came to nothing."""
    return TrialResult(
        trial.id, trial.configuration, trial.seed, seconds=seconds, error=" ".join(error.split())
    )


def died(how: str) -> str:
    """Return the error of a trial whose worker has died each time."""
    return (
        f"WorkerError: the worker process died three times, the last time by {how}; where memory "
        "has run out, fewer jobs at a time help"
    )


def count_jobs(jobs: int) -> int:
    """Return how many trials to run at a time; -1 counts the cores this process may use.

    Raises
    ------
    InvalidValueError
        If it is neither -1 nor positive.
    """
    if jobs > 0:
        return jobs
    if jobs != -1:
        raise InvalidValueError("jobs must be at least 1, or -1", jobs, "-1 uses every core")
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def refuse_scheduler(backend: str, scheduler: str | None) -> None:
    """Raise for a scheduler's address where there is no scheduler."""
    if scheduler is not None:
        raise InvalidValueError(
            f"scheduler must be left out with the {backend} backend",
            scheduler,
            "choose dask or ray, which run on clusters",
        )
