"""A limit on the time that training takes; its clock is an argument, so that tests don't wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chainrule.errors import InvalidValueError
from chainrule.training.callbacks import Callback, Progress


class TimeLimit(Callback):
    """Stop after the epoch in which the time is over.

    What is counted is the time from the beginning of training: validation and other callbacks too.
    A training that goes on from a checkpoint has what is left.

    Parameters
    ----------
    seconds : float
        How long a training may take; infinity for no limit.
    clock : callable of no argument
        Returns seconds that never go back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        if not seconds > 0:
            raise InvalidValueError("seconds must be above 0", seconds, "raise it")
        self.seconds, self.clock = seconds, clock
        self._before, self._begun = 0.0, clock()

    def used(self) -> float:
        """Return the seconds since training began, those before a checkpoint included."""
        return self._before + self.clock() - self._begun

    def train_begin(self, progress: Progress) -> None:
        self._before, self._begun = 0.0, self.clock()

    def epoch_end(self, progress: Progress) -> bool:
        return self.used() >= self.seconds

    def state_dict(self) -> dict[str, Any]:
        return {"used": self.used()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._before, self._begun = state["used"], self.clock()
