"""What values of a factor are drawn from, in Python and as a table of a study's file.

A distribution is its quantile function: from a number in [0, 1) to a value. So one stream of such
numbers serves all of them. Floats are rounded to what people can read: a few digits more than a
search can tell apart, and the same on every machine.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.errors import InvalidValueError, Words
from chainrule.registry import Registry
from chainrule.study.sampling.candidate import check_factors, check_values

_DIGITS = 4  # of a float, below the leading one of its scale


class Distribution(ABC):
    """A quantile function of a factor's values."""

    @property
    @abstractmethod
    def size(self) -> float:
        """How many different values there are; infinity for floats."""

    @abstractmethod
    def at(self, share: float) -> Any:
        """Return the value below which this share of the draws is; ``share`` in [0, 1)."""

    @abstractmethod
    def to_toml(self) -> Any:
        """Return the table that stands for it in a study's file."""


@dataclass(frozen=True)
class Choice(Distribution):
    """One of some values, each as likely as the others."""

    values: Sequence[Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", check_values("choice", self.values, "a distribution"))

    @property
    def size(self) -> float:
        return len(self.values)

    def at(self, share: float) -> Any:
        return self.values[int(share * len(self.values))]

    def to_toml(self) -> Any:
        return {"choice": self.values}


@dataclass(frozen=True)
class Uniform(Distribution):
    """Floats in [low, high], each as likely as the others."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_bounds(self, float)

    @property
    def size(self) -> float:
        return math.inf

    def at(self, share: float) -> float:
        return self.rounded(self.low + share * (self.high - self.low))

    def rounded(self, value: float) -> float:
        """Return a value in [low, high], to about 1/10,000 of the range."""
        return _rounded(self, value, self.high - self.low)

    def to_toml(self) -> Any:
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class LogUniform(Distribution):
    """Floats in [low, high] whose logarithms are each as likely as the others."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_bounds(self, float, above=0)

    @property
    def size(self) -> float:
        return math.inf

    def at(self, share: float) -> float:
        return self.rounded(_between_logs(self.low, self.high, share))

    def rounded(self, value: float) -> float:
        """Return a value in [low, high], to about five digits."""
        return _rounded(self, value, min(value, self.high - self.low))

    def to_toml(self) -> Any:
        return {"low": self.low, "high": self.high, "log": True}


@dataclass(frozen=True)
class Integer(Distribution):
    """Integers in [low, high], each as likely as the others."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _check_bounds(self, int)

    @property
    def size(self) -> float:
        return self.high - self.low + 1

    def at(self, share: float) -> int:
        return min(self.low + int(share * (self.high - self.low + 1)), self.high)

    def to_toml(self) -> Any:
        return {"low": self.low, "high": self.high, "integer": True}


@dataclass(frozen=True)
class LogInteger(Distribution):
    """Integers in [low, high]: log-uniform floats from low - ½ to high + ½, rounded."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _check_bounds(self, int, above=0)

    @property
    def size(self) -> float:
        return self.high - self.low + 1

    def at(self, share: float) -> int:
        drawn = round(_between_logs(self.low - 0.5, self.high + 0.5, share))
        return min(max(drawn, self.low), self.high)

    def to_toml(self) -> Any:
        return {"low": self.low, "high": self.high, "log": True, "integer": True}


def read_distributions(given: Any, where: str) -> dict[str, Distribution]:
    """Return the distributions of some factors, in alphabetical order.

    Parameters
    ----------
    given : object
        A mapping from names to distributions, their tables, or lists of values.
    where : str
        What it belongs to, as an error should call it: ``"random"``.

    Raises
    ------
    InvalidValueError
        If a name, key or value breaks a rule.
    """
    factors = check_factors(given, where)
    return {name: _read(factors[name], f"{name} in {where}") for name in sorted(factors)}


# By what a table has: (log, integer).
_RANGES: dict[tuple[bool, bool], type[Uniform | LogUniform | Integer | LogInteger]] = {
    (False, False): Uniform,
    (True, False): LogUniform,
    (False, True): Integer,
    (True, True): LogInteger,
}

_KEYS = Registry("a distribution's key", dict.fromkeys(("low", "high", "log", "integer", "choice")))


def _read(given: Any, what: str) -> Distribution:
    if isinstance(given, Distribution):
        return given
    try:
        if isinstance(given, Mapping) and given:
            return _from_table(given)
        if isinstance(given, Sequence) and not isinstance(given, str):
            return Choice(given)
    except InvalidValueError as error:
        raise type(error)(f"{what}: {error.rule}", error.value, error.remedy) from None
    raise InvalidValueError(
        f"{what} must be a distribution or a list of values",
        given,
        "such as {low = 1e-4, high = 0.1, log = true} or [16, 64], or set it in fixed",
    )


def _from_table(table: Mapping[str, Any]) -> Distribution:
    for key in table:
        _KEYS[key]
    if "choice" in table:
        if len(table) > 1:
            raise InvalidValueError(
                "choice must be the only key", Words(", ".join(table)), "drop the others"
            )
        return Choice(table["choice"])
    for key in ("low", "high"):
        if key not in table:
            raise InvalidValueError(
                "a range must have low and high", Words(", ".join(table)), f"add {key} = …"
            )
    for key in ("log", "integer"):
        if not isinstance(table.get(key, False), bool):
            raise InvalidValueError(f"{key} must be true or false", table[key], "change it")
    low, high = table["low"], table["high"]
    if "integer" not in table and isinstance(low, int) and isinstance(high, int):
        raise InvalidValueError(
            "a range must say whether it is of integers",
            Words(f"low = {low}, high = {high}"),
            f"add integer = true or integer = false, or write low = {low}.0",
        )
    return _RANGES[table.get("log", False), table.get("integer", False)](low, high)


def _check_bounds(self: Any, kind: type, above: float = -math.inf) -> None:
    allowed, words = ((int,), "integers") if kind is int else ((int, float), "finite numbers")
    for bound in ("low", "high"):
        value = getattr(self, bound)
        if hasattr(value, "dtype"):
            value = value.item()
        if not isinstance(value, allowed) or isinstance(value, bool) or not math.isfinite(value):
            raise InvalidValueError(f"low and high must be {words}", value, f"change {bound}")
        object.__setattr__(self, bound, kind(value))
    if not self.low < self.high:
        shown = Words(f"low = {self.low}, high = {self.high}")
        raise InvalidValueError("low must be below high", shown, "change one of them")
    if not math.isfinite(self.high - self.low):
        raise InvalidValueError(
            "high - low must be finite", self.high - self.low, "bring them closer"
        )
    if not self.low > above:
        raise InvalidValueError("low must be above 0 with log", self.low, "raise it")


def _between_logs(low: float, high: float, share: float) -> float:
    return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))


def _rounded(bounds: Uniform | LogUniform, value: float, scale: float) -> float:
    digits = _DIGITS - math.floor(math.log10(scale)) if scale > 0 else 0
    return min(max(round(value, digits), bounds.low), bounds.high)
