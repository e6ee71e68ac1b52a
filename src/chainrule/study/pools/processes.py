"""One process for each trial that runs at a time; they map the data from the same files.

For each worker process a thread of this one waits: it sends a trial, hears of its epochs, and gets
its result. A process has its own pipes, so one that is killed takes nobody with it, and it is known
what it was doing: its trial is tried again in a new one. (An executor's processes share a queue; if
one dies, all are given up, and nobody knows whose trial it was.)

A worker that sees the end of its pipe has lost its parent: it removes the data and ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chainrule.errors import WorkerError
from chainrule.study.pools.sharing import dump, mapped, shared_folder
from chainrule.study.pools.threads import Report, in_threads
from chainrule.study.pools.trying import TRIES, count_jobs, died, failed, refuse_scheduler
from chainrule.study.runner import Execute, Pool, Work
from chainrule.study.trial import Trial, TrialResult

PATIENCE = 5.0  # seconds in which a process ends that has closed its pipe

# Read by the BLAS libraries when they are loaded.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class ProcessPool(Pool):
    """Processes of this machine, with one thread each.

    Parameters
    ----------
    jobs : int
        How many trials at a time; -1 means one for each core.
    scheduler : None
        There is none.
    """

    def __init__(self, jobs: int = -1, scheduler: str | None = None) -> None:
        refuse_scheduler("processes", scheduler)
        self.jobs = count_jobs(jobs)

    @contextmanager
    def sharing(self, data: Any) -> Iterator[Any]:
        """Yield the data with its large arrays in files; the processes map the same ones."""
        with shared_folder() as folder:
            data = mapped(data, folder)  # the name is given up: nothing else may keep the arrays
            yield data

    @contextmanager
    def open(self, execute: Execute, data: Any) -> Iterator[Work]:
        """Write the data into files; a process starts with its first trial, leaving ends all."""
        with shared_folder() as folder:
            dump((warnings.filters, execute, data), folder)
            workers = _Workers(folder)
            with in_threads(self.jobs, workers.run, workers.end) as work:
                yield work


class _Workers:
    """The processes of a pool, one for each of its threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.local()
        self._all: list[_Worker] = []
        self._changing = threading.Lock()

    def run(self, trial: Trial, stop: threading.Event, report: Report) -> TrialResult:
        """Run a trial in this thread's process; in a new one if that dies."""
        how = ""
        for _ in range(TRIES):
            with self._changing:
                if stop.is_set():
                    return failed(trial, "stopped")
                worker = self._mine()
            try:
                return worker.run(trial, report)
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                self._own.worker = None
                how = worker.ending()
        return failed(trial, died(f"three times, the last time by {how}"))

    def _mine(self) -> _Worker:
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = _Worker(self._folder)
            self._all.append(worker)
        return worker

    def end(self) -> None:
        """End every process, whatever it does."""
        with self._changing:
            for worker in self._all:
                worker.end()


class _Worker:
    """A process that runs one trial after the other; see :mod:`~chainrule.study.pools.worker`."""

    def __init__(self, folder: Path) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chainrule.study.pools.worker", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the parent, which ends its workers
        )

    def run(self, trial: Trial, report: Report) -> TrialResult:
        """Run a trial; raises what reading from a pipe raises if the process dies."""
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        pickle.dump(trial, requests)
        requests.flush()
        while True:
            reply = pickle.load(replies)
            if isinstance(reply, TrialResult):
                return reply
            if isinstance(reply, WorkerError):
                raise reply
            report.tell(*reply)

    def ending(self) -> str:
        """Return how the process ended, whose pipe has; kill it if it has not."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self.end()
        code = self._process.returncode
        return signal.Signals(-code).name if code < 0 else f"exit status {code}"

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not written yet is of no use
                pipe.close()  # type: ignore[union-attr]
