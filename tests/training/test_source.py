from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from sklearn.utils import shuffle

from chainrule.engine.network import quiet
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.training.source import (
    InOrder,
    Reconstruction,
    Source,
    SparseReconstruction,
    SparseSource,
    SuccessiveShuffles,
)


def taken(source, capacity=4, rows=None, dtype="float32"):
    """Return every batch as (x, y, weight), x copied."""
    classes = source.y is None or source.y.ndim == 1
    loss = {"loss": "softmax_cross_entropy" if classes else "squared"}
    outputs = 50 if classes else source.y.shape[1]
    work = Workspace(NetworkSpec.of([source.X.shape[1], outputs], dtype=dtype, **loss), capacity)
    return [(view.x.copy(), y, weight) for view, y, weight in source.batches(work, rows)]


def batches(source, capacity=4, rows=None, dtype="float32"):
    """Return copies of every batch of ``x``, and every batch of ``y``."""
    seen = taken(source, capacity, rows, dtype)
    return [x for x, _, _ in seen], [y for _, y, _ in seen]


def pixels(rng, n=10):
    return rng.integers(0, 256, (n, 3), dtype=np.uint8)


def test_without_an_order_rows_come_as_they_are_and_the_last_batch_is_short(rng):
    X, y = rng.normal(size=(10, 3)).astype(np.float32), np.arange(10)
    xs, ys = batches(Source(X, y))
    assert [len(x) for x in xs] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(xs), X)
    np.testing.assert_array_equal(np.concatenate(ys), y)


@pytest.mark.parametrize("n", [1, 4, 5, 12])
def test_shuffled_each_row_comes_once_with_its_target(n, rng):
    X = np.repeat(np.arange(n, dtype=np.float32)[:, np.newaxis], 3, axis=1)
    source = Source(X, np.arange(n))
    xs, ys = batches(source, rows=rng.permutation(source.rows))
    np.testing.assert_array_equal(np.concatenate(xs)[:, 0], np.concatenate(ys))
    np.testing.assert_array_equal(np.sort(np.concatenate(ys)), np.arange(n))
    np.testing.assert_array_equal(source.rows, np.arange(n))  # the order is the epoch's alone


@pytest.mark.parametrize(
    "order",
    [np.random.default_rng(0).permutation, SuccessiveShuffles(np.random.RandomState(0))],
    ids=["a generator's permutation", "successive shuffles"],
)
def test_every_epoch_has_another_order(order):
    source = Source(np.zeros((50, 1)), np.arange(50))
    first, second = (np.concatenate(batches(source, rows=order(source.rows))[1]) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))


def test_in_order_is_the_order_of_the_rows_in_every_epoch():
    order, rows = InOrder(), np.array([7, 2, 5])
    for _ in range(2):
        np.testing.assert_array_equal(order(rows), [7, 2, 5])


@pytest.mark.parametrize("n", [1, 2, 30])
def test_successive_shuffles_are_scikit_learn_s(n):
    order, rows = SuccessiveShuffles(np.random.RandomState(5)), np.arange(n)
    state, wanted = np.random.RandomState(5), np.arange(n)
    for _ in range(4):
        wanted = shuffle(wanted, random_state=state)
        np.testing.assert_array_equal(order(rows), wanted)
        np.testing.assert_array_equal(order.permutation, wanted)
    np.testing.assert_array_equal(rows, np.arange(n))


def test_successive_shuffles_are_of_positions_where_rows_are_a_part():
    order, rows = SuccessiveShuffles(np.random.RandomState(5)), np.array([40, 10, 30, 20])
    assert order.permutation is None
    state, wanted = np.random.RandomState(5), rows
    for _ in range(3):
        wanted = shuffle(wanted, random_state=state)
        np.testing.assert_array_equal(order(rows), wanted)
        np.testing.assert_array_equal(rows[order.permutation], wanted)


def test_a_restored_permutation_goes_on():
    rows = np.arange(20)
    through = SuccessiveShuffles(np.random.RandomState(5))
    for _ in range(3):
        through(rows)
    later = SuccessiveShuffles(np.random.RandomState(0))
    later.permutation = through.permutation
    later.random_state.set_state(through.random_state.get_state())
    np.testing.assert_array_equal(later(rows), through(rows))


