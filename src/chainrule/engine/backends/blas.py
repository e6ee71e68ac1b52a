"""Holds SciPy's BLAS to one thread while compiled loops run, and says how many it may use.

A loop's workers each call BLAS; its own threads would stand in their way. The setting belongs to
the whole process, so it is known who needs it, and given back when the last one is done. NumPy's
BLAS is another library in the usual installations, and is left alone.

The usual BLAS, OpenBLAS with threads of its own, is asked directly: looking through all libraries
of a process, as threadpoolctl does, takes longer than a short fit. It does so for any other.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from scipy.linalg import cython_blas

from chainrule._cached import cached_property

PTHREADS = 1  # what openblas_get_parallel returns


class Library(Protocol):
    """A BLAS whose threads can be counted and limited."""

    @property
    def num_threads(self) -> int:
        """How many threads it may use."""

    @property
    def architecture(self) -> str:
        """The processor that its kernels are for."""

    def set_num_threads(self, count: int) -> None:
        """Limit them."""


class OpenBLAS:
    """An OpenBLAS with threads of its own.

    Parameters
    ----------
    library : ctypes.PyDLL
        Has its functions, or needs a library that has.
    prefix, suffix : str
        Of the functions' names, which differ from build to build.
    """

    def __init__(self, library: ctypes.PyDLL, prefix: str, suffix: str) -> None:
        self._count = library[f"{prefix}openblas_get_num_threads{suffix}"]
        self.set_num_threads = library[f"{prefix}openblas_set_num_threads{suffix}"]
        self._core = library[f"{prefix}openblas_get_corename{suffix}"]
        self._core.restype = ctypes.c_char_p
        if library[f"{prefix}openblas_get_parallel{suffix}"]() != PTHREADS:
            raise AttributeError("its threads are another library's")

    @property
    def num_threads(self) -> int:
        """How many threads it may use."""
        count: int = self._count()
        return count

    @property
    def architecture(self) -> str:
        """The processor that its kernels are for."""
        return str(self._core().decode())

    @classmethod
    def of_scipy(cls) -> Self | None:
        """Return what SciPy's matrix products come from; None if it is something else.

        Symbols are also looked for in what a library needs, though not on Windows.
        """
        library = ctypes.PyDLL(cython_blas.__file__)
        for affixes in itertools.product(("scipy_", ""), ("", "64_", "_64")):
            try:
                return cls(library, *affixes)
            except AttributeError:
                continue
        return None


def _found_by_threadpoolctl() -> list[Library]:
    from threadpoolctl import ThreadpoolController

    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    # In wheels it lies in scipy.libs or scipy/.dylibs; elsewhere both packages may share one.
    own = [b for b in blas if {"scipy", "scipy.libs"} & set(Path(b.filepath).parts[-3:-1])]
    return own or list(blas)


class OneThread:
    """A context in which SciPy's BLAS has one thread; several threads may be in it at a time.

    A thread is in it once: one that comes again was interrupted on its way in or out. What such a
    moment leaves undone is done on the next way out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: set[int] = set()  # threads
        self._before: list[int] = []  # each library's threads, until they are given back

    @cached_property
    def _libraries(self) -> list[Library]:
        openblas = OpenBLAS.of_scipy()
        return _found_by_threadpoolctl() if openblas is None else [openblas]

    def architecture(self) -> str:
        """Return the processor that BLAS has chosen its kernels for; empty if it does not say."""
        return str(getattr(self._libraries[0], "architecture", "")) if self._libraries else ""

    def threads(self) -> int:
        """Return how many threads BLAS may use outside: what somebody has limited it to."""
        with self._lock:
            return min(self._before or self._counts(), default=1)

    def _counts(self) -> list[int]:
        return [library.num_threads for library in self._libraries]

    def __enter__(self) -> None:
        try:
            with self._lock:
                self._inside.add(threading.get_ident())
                self._before = self._before or self._counts()
                self._limit([1] * len(self._before))
        except BaseException:  # then nobody calls __exit__
            self._leave()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._leave()
        except BaseException:  # Ctrl-C
            self._leave()
            raise

    def _leave(self) -> None:
        # May be called again after it was interrupted anywhere.
        with self._lock:
            self._inside.discard(threading.get_ident())
            if not self._inside:
                self._give_back()

    def _give_back(self) -> None:
        self._limit(self._before)
        self._before = []

    def _limit(self, counts: list[int]) -> None:
        for library, count in zip(self._libraries, counts, strict=False):
            if library.num_threads != count:
                library.set_num_threads(count)

    def forked(self) -> None:
        """Begin anew in a child process, which has none of the threads that were inside."""
        self._lock = threading.Lock()
        self._inside = set()
        self._give_back()


one_thread = OneThread()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=one_thread.forked)
