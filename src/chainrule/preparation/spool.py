"""Rows of X gathered piece by piece: in memory while they are few, else in a file without a name.

Such a file has no entry in its folder: it is gone when nobody has it open any more, whatever
happens to the program.
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import IO, Self

import numpy as np

from chainrule._types import Array

IN_MEMORY = 2**29  # bytes of X


class Spool:
    """Rows of one width and dtype.

    Parameters
    ----------
    width : int
        Numbers a row.
    dtype : numpy.dtype
        Of the numbers.
    folder : Path, optional
        Where the file is; the system's folder for temporary files if left out.
    limit : int
        Bytes that are kept in memory; more are in the file.
    """

    def __init__(
        self, width: int, dtype: np.dtype, folder: Path | None = None, limit: int = IN_MEMORY
    ) -> None:
        self._width, self._dtype, self._folder, self._limit = width, dtype, folder, limit
        self._memory = BytesIO()
        self._file: IO[bytes] | None = None
        self._n_rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()  # the system removes it when the memory map is gone too

    def add(self, rows: Array) -> None:
        """Take rows of shape (n, width).

        Raises
        ------
        OSError
            If the file cannot be written: a full disk, say. It names the folder.
        """
        try:
            self._write(np.ascontiguousarray(rows, self._dtype).data.cast("B"))
        except OSError as error:  # the file has no name
            folder = str(self._folder or tempfile.gettempdir())
            raise OSError(error.errno, error.strerror, folder) from error
        self._n_rows += len(rows)

    def _write(self, content: memoryview) -> None:
        if self._file is None and self._memory.tell() + len(content) > self._limit:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - see __exit__
            self._file.write(self._memory.getbuffer())
            self._memory = BytesIO()
        (self._file or self._memory).write(content)

    def rows(self) -> Array:
        """Return all rows, (n, width): an array, or a memory map that cannot be written to."""
        shape = (self._n_rows, self._width)
        if self._file is None:
            return np.frombuffer(self._memory.getbuffer(), self._dtype).reshape(shape)
        self._file.flush()
        return np.memmap(self._file, self._dtype, "r", shape=shape)
