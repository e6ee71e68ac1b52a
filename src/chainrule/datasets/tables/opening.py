"""From what a user types to a table: a bundled data set's name, a folder, or a file by its suffix.

A format is one line in :data:`FORMATS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule._files import path_text
from chainrule._text import printable
from chainrule.datasets.catalogue import CATALOGUE, Part
from chainrule.datasets.packing import ENDINGS
from chainrule.datasets.tables.bundled import open_bundled
from chainrule.datasets.tables.delimited import DelimitedTable
from chainrule.datasets.tables.faults import fault
from chainrule.datasets.tables.idx_files import open_idx
from chainrule.datasets.tables.images import ImageFolder
from chainrule.datasets.tables.npy import open_npy
from chainrule.datasets.tables.npz import NpzTable
from chainrule.datasets.tables.parquet import ParquetTable
from chainrule.datasets.tables.table import Table
from chainrule.errors import ChainruleError, DataNotFoundError
from chainrule.registry import closest


@dataclass(frozen=True)
class Format:
    """One kind of data file.

    Parameters
    ----------
    open : callable
        Given the name as it was typed, the path, and the part of a file that has two.
    packed : bool, default False
        Whether the file may be compressed.
    """

    open: Callable[[str, Path, Part], Table]
    packed: bool = False


_PARQUET = Format(lambda name, path, _: ParquetTable(name, path))

FORMATS: Mapping[str, Format] = {
    ".csv": Format(lambda name, path, _: DelimitedTable(name, path, ",;\t"), packed=True),
    ".tsv": Format(lambda name, path, _: DelimitedTable(name, path, "\t"), packed=True),
    ".parquet": _PARQUET,
    ".pq": _PARQUET,
    ".npz": Format(NpzTable),
    ".npy": Format(lambda name, path, _: open_npy(name, path)),
    ".idx": Format(lambda name, path, _: open_idx(name, path), packed=True),
}
"""The formats, by the suffix of a file's name before that of a compression."""

# MNIST's own names have no suffix: train-images-idx3-ubyte.
_IDX_NAME = re.compile(r"[.-]idx\d+-u?byte$")


def open_table(path_or_name: str | bytes | os.PathLike[Any], *, part: Part = "train") -> Table:
    """Open a data file, a folder of images, or a bundled data set.

    Parameters
    ----------
    path_or_name : str, bytes or path-like
        A name of ``chainrule data list``, or a path; ``./mnist`` is a path.
    part : {"train", "test"}, default "train"
        Which part of a bundled data set, or of a NPZ file that has both.

    Returns
    -------
    Table
        Ready to be read. Of CSV, TSV, Parquet, NPZ, NPY and image folders no more than the
        beginning has been read; IDX files and bundled data sets are in memory.

    Raises
    ------
    DataNotFoundError
        If there is no such file, or it must not be read.
    DataFormatError
        If it is of an unknown format, or is not what its name says.
    InvalidValueError
        If it is no path, or a package that reads it is not installed.
    """
    remedy = "name one; table_of(…) takes what is in memory"
    name = path_text(path_or_name, "a data file", remedy)
    if name in CATALOGUE:
        return open_bundled(CATALOGUE[name], part)
    path = Path(os.path.expanduser(name))  # noqa: PTH111 - Path's raises for an unknown user
    try:
        if not _exists(path):
            raise _not_found(name, path)
        if path.is_dir():
            return ImageFolder(name, path)
        return _format_of(name, path).open(name, path, part)
    except ChainruleError:
        raise
    except OSError as error:
        message = (
            f"{name}: it must be readable, got {error.strerror or error}: change its permissions"
        )
        raise DataNotFoundError(printable(message)) from error


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last for a zero byte
        return False
    return True


def _format_of(name: str, path: Path) -> Format:
    if not path.is_file():
        rule = "it must be a file or a folder, as it is read more than once"
        raise fault(name, rule, "a pipe or a device", "write it into a file first")
    lower = path.name.lower()
    ending = next((one for one in ENDINGS if one and lower.endswith(one)), "")
    stem = lower.removesuffix(ending)
    suffix = ".idx" if _IDX_NAME.search(stem) else Path(stem).suffix
    if suffix not in FORMATS:
        rule = f"a data file must end in one of {', '.join(FORMATS)}"
        packed = ", ".join(known for known, one in FORMATS.items() if one.packed)
        remedy = f"rename or convert it ({packed} may be compressed: {', '.join(ENDINGS[1:])})"
        raise fault(name, rule, suffix or "no suffix", remedy)
    if ending and not FORMATS[suffix].packed:
        raise fault(name, f"a {suffix} file must not be compressed", ending, "unpack it first")
    return FORMATS[suffix]


def _not_found(name: str, path: Path) -> DataNotFoundError:
    """Return the error for a path that leads nowhere: how far it leads, and what is close to it."""
    missing = path
    while not _exists(missing.parent):
        missing = missing.parent
    folder = missing.parent
    there = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    names = [*CATALOGUE, *there] if path == Path(path.name) else there
    close = closest(missing.name, names)
    found = f'the folder "{missing}" does not exist'
    if missing == path:
        found = f'nothing called "{path.name}" in the folder "{folder}"'
    rule = f"it must be a file, a folder of images or a bundled data set ({', '.join(CATALOGUE)})"
    remedy = "check the path"
    if close:
        meant = close if close in CATALOGUE else folder / close
        remedy = f'did you mean "{meant}"?'
    return DataNotFoundError(printable(f"{name}: {rule}, got {found}: {remedy}"))
