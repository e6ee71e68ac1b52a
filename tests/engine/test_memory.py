"""Where arrays begin in memory."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.engine.memory import LINE, aligned, aligned_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [1, 7, (3, 5)])
def test_an_array_begins_at_a_cache_line(shape, dtype):
    array = aligned(shape, dtype)
    assert array.ctypes.data % LINE == 0
    assert array.flags.c_contiguous
    np.testing.assert_array_equal(array, np.zeros(shape, dtype), strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_row_begins_at_a_cache_line(dtype):
    rows = aligned_rows(3, 21, dtype)
    assert [row.ctypes.data % LINE for row in rows] == [0, 0, 0]
    np.testing.assert_array_equal(rows, np.zeros((3, 21), dtype), strict=True)
