"""Memory: what can be had, and arrays that begin at a page of it.

Linux promises more memory than there is, and ends a process that uses too much of it. What surely
needs more than the machine has is therefore refused before it is allocated. Elsewhere, and where
somebody has set a limit, NumPy's MemoryError comes in time.

Vectors that are walked through together do best where they begin at a page.

A processor tells addresses of loads and stores apart by their last 12 bits first. Where one vector
lies a little before another by these, each load seems to need a store that has just been made, and
waits. Vectors that begin at the same place of a page never do; and none of their parts lies across
two cache lines.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.errors import NotEnoughMemoryError, Words

PAGE = 4096  # bytes
GIB = 2**30
LIMITS = (  # of a container
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
REMEDY = "make the layers or the batches smaller"


def require(n_bytes: int, what: str) -> None:
    """Raise NotEnoughMemoryError if the machine has less memory than ``what`` surely needs."""
    if n_bytes <= GIB:  # reading how much there is takes longer than a small fit
        return
    most = machine_memory()
    if n_bytes > most:
        rule = f"memory must hold {what}, at least {-(-n_bytes // GIB):,} GiB"
        raise NotEnoughMemoryError(rule, Words(f"{most / GIB:,.1f} GiB"), REMEDY)


def machine_memory() -> int:
    """Return how many bytes a process may use at most, swap included; more where nobody knows."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return sys.maxsize
    kilobytes = {name: int(value.split()[0]) for name, value in (x.split(":") for x in lines)}
    limits = [kilobytes["MemTotal"] * 1024, *filter(None, map(_limit, LIMITS))]
    return min(limits) + kilobytes["SwapTotal"] * 1024


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such file, or "max"
        return None


@contextmanager
def within_memory() -> Iterator[None]:
    """Give NumPy's MemoryError, which says how much was asked for, the rule and the remedy."""
    try:
        yield
    except NotEnoughMemoryError:
        raise
    except MemoryError as error:
        rule = "memory must hold the data, the network and what its training needs"
        raise NotEnoughMemoryError(rule, str(error), f"{REMEDY}, or use fewer rows") from error


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
