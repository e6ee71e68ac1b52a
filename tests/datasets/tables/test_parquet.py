from __future__ import annotations

import hashlib
import math
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.datasets.tables import Column, open_table, parquet
from chainrule.errors import DataFormatError, InvalidValueError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

FLOAT, INT = np.dtype("f8"), np.dtype("i8")


@pytest.fixture
def written(here):
    def write(table, name="a.parquet", **options):
        table = table if isinstance(table, pa.Table) else pa.table(table)
        pq.write_table(table, here / name, **options)
        return name

    return write


def test_columns_have_their_types(here, content):
    frame = pd.DataFrame(
        {
            "i": [1, 2, 3],
            "n": pd.array([1, None, 3], "Int64"),
            "f": [1.5, None, 2.0],
            "b": [True, False, True],
            "m": pd.array([True, None, False], "boolean"),
            "s": ["x", None, " NA "],
            "c": pd.Categorical(["u", None, "v"]),
            "t": pd.to_datetime(["2020-01-02", None, "2021-03-04"]),
        }
    )
    frame.to_parquet(here / "a.parquet", engine="pyarrow")
    table = open_table("a.parquet")
    assert [(column.name, column.dtype.str) for column in table.columns] == [
        *(("i", "<i8"), ("n", "<f8"), ("f", "<f8"), ("b", "|b1"), ("m", "<f8")),
        *((name, "|O") for name in "sct"),
    ]
    columns = content(table, 2)
    assert columns["i"] == [1, 2, 3]
    assert columns["n"] == pytest.approx([1, math.nan, 3], nan_ok=True)
    assert columns["m"] == pytest.approx([1, math.nan, 0], nan_ok=True)
    assert columns["b"] == [True, False, True]
    assert columns["s"] == ["x", None, None]
    assert columns["c"] == ["u", None, "v"]
    assert [value and value[:10] for value in columns["t"]] == ["2020-01-02", None, "2021-03-04"]
    assert (table.n_rows, table.target, table.place(1)) == (3, None, "row 1 (counted from 0)")
    assert table.digest() == hashlib.sha256((here / "a.parquet").read_bytes()).hexdigest()


def test_lists_of_one_length_are_wide(written, content):
    vectors = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.float32(), 2))
    small = pa.array([[1, 2], [5, 6], [3, None]], pa.list_(pa.int8(), 2))
    money = pa.array([1, 2, None], pa.decimal128(5, 2))
    try:
        name = written({"v": vectors, "s": small, "m": money}, "a.pq")
        table = open_table(name)
    except pa.ArrowNotImplementedError:
        pytest.skip("this version of Arrow has no missing lists of one length in Parquet")
    assert table.columns == (
        Column("v", (2,), np.dtype("f4")),
        Column("s", (2,), FLOAT),
        Column("m", (), FLOAT),
    )
    columns = content(table, 2)
    assert columns["v"][::2] == [[1, 2], [3, 4]]
    assert np.isnan(columns["v"][1]).all()
    assert columns["s"][:2] == [[1, 2], [5, 6]]
    assert columns["s"][2] == pytest.approx([3, math.nan], nan_ok=True)
    assert columns["m"] == pytest.approx([1, 2, math.nan], nan_ok=True)


def test_row_groups_are_read_in_pieces(written):
    name = written({"x": np.arange(1000)}, row_group_size=64)
    pieces = list(open_table(name).pieces(100))
    assert np.concatenate([piece.columns["x"] for piece in pieces]).tolist() == list(range(1000))
    assert max(map(len, pieces)) <= 100


def test_missing_integers_are_found_without_statistics(written):
    values = {"x": [1, 2, 3], "z": [1, 2, None]}
    name = written(values, write_statistics=False, row_group_size=1)
    assert open_table(name).columns == (Column("x", (), INT), Column("z", (), FLOAT))


@pytest.mark.parametrize("later", [{"x": [1, None]}, {"x": ["1", "2"]}, {"y": [1, 2]}])
def test_a_file_that_changes_is_noticed(written, message_of, later):
    table = open_table(written({"x": [1, 2]}))
    written(later)
    assert message_of(DataFormatError, lambda: list(table.pieces())) == (
        "a.parquet: a file must stay as it is while it is read, got another content than at "
        "first: wait until it is written, try again"
    )


