"""TOML, read with errors that a user is told."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError, DataFormatError, DataNotFoundError


def read_toml(path: Path, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return what is in a file of UTF-8, with or without a byte order mark.

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
        return parse_toml(path.read_text(encoding="utf-8-sig"), parse_float=parse_float)
    except (FileNotFoundError, IsADirectoryError):
        raise DataNotFoundError(f"there is no file {path}: give a TOML file's name") from None
    except (DataFormatError, UnicodeDecodeError) as error:
        raise DataFormatError(f"{path} is not TOML: {error}: mend it") from None


def parse_toml(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return what a text has; parameters are :func:`read_toml`'s.

    Raises
    ------
    DataFormatError
        If it is not TOML, or more than Python can read; it says why.
    """
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as error:
        raise DataFormatError(str(error).replace("\n", " ")) from None
    except RecursionError:
        raise DataFormatError("its lists are nested too deeply") from None
    except ChainruleError:  # of parse_float
        raise
    except ValueError:
        most = f"{sys.get_int_max_str_digits():,}"
        raise DataFormatError(f"it has an integer of more than {most} digits") from None
