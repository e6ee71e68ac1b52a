import math

import numpy as np
import pytest

from chainrule._finite import all_finite, surely_finite

DTYPES = ["float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40_000, 2), (5,), (0,)])
def test_usual_numbers(shape, dtype, rng):
    values = rng.standard_normal(shape).astype(dtype)
    assert surely_finite(values)
    assert all_finite(values)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40_000, 2)])
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, -1])
def test_a_number_that_is_not_finite(wrong, place, shape, dtype, rng):
    values = rng.standard_normal(shape).astype(dtype)
    values.flat[place] = wrong
    assert not surely_finite(values)
    assert not all_finite(values)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_whose_squares_are_too_large_are_finite(dtype):
    values = np.full((5, 3), np.finfo(dtype).max)
    values[1] *= -1
    assert not surely_finite(values)
    assert all_finite(values)
