"""Learning-rate schedules: pure functions from where training stands to a learning rate.

Where training stands is a :class:`Clock`, because the schedules that people use count different
things: steps (cosine, one-cycle), epochs (step decay), samples (scikit-learn's inverse scaling) or
plateaus of the loss (adaptive). The loop keeps the clock; a schedule has no state to save.

To add one: subclass :class:`Schedule`, then one line in :data:`SCHEDULES`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

from chainrule.errors import InvalidValueError
from chainrule.registry import Registry


class Clock(NamedTuple):
    """Where training stands.

    Attributes
    ----------
    step : int
        Optimiser steps taken before this one.
    epoch : int
        Whole epochs before this one.
    samples : int
        Samples seen in those whole epochs.
    plateaus : int
        How often the loss has stopped falling so far.
    """

    step: int = 0
    epoch: int = 0
    samples: int = 0
    plateaus: int = 0


# What a setting may be: (is it allowed?, in words).
_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "learning_rate": (lambda v: 0 < v < math.inf, "must be positive and finite"),
    "power": (lambda v: 0 <= v < math.inf, "must be at least 0 and finite"),
    "factor": (lambda v: 1 < v < math.inf, "must be above 1"),
    "floor": (lambda v: 0 <= v < math.inf, "must be at least 0 and finite"),
    "every": (lambda v: v >= 1, "must be at least 1 (epochs)"),
    "total_steps": (lambda v: v >= 1, "must be at least 1 (steps)"),
    "warmup": (lambda v: 0 <= v < 1, "must be in [0, 1) (a share of the steps)"),
    "start_factor": (lambda v: v >= 1, "must be at least 1"),
    "end_factor": (lambda v: v >= 1, "must be at least 1"),
}


@dataclass(frozen=True)
class Schedule(ABC):
    """A function from :class:`Clock` to a learning rate, at its highest ``learning_rate``.

    Attributes
    ----------
    by_step : bool
        Whether the rate may change within an epoch.
    """

    learning_rate: float

    by_step: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for field in fields(self):
            allowed, rule = _RANGES[field.name]
            value = getattr(self, field.name)
            if not allowed(value):
                raise InvalidValueError(f"{field.name} {rule}", value, "change it")

    @abstractmethod
    def __call__(self, clock: Clock) -> float:
        """Return the learning rate of the step that comes next."""


@dataclass(frozen=True)
class Constant(Schedule):
    """lr."""

    def __call__(self, clock: Clock) -> float:
        return self.learning_rate


@dataclass(frozen=True)
class InvScaling(Schedule):
    """lr / (samples + 1)^power, with the samples of the epochs that are over, as scikit-learn."""

    power: float = 0.5

    def __call__(self, clock: Clock) -> float:
        return _divided(self.learning_rate, clock.samples + 1, self.power)


@dataclass(frozen=True)
class Adaptive(Schedule):
    """lr / factor^plateaus, never below ``floor``; the factor is scikit-learn's.

    Somebody has to count the plateaus: :class:`~chainrule.training.callbacks.Convergence` does.
    """

    factor: float = 5.0
    floor: float = 0.0

    def __call__(self, clock: Clock) -> float:
        rate = self.learning_rate
        for _ in range(clock.plateaus):  # one by one, which rounds as scikit-learn does
            higher, rate = rate, rate / self.factor
            if rate <= self.floor or rate == higher:  # 5e-324 / 1.5 is 5e-324
                break
        return max(rate, self.floor)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """lr / factor^(epoch // every)."""

    factor: float = 10.0
    every: int = 30

    def __call__(self, clock: Clock) -> float:
        return _divided(self.learning_rate, self.factor, clock.epoch // self.every)


@dataclass(frozen=True)
class Cosine(Schedule):
    """½ lr (1 + cos(π step / total_steps)), and 0 from there on.

    Loshchilov and Hutter, arXiv:1608.03983, without restarts.
    """

    total_steps: int

    by_step = True

    def __call__(self, clock: Clock) -> float:
        return self.learning_rate * _falling(clock.step / self.total_steps)


@dataclass(frozen=True)
class WarmupCosine(Schedule):
    """Straight up from 0 to lr over the first ``warmup`` share of the steps, then cosine to 0."""

    total_steps: int
    warmup: float = 0.05

    by_step = True

    def __call__(self, clock: Clock) -> float:
        up = self.warmup * self.total_steps
        if clock.step < up:
            return self.learning_rate * (clock.step + 1) / math.ceil(up)
        return self.learning_rate * _falling((clock.step - up) / (self.total_steps - up))


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Cosine from lr / start_factor up to lr, then cosine down to lr / (start_factor·end_factor).

    Smith and Topin, arXiv:1708.07120, with PyTorch's defaults and both phases cosine.
    """

    total_steps: int
    warmup: float = 0.3
    start_factor: float = 25.0
    end_factor: float = 1e4

    by_step = True

    def __call__(self, clock: Clock) -> float:
        low = self.learning_rate / self.start_factor
        last = low / self.end_factor
        peak = self.warmup * self.total_steps - 1  # the step of the highest rate, as in PyTorch
        if clock.step < peak:
            return self.learning_rate + (low - self.learning_rate) * _falling(clock.step / peak)
        share = (clock.step - peak) / (self.total_steps - 1 - peak)
        return last + (self.learning_rate - last) * _falling(share)


def _divided(rate: float, base: float, power: float) -> float:
    """Return rate / base^power; 0 where base^power is too large for a float."""
    try:
        return float(rate / base**power)
    except OverflowError:
        return 0.0


def _falling(share: float) -> float:
    """Return the half cosine from 1 at share 0 to 0 at share 1 and beyond."""
    return 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


SCHEDULES: Registry[type[Schedule]] = Registry(
    "schedule",
    {
        "constant": Constant,
        "invscaling": InvScaling,
        "adaptive": Adaptive,
        "step": StepDecay,
        "cosine": Cosine,
        "warmup_cosine": WarmupCosine,
        "one_cycle": OneCycle,
    },
)
