"""Contenders that need no library: what the real ones promise, and what goes wrong with them."""

from __future__ import annotations

import os

from benchmarks.contenders.base import Contender


class Steady(Contender):
    """Takes 0.01 s an epoch, says its clock."""

    seconds = 0.01

    def train(self, workload):
        return lambda epochs: epochs * self.seconds

    def environment(self, name):
        return os.environ.get(name)


class Slow(Steady):
    seconds = 0.05


class OneThreadIsSlow(Steady):
    def __init__(self, n_threads):
        super().__init__(n_threads)
        self.seconds = 0.01 if n_threads > 1 else 0.05


class Dying(Steady):
    def train(self, workload):
        os.write(2, b"no more memory\n")
        os._exit(3)


class DyingLater(Steady):
    turns = 0

    def turn(self):
        self.turns += 1
        if self.turns == 2:
            os._exit(3)
        return super().turn()


class Raising(Steady):
    def train(self, workload):
        raise ValueError("no such\nactivation")


class RaisingAtOnce(Contender):
    def __init__(self, n_threads):
        raise ImportError("no library")


class Fresh(Steady):
    """Says how often it has had a turn."""

    turns = 0

    def first_fit(self, workload):
        def timed(n):
            self.turns += 1
            return float(self.turns)

        return timed


class Silent(Steady):
    def train(self, workload):
        while True:
            pass


class Searching(Steady):
    def grid(self, workload):
        return lambda searches: 1.0 * searches
