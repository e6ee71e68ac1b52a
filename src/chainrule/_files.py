"""Writes files so that a reader sees the old one or the new one, never half of one.

A file is written under another name in the same folder, brought to the disk, and then put in the
place of the old one, which is one step of the file system. A writer that is killed leaves such a
temporary file behind; the next one to write the same file removes it. While a writer lives it holds
a lock on its temporary file, so nobody removes what is still being written.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from chainrule._text import encodable
from chainrule.errors import InvalidValueError, an_object

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed
    fcntl = None  # type: ignore[assignment]


def as_path(value: Any, name: str, remedy: str = "pass a file's name") -> Path:
    """Return a path that somebody gave; parameters and errors are :func:`path_text`'s."""
    text = path_text(value, name, remedy)
    if "\0" in text:
        raise InvalidValueError(f"{name} must have no zero bytes", text, remedy)
    return Path(text)


def path_text(value: Any, name: str, remedy: str = "pass a file's name") -> str:
    """Return the text of a path that somebody gave: a text, the system's bytes, a path object.

    A Path would not have all of it: "./mnist" is "mnist" there.

    Parameters
    ----------
    value : object
        What was given.
    name, remedy : str
        What it is of, and what to do if it is no path, for the error.

    Raises
    ------
    InvalidValueError
        If it is something else, or empty.
    """
    rule = f"{name} must be a text or a pathlib.Path"
    if not isinstance(value, str | bytes | os.PathLike):
        raise InvalidValueError(rule, an_object(value), remedy)
    text = os.fsdecode(value)
    if not text:
        raise InvalidValueError(f"{name} must not be empty", text, remedy)
    return text


def replace_file(
    path: Path, write_into: Callable[[IO[bytes]], object], *, over: bool = True
) -> None:
    """Replace a file's content in one step; its permissions stay.

    Parameters
    ----------
    path : Path
        Of the file; where a link leads is what is replaced.
    write_into : callable
        Given a file that is open for writing bytes.
    over : bool
        Whether a file that is there when all is written may be replaced.

    Raises
    ------
    InvalidValueError
        If one is there, and must not be: of two writers the second loses.
    OSError
        If it cannot be written; the old file, if there is one, is then untouched. It names the
        file.
    """
    target = path.resolve()
    temporary = None
    try:
        _remove_what_killed_writers_left(target)
        temporary, file = _begun(target)
        with file:
            write_into(file)
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError):  # what its owner has set stays
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            if fcntl is not None:  # still locked
                put_in_place(temporary, target, over=over)
        if fcntl is None:
            put_in_place(temporary, target, over=over)
    except OSError as error:  # a failed write does not say of which file
        kept = "; the old file is kept" if target.is_file() else ""
        raise OSError(error.errno, f"{error.strerror or error}{kept}", str(path)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def put_in_place(temporary: Path, target: Path, *, over: bool) -> None:
    """Give a file that is written its name, in one step; ``temporary`` may be left.

    Raises
    ------
    InvalidValueError
        If a file is there, and must not be replaced.
    """
    if over:
        temporary.replace(target)
    else:
        try:
            _link(temporary, target)
        except FileExistsError:
            raise _is_there(target) from None
    with suppress(OSError):  # not every system has files for folders
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _link(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links: an empty file keeps the place
        target.open("xb").close()
        temporary.replace(target)


def check_place(path: Path, *, over: bool) -> None:
    """Raise if a file must not be written, as far as what is there says.

    Parameters
    ----------
    path : Path
        Of the file.
    over : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    InvalidValueError
        If it is a folder, its folder is not there, or it is there and must not be replaced.
    """
    if path.is_dir():
        raise InvalidValueError("the output must be a file", str(path), "add a name")
    if not path.parent.is_dir():
        raise InvalidValueError("the output file's folder must exist", str(path), "make it first")
    if path.exists() and not path.is_file():
        raise InvalidValueError(
            "the output must be an ordinary file", f"{path}, a device or pipe", "choose another"
        )
    if path.exists() and not over:
        raise _is_there(path)


def _is_there(path: Path) -> InvalidValueError:
    return InvalidValueError(
        "the output file must not be there yet",
        str(path),
        "choose another, or write over it with --force",
    )


def write_text(path: Path, text: str, *, over: bool = True) -> None:
    """Replace a file by a text, UTF-8, line ends as they are; all else is :func:`replace_file`'s.

    What UTF-8 has not is written as an escape; see :func:`~chainrule._text.encodable`.
    """
    replace_file(path, lambda file: file.write(encodable(text).encode()), over=over)


def _begun(path: Path) -> tuple[Path, IO[bytes]]:
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        file = temporary.open("xb")
        if fcntl is None:
            return temporary, file
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return temporary, file
        file.close()  # somebody took it for a killed writer's before it was locked


def _remove_what_killed_writers_left(path: Path) -> None:
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}")
    with suppress(OSError):  # one may be allowed to write to a folder, and not to list it
        for left in [entry for entry in path.parent.iterdir() if name.fullmatch(entry.name)]:
            _remove_unlocked(left)


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError):
        if fcntl is None:
            path.unlink()
            return
        with path.open("rb") as file:
            lock(file)
            path.unlink()


def lock(file: IO[bytes]) -> None:
    """Lock an open file until it is closed, or its process ends.

    Raises
    ------
    OSError
        If somebody else has it, or the system has no such locks.
    """
    if fcntl is None:
        raise OSError("this system does not lock whole files")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
