"""What is learnt does not depend on how a table is cut into pieces, nor on where it lies."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.preprocessing import StandardScaler

from chainrule.datasets.tables import Column, Piece, Table, table_of
from chainrule.errors import DataFormatError
from chainrule.preparation import Preparation, inspect
from chainrule.preparation.kinds import kind_of
from chainrule.preparation.tally import MOST_DISTINCT, TableTally, WideTally

texts = st.one_of(
    st.none(),
    st.integers(-50, 50).map(str),
    st.floats(-1e9, 1e9, allow_nan=False).map(str),
    st.sampled_from(["a", "b", "007", "2024-01-02", "inf", "x" * 300]),
)
columns = st.one_of(
    st.lists(texts, min_size=1, max_size=40).map(lambda cells: np.array(cells, object)),
    st.lists(st.floats(-1e9, 1e9) | st.just(np.nan), min_size=1, max_size=40).map(np.array),
    st.lists(st.integers(0, 3), min_size=1, max_size=40).map(np.array),
    st.lists(st.booleans(), min_size=1, max_size=40).map(np.array),
    st.integers(1, 40).map(np.arange),
)


def tallied(values, step):
    tally = TableTally([Column("x", dtype=values.dtype)])
    for first in range(0, len(values), step):
        tally.add(Piece({"x": values[first : first + step]}, first))
    return tally["x"]


@given(columns, st.integers(1, 40))
@settings(max_examples=200)
def test_a_column_in_pieces_is_the_column(values, step):
    whole, parts = tallied(values, len(values)), tallied(values, step)
    for name in ("n_rows", "n_missing", "n_bad", "first_missing", "head", "all_dates"):
        assert getattr(parts, name) == getattr(whole, name), name
    for name in ("counts_rows", "low", "high"):
        assert getattr(parts, name) == getattr(whole, name), name
    assert repr(parts.first_bad) == repr(whole.first_bad)
    assert parts.counts == whole.counts
    assert list(parts.counts or ()) == list(whole.counts or ())
    assert kind_of(parts) == kind_of(whole)
    assert_allclose(parts.mean, whole.mean, rtol=1e-9, atol=1e-6)
    assert_allclose(parts.scale, whole.scale, rtol=1e-6, atol=1e-6)


@given(st.lists(columns, min_size=1, max_size=4))
def test_columns_of_a_known_kind_have_the_facts_of_all(drawn):
    """A second pass is told the kinds and counts no single values of what is no category."""
    n = min(map(len, drawn))
    data = {f"c{i}": values[:n] for i, values in enumerate(drawn)}
    data |= {"x": np.where(np.arange(n) % 2, 0.5, 2.5), "z": np.full(n, 9)}
    table = table_of(data)
    try:
        first = inspect(table, task="autoencoder", columns={"x": "number"})
    except DataFormatError:  # a mistake among numbers
        return
    kinds = {one.name: one.kind if one.used else "drop" for one in first.columns}
    again = inspect(table, task="autoencoder", columns=kinds)
    for one, other in zip(first.used, again.used, strict=True):
        assert one.counts == other.counts
        for name in ("name", "kind", "n_missing", "low", "high", "mean", "scale", "gone"):
            assert getattr(one, name) == getattr(other, name), name


def test_no_values_are_kept_of_numbers_whose_kind_is_known():
    tallies = TableTally([Column("x"), Column("y")], known={"x"})
    texts = np.array(["1", "2"], object)
    tallies.add(Piece({"x": texts, "y": texts}, 0))
    assert (tallies["x"].head, tallies["y"].head) == ([], ["1", "2"])


def test_more_values_than_are_counted_in_pieces_of_any_size():
    for n in (MOST_DISTINCT, MOST_DISTINCT + 1):
        values = np.array([f"t{i % n}" for i in range(3 * n)], object)
        for step in (7, 500, 3 * n):
            assert (tallied(values, step).counts is None) == (n > MOST_DISTINCT)
            assert (tallied(np.arange(3 * n) % n, step).counts is None) == (n > MOST_DISTINCT)


def test_all_columns_take_one_call_of_the_scaler_a_piece(monkeypatch, rng, in_pieces):
    calls = []
    learn = StandardScaler.partial_fit
    monkeypatch.setattr(StandardScaler, "partial_fit", lambda *them: calls.append(learn(*them)))
    data = {f"c{i}": rng.normal(size=60) for i in range(50)}
    found = inspect(in_pieces(table_of(data), 20), task="autoencoder")
    assert len(calls) == 3
    means = [column.mean[0] for column in found.columns]
    assert_allclose(means, [values.mean() for values in data.values()])


def test_a_block_whose_first_pieces_lack_a_number(rng):
    values = rng.normal(5, 2, (50, 3))
    values[:20, 1] = np.nan
    whole, parts = (WideTally(3, pixels=False) for _ in range(2))
    whole.add(values)
    for first in range(0, 50, 10):
        parts.add(values[first : first + 10])
    assert parts.gone.tolist() == whole.gone.tolist() == [False, True, False]
    assert parts.n_missing == whole.n_missing == 20
    assert_allclose(parts.mean, np.nanmean(values, axis=0))
    assert_allclose(parts.scale, np.nanstd(values, axis=0))


def test_x_and_y_in_pieces_are_those_of_the_whole(rng, in_pieces):
    n = 100
    data = {
        "a": np.where(rng.random(n) < 0.2, np.nan, rng.normal(1e6, 1, n)),
        "b": np.array(["p", "q", None], object)[rng.integers(0, 3, n)],
        "c": rng.integers(0, 256, (n, 2, 2)).astype(np.uint8),
        "y": rng.normal(size=n),
    }
    table = table_of(data)
    X, y = Preparation.learn(inspect(table, target="y")).rows(table)
    for rows in (1, 7, 99):
        cut = in_pieces(table, rows)
        X_cut, y_cut = Preparation.learn(inspect(cut, target="y")).rows(cut)
        assert_allclose(X_cut, X, rtol=0, atol=1e-5)
        assert_allclose(y_cut, y, rtol=0, atol=1e-9)


class Long(Table):
    """A table that is made while it is read."""

    name, columns = "long", (Column("a"), Column("b"), Column("y"))

    def __init__(self, n_pieces):
        self._n_pieces = n_pieces

    def pieces(self, rows=1000):
        for first in range(0, 1000 * self._n_pieces, 1000):
            texts = np.array([str(first + i) for i in range(1000)], object)
            kinds = np.array([f"k{i % 7}" for i in range(1000)], object)
            yield Piece({"a": texts, "b": kinds, "y": kinds}, first)

    def place(self, row):
        raise NotImplementedError

    def digest(self):
        raise NotImplementedError


def test_memory_does_not_grow_with_the_rows(peak_bytes):
    few, many = (peak_bytes(lambda n=n: inspect(Long(n), target="y")) for n in (3, 12))
    assert many < 1.1 * few


def test_pieces_have_fewer_rows_where_x_is_wide():
    data = {f"c{i}": np.arange(20_000) % 900 for i in range(3)} | {"y": np.arange(20_000) % 2}
    said = {name: "category" for name in data if name != "y"}
    table = table_of(data)
    preparation = Preparation.learn(inspect(table, target="y", columns=said))
    rows = [len(piece) for piece in preparation.pieces(table)]
    assert sum(rows) == 20_000
    assert max(rows) == 2**26 // (4 * 2700)


def test_a_file_and_a_frame_give_the_same(csv, rng):
    n = 50
    data = {
        "a": rng.normal(size=n).round(3),
        "b": rng.integers(0, 9, n),
        "y": rng.integers(0, 2, n),
    }
    lines = [",".join(map(str, row)) for row in zip(*data.values(), strict=True)]
    both = [
        Preparation.learn(inspect(table, target="y")).rows(table)
        for table in (csv("a,b,y", *lines), table_of(data))
    ]
    assert_array_equal(both[0][0], both[1][0])
    assert both[0][1].tolist() == both[1][1].tolist()
