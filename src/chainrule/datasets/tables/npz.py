"""NPZ files: X and perhaps y, or X_train, y_train, X_test, y_test, read as streams.

The archive's directory and each array's header say how long an array is. They must agree, and its
compressed form cannot be much shorter, as deflate makes at most 1,032 bytes of one. An array in
Fortran's order has its rows all over the file, so it is read whole.
"""

from __future__ import annotations

import errno
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from chainrule._types import Array
from chainrule.datasets.catalogue import Part
from chainrule.datasets.tables.arrays import column_of, common_length, row_place, values_of
from chainrule.datasets.tables.digests import file_digest
from chainrule.datasets.tables.faults import damaged, fault, listed
from chainrule.datasets.tables.npy import NpyHeader, read_header
from chainrule.datasets.tables.table import PIECE_ROWS, Piece, Table
from chainrule.errors import ChainruleError

# The arrays for a part, and the columns that they become.
_COLUMNS = {"X": ("X", "x", "X_{part}", "x_{part}"), "y": ("y", "y_{part}")}
_MOST_EXPANSION = 1032
# What the standard library raises for archives that are damaged, encrypted or of a newer kind.
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,  # an offset beyond any file
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)


class NpzTable(Table):
    """The arrays X and y of a NPZ file.

    Parameters
    ----------
    name : str
        As the user gave it.
    path : Path
        The file.
    part : {"train", "test"}
        Which arrays to read, where it has both.
    """

    def __init__(self, name: str, path: Path, part: Part) -> None:
        self.name, self._path = name, path
        with self._archive() as archive:
            self._members = _chosen(name, archive.namelist(), part)
            self._headers = {
                column: self._header(archive, member) for column, member in self._members.items()
            }
        lengths = {column: header.shape[0] for column, header in self._headers.items()}
        self.n_rows = common_length(name, lengths)
        self.columns = tuple(
            column_of(name, column, header.dtype, header.shape[1:])
            for column, header in self._headers.items()
        )
        self.target = "y" if "y" in self._headers else None

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Piece]:
        step = self._rows_at_once(rows)
        with self._archive() as archive, ExitStack() as open_files:
            parts = {
                column: self._rows(open_files.enter_context(archive.open(member)), column, step)
                for column, member in self._members.items()
            }
            for first in range(0, self.n_rows or 0, step):
                yield Piece(
                    {one: values_of(self.name, next(part)) for one, part in parts.items()}, first
                )

    def place(self, row: int) -> str:
        return row_place(row)

    def digest(self) -> str:
        return file_digest(self._path)

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                yield archive
        except ChainruleError:
            raise
        except _FAILURES as error:
            raise damaged(self.name, error) from error
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise damaged(self.name, EOFError("an offset outside the file")) from error
            if error.errno is None:  # bzip2's
                raise damaged(self.name, error) from error
            raise  # of the disk

    def _header(self, archive: zipfile.ZipFile, member: str) -> NpyHeader:
        info = archive.getinfo(member)
        place = f'array "{member.removesuffix(".npy")}"'
        if info.file_size > _MOST_EXPANSION * min(info.compress_size, self._path.stat().st_size):
            rule = (
                f"an array may be at most {_MOST_EXPANSION:,} times as long as its compressed form"
            )
            value = f"{info.file_size:,} bytes from {info.compress_size:,}"
            raise fault(self.name, rule, value, "save it by numpy.savez_compressed", place=place)
        with archive.open(member) as file:
            header = read_header(self.name, file, info.file_size, place=place)
        if not header.shape:
            rule = "an array must have a row for each sample"
            raise fault(self.name, rule, "one value", "save an array", place=place)
        if header.shape[1:] == (1,):  # some write labels so
            return NpyHeader(header.shape[:1], header.dtype, False, header.length)
        return header

    def _rows(self, file: IO[bytes], column: str, step: int) -> Iterator[Array]:
        header = self._headers[column]
        _read(file, header.length)
        n_rows, *shape = header.shape
        if header.fortran_order:
            whole = _array(file, header, header.shape[::-1]).T
            for first in range(0, n_rows, step):
                yield whole[first : first + step]
        else:
            for first in range(0, n_rows, step):
                yield _array(file, header, (min(step, n_rows - first), *shape))


def _chosen(name: str, members: list[str], part: Part) -> Mapping[str, str]:
    """Return the member for each column."""
    there = [member.removesuffix(".npy") for member in members]
    chosen = {}
    for column, patterns in _COLUMNS.items():
        names = [pattern.format(part=part) for pattern in patterns]
        found = [one for one in names if one in there]
        if len(found) > 1 or (column == "X" and not found):
            rule = f"it must have one array of {', '.join(names)}"
            remedy = "numpy.savez(file, X=…, y=…) names them"
            value = f"{', '.join(found) or 'none of them'} (it has {listed(there) or 'no array'})"
            raise fault(name, rule, value, remedy)
        if found:
            chosen[column] = members[there.index(found[0])]
    return chosen


def _array(file: IO[bytes], header: NpyHeader, shape: tuple[int, ...]) -> Array:
    n_bytes = int(np.prod(shape, dtype=object)) * header.dtype.itemsize
    return np.frombuffer(_read(file, n_bytes), header.dtype).reshape(shape)


def _read(file: IO[bytes], n_bytes: int) -> bytes:
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise EOFError("an array ends too early")
    return content
