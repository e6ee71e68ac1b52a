from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from chainrule.engine.checks import check_array, check_range, check_sparse
from chainrule.errors import InvalidValueError


def refuses(call, *args):
    try:
        call(*args)
    except InvalidValueError:
        return True
    return False


INTEGERS = [f"{order}{sign}{size}" for order in "<>" for sign in "iu" for size in (1, 2, 4, 8)]


@given(st.sampled_from(INTEGERS), st.sampled_from([0, 1, 100, 300, 2**31, 2**40]), st.data())
def test_a_range_is_that_of_the_integers(dtype, end, data):
    ends = np.iinfo(dtype)
    near = [v for v in (-1, 0, end - 1, end, ends.min, ends.max) if ends.min <= v <= ends.max]
    values = data.draw(st.lists(st.sampled_from(near), max_size=4))
    numbers = np.repeat(np.array(values, dtype), 2)[::2]  # in any memory
    expected = not all(0 <= value < end for value in values)
    assert refuses(check_range, "rows", numbers, end, "") == expected


def test_the_first_number_out_of_range_is_named(message_of):
    numbers = np.array([3, -2, 9])
    assert message_of(InvalidValueError, check_range, "rows", numbers, 4, "count anew") == (
        "rows must be in [0, 4), got -2: count anew"
    )


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (np.zeros((3, 2)), "float64 of shape (3, 2)"),
        (np.zeros(3, complex), "complex128 of shape (3,)"),
        (np.zeros(3, object), "object of shape (3,)"),
        (np.ma.masked_equal(np.arange(3), 1), "masked int64 of shape (3,)"),
        ([1, 2, 3], "an object of the type list"),
        (None, "None"),
    ],
)
def test_another_array_is_refused(value, got, message_of):
    assert message_of(InvalidValueError, check_array, "y", value, ("n",)) == (
        f"y must be an array of numbers of shape (n,), got {got}: "
        "convert it with numpy.asarray, or reshape it"
    )


def test_an_array_of_that_shape_passes():
    for dtype in ("bool", "int8", "uint64", "float16", ">f4"):
        check_array("y", np.zeros((3, 2), dtype), ("n", 2))


FORMATS = {
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
}


def stays_inside(X):
    """Return whether every cell that a matrix of 6 rows and 4 columns names is one of its own."""
    n = len(X.data)
    if X.format == "coo":
        cells = list(zip(X.row.tolist(), X.col.tolist(), strict=False))
        return len(cells) == n and all(0 <= i < 6 and 0 <= j < 4 for i, j in cells)
    rows, columns = (4, 6) if X.format == "csc" else (6, 4)
    starts, indices = X.indptr.tolist(), X.indices.tolist()
    return (
        len(starts) == rows + 1
        and starts[0] == 0
        and all(begin <= end <= min(n, len(indices)) for begin, end in pairwise(starts))
        and all(0 <= j < columns for j in indices[: starts[-1]])
    )


@given(st.sampled_from(list(FORMATS)), st.booleans(), st.data())
def test_a_sparse_matrix_is_refused_where_it_leaves_itself(kind, wide, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    X = scipy.sparse.csr_array(rng.integers(0, 2, (6, 4)).astype(float))
    X = X.tobsr((1, 1)) if kind == "bsr" else X.asformat(kind)
    part = data.draw(st.sampled_from(FORMATS[kind]))
    values = getattr(X, part).astype(np.int64 if wide else np.int32)
    if len(values) and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(values) - 1))
        values[at] = data.draw(st.sampled_from([-5, -1, 0, 1, 3, 4, 5, 6, 10**7]))
    elif data.draw(st.booleans()):
        values = values[:-1].copy()
    setattr(X, part, values)
    refused = refuses(check_sparse, X)
    assert refused != stays_inside(X)
    try:
        X._check() if kind == "coo" else X.check_format(full_check=True)
    except ValueError:
        assert refused  # whatever SciPy refuses


@pytest.mark.parametrize("kind", ["dia", "dok", "lil"])
def test_a_format_without_indices_passes(kind):
    check_sparse(scipy.sparse.csr_array(np.eye(3)).asformat(kind))


def test_looking_at_a_sparse_matrix_changes_nothing():
    parts = np.ones(5), np.array([1, 0, 1, 2, 9]), np.array([0, 2, 2, 4])  # one entry too many
    X = scipy.sparse.csr_matrix(parts, (3, 3))
    before = X.data, X.indices, X.indptr
    check_sparse(X)
    assert all(a is b for a, b in zip(before, (X.data, X.indices, X.indptr), strict=True))
