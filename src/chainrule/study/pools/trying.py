"""What pools have in common: how a trial is tried, how many at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import scipy.linalg  # noqa: F401 - what is not loaded yet cannot be held to one thread
from threadpoolctl import threadpool_limits

from chainrule.errors import InvalidValueError, Words
from chainrule.study.runner import Execute
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, StopWhen

TRIES = 3  # of a trial whose worker dies; one that raises is tried once


def attempt(
    execute: Execute,
    trial: Trial,
    data: Any,
    callbacks: Sequence[Callback] = (),
    stop: Callable[[], bool] = lambda: False,
) -> TrialResult:
    """Train one; whatever it raises becomes the error of its result, so that a study goes on.

    Everywhere a trial asks several times a second whether to ``stop``.
    """
    begun = perf_counter()
    try:
        return execute(trial, data, [StopWhen(stop), *callbacks])
    except Exception as error:
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        return failed(trial, words, perf_counter() - begun)


def failed(trial: Trial, error: str, seconds: float = 0.0) -> TrialResult:
    """Return the result of a trial that came to nothing."""
    return TrialResult(
        trial.id, trial.configuration, trial.seed, seconds=seconds, error=" ".join(error.split())
    )


def died(how: str) -> str:
    """Return the error of a trial whose worker dies; ``how`` ends "the worker process died"."""
    return (
        f"WorkerError: the worker process died {how}; where memory has run out, fewer jobs at a "
        "time help"
    )


def one_blas_thread() -> threadpool_limits:
    """Hold BLAS to one thread in this process; a context manager that gives it back."""
    return threadpool_limits(1, user_api="blas")


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


def installed(package: str, extra: str) -> None:
    """Raise InvalidValueError if the package of an extra is not there."""
    if find_spec(package) is None:
        raise InvalidValueError(
            f"the {extra} backend needs the {package} package",
            Words("none"),
            f"run pip install {package}",
        )


def refuse_scheduler(backend: str, scheduler: str | None) -> None:
    """Raise for a scheduler's address where there is no scheduler."""
    if scheduler is not None:
        raise InvalidValueError(
            f"scheduler must be left out with the {backend} backend",
            scheduler,
            "choose dask or ray, which run on clusters",
        )
