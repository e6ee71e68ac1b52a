"""Rounds of turns: each contender once a round, the others waiting meanwhile.

Contenders run with one thread and with all; the better number counts, and the other one is left out
after two rounds if it is slower by far. A contender that fails or dies is left out of its workload,
with what it said; the rest goes on.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep

from benchmarks.contenders import Entry
from benchmarks.processes import FailedError, Process
from benchmarks.workload import Workload

PAUSE = 0.03  # seconds between turns, until the last one's threads sleep
ROUNDS_BEFORE_CHOICE = 2
BY_FAR = 1.2
LONG_ROUNDS = 3

Key = tuple[str, int]  # an entry's name, and a number of threads


@dataclass(frozen=True)
class Length:
    """How many rounds there are, and how many seconds a turn takes at least."""

    rounds: int = 7
    turn: float = 0.3


@dataclass
class Measured:
    """What came of a workload.

    Attributes
    ----------
    seconds : dict
        (contender, threads) -> of each of its turns.
    first : dict
        (contender, threads) -> of the first time, which compiles where something does.
    failures : dict
        (contender, threads) -> what it said.
    """

    seconds: dict[Key, list[float]] = field(default_factory=dict)
    first: dict[Key, float] = field(default_factory=dict)
    failures: dict[Key, str] = field(default_factory=dict)

    def best(self) -> dict[str, tuple[int, list[float]]]:
        """Return each contender's better number of threads, and its seconds."""
        found: dict[str, tuple[int, list[float]]] = {}
        for (name, n_threads), seconds in self.seconds.items():
            known = found.get(name)
            if known is None or statistics.median(seconds) < statistics.median(known[1]):
                found[name] = (n_threads, seconds)
        return found


class Round:
    """Contenders that are ready for turns on a workload; one that fails is left out."""

    def __init__(self, workload: Workload, length: Length, processes: dict[Key, Process]) -> None:
        self.workload, self.length, self.processes = workload, length, processes
        self.measured = Measured()
        self.ready: list[tuple[Entry, int]] = []

    def prepare(self, entry: Entry, n_threads: int) -> None:
        """Get a contender ready, in the process that it has, or in a new one."""
        key = (entry.name, n_threads)
        if self.workload.task.fresh:
            self._end(key)
        with self._failing(entry, n_threads):
            self.measured.first[key] = self._prepared(entry, n_threads)
            self.ready.append((entry, n_threads))

    def turn(self, entry: Entry, n_threads: int) -> None:
        """Let a contender do its work once, in a new process if the task wants that."""
        key = (entry.name, n_threads)
        sleep(PAUSE)
        with self._failing(entry, n_threads):
            if self.workload.task.fresh and key in self.measured.seconds:
                self._end(key)
                self._prepared(entry, n_threads)
            self.measured.seconds.setdefault(key, []).append(self.processes[key].ask("turn"))

    def choose(self) -> None:
        """Leave out the number of threads that is slower by far."""
        best = self.measured.best()
        for entry, n_threads in list(self.ready):
            fastest = statistics.median(best[entry.name][1])
            if min(self.measured.seconds[entry.name, n_threads]) > BY_FAR * fastest:
                self.ready.remove((entry, n_threads))

    def _prepared(self, entry: Entry, n_threads: int) -> float:
        key = (entry.name, n_threads)
        if key not in self.processes:
            self.processes[key] = Process(entry, n_threads)
        seconds: float = self.processes[key].ask("prepare", self.workload, self.length.turn)
        return seconds

    def _end(self, key: Key) -> None:
        process = self.processes.pop(key, None)
        if process is not None:
            process.close()

    @contextmanager
    def _failing(self, entry: Entry, n_threads: int) -> Iterator[None]:
        key = (entry.name, n_threads)
        try:
            yield
        except FailedError as failure:
            self._end(key)
            self.measured.failures[key] = str(failure)
            self.measured.seconds.pop(key, None)
            if (entry, n_threads) in self.ready:
                self.ready.remove((entry, n_threads))


def thread_counts(entry: Entry) -> list[int]:
    """Return the numbers of threads that a contender is tried with."""
    everything = os.cpu_count() or 1
    return sorted({1, everything}) if entry.one_core else [everything]


def measure(
    workload: Workload,
    length: Length,
    entries: Iterable[tuple[Entry, int]],
    processes: dict[Key, Process],
) -> Measured:
    """Measure a workload with all contenders that can do it.

    Parameters
    ----------
    length : Length
        How many turns, and how long ones.
    entries : iterable of (Entry, int)
        Contenders with their numbers of threads.
    processes : dict
        Those that run from an earlier workload; new ones are added, dead ones taken out.
    """
    contest = Round(workload, length, processes)
    task = workload.task
    for entry, n_threads in entries:
        if task.name in entry.tasks and not (task.long and n_threads < thread_counts(entry)[-1]):
            contest.prepare(entry, n_threads)
    for number in range(min(length.rounds, LONG_ROUNDS) if task.long else length.rounds):
        if number == ROUNDS_BEFORE_CHOICE:
            contest.choose()
        # Whoever comes after a heavy one this time comes after another one next time.
        turned = number % len(contest.ready) if contest.ready else 0
        for entry, n_threads in contest.ready[turned:] + contest.ready[:turned]:
            contest.turn(entry, n_threads)
    return contest.measured


@contextmanager
def running() -> Iterator[dict[Key, Process]]:
    """Give a place for processes, and end them all."""
    processes: dict[Key, Process] = {}
    try:
        yield processes
    finally:
        for process in processes.values():
            process.close()
