"""What a command says of an error: one line, also of errors that are not chainrule's own."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from chainrule.errors import ChainruleError

_REMEDIES = {
    errno.ENOENT: "check the name",
    errno.EACCES: "change its permissions, or choose another",
    errno.EPERM: "change its permissions, or choose another",
    errno.EROFS: "choose another place",
    errno.EISDIR: "give a file",
    errno.ENOTDIR: "give a folder where one is needed",
    errno.ENOSPC: "make room, or choose another place",
    errno.EDQUOT: "make room, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "close other files, or raise the limit",
}


def _of_system(error: Any) -> str:
    if error.strerror is None:
        return str(error) or type(error).__name__
    what = "a file or stream" if error.filename is None else str(error.filename)
    remedy = _REMEDIES.get(error.errno, "check it and try again")
    return f"{what}: {error.strerror}: {remedy}"


def _of_memory(error: Any) -> str:
    said = f" ({error})" if str(error) else ""
    return f"there must be memory for what is asked{said}: take a smaller network, batch or table"


def _of_text(error: Any) -> str:
    part = error.object[error.start : error.end]
    return f"names and values must be text that {error.encoding} has, got {part!r}: change them"


# The first that fits; a ChainruleError says all itself.
_WORDS: dict[type[Exception], Callable[[Any], str]] = {
    ChainruleError: str,
    OSError: _of_system,
    MemoryError: _of_memory,
    UnicodeEncodeError: _of_text,
    UnicodeDecodeError: _of_text,
}
TOLD = tuple(_WORDS)


def in_words(error: Exception) -> str:
    """Return what to say of an error that is one of :data:`TOLD`."""
    return next(words for kind, words in _WORDS.items() if isinstance(error, kind))(error)
