"""What a contender does: one of the tasks, again and again, on a workload."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from benchmarks.workload import Workload

LONG_ENOUGH = 0.05  # seconds from which a time is good for an extrapolation

Timed = Callable[[int], float]


class Contender:
    """A library with its way to train and predict, in a process of its own.

    A subclass has a method for each task that it does. It builds what is needed and returns a
    function that does the work n times (n epochs, n calls, n searches) and returns the seconds.

    Parameters
    ----------
    n_threads : int
        How many threads it may use; the process's environment says the same.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads

    def prepare(self, workload: Workload, turn: float) -> float:
        """Build and warm up, so that a turn takes so many seconds; return those of the first time.

        A turn is longer where one epoch or call is.
        """
        self.X, self.y = workload.data()
        self.timed: Timed = getattr(self, workload.task.name)(workload)
        self.times = 1
        if not workload.task.warm:
            return 0.0
        begun = perf_counter()
        self.timed(1)
        first = perf_counter() - begun
        self.times = self._times_within(turn)
        return first

    def turn(self) -> float:
        """Return the seconds of one epoch, call, fit or search: the mean over a turn."""
        return self.timed(self.times) / self.times

    def first_fit(self, workload: Workload) -> Timed:
        """Count what a training needs before its first epoch, a compilation too."""

        def timed(n: int) -> float:
            begun = perf_counter()
            self.train(workload)(workload.epochs)
            return perf_counter() - begun

        return timed

    def train(self, workload: Workload) -> Timed:
        raise NotImplementedError

    def _times_within(self, turn: float) -> int:
        times, seconds = 1, self.timed(1)
        while seconds < LONG_ENOUGH:
            times *= 4
            seconds = self.timed(times)
        return max(1, round(times * turn / seconds))
