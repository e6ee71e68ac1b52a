"""JSON as its standard has it, and no more: what comes from a file is not trusted.

Python's reader takes NaN, the last of two equal keys, numbers of any length, halves of surrogate
pairs. Here each is an error.
"""

from __future__ import annotations

import json
import math
from typing import Any

from chainrule.errors import DataFormatError

LONGEST_NUMBER = 30  # characters; a float has at most 24
DEEPEST = 32  # objects and lists inside each other


def loads(raw: bytes | str, what: str) -> Any:
    """Return the value of a JSON text.

    Parameters
    ----------
    raw : bytes or str
        UTF-8 without a byte-order mark.
    what : str
        What the text is, as an error says it.

    Raises
    ------
    DataFormatError
        If it is not strict JSON.
    """
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
        _check(value, DEEPEST)
    except RecursionError:
        raise DataFormatError(f"{what} must not be nested as deeply") from None
    except UnicodeDecodeError:
        raise DataFormatError(f"{what} must be UTF-8") from None
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at character {error.pos}"
        raise DataFormatError(f"{what} must be JSON: {reason}") from None
    except _NotStrict as error:
        raise DataFormatError(f"{what} must be strict JSON: it has {error}") from None
    return value


def dumps(value: Any) -> str:
    """Return a value as strict JSON, in as few characters as can be.

    Raises
    ------
    UnicodeEncodeError
        If a text has half of a surrogate pair.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text.encode()
    return text


class _NotStrict(Exception):  # noqa: N818 - never leaves this module
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotStrict("an object with the same key twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _NotStrict(f"a number of {len(digits)} characters")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER:
        raise _NotStrict(f"a number of {len(digits)} characters")
    number = float(digits)
    if not math.isfinite(number):
        raise _NotStrict(f"{digits}, which is too large")
    return number


def _constant(name: str) -> None:
    raise _NotStrict(name)


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value):
            raise _NotStrict("half of a surrogate pair")
    elif isinstance(value, list | dict):
        if not depth:
            raise RecursionError
        if isinstance(value, dict):
            for key in value:
                _check(key, depth)
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth - 1)
