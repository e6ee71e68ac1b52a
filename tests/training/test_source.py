from __future__ import annotations

import numpy as np
import pytest

from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.training.source import Source


def batches(source, capacity=4, rng=None, dtype="float32"):
    """Return copies of every batch of ``x``, and every batch of ``y``."""
    work = Workspace(NetworkSpec.of([source.X.shape[1], 2], dtype=dtype), capacity)
    seen = [(view.x.copy(), y) for view, y in source.batches(work, rng)]
    return [x for x, _ in seen], [y for _, y in seen]


def pixels(rng, n=10):
    return rng.integers(0, 256, (n, 3), dtype=np.uint8)


def test_without_a_generator_rows_come_in_order_and_the_last_batch_is_short(rng):
    X, y = rng.normal(size=(10, 3)).astype(np.float32), np.arange(10)
    xs, ys = batches(Source(X, y))
    assert [len(x) for x in xs] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(xs), X)
    np.testing.assert_array_equal(np.concatenate(ys), y)


@pytest.mark.parametrize("n", [1, 4, 5, 12])
def test_shuffled_each_row_comes_once_with_its_target(n, rng):
    X = np.repeat(np.arange(n, dtype=np.float32)[:, np.newaxis], 3, axis=1)
    source = Source(X, np.arange(n))
    xs, ys = batches(source, rng=rng)
    np.testing.assert_array_equal(np.concatenate(xs)[:, 0], np.concatenate(ys))
    np.testing.assert_array_equal(np.sort(np.concatenate(ys)), np.arange(n))
    np.testing.assert_array_equal(source.rows, np.arange(n))  # the order is the epoch's alone


def test_every_epoch_has_another_order(rng):
    source = Source(np.zeros((50, 1)), np.arange(50))
    first, second = (np.concatenate(batches(source, rng=rng)[1]) for _ in range(2))
    assert not np.array_equal(first, second)


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
    np.testing.assert_array_equal(np.concatenate(batches(Source(pixels(rng), y))[1]), y)


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
    xs, _ = batches(Source(np.array([[1e300, -1e300]])))
    np.testing.assert_array_equal(xs[0], [[np.inf, -np.inf]])
