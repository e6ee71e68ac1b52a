"""The oracles are scikit-learn's scalers, on dense data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, csr_matrix
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from chainrule.errors import UnknownNameError
from chainrule.estimators import scaling
from chainrule.estimators.scaling import SCALINGS, learn_scaling

DTYPES = ["float64", "float32", "float16", ">f8", "uint8", "int8", "int64", "uint64", "bool"]


@pytest.fixture(params=list(SCALINGS))
def name(request):
    return request.param


@pytest.fixture(params=["one block", "small blocks"])
def _block_size(request, monkeypatch):
    if request.param == "small blocks":
        make_blocks_small(monkeypatch)


def make_blocks_small(monkeypatch):
    """Some three rows of five features, and two columns of 60 float64."""
    monkeypatch.setattr(scaling, "BLOCK_BYTES", 3 * 5 * 8)
    monkeypatch.setattr(scaling, "COLUMNS_BYTES", 2 * 60 * 8)


def expected(name, X):
    """Return (shift, scale) as scikit-learn's scaler has them."""
    if name == "standard":
        scaler = StandardScaler().fit(X)
        return scaler.mean_, 1 / scaler.scale_
    if name == "minmax":
        scaler = MinMaxScaler().fit(X)
        return scaler.data_min_, scaler.scale_
    scaler = RobustScaler().fit(X)
    return scaler.center_, 1 / scaler.scale_


def check(learnt, shift, scale, rtol=1e-12, size=1.0):
    """Compare; ``size`` is that of the numbers, whose rounding a mean near 0 is made of."""
    assert learnt.shift.dtype == learnt.scale.dtype == np.float64
    np.testing.assert_allclose(learnt.shift, shift, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(learnt.scale, scale, rtol=rtol)


def numbers(rng, dtype, shape=(60, 5)):
    """Return numbers of mixed signs, where the dtype has them, and a third of them 0."""
    dtype = np.dtype(dtype)
    low = 0 if dtype.kind in "bu" else -100
    values = rng.uniform(low, 100, shape) * (rng.random(shape) > 1 / 3)
    return values.astype(dtype)


def rtol_of(dtype):
    """scikit-learn computes quantiles and ranges in the precision of X."""
    return {"float32": 1e-6, "float16": 4e-3}.get(dtype, 1e-12)


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 4, 59])
def test_is_scikit_learn_s(name, dtype, n, rng):
    X = numbers(rng, dtype)[:n]
    before = X.copy()
    check(learn_scaling(name, X), *expected(name, X), rtol=rtol_of(dtype), size=100)
    np.testing.assert_array_equal(X, before)


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(csr_array, "float64"), (csr_matrix, "float32"), (csr_matrix, "uint8"), (csr_array, "bool")],
)
@pytest.mark.parametrize("some", [False, True])
def test_of_csr_is_that_of_its_dense_form(name, dtype, kind, some, rng):
    dense = numbers(rng, dtype)
    dense[:, 3] = 0
    rows = np.array([50, 3, 4, 17, 40]) if some else None
    X = kind(dense)
    learnt = learn_scaling(name, X, rows)
    chosen = dense if rows is None else dense[rows]
    check(learnt, *expected(name, chosen), rtol=rtol_of(dtype), size=100)
    same = learn_scaling(name, dense, rows)
    np.testing.assert_array_equal(learnt.shift, same.shift)
    np.testing.assert_array_equal(learnt.scale, same.scale)


def test_csr_may_store_zeros_and_numbers_in_parts(name):
    parts = [3.0, 0, 1, 1, -4, 2], [0, 1, 1, 1, 0, 1], [0, 4, 5, 6]
    X = csr_array(parts, shape=(3, 2))
    check(learn_scaling(name, X), *expected(name, np.array([[3.0, 2], [-4, 0], [0, 2]])))
    np.testing.assert_array_equal(X.data, parts[0])


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_other_rows_are_not_looked_at(name, dtype, rng):
    X = numbers(rng, dtype)
    rows = rng.permutation(60)[:41]
    learnt, before = learn_scaling(name, X, rows), rows.copy()
    check(learnt, *expected(name, X[rows]))
    X[np.setdiff1d(np.arange(60), rows)] = 255
    np.testing.assert_array_equal(learn_scaling(name, X, rows).scale, learnt.scale)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("value", [0, -0.1, 1e-300, 1e8 + 0.1, -1e300])
def test_a_constant_column_is_only_shifted(name, value):
    X = np.full((60, 5), value)
    learnt = learn_scaling(name, X)
    np.testing.assert_array_equal(learnt.shift, X[0])
    np.testing.assert_array_equal(learnt.scale, 1)


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_constant_column_of_bytes_is_only_shifted(name, value):
    learnt = learn_scaling(name, np.full((60, 5), value, np.uint8))
    np.testing.assert_array_equal(learnt.shift, value)
    np.testing.assert_array_equal(learnt.scale, 1)


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("spread", [1e-8, 1e-6, 1e-5, 1e-3, 1])
def test_a_large_mean_hides_no_spread_and_makes_none_up(name, spread, rng):
    X = 1e8 + spread * rng.normal(size=(60, 5))
    shift, scale = expected(name, X)
    check(learn_scaling(name, X), shift, scale, rtol=1e-9)
    # What could be rounding; half of the numbers are 1e8, so that both quartiles are.
    none_up_to = {"standard": 1e-6, "minmax": 0, "robust": 1e-8}[name]
    assert (scale[0] == 1) == (spread <= none_up_to)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_tiny_range_is_scaled_where_scikit_learn_scales_it(name, dtype):
    X = np.linspace(0, 1e-7, 20).reshape(-1, 1).astype(dtype)
    shift, scale = expected(name, X)
    check(learn_scaling(name, X), shift, scale, rtol=rtol_of(dtype))
    assert (scale[0] == 1) == (dtype == "float32" and name == "minmax")


