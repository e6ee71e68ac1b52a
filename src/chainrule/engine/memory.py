"""Arrays that begin at a page of memory, as vectors that are walked through together do best.

A processor tells addresses of loads and stores apart by their last 12 bits first. Where one vector
lies a little before another by these, each load seems to need a store that has just been made, and
waits. Vectors that begin at the same place of a page never do; and none of their parts lies across
two cache lines.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule._types import Array

PAGE = 4096  # bytes


def aligned(shape: int | tuple[int, ...], dtype: Any) -> Array:
    """Return zeros, C-contiguous, whose first byte is that of a page."""
    dtype = np.dtype(dtype)
    n_bytes = math.prod(np.atleast_1d(shape).tolist()) * dtype.itemsize
    memory = np.zeros(n_bytes + PAGE, np.uint8)
    begin = -memory.ctypes.data % PAGE
    zeros: Array = memory[begin : begin + n_bytes].view(dtype).reshape(shape)
    return zeros


def aligned_rows(n: int, length: int, dtype: Any) -> Array:
    """Return zeros of shape (n, length), each of whose rows begins at a page."""
    per_page = PAGE // np.dtype(dtype).itemsize
    zeros: Array = aligned((n, -(-length // per_page) * per_page), dtype)[:, :length]
    return zeros
