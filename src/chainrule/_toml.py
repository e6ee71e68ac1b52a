"""TOML files, read with errors that a user is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainrule.errors import DataFormatError, DataNotFoundError


def read_toml(path: Path, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return what is in a file.

    Parameters
    ----------
    path : Path
        The file.
    parse_float : callable
        What becomes of a decimal's text.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=parse_float)
    except (FileNotFoundError, IsADirectoryError):
        raise DataNotFoundError(f"there is no file {path}: give a TOML file's name") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise DataFormatError(f"{path} is not TOML: {reason}: mend it") from None
    except RecursionError:
        raise DataFormatError(f"{path} has lists that are nested too deeply: mend it") from None