@pytest.mark.usefixtures("_block_size")
def test_huge_numbers_do_not_overflow(name, rng):
    largest = np.finfo(np.float64).max
    X = rng.uniform(-1, 1, (60, 5)) * [largest, 1, 1e160, largest / 4, 1]
    X[:2, 0] = -largest, largest
    X[:, 3] += largest / 2
    units = np.array([2.0**600, 1, 2.0**500, 2.0**600, 1])  # scikit-learn's would overflow
    learnt, (shift, scale) = learn_scaling(name, X), expected(name, X / units)
    np.testing.assert_allclose(learnt.shift / units, shift, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(learnt.scale * units, scale, rtol=1e-12)


def test_bytes_have_the_quantiles_of_numpy(rng):
    X = rng.integers(-128, 128, (999, 40), dtype=np.int8)
    learnt = learn_scaling("robust", X)
    first, median, third = np.percentile(X, [25, 50, 75], axis=0)
    np.testing.assert_array_equal(learnt.shift, median)
    np.testing.assert_array_equal(learnt.scale, 1 / (third - first))


def test_many_columns_of_bytes_are_counted_some_at_a_time(rng, peak_bytes, monkeypatch):
    monkeypatch.setattr(scaling, "BLOCK_BYTES", 2**20)
    X = rng.integers(0, 256, (3, 3000), dtype=np.uint8)
    check(learn_scaling("robust", X), *expected("robust", X))
    assert peak_bytes(lambda: learn_scaling("robust", X)) < 2**22  # all counts: 6 MB


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda X: np.hstack([X, X])[::-2, :5]])
def test_any_layout(name, layout, rng):
    X = layout(numbers(rng, "float64"))
    check(learn_scaling(name, X), *expected(name, X), size=100)


@settings(max_examples=60)
@given(
    st.sampled_from(list(SCALINGS)),
    st.sampled_from(DTYPES),
    st.tuples(st.integers(1, 70), st.integers(1, 7)),
    st.sampled_from([1e-12, 1e-6, 1, 1e6, 1e12]),
    st.sampled_from(["dense", "some rows", "csr"]),
    st.integers(0, 2**32 - 1),
)
def test_is_scikit_learn_s_whatever_the_shape(name, dtype, shape, factor, form, seed):
    rng = np.random.default_rng(seed)
    if dtype not in ("float64", "float32"):
        factor = 1
    X = (numbers(rng, dtype, shape) * np.dtype(dtype).type(factor)).astype(dtype)
    if form == "csr" and dtype in ("float16", ">f8"):
        form = "dense"  # scipy has no such matrices
    rows = rng.permutation(len(X))[: 1 + len(X) // 2] if form == "some rows" else None
    with pytest.MonkeyPatch.context() as monkeypatch:
        make_blocks_small(monkeypatch)
        learnt = learn_scaling(name, csr_array(X) if form == "csr" else X, rows)
    shift, scale = expected(name, X if rows is None else X[rows])
    check(learnt, shift, scale, rtol=rtol_of(dtype), size=100 * factor)


def test_the_data_are_shifted_and_then_multiplied(name, rng):
    X = rng.normal(3, 7, (500, 4))
    learnt = learn_scaling(name, X)
    Z = (X - learnt.shift) * learnt.scale
    found = {
        "standard": (Z.mean(axis=0), Z.std(axis=0)),
        "minmax": (Z.min(axis=0), Z.max(axis=0)),
        "robust": (np.median(Z, axis=0), np.subtract(*np.percentile(Z, [75, 25], axis=0))),
    }
    np.testing.assert_allclose(found[name][0], 0, atol=1e-12)
    np.testing.assert_allclose(found[name][1], 1, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "uint8"])
@pytest.mark.parametrize("some", [False, True])
def test_a_memory_map_is_never_held(name, dtype, some, tmp_path, peak_bytes, monkeypatch):
    monkeypatch.setattr(scaling, "BLOCK_BYTES", 2**20)
    monkeypatch.setattr(scaling, "COLUMNS_BYTES", 2**20)
    columns = 2**9 // np.dtype(dtype).itemsize
    X = np.memmap(tmp_path / "X", dtype, "w+", shape=(2**15, columns))  # 16 MB
    X[-50:] = 1
    rows = np.arange(0, len(X), 2) if some else None
    learnt = []
    peak = peak_bytes(lambda: learnt.append(learn_scaling(name, X, rows)))
    assert peak < 6 * 2**20
    assert learnt[0].scale.shape == (X.shape[1],)


def test_csr_is_neither_made_dense_nor_copied(name, rng, peak_bytes, monkeypatch):
    monkeypatch.setattr(scaling, "BLOCK_BYTES", 2**20)
    monkeypatch.setattr(scaling, "COLUMNS_BYTES", 2**20)
    n, width = 20_000, 400  # 64 MB, were it dense
    columns = np.sort(rng.integers(0, width, (n, 20), dtype=np.int32), axis=1).ravel()
    X = csr_array((rng.normal(size=n * 20), columns, np.arange(0, n * 20 + 1, 20)), (n, width))
    assert peak_bytes(lambda: learn_scaling(name, X)) < X.data.nbytes + X.indices.nbytes


def test_an_unknown_name(message_of):
    message = message_of(UnknownNameError, learn_scaling, "standart", np.zeros((2, 2)))
    assert "input_scaling must be one of standard, minmax, robust" in message
    assert 'did you mean "standard"?' in message
