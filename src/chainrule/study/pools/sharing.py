"""What processes of one machine share: a folder with a pickle, and its large arrays beside it.

An array is written once, as a ``.npy`` file, and every process maps that file: the system keeps one
copy of it in memory for all. An array that is mapped from a file already is mapped from there.

The folder is locked while its owner lives. Whoever makes the next one removes those that nobody has
locked: a killed owner's.
"""

from __future__ import annotations

import io
import mmap
import pickle
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from chainrule._files import lock
from chainrule.errors import InvalidValueError, Words

try:  # joblib depends on it from 1.6 on, and has a copy before
    from cloudpickle import CloudPickler
except ImportError:  # pragma: no cover
    from joblib.externals.cloudpickle import CloudPickler

PREFIX = "chainrule-study-"
YOUNG = 60  # seconds; the owner of a folder may be about to lock it
INLINE = 2**16  # bytes; a smaller array is in the pickle itself


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Yield a new folder, removed at the end; remove those of owners that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unlocked(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / "lock").open("xb") as file:
            with suppress(OSError):
                lock(file)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_unlocked(folder: Path) -> None:
    with suppress(OSError):
        if folder.stat().st_mtime > time.time() - YOUNG:
            return
        with (folder / "lock").open("ab") as file:  # made, if its owner did not get so far
            lock(file)
            shutil.rmtree(folder)


def dump(value: Any, folder: Path) -> None:
    """Write a value so that :func:`load` gets it from the folder in another process.

    Raises
    ------
    InvalidValueError
        If it cannot be pickled.
    """
    with (folder / "value.pickle").open("wb") as file, _refusals():
        _Pickler(file, folder).dump(value)


def mapped(value: Any, folder: Path) -> Any:
    """Return a value with its large arrays mapped from files, which no process then has to copy."""
    dump(value, folder)
    return load(folder)


def packed(value: Any) -> bytes:
    """Return a value as bytes for ``pickle.loads`` elsewhere; raises as :func:`dump` does."""
    file = io.BytesIO()
    with _refusals():
        CloudPickler(file).dump(value)
    return file.getvalue()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InvalidValueError(
            "what goes to another process must be something that can be pickled",
            Words(error),
            "use the threads backend, which sends nothing",
        ) from error


def load(folder: Path) -> Any:
    """Return what :func:`dump` has written; large arrays are mapped."""
    with (folder / "value.pickle").open("rb") as file:
        return pickle.load(file)


class _Pickler(CloudPickler):  # type: ignore[misc]
    def __init__(self, file: IO[bytes], folder: Path) -> None:
        super().__init__(file)
        self._folder, self._arrays = folder, 0

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is np.memmap and isinstance(obj.base, mmap.mmap):
            ours = PREFIX in str(obj.filename)
            if ours or obj.mode != "c":  # a private map may have been written to
                order = "F" if np.isfortran(obj) else "C"
                return np.memmap, (obj.filename, obj.dtype, obj.mode, obj.offset, obj.shape, order)
        if type(obj) in (np.ndarray, np.memmap) and obj.nbytes > INLINE and not obj.dtype.hasobject:
            self._arrays += 1
            path = self._folder / f"{self._arrays}.npy"
            np.save(path, obj)
            # A private map is to a trial what an array is to a thread; its pages are shared until
            # they are written to.
            return np.load, (path, "c")
        return super().reducer_override(obj)
