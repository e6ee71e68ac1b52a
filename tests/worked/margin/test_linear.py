from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.worked.margin.linear import kernel_vector, root_or_float, solve, square_root

F = Fraction
numbers = st.integers(-3, 3).map(F)


@st.composite
def systems(draw):
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=m, max_size=m))
    return rows, draw(st.lists(numbers, min_size=m, max_size=m))


def times(rows, x):
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in rows]


@given(systems())
def test_a_solution_solves_and_none_means_that_there_is_none(system):
    rows, right = system
    x = solve(rows, right)
    if x is not None:
        assert times(rows, x) == right
    else:
        # Fredholm: some combination of the equations says 0 = 1.
        columns = [list(column) for column in zip(*rows, strict=True)]
        proof = solve([*columns, right], [*([F(0)] * len(columns)), F(1)])
        assert proof is not None
        assert times(columns, proof) == [0] * len(columns)
        assert times([right], proof) == [1]


@given(systems())
def test_a_kernel_vector_is_mapped_to_zero(system):
    rows, _ = system
    x = kernel_vector(rows)
    if x is None:
        assert np.linalg.matrix_rank(np.array(rows, dtype=float)) == len(rows[0])
    else:
        assert any(x)
        assert times(rows, x) == [0] * len(rows)


@pytest.mark.parametrize(("square", "root"), [(F(4, 9), F(2, 3)), (F(0), F(0)), (F(8, 2), F(2))])
def test_roots_that_are_fractions_are_exact(square, root):
    assert square_root(square) == root
    assert root_or_float(square) == root


@given(st.fractions(min_value=F(1, 10**30), max_value=10**30))
def test_other_roots_are_cut_off_after_many_digits(square):
    root = square_root(square)
    assert root * root <= square < (root + root / 10**45) ** 2


def test_a_root_that_is_no_fraction_is_a_float_in_data():
    assert root_or_float(F(2)) == 2**0.5
    assert isinstance(root_or_float(F(2)), float)