def test_rows_that_come_later_are_noticed(written, message_of):
    table = open_table(written({"x": [1, 2]}))
    written({"x": [1, 2, 3]})
    assert message_of(DataFormatError, lambda: list(table.pieces())) == (
        "a.parquet: it must have the 2 rows that it says, got 3: it is damaged; get it again"
    )


def test_memory_of_arrow_is_bounded(written):
    name = written({"x": np.random.default_rng(0).normal(size=2_000_000)}, row_group_size=2**21)
    pool = pa.default_memory_pool()
    before, most = pool.bytes_allocated(), 0
    for _ in open_table(name).pieces():
        most = max(most, pool.bytes_allocated() - before)
    assert most < 6_000_000  # of 16,000,000


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"a": [[1], [2, 3]]},
            'the column "a" must hold numbers, text, dates or lists of equally many numbers, got '
            "list<element: int64>: leave it out when the file is written",
        ),
        (
            pa.table([[1], [2]], names=["a", "a"]),
            'every column must have a name of its own, got "a" for column 1 and column 2: '
            "rename one of them",
        ),
    ],
)
def test_what_is_refused(written, fault_of, table, message):
    assert fault_of(DataFormatError, written(table)) == f"a.parquet: {message}"


def test_a_file_without_rows_is_refused(written, fault_of, here):
    name = written({"a": pa.array([], pa.int32())})
    size = (here / name).stat().st_size
    assert fault_of(DataFormatError, name) == (
        "a.parquet: it must have rows, and at most 10,000 for each of its bytes, got 0 in "
        f"{size} bytes: check how it was made"
    )


def test_a_file_that_would_unpack_to_much_more_is_refused(written, fault_of, monkeypatch):
    monkeypatch.setattr(parquet, "_SMALL", 0)
    monkeypatch.setattr(parquet, "_MOST_EXPANSION", 1)
    name = written({"a": ["x" * 100_000] * 99}, compression="gzip", use_dictionary=False)
    message = fault_of(DataFormatError, name)
    assert message.startswith("a.parquet: a row group of a file of ")
    assert message.endswith(": write it in smaller row groups")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 99 + b"\x20\0\0\0PAR1"])
def test_what_is_no_parquet_file(here, fault_of, content):
    (here / "a.parquet").write_bytes(content)
    message = fault_of(DataFormatError, "a.parquet")
    assert message.startswith("a.parquet: it must be a whole Parquet file, got ")
    assert message.endswith(": write it again, or get it again")


def test_without_pyarrow_the_error_says_how_to_install_it(written, fault_of, monkeypatch):
    name = written({"a": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert fault_of(InvalidValueError, name) == (
        "reading Parquet needs the pyarrow package, got none: run pip install pyarrow"
    )


columns = st.sampled_from(
    [
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.uint8(), st.integers(0, 255)),
        (pa.float32(), st.floats(width=32, allow_nan=False)),
        (pa.float64(), st.none() | st.floats(allow_nan=False)),
        (pa.bool_(), st.booleans()),
        (pa.string(), st.none() | st.text(st.characters(codec="utf-8"))),
        (pa.dictionary(pa.int8(), pa.string()), st.none() | st.sampled_from("abc")),
    ]
)


@settings(max_examples=60)
@given(data=st.data(), kinds=st.lists(columns, min_size=1, max_size=3))
def test_what_pyarrow_writes_is_read(tmp_path_factory, data, kinds):
    n_rows = data.draw(st.integers(1, 9))
    arrays = [
        pa.array(data.draw(st.lists(values, min_size=n_rows, max_size=n_rows)), kind)
        for kind, values in kinds
    ]
    written = pa.table(arrays, names=[f"c{i}" for i in range(len(arrays))])
    path = tmp_path_factory.getbasetemp() / "property.parquet"
    pq.write_table(written, path, row_group_size=data.draw(st.integers(1, 9)))
    table = open_table(path)
    pieces = list(table.pieces(data.draw(st.integers(1, 9))))
    for column in table.columns:
        read = np.concatenate([piece.columns[column.name] for piece in pieces]).tolist()
        expected = pq.read_table(path)[column.name].to_pylist()
        if column.dtype == object:
            words = {"", "NA", "N/A", "NaN", "nan", "null", "None", "?"}
            expected = [None if v is None or v.strip() in words else v.strip() for v in expected]
            assert read == expected
        else:
            np.testing.assert_array_equal(read, [math.nan if v is None else v for v in expected])
