"""Standard output and standard error that cannot end a command.

A training must not be lost because its summary has a character that the terminal's encoding lacks,
because the reader of a pipe has gone (``| head -1``), or because a disk is full. Characters are
escaped; what a stream does not take is dropped, and said at the end.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_LINES = str.maketrans(
    {
        **dict.fromkeys(map(chr, range(0x2500, 0x2580)), "+"),  # box drawing
        **dict.fromkeys("─━╌╍┄┅┈┉═╴╶╸╺╼╾–", "-"),
        **dict.fromkeys("│┃╎╏┆┇┊┋║╵╷╹╻╽╿", "|"),
    }
)


def _shown(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that cannot be encoded: lines in ASCII, else escapes."""
    assert isinstance(error, UnicodeEncodeError)  # nothing is read from these streams
    drawn = error.object[error.start : error.end].translate(_LINES)
    return drawn.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error("chainrule.shown", _shown)


class _Raw(io.RawIOBase):
    """Writes to another raw stream until that fails, then to nowhere; it keeps the error."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw is not None and bool(self._raw.isatty())

    def fileno(self) -> int:
        if self._raw is None:
            raise io.UnsupportedOperation("a closed stream has no number")
        return int(self._raw.fileno())

    def write(self, data: Any) -> int | None:
        if self.error is None:
            try:
                if self._raw is None:
                    raise OSError(errno.EBADF, os.strerror(errno.EBADF))
                written: int | None = self._raw.write(data)
                return written
            except OSError as error:
                self.error = error
        return len(data)


class LastingStream(io.TextIOWrapper):
    """A text stream over another one, that escapes what it cannot encode and never fails.

    Parameters
    ----------
    stream : text stream or None
        As Python has made it; None where the descriptor was closed.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream  # kept, as it would close what is below when it goes
        binary = getattr(stream, "buffer", None)
        self._lower = _Raw(getattr(binary, "raw", binary))
        if stream is not None:
            stream.flush()
        super().__init__(
            io.BufferedWriter(self._lower),
            encoding=getattr(stream, "encoding", None) or "utf-8",
            errors="chainrule.shown",
            # A stream without a buffer (python -u) gets whole lines.
            line_buffering=getattr(stream, "line_buffering", False)
            or getattr(stream, "write_through", False),
        )

    @property
    def lost(self) -> OSError | None:
        """Why something that was written is lost; None if nothing is, or nobody read any more."""
        self.flush()
        gone = self._lower.error
        return None if isinstance(gone, BrokenPipeError) else gone


@contextmanager
def lasting_streams() -> Iterator[Callable[[], OSError | None]]:
    """Put lasting streams in the place of standard output and standard error.

    A function is yielded that says why something is lost that was written to standard output.
    """
    _take_descriptors()
    before = sys.stdout, sys.stderr
    out, err = map(_lasting, before)
    sys.stdout, sys.stderr = out, err
    try:
        yield lambda: getattr(out, "lost", None)
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def _lasting(stream: Any) -> Any:
    # A notebook's stream has no bytes below, encodes nothing and has no reader that goes away.
    return LastingStream(stream) if stream is None or hasattr(stream, "buffer") else stream


def _take_descriptors() -> None:
    """Keep files that are opened from being taken for a standard stream that was closed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
