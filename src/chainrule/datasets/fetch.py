"""Downloads, checked and whole. The only code of the package that uses the network.

A file is streamed to a temporary name beside its place, no further than its known length,
and gets its own name only when its SHA-256 is the pinned one. Whatever goes wrong, the
temporary file is removed, so the cache holds right files or none.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from chainrule.datasets.locate import VARIABLE, cache_dir
from chainrule.errors import FetchError, InvalidValueError

if TYPE_CHECKING:
    from pathlib import Path

    from chainrule.datasets.catalogue import Entry, IdxFile

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes of it that have arrived, and the bytes in all."""

_PIECE = 2**16
_REMEDY = f"check the connection and try again, or name a folder that has it with {VARIABLE}"


def fetch(entry: Entry, *, timeout: float = 30.0, progress: Progress | None = None) -> Path:
    """Download a data set into the cache.

    Files that are in the cache already and right are kept; wrong ones are replaced.

    Parameters
    ----------
    entry : Entry
        The data set; it must have a ``url``.
    timeout : float, default 30.0
        Seconds to wait for the server, for each answer and not in all.
    progress : callable, optional
        Called with ``(file_name, n_received, n_bytes)`` whenever bytes arrive, and once for
        a file that is kept.

    Returns
    -------
    Path
        The folder in the cache.

    Raises
    ------
    InvalidValueError
        If the data set cannot be downloaded.
    FetchError
        If a download fails, or its length or SHA-256 is not the pinned one.
    """
    if entry.url is None:
        rule = "only a data set with a download address can be fetched"
        raise InvalidValueError(rule, entry.name, "load it, it is bundled with chainrule")
    folder = cache_dir() / entry.name
    for file in entry.files:
        target = folder / f"{file.name}.gz"
        if _is_right(target, file):
            if progress is not None:
                progress(target.name, file.gz_size, file.gz_size)
        else:
            _download(entry.url + target.name, target, file, timeout, progress)
    return folder


def _is_right(target: Path, file: IdxFile) -> bool:
    if not target.is_file():
        return False
    with target.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.gz_sha256


def _download(
    url: str, target: Path, file: IdxFile, timeout: float, progress: Progress | None
) -> None:
    # A name that nobody else has: two processes may fetch the same file.
    part = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _receive(url, part, file, timeout, progress)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except FetchError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(
            f"{url} must arrive at {target}, got {_reason(error)}: {_REMEDY}"
        ) from error


def _receive(
    url: str, part: Path, file: IdxFile, timeout: float, progress: Progress | None
) -> None:
    digest, n_received = hashlib.sha256(), 0
    with urllib.request.urlopen(url, timeout=timeout) as answer, part.open("xb") as out:
        # One byte more than there should be is enough to know that there are too many.
        while piece := answer.read(min(_PIECE, file.gz_size + 1 - n_received)):
            n_received += len(piece)
            digest.update(piece)
            out.write(piece)
            if progress is not None:
                progress(f"{file.name}.gz", n_received, file.gz_size)
    if n_received != file.gz_size:
        got = "more" if n_received > file.gz_size else n_received
        raise FetchError(f"{url} must have {file.gz_size} bytes, got {got}: {_REMEDY}")
    if digest.hexdigest() != file.gz_sha256:
        raise FetchError(
            f"the SHA-256 of {url} must be {file.gz_sha256}, got {digest.hexdigest()}: {_REMEDY}"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        error.close()  # it holds the connection
        return f"HTTP status {error.code} ({error.reason})"
    if isinstance(error, URLError):
        return str(error.reason)
    # The message of a failed write has the name of a temporary file.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
