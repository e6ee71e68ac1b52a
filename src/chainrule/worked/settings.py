"""TOML files with an example's settings; decimals stay as they are written."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from chainrule.errors import DataFormatError, DataNotFoundError
from chainrule.registry import Registry


def read_settings(path: Path, keys: Registry[None]) -> dict[str, Any]:
    """Return the settings in a file.

    Parameters
    ----------
    path : Path
        The file.
    keys : Registry
        What may be in it.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If it is not TOML.
    UnknownNameError
        If it has a key that means nothing here.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except (FileNotFoundError, IsADirectoryError):
        raise DataNotFoundError(f"there is no file {path}: give a TOML file's name") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise DataFormatError(f"{path} is not TOML: {reason}") from None
    except RecursionError:
        raise DataFormatError(f"{path} has lists that are nested too deeply") from None
    for key in settings:
        keys[key]
    return settings
