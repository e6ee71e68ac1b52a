"""Arrays that begin at a cache line, as vectors of the widest instructions do best.

A vector that lies across two lines costs two accesses; NumPy's memory begins anywhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule._types import Array

LINE = 64  # bytes


def aligned(shape: int | tuple[int, ...], dtype: Any) -> Array:
    """Return zeros, C-contiguous, whose first byte is that of a cache line."""
    dtype = np.dtype(dtype)
    n_bytes = math.prod(np.atleast_1d(shape).tolist()) * dtype.itemsize
    memory = np.zeros(n_bytes + LINE, np.uint8)
    begin = -memory.ctypes.data % LINE
    zeros: Array = memory[begin : begin + n_bytes].view(dtype).reshape(shape)
    return zeros


def aligned_rows(n: int, length: int, dtype: Any) -> Array:
    """Return zeros of shape (n, length), each of whose rows begins at a cache line."""
    per_line = LINE // np.dtype(dtype).itemsize
    zeros: Array = aligned((n, -(-length // per_line) * per_line), dtype)[:, :length]
    return zeros
