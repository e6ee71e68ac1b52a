"""What a report writes: texts, in one step, and results as strict JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from chainrule._files import write_text
from chainrule._text import encodable

__all__ = ["to_json", "write_text"]

_CONTAINERS = (dict, list, tuple)


LEVELS = 3  # whose entries have lines of their own: a column of the data has one


def to_json(value: Any, *, ascii_only: bool = False) -> str:
    """Return strict JSON, its first levels indented.

    What is not finite is null, what is not Unicode an escape.
    """
    write = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False).encode
    try:
        text = _indented(value, write)
    except ValueError:  # a number is not finite
        text = _indented(_strict(value), write)
    return encodable(text + "\n")


def _indented(value: Any, write: Callable[[Any], str], level: int = 0) -> str:
    """Return JSON with an entry a line; what is deeper is one line, which json does quickly."""
    items = value.values() if isinstance(value, dict) else value
    is_nested = isinstance(value, _CONTAINERS) and any(
        isinstance(one, _CONTAINERS) for one in items
    )
    if level == LEVELS or not (is_nested or (isinstance(value, dict) and value)):
        return write(value)
    parts = [_indented(one, write, level + 1) for one in items]
    if isinstance(value, dict):
        keys = [write({key: 0})[1:-2] for key in value]  # json knows what becomes of other keys
        parts = [key + part for key, part in zip(keys, parts, strict=True)]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    line = "\n" + " " * level
    return f"{begin}{line} " + f",{line} ".join(parts) + f"{line}{end}"


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
