"""One thread a trial, one BLAS thread each; the data is shared as it is.

Matrix products and compiled loops release Python's lock, so threads share the data without a copy.
Small products lose with several BLAS threads; whole models side by side win.

The pool is the standard library's: a stop (Ctrl-C) has to reach every running trial at its next
batch and lose no finished one, which joblib's generators do not promise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

from chainrule.study.pools.trying import attempt, count_jobs, one_blas_thread, refuse_scheduler
from chainrule.study.runner import Execute, Finished, Listener, Pool, Work
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch


class ThreadPool(Pool):
    """Threads of this process.

    BLAS is held to one thread in the whole process while the pool is open.

    Parameters
    ----------
    jobs : int
        How many trials at a time; -1 means one for each core.
    scheduler : None
        There is none.
    """

    def __init__(self, jobs: int = -1, scheduler: str | None = None) -> None:
        refuse_scheduler("threads", scheduler)
        self.jobs = count_jobs(jobs)

    @contextmanager
    def open(self, execute: Execute, data: Any) -> Iterator[Work]:
        """Start the threads; leaving waits until each has stopped."""

        def run_here(trial: Trial, stop: threading.Event, report: Report) -> TrialResult:
            return attempt(execute, trial, data, [report], stop.is_set)

        with one_blas_thread(), in_threads(self.jobs, run_here) as work:
            yield work


class Report(Callback):
    """Tells a listener about a trial's epochs."""

    def __init__(self, trial: Trial, listener: Listener) -> None:
        self.trial, self.listener = trial, listener

    def epoch_end(self, progress: Progress) -> bool:
        self.tell(progress.history.epochs[-1], progress.epochs)
        return False

    def tell(self, row: Epoch, epochs: int) -> None:
        """Tell that an epoch is done, of how many."""
        self.listener.epoch(self.trial, row, epochs)


# Runs one trial to its end; once the event is set it stops, and what it returns is of no use.
RunOne = Callable[[Trial, threading.Event, Report], TrialResult]


@contextmanager
def in_threads(
    jobs: int, run_one: RunOne, end: Callable[[], None] = lambda: None
) -> Iterator[Work]:
    """Yield what runs trials, ``jobs`` at a time, each in a thread that waits for its end.

    When all is over the event is set, ``end`` is called, and then every thread is waited for.
    """
    stop = threading.Event()

    def one(trial: Trial, listener: Listener) -> Finished:
        listener.started(trial)
        return trial, run_one(trial, stop, Report(trial, listener))

    with ThreadPoolExecutor(jobs, thread_name_prefix="trial") as threads:

        def work(trials: Sequence[Trial], listener: Listener) -> Iterator[Finished]:
            futures = [threads.submit(one, trial, listener) for trial in trials]
            return (future.result() for future in as_completed(futures))

        try:
            yield work
        finally:
            stop.set()  # whatever ends the run, the trials in other threads end too
            threads.shutdown(wait=False, cancel_futures=True)
            end()
