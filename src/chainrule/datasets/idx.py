"""The IDX format of MNIST and its relatives, read with care.

An IDX file is four bytes (two zeros, a type, a number of dimensions), one big-endian
unsigned 32-bit number for each dimension, and the values, row by row, big-endian.

Nothing in a file is believed before it is checked. The header is read first, and the
length that it promises is worked out with Python's integers, which do not overflow. Then
the values are read piece by piece until they are all there or the file ends, so a header
that promises too much, or a compressed file that unpacks to too much, never takes more
memory than the bytes that really arrive and the limit allows.

:func:`read_idx` is the only parser of the package.
"""

from __future__ import annotations

import hashlib
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule._files import as_path
from chainrule.datasets.packing import DAMAGED, unpacked
from chainrule.errors import DataFormatError

if TYPE_CHECKING:
    import os
    from hashlib import _Hash
    from io import BufferedIOBase

    from numpy.typing import NDArray

MAX_BYTES = 2**31
"""The most bytes of values that :func:`read_idx` takes from a file unless told otherwise."""

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_DIMENSIONS = 64  # NumPy's own limit
_PIECE = 2**20


def read_idx(
    path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, sha256: str | None = None
) -> NDArray[Any]:
    """Read an IDX file, plain or compressed with gzip, xz or bzip2.

    The compression is told by the first bytes of the file, not by its name.

    Parameters
    ----------
    path : path-like
        The file.
    max_bytes : int, default 2**31
        The most bytes of values that the header may promise.
    sha256 : str, optional
        The SHA-256, in hexadecimal, that the uncompressed file must have. It is worked out
        over the very bytes that are parsed.

    Returns
    -------
    ndarray
        The values in the shape that the header gives and in native byte order: uint8, int8,
        int16, int32, float32 or float64.

    Raises
    ------
    DataFormatError
        If the file is no IDX file, has more or fewer bytes than its header promises,
        promises more than ``max_bytes``, is compressed and damaged, or has another digest.
    OSError
        If the file cannot be opened or read.

    References
    ----------
    The format is described on the MNIST page, http://yann.lecun.com/exdb/mnist/.
    """
    path = as_path(path, "an IDX file")
    with path.open("rb") as file:
        try:
            return _parse(unpacked(file), path, max_bytes, sha256)
        except DAMAGED as error:
            raise _fault(
                path, "its compressed content must be whole", error, "get the file again"
            ) from error


def _parse(stream: BufferedIOBase, path: Path, max_bytes: int, sha256: str | None) -> NDArray[Any]:
    header, dtype, shape = _read_header(stream, path)
    # NumPy limits the product of the other dimensions even where one of them is 0.
    span = dtype.itemsize * math.prod(max(size, 1) for size in shape)
    if span > max_bytes:
        raise _fault(
            path,
            f"its header may promise at most {max_bytes} bytes of values",
            span,
            "the file is damaged, is not the one expected, or needs a larger max_bytes",
        )
    digest = hashlib.sha256(header)
    body = _read_body(stream, path, dtype.itemsize * math.prod(shape), digest)
    if sha256 is not None and digest.hexdigest() != sha256:
        raise _fault(
            path,
            f"the SHA-256 of its content must be {sha256}",
            digest.hexdigest(),
            "it is damaged or belongs to another data set; put the right file in its place",
        )
    values = np.ndarray(shape, dtype, buffer=body)
    return values.astype(dtype.newbyteorder("="), copy=False)


def _read_header(
    stream: BufferedIOBase, path: Path
) -> tuple[bytes, np.dtype[Any], tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        rule = "an IDX file must begin with two zero bytes, a type and a number of dimensions"
        raise _fault(
            path, rule, magic, "give an IDX file, plain or compressed with gzip, xz or bzip2"
        )
    code, n_dimensions = magic[2], magic[3]
    if code not in _DTYPES:
        known = ", ".join(f"0x{known:02X}" for known in _DTYPES)
        raise _fault(path, f"its type must be one of {known}", f"0x{code:02X}", "get it again")
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS:
        rule = f"its number of dimensions must be in [1, {_MAX_DIMENSIONS}]"
        raise _fault(path, rule, n_dimensions, "get the file again")
    sizes = stream.read(4 * n_dimensions)
    if len(sizes) < 4 * n_dimensions:
        rule = f"its header must have {4 + 4 * n_dimensions} bytes"
        raise _fault(path, rule, 4 + len(sizes), "it was cut short; get it again")
    return magic + sizes, np.dtype(_DTYPES[code]), struct.unpack(f">{n_dimensions}I", sizes)


def _read_body(stream: BufferedIOBase, path: Path, n_bytes: int, digest: _Hash) -> bytearray:
    body = bytearray()
    while piece := stream.read(min(_PIECE, n_bytes - len(body))):
        digest.update(piece)
        body += piece
    rule = f"it must have {n_bytes} bytes of values after its header"
    if len(body) < n_bytes:
        raise _fault(path, rule, len(body), "it was cut short; get it again")
    # Asking for one more byte also makes the decompressors check their own sums.
    if stream.read(1):
        raise _fault(path, rule, "more", "its header is damaged or something was added to it")
    return body


def _fault(path: Path, rule: str, value: object, remedy: str) -> DataFormatError:
    return DataFormatError(f"{path}: {rule}, got {value}: {remedy}")
