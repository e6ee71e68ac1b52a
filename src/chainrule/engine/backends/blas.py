"""Holds SciPy's BLAS to one thread while compiled loops run, and says how many it may use.

A loop's workers each call BLAS; its own threads would stand in their way. The setting belongs to the
whole process, so it is counted who needs it, and given back when the last one is done. NumPy's BLAS
is another library in the usual installations, and is left alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_holders = 0
_before: list[int] = []


@cache
def libraries() -> list[Any]:
    """Return threadpoolctl's controllers of the BLAS that SciPy calls; found once."""
    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    # In wheels it lies in scipy.libs or scipy/.dylibs; elsewhere both packages may share one.
    own = [lib for lib in blas if {"scipy", "scipy.libs"} & set(Path(lib.filepath).parts[-3:-1])]
    return own or list(blas)


def threads() -> int:
    """Return how many threads BLAS may use now: what the user or a study has limited it to."""
    with _lock:
        counts = _before if _holders else [library.num_threads for library in libraries()]
    return min(counts, default=1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold SciPy's BLAS to one thread in a ``with`` block."""
    global _holders, _before
    with _lock:
        if not _holders:
            _before = [library.num_threads for library in libraries()]
            for library in libraries():
                library.set_num_threads(1)
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if not _holders:
                for library, count in zip(libraries(), _before, strict=True):
                    library.set_num_threads(count)
