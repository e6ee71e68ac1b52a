"""Runs trials, several at a time: one thread a trial, one BLAS thread each.

Matrix products release Python's lock, so threads share the data without a copy. Small products lose
with several BLAS threads; whole models side by side win.

The caller's thread is the only one that touches the store. A stop (Ctrl-C) reaches every running
trial at its next batch.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Protocol

from threadpoolctl import threadpool_limits

from chainrule.errors import TrainingInterrupted
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress, StopWhen
from chainrule.training.history import Epoch


class Listener(Protocol):
    """Hears how a study goes; called from several threads."""

    def begin(self, trials: int) -> None:
        """Run once before the first trial; ``trials`` is how many there are."""

    def started(self, trial: Trial) -> None:
        """Run when a trial begins."""

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Run after each epoch; ``epochs`` is how many are planned."""

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Run when a trial is in the store, also when it was there already."""


Plan = Callable[[object], Sequence[Trial]]
Execute = Callable[[Trial, Sequence[Callback]], TrialResult]


class _Report(Callback):
    def __init__(self, trial: Trial, listener: Listener) -> None:
        self.trial, self.listener = trial, listener

    def epoch_end(self, progress: Progress) -> bool:
        self.listener.epoch(self.trial, progress.history.epochs[-1], progress.epochs)
        return False


def run(
    trials: Sequence[Trial],
    execute: Execute,
    store: Store,
    *,
    jobs: int,
    resume: bool,
    listener: Listener,
) -> None:
    """Run trials and keep each result.

    BLAS is held to one thread in the whole process until this returns.

    Parameters
    ----------
    trials : sequence of Trial
        Started in this order.
    execute : callable
        Trains one: (trial, callbacks) -> TrialResult; called in several threads.
    store : Store
        Receives each result as soon as it is there.
    jobs : int
        How many trials at a time; -1 means one for each core.
    resume : bool
        Whether to leave out what the store has. Without it such a trial runs again, and its result
        is replaced when the new one is there, not before.
    listener : Listener
        Hears each start, epoch and end.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the running trials have stopped; what was finished is in the store.
    """
    listener.begin(len(trials))
    waiting = []
    for trial in trials:
        known = store.load(trial) if resume else None
        if known is None:
            waiting.append(trial)
        else:
            listener.finished(trial, known)
    stop = threading.Event()

    def one(trial: Trial) -> tuple[Trial, TrialResult | None]:
        if stop.is_set():
            return trial, None
        listener.started(trial)
        callbacks = [StopWhen(stop.is_set), _Report(trial, listener)]
        with contextlib.suppress(TrainingInterrupted):
            return trial, execute(trial, callbacks)
        return trial, None

    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(count_jobs(jobs), thread_name_prefix="trial") as pool,
    ):
        futures = [pool.submit(one, trial) for trial in waiting]
        try:
            for future in as_completed(futures):
                trial, result = future.result()
                if result is not None:
                    store.save(trial, result)
                    listener.finished(trial, result)
        finally:
            stop.set()  # whatever ends the run, the trials in other threads end too


def count_jobs(jobs: int) -> int:
    """Return how many trials to run at a time; -1 counts the cores this process may use."""
    if jobs > 0:
        return jobs
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
