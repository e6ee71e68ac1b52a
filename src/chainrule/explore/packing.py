"""Arrays as text: base64 of little-endian numbers, which a browser turns into typed arrays."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule._types import Array

Dtype = Literal["uint8", "float16", "float32"]
LARGEST_PAGE = 3_000_000  # bytes, up to which weights are always stored in full


@dataclass(frozen=True)
class Packed:
    """An array in the document.

    Attributes
    ----------
    dtype : {"uint8", "float16", "float32"}
        Of its numbers, which are little-endian.
    shape : tuple of int
        Row by row.
    data : str
        Its bytes in base64.
    """

    dtype: Dtype
    shape: tuple[int, ...]
    data: str


def pack(values: Array, dtype: Dtype) -> Packed:
    """Return an array of any shape as text, its numbers rounded to ``dtype``."""
    rounded = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<"))
    return Packed(dtype, values.shape, base64.b64encode(rounded.tobytes()).decode())


def unpack(packed: Packed) -> Array:
    """Return what :func:`pack` was given, as rounded."""
    numbers = np.frombuffer(base64.b64decode(packed.data), np.dtype(packed.dtype).newbyteorder("<"))
    return numbers.astype(packed.dtype).reshape(packed.shape)