def test_a_subset_of_rows_is_no_copy(rng):
    X, rows = pixels(rng), np.array([7, 2, 5])
    source = Source(X, np.arange(10), rows=rows)
    assert source.X is X
    assert len(source) == 3
    xs, ys = batches(source)
    np.testing.assert_array_equal(xs[0], X[rows])
    np.testing.assert_array_equal(ys[0], rows)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pixels_are_scaled_on_their_way_in(dtype, rng):
    X = pixels(rng)
    xs, _ = batches(Source(X, scale=1 / 255), dtype=dtype)
    assert xs[0].dtype == dtype
    np.testing.assert_array_equal(
        np.concatenate(xs), X.astype(dtype) * np.dtype(dtype).type(1 / 255)
    )
    assert X.dtype == np.uint8


@pytest.mark.parametrize("given", ["float16", "float32", "float64", ">f8", "int64", "bool"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_a_scale_numbers_pass_as_they_are(given, dtype, rng):
    X = rng.integers(0, 2, (10, 3)).astype(given)
    xs, _ = batches(Source(X), dtype=dtype)
    np.testing.assert_array_equal(np.concatenate(xs), X.astype(dtype))


def test_scaling_does_not_touch_the_data(rng):
    X = rng.normal(size=(10, 3)).astype(np.float32)
    before = X.copy()
    xs, _ = batches(Source(X, scale=0.5))
    np.testing.assert_array_equal(np.concatenate(xs), before * np.float32(0.5))
    np.testing.assert_array_equal(X, before)


def test_prediction_has_no_targets(rng):
    assert batches(Source(pixels(rng)))[1] == [None, None, None]


def test_targets_of_several_outputs(rng):
    y = rng.normal(size=(10, 2))
    for dtype in ("float32", "float64"):  # in the network's own numbers
        ys = batches(Source(pixels(rng), y), dtype=dtype)[1]
        np.testing.assert_array_equal(np.concatenate(ys), y.astype(dtype), strict=True)


def test_weights_come_with_their_rows(rng):
    y, weight = np.arange(10), rng.uniform(size=10)
    source = Source(pixels(rng), y, weight=weight, rows=np.array([9, 3, 3, 0, 5]))
    for rows in (None, source.rows[::-1]):
        seen = taken(source, capacity=2, rows=rows)
        assert [len(part) for _, _, part in seen] == [2, 2, 1]
        for _, labels, part in seen:
            np.testing.assert_array_equal(part, weight[labels])


def test_without_weights_there_are_none(rng):
    assert [weight for _, _, weight in taken(Source(pixels(rng), np.arange(10)))] == [None] * 3


@pytest.mark.parametrize("given", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", [Source, SparseSource])
def test_each_feature_is_shifted_and_then_scaled(kind, given, dtype, rng):
    X = rng.integers(0, 256, (10, 3)).astype(given)
    shift, scale = rng.normal(100, 50, 3), rng.uniform(0.001, 10, 3)
    given_X = scipy.sparse.csr_matrix(X) if kind is SparseSource else X
    xs, _ = batches(kind(given_X, shift=shift, scale=scale), dtype=dtype)
    wanted = (X - shift) * scale  # in float64, and then rounded
    np.testing.assert_array_equal(np.concatenate(xs), wanted.astype(dtype))


@pytest.mark.parametrize("kind", [Source, SparseSource])
def test_small_differences_of_large_numbers_survive_the_shift(kind, rng):
    X = 1e9 + rng.normal(size=(10, 3))
    given = scipy.sparse.csr_matrix(X) if kind is SparseSource else X
    xs, _ = batches(kind(given, shift=np.full(3, 1e9), scale=np.ones(3)), dtype="float32")
    np.testing.assert_array_equal(np.concatenate(xs), (X - 1e9).astype(np.float32))


def test_larger_batches_after_smaller_ones_are_shifted_too(rng):
    X, shift = rng.integers(0, 256, (10, 3), dtype=np.uint8), np.ones(3)
    source = Source(X, shift=shift)
    for capacity in (2, 7, 4):
        xs, _ = batches(source, capacity)
        np.testing.assert_array_equal(np.concatenate(xs), X - 1.0)


def test_a_shift_alone(rng):
    X, shift = rng.normal(size=(10, 3)), np.array([1.0, 2.0, 3.0])
    xs, _ = batches(Source(X, shift=shift), dtype="float64")
    np.testing.assert_array_equal(np.concatenate(xs), X - shift)


SPARSE = {
    "matrix": scipy.sparse.csr_matrix,
    "array": scipy.sparse.csr_array,
}


def sparse_numbers(rng, dtype, n=11):
    """Return (n, 6) numbers of which most are 0, two rows and a column altogether."""
    X = rng.integers(0, 2, (n, 6)) * rng.integers(0, 128, (n, 6))
    X[[0, n // 2]] = 0
    X[:, 4] = 0
    return X.astype(dtype)


@pytest.mark.parametrize("kind", SPARSE.values(), ids=list(SPARSE))
@pytest.mark.parametrize(
    "given", ["bool", "int8", "uint8", "int32", "uint32", "int64", "float32", "float64"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sparse_rows_are_the_dense_ones(kind, given, dtype, rng):
    X = sparse_numbers(rng, given)
    y, weight, rows = np.arange(11), rng.uniform(size=11), rng.permutation(11)[:9]
    shared = {"y": y, "weight": weight, "rows": rows, "scale": 1 / 255}
    sparse, dense = SparseSource(kind(X), **shared), Source(X, **shared)
    assert len(sparse) == len(dense) == 9
    for order in (None, rng.permutation(rows)):
        one, other = (taken(source, rows=order, dtype=dtype) for source in (sparse, dense))
        assert [x.dtype for x, _, _ in one] == [dtype] * 3
        for ours, wanted in zip(one, other, strict=True):
            for a, b in zip(ours, wanted, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("index", ["int32", "int64"])
def test_sparse_indices_need_no_order(index, rng):
    X = sparse_numbers(rng, "float64")
    sorted_ = scipy.sparse.csr_matrix(X)
    indices, data = sorted_.indices.copy(), sorted_.data.copy()
    for begin, end in zip(sorted_.indptr[:-1], sorted_.indptr[1:], strict=True):
        indices[begin:end] = indices[begin:end][::-1]
        data[begin:end] = data[begin:end][::-1]
    parts = data, indices.astype(index), sorted_.indptr.astype(index)
    unsorted = scipy.sparse.csr_matrix(parts, X.shape)
    assert not unsorted.has_sorted_indices
    xs, _ = batches(SparseSource(unsorted), dtype="float64")
    np.testing.assert_array_equal(np.concatenate(xs), X)
    assert not unsorted.has_sorted_indices  # the data is left as it is


def test_sparse_entries_given_twice_are_added():
    parts = np.array([1.0, 2.0, 4.0]), np.array([1, 1, 0]), np.array([0, 2, 2, 3])
    xs, _ = batches(SparseSource(scipy.sparse.csr_matrix(parts, (3, 2))))
    np.testing.assert_array_equal(xs[0], [[0, 3], [0, 0], [4, 0]])


def test_a_sparse_matrix_with_nothing_in_it():
    xs, _ = batches(SparseSource(scipy.sparse.csr_matrix((5, 3))))
    np.testing.assert_array_equal(np.concatenate(xs), np.zeros((5, 3)))


def test_nothing_of_a_batch_is_left_in_the_next_sparse_one():
    X = scipy.sparse.csr_matrix(np.diag([1.0, 2.0, 3.0]))
    xs, _ = batches(SparseSource(X, shift=np.ones(3)), capacity=1)
    np.testing.assert_array_equal(np.concatenate(xs), np.diag([1.0, 2.0, 3.0]) - 1)


def test_a_sparse_matrix_is_never_made_dense_as_a_whole(peak_bytes):
    X = scipy.sparse.random(4000, 400, 0.001, "csr", random_state=0)
    source, work = SparseSource(X), Workspace(NetworkSpec.of([400, 2]), 20)

    def epoch():
        for _ in source.batches(work):
            pass

    assert source.X is X
    assert peak_bytes(epoch) < X.shape[0] * X.shape[1] * 4 / 40


@pytest.mark.parametrize(
    ("kind", "given"),
    [(Reconstruction, np.asarray), (SparseReconstruction, scipy.sparse.csr_matrix)],
)
def test_a_reconstruction_s_targets_are_its_scaled_rows(kind, given, rng):
    X, weight = sparse_numbers(rng, "float64"), rng.uniform(size=11)
    source = kind(given(X), weight=weight, shift=np.ones(6), scale=0.5)
    work = Workspace(NetworkSpec.of([6, 6], loss="squared", dtype="float64"), 4)
    done = 0
    for view, y, part in source.batches(work, source.rows[::-1]):
        wanted = slice(done, done + len(y))
        np.testing.assert_array_equal(y, (X[::-1][wanted] - 1) * 0.5)
        np.testing.assert_array_equal(y, view.x)
        np.testing.assert_array_equal(part, weight[::-1][wanted])
        done += len(y)
    assert done == 11


LAYOUTS = {
    "C": lambda X: X,
    "Fortran": np.asfortranarray,
    "columns of a wider array": lambda X: np.hstack([X, X])[:, : X.shape[1]],
    "every other row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X: X[::-1].copy()[::-1],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_no_layout_makes_a_batch_copy_the_data(layout, dtype, rng, peak_bytes):
    X = layout(rng.integers(0, 256, (5000, 40)).astype(dtype))
    source, work = Source(X), Workspace(NetworkSpec.of([40, 2]), 20)

    def one_batch():
        next(source.batches(work))

    assert peak_bytes(one_batch) < X.nbytes / 10
    np.testing.assert_array_equal(work.x, X[:20])


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_batches_of_rows_in_memory_order_are_gathered_without_a_buffer(dtype, peak_bytes):
    X = np.ones((3000, 400), dtype)
    source, work = Source(X, scale=1 / 255), Workspace(NetworkSpec.of([400, 2]), 1000)

    def epoch():
        for _ in source.batches(work):
            pass

    assert peak_bytes(epoch) < X[:1000].nbytes / 8


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_the_buffers_for_shifted_batches_are_made_once(dtype, peak_bytes):
    X = np.ones((3000, 400), dtype)
    source, work = Source(X, shift=np.ones(400)), Workspace(NetworkSpec.of([400, 2]), 1000)

    def epoch():
        for _ in source.batches(work):
            pass

    assert peak_bytes(epoch) < work.x.nbytes / 8  # NumPy's own buffer has 64 KiB


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_memory_map_stays_on_disk(order, tmp_path, rng, peak_bytes):
    path = tmp_path / "X.npy"
    np.save(path, np.asarray(rng.integers(0, 256, (5000, 40), dtype=np.uint8), order=order))
    X = np.load(path, mmap_mode="r")
    source, work = Source(X, scale=1 / 255), Workspace(NetworkSpec.of([40, 2]), 100)
    assert source.X is X

    def epoch():
        for _ in source.batches(work):
            pass

    assert peak_bytes(epoch) < X.nbytes / 4
    np.testing.assert_array_equal(work.x, X[-100:] * np.float32(1 / 255))


def test_what_is_too_large_for_the_dtype_becomes_infinite_without_a_warning():
    X = np.array([[1e300, -1e300]])
    for source in (
        Source(X),
        Source(np.repeat(X, 2, axis=0)[::2]),
        SparseSource(scipy.sparse.csr_matrix(X)),
    ):
        with quiet():
            xs, _ = batches(source)
        np.testing.assert_array_equal(xs[0], [[np.inf, -np.inf]])


@pytest.mark.parametrize("kind", [Source, SparseSource])
@pytest.mark.parametrize(
    ("shift", "scale", "wanted"),
    [
        (None, [1e3, 1e300], [np.inf, np.inf]),
        ([-3e38, 0.0], None, [np.inf, 1.0]),
        ([np.inf, 0.0], [1.0, 0.0], [-np.inf, 0.0]),
        ([np.inf, 0.0], [0.0, 1.0], [np.nan, 1.0]),
    ],
)
def test_what_scaling_makes_too_large_becomes_infinite_without_a_warning(
    kind, shift, scale, wanted
):
    X = np.array([[3e38, 1.0]], np.float32)
    given = scipy.sparse.csr_matrix(X) if kind is SparseSource else X
    settings = {"shift": shift, "scale": scale}
    settings = {k: None if v is None else np.array(v) for k, v in settings.items()}
    with quiet():
        xs, _ = batches(kind(given, **settings))
    np.testing.assert_array_equal(xs[0], [wanted])
