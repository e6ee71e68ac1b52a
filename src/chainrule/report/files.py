"""What a report writes: texts, in one step, and results as strict JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from chainrule._files import write_text
from chainrule._text import encodable

__all__ = ["to_json", "write_text"]


def to_json(value: Any, *, ascii_only: bool = False) -> str:
    """Return strict JSON, indented; what is not finite is null, what is not Unicode an escape."""
    text = json.dumps(_strict(value), indent=1, ensure_ascii=ascii_only, allow_nan=False)
    return encodable(text + "\n")


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
