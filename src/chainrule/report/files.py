"""Writes files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Replace a file's content in one step; UTF-8, line ends as they are.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then untouched. It names the file.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)  # mkstemp makes it private
        Path(temporary).replace(path)
    except OSError as error:  # a failed write does not say of which file
        raise OSError(error.errno, f"{error.strerror}; the old file is kept", str(path)) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def to_json(value: Any) -> str:
    """Return strict JSON, indented; what is not finite becomes null."""
    return json.dumps(_strict(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
