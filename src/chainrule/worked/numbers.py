"""Exact numbers: how they are read, and how they are rounded for a reader.

A number is a :class:`fractions.Fraction` where a calculation is exact and a float elsewhere. Only
what is shown is rounded, half away from zero as in school, and :func:`is_rounded` tells when.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral, Real

from chainrule.errors import InvalidValueError

Value = Fraction | float

DIGITS = 4  # after the point, unless somebody asks for another number
MAX_DIGITS = 50
_LONGEST = 40  # characters of a number; a longer one is a mistake
_LARGE = 10**12  # from here on a power of ten is easier to read
_MAX_EXPONENT = 40  # more would be no worked example, and 1e999999999 would fill the memory
_NUMBER = re.compile(
    r"[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE](?P<exponent>[+-]?\d+))?)", re.ASCII
)


def parse_number(name: str, value: object) -> Fraction:
    """Return a number as the exact fraction that was written.

    Parameters
    ----------
    name : str
        What the number is, for the error message.
    value : str, int, float or Fraction
        ``"1/3"``, ``"0.1"``, ``"1e-3"`` and their like. A float stands for the shortest decimal
        that gives it: 0.1 is one tenth.

    Raises
    ------
    InvalidValueError
        If it is no finite number.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        return Fraction(int(value))
    text = value
    if isinstance(value, Real) and not isinstance(value, bool):
        text = repr(float(value))
    match = _NUMBER.fullmatch(text.strip()) if isinstance(text, str) else None
    if match and len(match[0]) <= _LONGEST and abs(int(match["exponent"] or 0)) <= _MAX_EXPONENT:
        try:
            return Fraction(match[0])
        except ZeroDivisionError:
            raise InvalidValueError(
                f"{name} must not be a fraction with denominator 0", value, "change it"
            ) from None
    raise InvalidValueError(f"{name} must be a number", value, "write it as 0.1, -2, 1/3 or 1e-3")


def split_cells(name: str, text: str, *, spaces: bool = True) -> list[list[str]]:
    """Return the words in a text: groups with semicolons between them, words with commas.

    Parameters
    ----------
    name : str
        What the words are, for the error message.
    text : str
        ``"1,2; 3,4"``. A semicolon may stand after the last group as well.
    spaces : bool
        Whether spaces separate words too.

    Raises
    ------
    InvalidValueError
        If there is nothing between two commas or semicolons, or before or after them.
    """
    between = r"\s*,\s*|\s+" if spaces else r"\s*,\s*"
    groups = text.strip().removesuffix(";").split(";")
    words = [re.split(between, group.strip()) for group in groups]
    if not all(word for group in words for word in group):
        raise InvalidValueError(
            f"{name} must have no empty places between commas and semicolons",
            text,
            "write what is missing, or take a comma out",
        )
    return words


@dataclass(frozen=True)
class Decimal:
    """A number as it is shown: ``-1.25``, or ``7.6·10^-4`` with an exponent.

    Attributes
    ----------
    negative : bool
        Whether a minus sign stands before it.
    digits : str
        Its digits, with a point if there are any after it.
    exponent : int or None
        Of the power of ten that it is multiplied by.
    """

    negative: bool
    digits: str
    exponent: int | None = None

    def __str__(self) -> str:
        power = "" if self.exponent is None else f"e{self.exponent}"
        return f"{'-' if self.negative else ''}{self.digits}{power}"


def decimal(value: Value, digits: int = DIGITS) -> Decimal:
    """Return a number with at most ``digits`` digits after the point, half away from zero.

    Zeros at the end are left out. A number too small to keep two digits that way, or as large as
    10¹², gets a power of ten.
    """
    exact = as_fraction(value)
    keeps_digits = exact == _rounded(exact, digits) or 10 ** (digits - 1) * abs(exact) >= 1
    if keeps_digits and abs(exact) < _LARGE:
        return _fixed(_rounded(exact, digits), digits)
    exponent = _exponent(exact)
    mantissa = _rounded(exact / Fraction(10) ** exponent, max(digits - 1, 1))
    if abs(mantissa) >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    shown = _fixed(mantissa, max(digits - 1, 1))
    return Decimal(shown.negative, shown.digits, exponent)


def is_rounded(value: Value, digits: int = DIGITS) -> bool:
    """Return whether what :func:`decimal` shows is not the number itself."""
    return Fraction(str(decimal(value, digits))) != as_fraction(value)


def as_fraction(value: Value) -> Fraction:
    """Return a number exactly; a float as the shortest decimal that gives it."""
    return Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)


def is_list(value: object) -> bool:
    """Return whether a value is a list, an array or their like: no text and no mapping."""
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)


def size(value: Value) -> Value:
    """Return the absolute value."""
    return -value if value < 0 else value


def to_float(name: str, value: Value) -> float:
    """Return a number as a float, or raise InvalidValueError if it is too large or not finite."""
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise InvalidValueError(f"{name} must be finite in float64", result, "use smaller numbers")
    return result


def _rounded(exact: Fraction, digits: int) -> Fraction:
    scale = 10**digits
    rounded = math.floor(abs(exact) * scale + Fraction(1, 2))
    return Fraction(rounded if exact >= 0 else -rounded, scale)


def _exponent(exact: Fraction) -> int:
    # By logarithms, as Python refuses to write out integers of thousands of digits.
    positive = abs(exact)
    guess = math.floor(math.log10(positive.numerator) - math.log10(positive.denominator))
    return guess + 1 if positive >= Fraction(10) ** (guess + 1) else guess


def _fixed(exact: Fraction, digits: int) -> Decimal:
    whole, rest = divmod(abs(exact.numerator) * 10**digits // exact.denominator, 10**digits)
    after = f"{rest:0{digits}d}".rstrip("0") if digits else ""
    return Decimal(exact < 0, f"{whole}.{after}" if after else str(whole))
