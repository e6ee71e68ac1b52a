"""Where output may go: onto no file that is read, and into no folder that another run writes to.

Who writes to a folder holds a lock on an empty file in it. The lock is SQLite's, which every system
has: it belongs to the process and ends with it, however it ends, and no child inherits it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from chainrule.errors import InvalidValueError, Words

LOCK = ".lock"


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[str | Path | None]) -> None:
    """Raise if a file that is to be written is one that is read, by whatever name.

    Parameters
    ----------
    outputs : iterable of Path
        Files that are to be written.
    inputs : iterable of str, Path or None
        What is read; of names that are no files nothing is to be feared.

    Raises
    ------
    InvalidValueError
        If two of them are the same file: by a link, or in letters of another case.
    """
    read = [Path(one) for one in inputs if one is not None]
    for out in outputs:
        for one in read:
            if _is_same(out, one):
                raise InvalidValueError(
                    "the output must not take the place of a file that is read",
                    str(out) if out == one else Words(f"{str(out)!r}, which is {str(one)!r}"),
                    "choose another name",
                )


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):  # a name that no file can have is no file
        if one.resolve() == other.resolve():
            return True
        return one.samefile(other)
    return False


def check_folder_place(folder: Path) -> None:
    """Raise InvalidValueError if something that is no folder is where one is to be."""
    if folder.exists() and not folder.is_dir():
        raise InvalidValueError("out must be a folder", str(folder), "choose another")


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Keep a folder for one run: made if it is not there, and every other run kept out of it.

    A folder that was made, and has nothing in it at the end, is removed again.

    Raises
    ------
    InvalidValueError
        If it cannot be made or written to, or if another run has it.
    """
    check_folder_place(folder)
    whole = folder.absolute()
    lock = whole / LOCK
    with ExitStack() as stack:  # what is called last is undone first
        stack.callback(_remove_empty, [one for one in (whole, *whole.parents) if not one.exists()])
        try:
            whole.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(lock))
        except BlockingIOError as error:
            raise InvalidValueError(
                "out must be a folder of its own for each run",
                Words(f"{folder}: the folder is in use by another run"),
                "wait for that to end, or choose another",
            ) from error
        except OSError as error:
            raise InvalidValueError(
                "out must be in a folder that may be written to",
                Words(f"{folder} ({error.strerror or error})"),
                "choose another",
            ) from error
        stack.callback(_remove_file, lock)  # before others can have it: see locked
        yield


def _remove_empty(folders: Iterable[Path]) -> None:
    for one in folders:
        with suppress(OSError):
            one.rmdir()


def _remove_file(path: Path) -> None:
    with suppress(OSError):  # Windows keeps a file that is open
        path.unlink()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file; it is made if it is not there.

    Who holds the lock may remove the file. Whoever has then locked what is no longer there tries
    once more.

    Raises
    ------
    BlockingIOError
        If another process or thread has it.
    OSError
        If the file cannot be made or locked.
    """
    while True:
        before = _identity(path)
        with closing(_exclusive(path)):
            if before is not None and before == _identity(path):
                yield
                return


def is_locked(path: Path) -> bool:
    """Return whether another process or thread holds the lock on a file; none is made."""
    if not path.exists():
        return False
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, timeout=0, uri=True)) as connection:
        try:
            connection.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError:  # its holder excludes everybody
            return True
    return False


def _exclusive(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rwc"
    connection = None
    try:
        connection = sqlite3.connect(address, timeout=0.0, isolation_level=None, uri=True)
        connection.execute("PRAGMA journal_mode = MEMORY")  # or there were a file of it
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise BlockingIOError(f"{path} is locked by another") from error
        raise OSError(f"{path} cannot be locked: {error}") from error
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
