"""From what a user types to a table: a bundled data set's name, a folder, or a file by its suffix.

A format is one line in :data:`FORMATS`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from chainrule.datasets.packing import ENDINGS
from chainrule.datasets.tables.delimited import DelimitedTable
from chainrule.datasets.tables.faults import fault
from chainrule.datasets.tables.table import Table
from chainrule.errors import DataNotFoundError

Part = Literal["train", "test"]

FORMATS: Mapping[str, Callable[[str, Path, Part], Table]] = {
    ".csv": lambda name, path, part: DelimitedTable(name, path, ",;\t"),
    ".tsv": lambda name, path, part: DelimitedTable(name, path, "\t"),
}
"""How to open a file, by the last suffix of its name before that of a compression."""


def open_table(path_or_name: str | os.PathLike[str], *, part: Part = "train") -> Table:
    """Open a data file, a folder of images, or a bundled data set.

    Parameters
    ----------
    path_or_name : str or path-like
        A path, or a name of ``chainrule data list``; ``./mnist`` is a path.
    part : {"train", "test"}, default "train"
        Which part of a bundled data set, or of a NPZ file that has both.

    Returns
    -------
    Table
        Nothing but its beginning has been read yet.

    Raises
    ------
    DataNotFoundError
        If there is no such file, or it must not be read.
    DataFormatError
        If it is of an unknown format, or is not what its name says.
    """
    name = os.fspath(path_or_name)
    path = Path(name).expanduser()
    if not path.exists():
        raise _not_found(name, path)
    return _opened(name, path, part)


def _opened(name: str, path: Path, part: Part) -> Table:
    stem = path.name.lower()
    for ending in filter(None, ENDINGS):
        stem = stem.removesuffix(ending)
    suffix = Path(stem).suffix
    if suffix not in FORMATS:
        rule = f"a data file's name must end in one of {', '.join(FORMATS)}"
        raise fault(name, rule, suffix or "no suffix", "rename it, or convert it")
    return FORMATS[suffix](name, path, part)


def _not_found(name: str, path: Path) -> DataNotFoundError:
    folder = path.parent
    there = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    close = difflib.get_close_matches(path.name, there, n=1)
    return DataNotFoundError(f"{name} {close}")
