"""Values as strict JSON and back, to the bit: what checkpoints and model files are made of.

None, true, false, numbers, texts and lists stand for themselves. An object has one key, which says
what its value is: ``{"dict": {…}}``, ``{"tuple": […]}``, ``{"float": "nan"}`` (or "inf", "-inf"),
``{"int": "0x…"}`` (beyond ±2^53, where other readers of JSON round). Who encodes may have more such
keys: arrays, say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

EXACT = 2**53  # up to here every JSON reader keeps an integer

Encode = Callable[[Any, str], Any]  # of a value, and where it is: ["a"][0]
Decode = Callable[[Any], Any]


def encode(value: Any, other: Encode, place: str = "") -> Any:
    """Return a value as JSON has it.

    Parameters
    ----------
    value : object
        Made of None, bools, numbers, texts, lists, tuples and dicts by texts.
    other : callable
        Given whatever else is in it and where, returns that as JSON, or raises.
    place : str
        Where the value is.
    """
    if hasattr(value, "dtype"):  # NumPy's scalars may be floats too
        return other(value, place)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if -EXACT <= value <= EXACT else {"int": hex(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": float.__repr__(value)}
    if isinstance(value, list | tuple):
        items = [encode(item, other, f"{place}[{i}]") for i, item in enumerate(value)]
        return {"tuple": items} if isinstance(value, tuple) else items
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {k: encode(v, other, f"{place}[{k!r}]") for k, v in value.items()}}
    return other(value, place)


def decode(value: Any, others: Mapping[str, Decode]) -> Any:
    """Return the value that :func:`encode` was given.

    Parameters
    ----------
    value : object
        From JSON.
    others : mapping from str to callable
        What to do with the content of an object, by the other keys that it may have.

    Raises
    ------
    ValueError
        If it is none of :func:`encode`'s results; what ``others`` raise as well.
    """
    if isinstance(value, list):
        return [decode(item, others) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise ValueError(f"an object with {len(value)} keys")
    ((kind, content),) = value.items()
    if kind in others:
        return others[kind](content)
    if kind not in _CONTENTS or not isinstance(content, _CONTENTS[kind]):
        raise ValueError(f"an object called {kind!r}")
    if kind == "dict":
        return {key: decode(item, others) for key, item in content.items()}
    return tuple(decode(content, others)) if kind == "tuple" else _NUMBERS[kind](content)


def _float(text: str) -> float:
    if text not in ("nan", "inf", "-inf"):
        raise ValueError(f"a float {text!r}")
    return float(text)


def _int(text: str) -> int:
    number = int(text, 16)
    if -EXACT <= number <= EXACT:
        raise ValueError("a small integer as a text")
    return number


_CONTENTS = {"dict": dict, "tuple": list, "float": str, "int": str}
_NUMBERS: dict[str, Decode] = {"float": _float, "int": _int}
