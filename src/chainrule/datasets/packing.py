"""Compressed files, unpacked on the way and within bounded memory.

The compression (gzip, xz or bzip2) is told by the first bytes of a file, not by its name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedIOBase

    from _typeshed import WriteableBuffer

ENDINGS = ("", ".gz", ".xz", ".bz2")
"""What the names of a file and of its compressed forms end in."""

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)
"""What reading damaged content raises."""

_PIECE = 2**20
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BZIP2 = re.compile(rb"BZh[1-9](1A|\x17r)")  # a text may begin with BZh
# The strongest xz preset needs 65 MiB; a damaged or hostile header may ask for 4 GiB.
_XZ_MEMORY = 2**27


def unpacked(file: BufferedIOBase) -> BufferedIOBase:
    """Return what is inside a file, or the file itself if it is not compressed.

    Parameters
    ----------
    file : binary file
        Open for reading, at its start.
    """
    head = file.read(len(_XZ))
    file.seek(0)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if _BZIP2.match(head):
        return io.BufferedReader(_Bzip2Stream(file))
    if head == _XZ:
        return io.BufferedReader(_XzStream(file))
    return file


class _Stream(io.RawIOBase):
    """What a decompressor makes of a file, which may have several streams, one after the other."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> lzma.LZMADecompressor | bz2.BZ2Decompressor:
        raise NotImplementedError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        while True:
            data = b""
            if self._decoder.eof:  # another stream may follow, but nothing else
                data = self._decoder.unused_data or self._file.read(_PIECE)
                if not data:
                    return 0
                self._decoder = self._new_decoder()
            elif self._decoder.needs_input:
                data = self._file.read(_PIECE)
                if not data:
                    raise EOFError("the file ends before its compressed content does")
            piece = self._decode(data, len(view))
            if piece:
                view[: len(piece)] = piece
                return len(piece)

    def _decode(self, data: bytes, most: int) -> bytes:
        return self._decoder.decompress(data, most)


class _XzStream(_Stream):
    """What is inside an xz file, unpacked within ``_XZ_MEMORY`` bytes of memory.

    :class:`lzma.LZMAFile` has no limit: a header of a few bytes can make it ask for 4 GiB.
    """

    def _new_decoder(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)


class _Bzip2Stream(_Stream):
    """What is inside a bzip2 file; damage is an EOFError, and not an OSError as of a disk."""

    def _new_decoder(self) -> bz2.BZ2Decompressor:
        return bz2.BZ2Decompressor()

    def _decode(self, data: bytes, most: int) -> bytes:
        try:
            return super()._decode(data, most)
        except OSError as error:
            raise EOFError(str(error)) from error
