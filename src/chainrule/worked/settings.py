"""TOML files with an example's settings; decimals stay as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule._toml import read_toml
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
    settings = read_toml(path, parse_float=str)
    for key in settings:
        keys[key]
    return settings
