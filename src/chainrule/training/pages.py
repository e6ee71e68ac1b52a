"""The pages of a memory-mapped file that this process holds, given back now and then.

Reading a file through a memory map makes its pages count as the process's memory until the system
wants them back. Training on a file that is larger than memory gives them back by itself: they stay
in the system's cache, and are there again when they are read again.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from chainrule.errors import InvalidValueError

FAULT_BYTES = 2**16  # what Linux maps around an address that is read
BUDGET_BYTES = 2**26  # how much may be held before it is given back


class Pages:
    """The pages behind an array.

    Parameters
    ----------
    X : array or other
        Anything; what is no memory map, or a private one, has no pages to give back.

    Raises
    ------
    InvalidValueError
        If the file behind a map has become shorter than the map.
    """

    def __init__(self, X: Any) -> None:
        self._file, shared = _map_of(X)
        self._map, self._held = self._file if shared else None, 0
        self.check()
        if self._map is not None:
            self._row_bytes = max(X[0].nbytes if len(X) else 0, FAULT_BYTES)

    def check(self) -> None:
        """Raise InvalidValueError if the file is shorter than its map: reading ends the process."""
        if self._file is not None and self._file.size() < len(self._file):
            raise InvalidValueError(
                f"the file of a memory map must keep its {len(self._file)} bytes",
                self._file.size(),
                "write the file anew, and open it again",
            )

    @property
    def mapped(self) -> bool:
        """Whether there are any."""
        return self._map is not None

    @property
    def rows(self) -> int | None:
        """How many rows may be read before taking note; None for any number."""
        return None if self._map is None else max(1, BUDGET_BYTES // self._row_bytes)

    def read(self, rows: int) -> None:
        """Take note that rows were read; give pages back when they may be too many."""
        if self._map is not None:
            self._held += rows * self._row_bytes
            if self._held > BUDGET_BYTES:
                self._map.madvise(mmap.MADV_DONTNEED)
                self._held = 0


def _map_of(X: Any) -> tuple[mmap.mmap | None, bool]:
    """Return the map behind ``X``, and whether its pages may be given back."""
    owner = X
    while not isinstance(owner, np.memmap):
        owner = getattr(owner, "base", None)
        if owner is None:
            return None, False
    # What was written to a private map ("c") is in its pages alone: they must stay.
    shared = owner.mode != "c" and hasattr(mmap, "MADV_DONTNEED")
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return (owner, shared) if isinstance(owner, mmap.mmap) else (None, False)
