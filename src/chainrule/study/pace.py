"""How long the rest of a run will take, by the work that is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from chainrule.study.runner import Listener
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

EXPECTATION_COUNTS = 20.0  # seconds of measurement that an expectation is worth


class Pace:
    """Measures how fast trials are done; may be told from several threads.

    Parameters
    ----------
    work : mapping from str to float, optional
        Trial id -> how much work it is, in any unit. Left out, all are the same.
    seconds : float, optional
        What all of the work is expected to take.
    clock : callable
        Returns seconds.

    Attributes
    ----------
    trials_done : int
        How many are done, those of an earlier run included.
    """

    def __init__(
        self,
        work: Mapping[str, float] | None = None,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work, self._seconds, self._clock = work, seconds, clock
        self._all = 0.0 if work is None else sum(work.values())
        self._kept = self._done = 0.0  # kept: from an earlier run, in no time
        self.trials_done = 0
        self._running: dict[str, float] = {}  # the share that is done, by trial id
        self._lock = threading.Lock()
        self._begun: float | None = None

    def begin(self, trials: int) -> None:
        """Note how many trials there are by now."""
        if self._work is None:
            self._all = float(trials)

    def started(self, trial: Trial) -> None:
        """Note that a trial is trained now."""
        with self._lock:
            self._begun = self._clock() if self._begun is None else self._begun
            self._running[trial.id] = 0.0

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Note that a part of a trial is done."""
        with self._lock:
            self._running[trial.id] = row.epoch / epochs

    def finished(self, trial: Trial) -> None:
        """Note that a trial is done; one that never started is from an earlier run."""
        with self._lock:
            self.trials_done += 1
            if self._running.pop(trial.id, None) is None:
                self._kept += self._of(trial.id)
            else:
                self._done += self._of(trial.id)

    @property
    def total(self) -> float:
        """The work of this run: all but what is from an earlier one."""
        return self._all - self._kept

    @property
    def done(self) -> float:
        """The work that is done, of trials that are still running too."""
        with self._lock:
            return self._done + sum(share * self._of(name) for name, share in self._running.items())

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take; None while nothing is known."""
        done, total = self.done, self.total
        elapsed = 0.0 if self._begun is None else self._clock() - self._begun
        if self._seconds and self._all:
            elapsed += EXPECTATION_COUNTS
            known = done + EXPECTATION_COUNTS * self._all / self._seconds
        else:
            known = done
        return elapsed / known * max(total - done, 0.0) if known else None

    def _of(self, trial_id: str) -> float:
        return 1.0 if self._work is None else self._work.get(trial_id, 0.0)


class Paced:
    """Tells a pace how a run goes, then a listener that may ask it."""

    def __init__(self, listener: Listener, pace: Pace) -> None:
        self._listener, self._pace = listener, pace

    def begin(self, trials: int) -> None:
        """Tell both."""
        self._pace.begin(trials)
        self._listener.begin(trials)

    def started(self, trial: Trial) -> None:
        """Tell both."""
        self._pace.started(trial)
        self._listener.started(trial)

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Tell both."""
        self._pace.epoch(trial, row, epochs)
        self._listener.epoch(trial, row, epochs)

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Tell both."""
        self._pace.finished(trial)
        self._listener.finished(trial, result)
