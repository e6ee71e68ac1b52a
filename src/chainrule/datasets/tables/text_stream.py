"""The text of a file on its way: unpacked, decoded, counted, and refused where it is no text.

What stops a reader is raised here without a place: finding the line means reading the file again,
and that is worth it for an error alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.datasets.packing import unpacked

if TYPE_CHECKING:
    from _csv import Reader
    from io import BufferedIOBase

    from _typeshed import WriteableBuffer

ROW_BYTES = 2**23
"""The most bytes that a row may have, with the blank lines before it.

A quote that is never closed must not fill the memory, and a small compressed file of blank lines
alone must not keep a reader busy.
"""

_BUFFER = 2**16
_BOM = b"\xef\xbb\xbf"


class ZeroByteError(Exception):
    """There is a zero byte, which no text has."""


class EndlessRowError(Exception):
    """A row and the blank lines before it have more than ``ROW_BYTES``."""


class Watched(io.RawIOBase):
    """Bytes on their way to a reader of rows.

    Attributes
    ----------
    n_bytes : int
        How many have been read.
    since_row : int
        How many since a row was complete; :func:`rows_of` sets it to 0 after each.
    """

    def __init__(self, file: BufferedIOBase, *, strict: bool = True) -> None:
        self._file, self._strict = file, strict
        self.n_bytes = self.since_row = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        n_bytes = self._file.readinto(view)
        if self._strict and b"\0" in bytes(view[:n_bytes]):
            raise ZeroByteError
        self.n_bytes += n_bytes
        self.since_row += n_bytes
        if self.since_row > ROW_BYTES:
            raise EndlessRowError
        return n_bytes


@contextmanager
def open_text(path: Path, *, strict: bool = True) -> Iterator[tuple[Watched, io.TextIOWrapper]]:
    """Open a file of UTF-8 text, plain or compressed, with or without a byte order mark.

    Parameters
    ----------
    path : Path
        The file.
    strict : bool, default True
        Whether zero bytes and bytes that are not UTF-8 are errors. Otherwise the text has them,
        the latter as the surrogates U+DC80 to U+DCFF.

    Yields
    ------
    watched : Watched
        The bytes.
    text : text file
        Its lines end as they do in the file.
    """
    with path.open("rb") as file:
        watched = Watched(unpacked(file), strict=strict)
        buffered = io.BufferedReader(watched, _BUFFER)
        if buffered.peek(len(_BOM)).startswith(_BOM):
            buffered.read(len(_BOM))
        errors = "strict" if strict else "surrogateescape"
        with io.TextIOWrapper(buffered, "utf-8", errors, newline="") as text:
            yield watched, text


def rows_of(watched: Watched, reader: Reader) -> Iterator[list[str]]:
    """Yield the rows that a reader makes of watched bytes; a blank line is no row."""
    for row in reader:
        if row:
            watched.since_row = 0
            yield row


def csv_reader(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> Reader:
    """Return the standard library's reader, as all of this package's reading of CSV needs it."""
    return csv.reader(lines, delimiter=delimiter, strict=strict, skipinitialspace=True)
