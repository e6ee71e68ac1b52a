"""Where arrays begin in memory."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from chainrule.engine import memory
from chainrule.engine.memory import PAGE, aligned, aligned_rows, machine_memory, require
from chainrule.errors import NotEnoughMemoryError


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [1, 7, (3, 5)])
def test_an_array_begins_at_a_page(shape, dtype):
    array = aligned(shape, dtype)
    assert array.ctypes.data % PAGE == 0
    assert array.flags.c_contiguous
    np.testing.assert_array_equal(array, np.zeros(shape, dtype), strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_row_begins_at_a_page(dtype):
    rows = aligned_rows(3, 21, dtype)
    assert [row.ctypes.data % PAGE for row in rows] == [0, 0, 0]
    np.testing.assert_array_equal(rows, np.zeros((3, 21), dtype), strict=True)


def test_what_the_machine_cannot_have_is_refused_and_no_less(monkeypatch, message_of):
    monkeypatch.setattr(memory, "machine_memory", lambda: 3 * memory.GIB)
    require(3 * memory.GIB, "all of it")
    assert message_of(NotEnoughMemoryError, require, 3 * memory.GIB + 1, "one byte more") == (
        "memory must hold one byte more, at least 4 GiB, got 3.0 GiB: make the layers or the "
        "batches smaller"
    )


def test_a_container_s_limit_counts(monkeypatch, tmp_path):
    most = machine_memory()
    assert most > 2**26
    limits = tmp_path / "max", tmp_path / "none", tmp_path / "missing"
    limits[0].write_text(f"{2**26}\n")
    limits[1].write_text("max\n")
    monkeypatch.setattr(memory, "LIMITS", limits[1:])
    assert machine_memory() >= most
    monkeypatch.setattr(memory, "LIMITS", limits)
    if most < sys.maxsize:  # Linux
        assert machine_memory() <= most - memory.GIB // 16
