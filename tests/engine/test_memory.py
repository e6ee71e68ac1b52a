"""Where arrays begin in memory."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.engine.memory import PAGE, aligned, aligned_rows


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
