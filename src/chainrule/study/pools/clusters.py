"""Trials on Dask and Ray, through joblib.

joblib hands out the trials, as many as there are workers, and yields what comes back. What is
written here is what it leaves open: a trial whose workers die again and again is a result with an
error, where joblib gives up all the others, or waits for ever; and who runs a trial has to have the
versions that this process has.

A worker process keeps the data from its first trial to the end of the study.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.parallel import ParallelBackendBase

from chainrule._version import __version__
from chainrule.errors import WorkerError
from chainrule.study.pools.trying import attempt, died, failed, one_blas_thread
from chainrule.study.runner import Execute, Finished, Listener, Work
from chainrule.study.trial import Trial, TrialResult

VERSIONS = f"chainrule {__version__} and Python {sys.version_info.major}.{sys.version_info.minor}"


class Study:
    """What every worker is given once.

    Parameters
    ----------
    execute : callable
        Trains one.
    data : object
        What it needs.
    """

    def __init__(self, execute: Execute, data: Any) -> None:
        self.execute, self.data = execute, data
        self.versions = VERSIONS


def run_trial(study: Study, trial: Trial) -> Finished:
    """Run one trial in a worker.

    Raises
    ------
    WorkerError
        If the worker has other versions than the process that sent the trial.
    """
    if study.versions != VERSIONS:
        raise WorkerError(
            f"a worker has {VERSIONS}, and this process has {study.versions}: install the same "
            "everywhere"
        )
    _hold_blas()
    # What scikit-learn hands to joblib in a trial would wait for workers that wait for it.
    with parallel_config(backend="sequential"):
        return trial, attempt(study.execute, trial, study.data)


@cache
def _hold_blas() -> None:
    # Once and for all: other trials may run in this process meanwhile.
    one_blas_thread()


class Forgiving(ParallelBackendBase):  # type: ignore[misc]
    """Beside a backend of joblib's: makes a result of a task whose workers have died.

    Attributes
    ----------
    deaths : tuple of type
        What the cluster raises then.
    """

    deaths: tuple[type[BaseException], ...]

    def configure(self, *args: Any, **kwargs: Any) -> int:
        # Were there one, joblib would run the trials in this process.
        workers: int = super().configure(*args, **kwargs)
        return max(2, workers)

    def submit(self, func: Any, callback: Any = None) -> Any:
        ((_, (_, trial), _),) = func.items

        def hear(out: Any) -> None:
            if isinstance(out, self.deaths):
                out = [(trial, None)]
            callback(out)

        def hear_error(future: Future[Any]) -> None:
            if not future.cancelled() and future.exception():
                hear(future.exception())

        future = super().submit(func, hear)
        if isinstance(future, Future):  # Dask's does not call back when a task came to nothing
            future.add_done_callback(hear_error)
        return future


@contextmanager
def through_joblib(
    backend: ParallelBackendBase,
    jobs: int,
    study: Any,
    run_one: Callable[[Any, Trial], Finished] = run_trial,
) -> Iterator[Work]:
    """Yield what runs trials on one of joblib's backends: (study, trial) each."""

    def several(calls: Iterable[Any]) -> Iterator[tuple[Trial, TrialResult | None]]:
        with parallel_config(backend=backend):
            # With more of them on their way a worker may have two while another has none.
            ways = {"batch_size": 1, "pre_dispatch": "n_jobs"}
            parallel = Parallel(jobs, return_as="generator_unordered", **ways)
        running.append(parallel(calls))
        yield from running[-1]

    def work(trials: Sequence[Trial], listener: Listener) -> Iterator[Finished]:
        def calls() -> Iterator[Any]:
            for trial in trials:
                listener.started(trial)
                yield delayed(run_one)(study, trial)

        suspects = []
        for trial, result in several(calls()):
            if result is None:
                suspects.append(trial)
            else:
                yield trial, result
        # A cluster suspects every trial that a dead worker had. Which it was shows when each is
        # alone.
        for suspect in suspects:
            for trial, result in several([delayed(run_one)(study, suspect)]):
                yield trial, result or failed(trial, died("again and again, also with no other"))

    running: list[Generator[Any, None, None]] = []
    try:
        yield work
    finally:
        for results in running:
            results.close()
