"""What a value from a file must be: each function returns it, or raises DataFormatError.

``place`` says where in the document the value is, as the error has it: ``network.layer_sizes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from chainrule._text import printable
from chainrule._values import EXACT, Decode, decode
from chainrule.errors import DataFormatError

T = TypeVar("T")
LONGEST_SHOWN = 60
LONGEST_INTEGER = 40  # characters


def wrong(place: str, rule: str, value: Any) -> DataFormatError:
    """Return the error for a value that breaks a rule."""
    return DataFormatError(f"{place} must be {rule}, got {printable(repr(value), LONGEST_SHOWN)}")


@contextmanager
def refusing(place: str) -> Iterator[None]:
    """Turn what a constructor has against a value of the file into a DataFormatError."""
    try:
        yield
    except DataFormatError:
        raise
    except (ValueError, TypeError, OverflowError) as error:
        reason = printable(" ".join(str(error).split()), 4 * LONGEST_SHOWN)
        raise DataFormatError(f"{place} cannot be so: {reason}") from None


def _short_integer(text: Any) -> Any:
    if not isinstance(text, str) or len(text) > LONGEST_INTEGER:
        raise wrong("an integer", f"a text of at most {LONGEST_INTEGER} characters", text)
    return decode({"int": text}, {})


PLAIN: dict[str, Decode] = {"int": _short_integer}  # longer ones cannot even be printed


def plain(value: Any) -> Any:
    """Return what None, bools, numbers, texts, lists, tuples and dicts stand for."""
    return decode(value, PLAIN)


def record(value: Any, place: str, keys: Iterable[str]) -> dict[str, Any]:
    """Return an object with exactly these keys."""
    names = set(keys)
    if not isinstance(value, dict):
        raise wrong(place, "an object", value)
    for name in value:
        if name not in names:
            raise wrong(f"a key of {place}", f"one of {', '.join(sorted(names))}", name)
    for name in names:
        if name not in value:
            raise DataFormatError(f"{place} must have the key {name}")
    return value


def integer(value: Any, place: str, low: int = 0, high: int = EXACT) -> int:
    """Return an integer in [low, high]."""
    if type(value) is not int or not low <= value <= high:
        raise wrong(place, f"an integer in [{low}, {high}]", value)
    return value


def boolean(value: Any, place: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise wrong(place, "true or false", value)
    return value


def number(value: Any, place: str) -> float:
    """Return a float, which may be NaN or infinite, written as an object."""
    if isinstance(value, dict):
        with refusing(place):
            value = plain(value)
    if not isinstance(value, float | int) or isinstance(value, bool):
        raise wrong(place, "a number", value)
    with refusing(place):
        return float(value)


def text(value: Any, place: str) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise wrong(place, "a text", value)
    return value


def listed(value: Any, place: str, check: Callable[[Any, str], T]) -> list[T]:
    """Return a list of which every item was checked."""
    if not isinstance(value, list):
        raise wrong(place, "a list", value)
    return [check(item, f"{place}[{i}]") for i, item in enumerate(value)]


def optional(value: Any, place: str, check: Callable[[Any, str], T]) -> T | None:
    """Return None for null, else what was checked."""
    return None if value is None else check(value, place)


def one_of(value: Any, place: str, names: Iterable[str]) -> str:
    """Return one of some texts."""
    allowed = list(names)
    if value not in allowed:
        raise wrong(place, f"one of {', '.join(allowed)}", value)
    return text(value, place)
