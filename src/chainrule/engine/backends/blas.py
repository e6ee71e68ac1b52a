"""Holds SciPy's BLAS to one thread while compiled loops run, and says how many it may use.

A loop's workers each call BLAS; its own threads would stand in their way. The setting belongs to
the whole process, so it is counted who needs it, and given back when the last one is done. NumPy's
BLAS is another library in the usual installations, and is left alone.
"""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController


class OneThread:
    """A context in which SciPy's BLAS has one thread; several may be open at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._before: list[int] = []

    @cached_property
    def _libraries(self) -> list[Any]:
        blas = ThreadpoolController().select(user_api="blas").lib_controllers
        # In wheels it lies in scipy.libs or scipy/.dylibs; elsewhere both packages may share one.
        own = [b for b in blas if {"scipy", "scipy.libs"} & set(Path(b.filepath).parts[-3:-1])]
        return own or list(blas)

    def architecture(self) -> str:
        """Return the processor that BLAS has chosen its kernels for; empty if it does not say."""
        return str(getattr(self._libraries[0], "architecture", "")) if self._libraries else ""

    def threads(self) -> int:
        """Return how many threads BLAS may use outside: what somebody has limited it to."""
        with self._lock:
            counts = self._before if self._open else [b.num_threads for b in self._libraries]
        return min(counts, default=1)

    def __enter__(self) -> None:
        with self._lock:
            if not self._open:
                self._before = [library.num_threads for library in self._libraries]
                self._set([1] * len(self._before))
            self._open += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._open -= 1
            if not self._open:
                self._set(self._before)

    def _set(self, counts: list[int]) -> None:
        for library, count in zip(self._libraries, counts, strict=True):
            library.set_num_threads(count)


one_thread = OneThread()
