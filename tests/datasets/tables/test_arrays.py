from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.datasets.tables import Column, open_table, table_of
from chainrule.errors import DataFormatError, InvalidValueError

MIXED = np.array([(1, "x"), (2, " "), (3, "NA")], dtype=[("n", ">i4"), ("t", "U3")])


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.fixture
def as_npy(here):
    def write(array):
        content = array if isinstance(array, bytes) else npy(array)
        (here / "a.npy").write_bytes(content)
        return "a.npy"

    return write


@pytest.fixture
def as_npz(here):
    def write(save=np.savez, **arrays):
        save(here / "a.npz", **arrays)
        return "a.npz"

    return write


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("dtype", ["f8", ">f4", "u1", "?", "f2", "g"])
def test_a_npy_file_has_numbered_columns(as_npy, content, order, dtype):
    array = np.arange(14).reshape(7, 2).astype(dtype, order=order)
    table = open_table(as_npy(array))
    assert [column.name for column in table.columns] == ["0", "1"]
    assert content(table) == {str(i): array[:, i].tolist() for i in range(2)}
    assert (table.n_rows, table.target) == (7, None)
    assert table.columns[0].dtype.itemsize <= 8
    assert table.place(3) == "row 3 (counted from 0)"
    assert table.digest() == hashlib.sha256(npy(array)).hexdigest()


def test_a_structured_array_names_its_columns(as_npy, content):
    table = open_table(as_npy(MIXED))
    assert table.columns == (Column("n", (), np.dtype("i4")), Column("t"))
    assert content(table) == {"n": [1, 2, 3], "t": ["x", None, None]}


def test_more_dimensions_are_one_wide_column(as_npy, content):
    table = open_table(as_npy(np.arange(12, dtype="u1").reshape(2, 3, 2)))
    assert table.columns == (Column("X", (3, 2), np.dtype("u1")),)
    assert content(table) == {"X": [list(range(6)), list(range(6, 12))]}


def test_a_npy_file_is_mapped_and_not_read(as_npy):
    name = as_npy(np.zeros((400_000, 4)))
    tracemalloc.start()
    n_rows = sum(map(len, open_table(name).pieces()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == 400_000
    assert peak < 200_000


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", "CF")
def test_a_npz_file_has_x_and_y(as_npz, content, save, order):
    X = np.arange(24.0).reshape(8, 3).astype(float, order=order)
    y = np.array(list("abcabcab"))
    table = open_table(as_npz(save, X=X, y=y, w=np.zeros(3)))
    assert table.columns == (Column("X", (3,), np.dtype(float)), Column("y"))
    assert (table.target, table.n_rows) == ("y", 8)
    assert content(table) == {"X": X.tolist(), "y": y.tolist()}
    assert content(table, 1) == content(table, 50)
    assert table.place(3) == "row 3 (counted from 0)"


def test_a_npz_file_with_two_parts(as_npz, content):
    x_train, x_test = np.zeros((2, 2, 2), "u1"), np.ones((1, 2, 2), "u1")
    labels = {"y_train": np.array([[1], [2]]), "y_test": np.array([[3]])}
    name = as_npz(x_train=x_train, x_test=x_test, **labels)
    assert content(open_table(name)) == {"X": [[0] * 4] * 2, "y": [1, 2]}
    assert content(open_table(name, part="test")) == {"X": [[1] * 4], "y": [3]}
    assert open_table(name).columns[0].shape == (2, 2)


def test_a_npz_file_without_y_has_no_target(as_npz):
    assert open_table(as_npz(X=np.zeros((2, 2)))).target is None


def test_a_npz_file_is_read_in_pieces(as_npz):
    name = as_npz(np.savez_compressed, X=np.zeros((400_000, 4)))
    tracemalloc.start()
    n_rows = sum(map(len, open_table(name).pieces(1_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == 400_000
    assert peak < 2_000_000


HEADER = "it must begin with the header of a NumPy array, version 1.0 or 2.0, got another ("
OBJECTS = (
    "an array must hold numbers or text, got Python objects, which are never loaded: "
    "convert it before it is saved"
)
ROWS = "an array must have at least one row and one column, got the shape "
CUT = "it was cut short or damaged; get it again"


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[1, None]]), OBJECTS),
        (np.array([({},)], dtype=[("a", object)]), OBJECTS),
        (np.zeros((0, 2)), f"{ROWS}(0, 2): check how it was made"),
        (np.zeros((2, 0)), f"{ROWS}(2, 0): check how it was made"),
        (
            np.zeros(3),
            "an array without names must have a row for each sample and a column for each value, "
            "got the shape (3,): array.reshape(-1, 1) is one column",
        ),
        (
            np.zeros((2, 2), complex),
            'the column "0" must hold numbers or text, got values of type complex128: '
            "convert it, or leave it out",
        ),
        (
            npy(np.zeros((2, 2)))[:-1],
            f"an array of shape (2, 2) and type float64 must have 32 bytes, got 31: {CUT}",
        ),
        (
            npy(np.zeros((2, 2))).replace(b"(2, 2)", b"(2,9999999999999999999)"),
            "an array of shape (2, 9999999999999999999) and type float64 must have "
            f"159999999999999999984 bytes, got 49: {CUT}",
        ),
        (
            npy(np.zeros((2, 2))).replace(b"(2, 2)", b"(2,-2)"),
            f"{ROWS}(2, -2): check how it was made",
        ),
    ],
)
def test_what_is_refused(as_npy, fault_of, array, message):
    assert fault_of(DataFormatError, as_npy(array)) == f"a.npy: {message}"


def test_text_that_is_not_unicode_is_refused(as_npy, fault_of):
    content = npy(np.array([["ab", "c"]]))
    assert fault_of(DataFormatError, as_npy(content[:-4] + b"\0\0\x11\0")) == (
        "a.npy: its text must be Unicode, got a character 0x110000: it is damaged; get it again"
    )


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY\x01\x00\x10\x00{'descr': 'f8'}  "])
def test_a_wrong_header_is_refused(as_npy, fault_of, content):
    message = fault_of(DataFormatError, as_npy(content))
    assert message.startswith(f"a.npy: {HEADER}")
    assert message.endswith("): save it by numpy.save or numpy.savez")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"data": np.zeros(2), "labels": np.zeros(2)},
            ": it must have one array of X, x, X_train, x_train, got none of them (it has data, "
            "labels): numpy.savez(file, X=…, y=…) names them",
        ),
        (
            {"X": np.zeros(2), "X_train": np.zeros(2)},
            ": it must have one array of X, x, X_train, x_train, got X, X_train (it has X, "
            "X_train): numpy.savez(file, X=…, y=…) names them",
        ),
        (
            {"X": np.zeros((3, 1)), "y": np.zeros(2)},
            ": all columns must have as many rows, got 3 in X, 2 in y: make them equally long",
        ),
        ({"X": np.array([None])}, f', array "X": {OBJECTS}'),
        (
            {"X": np.zeros(())},
            ', array "X": an array must have a row for each sample, got one value: save an array',
        ),
    ],
)
def test_which_npz_files_are_refused(as_npz, fault_of, arrays, message):
    assert fault_of(DataFormatError, as_npz(**arrays)) == f"a.npz{message}"


def test_a_npz_file_that_lies_about_a_size_allocates_nothing(here, message_of):
    header = npy(np.zeros((2, 2))).replace(b"(2, 2), }" + b" " * 12, b"(9999999999, 2), }   ")
    with zipfile.ZipFile(here / "a.npz", "w") as archive:
        archive.writestr("X.npy", header)
    tracemalloc.start()
    message = message_of(DataFormatError, open_table, "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message == (
        'a.npz, array "X": an array of shape (9999999999, 2) and type float64 must have '
        f"159999999984 bytes, got 32: {CUT}"
    )
    assert peak < 1_000_000


def test_a_npz_file_whose_directory_lies_is_refused(as_npz, fault_of, here):
    as_npz(X=np.zeros((40, 40)))
    content = bytearray((here / "a.npz").read_bytes())
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (2**31).to_bytes(4, "little")
    (here / "a.npz").write_bytes(content)
    assert fault_of(DataFormatError, "a.npz") == (
        'a.npz, array "X": an array may be at most 1,032 times as long as its compressed form, '
        "got 2,147,483,648 bytes from 12,928: save it by numpy.savez_compressed"
    )


def test_what_is_no_archive_or_a_damaged_one_is_refused(as_npz, fault_of, here):
    (here / "a.npz").write_bytes(b"no")
    assert fault_of(DataFormatError, "a.npz") == (
        "a.npz: its compressed content must be whole, got File is not a zip file: "
        "get the file again"
    )
    as_npz(X=np.zeros((40, 40)))
    content = bytearray((here / "a.npz").read_bytes())
    content[500] ^= 1
    (here / "a.npz").write_bytes(content)
    assert fault_of(DataFormatError, "a.npz") == (
        "a.npz: its compressed content must be whole, got Bad CRC-32 for file 'X.npy': "
        "get the file again"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", ["data", "directory's offset"])
def test_a_npz_file_that_is_damaged_in_the_middle_is_refused(here, rng, method, place):
    with zipfile.ZipFile(here / "a.npz", "w", method) as archive:
        archive.writestr("X.npy", npy(rng.random((40, 40))))
    content = bytearray((here / "a.npz").read_bytes())
    at = len(content) // 2 if place == "data" else content.rindex(b"PK\5\6") + 16
    content[at] ^= 0xFF
    content[at + 1] |= 0xFF
    (here / "a.npz").write_bytes(content)
    with pytest.raises(DataFormatError, match=r"^a\.npz"):
        list(open_table("a.npz").pieces())


@settings(max_examples=60)
@given(
    array=st.sampled_from(["f8", "f4", "i8", "u1", "?", ">i2", "U3"]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=3))
    ),
    rows=st.integers(1, 5),
    fortran=st.booleans(),
)
def test_what_numpy_writes_is_read(tmp_path_factory, array, rows, fortran):
    folder = tmp_path_factory.getbasetemp()
    array = np.asfortranarray(array) if fortran else array
    np.savez(folder / "a.npz", X=array)
    table = open_table(folder / "a.npz")
    read = np.concatenate([piece.columns["X"] for piece in table.pieces(rows)])
    if array.dtype.kind == "U":
        words = {"", "NA", "N/A", "NaN", "nan", "null", "None", "?"}
        texts = [str(text).strip() for text in array.ravel()]
        assert read.ravel().tolist() == [None if text in words else text for text in texts]
    else:
        expected = array.reshape(len(array), -1)
        expected = expected[:, 0] if array.shape[1:] == (1,) else expected
        assert read.dtype.isnative
        np.testing.assert_array_equal(read, expected)


FRAME = {
    "a": [1, 2, 3],
    "b": ["x", None, " NA "],
    "c": [1.5, None, 2.0],
    "d": [True, False, True],
}
NAN = pytest.approx([1.5, float("nan"), 2.0], nan_ok=True)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict])
def test_frames_and_dicts(content, make):
    columns = content(table_of(make(FRAME)))
    assert columns["a"] == [1, 2, 3]
    assert columns["b"] == ["x", None, None]
    assert columns["d"] == [True, False, True]
    if make is not dict:
        assert columns["c"] == NAN
    else:  # objects, as NumPy sees them
        assert columns["c"] == ["1.5", None, "2.0"]


def test_columns_of_pandas_own_types(content):
    frame = pd.DataFrame(
        {
            "i": pd.array([1, None], "Int64"),
            "s": pd.array(["x", None], "string"),
            "b": pd.array([True, None], "boolean"),
            "c": pd.Categorical(["u", None]),
            "t": pd.to_datetime(["2020-01-02", None]),
            4: [b"raw", "x"],
        }
    )
    columns = content(table_of(frame))
    assert columns["i"] == pytest.approx([1.0, float("nan")], nan_ok=True)
    assert columns["b"] == pytest.approx([1.0, float("nan")], nan_ok=True)
    assert columns["s"] == ["x", None]
    assert columns["c"] == ["u", None]
    assert columns["t"][0].startswith("2020-01-02T00:00:00")
    assert columns["t"][1] is None
    assert columns["4"] == ["raw", "x"]


def test_arrays_and_lists(content):
    assert content(table_of([[1, 2], [3, 4]])) == {"0": [1, 3], "1": [2, 4]}
    assert content(table_of(MIXED)) == {"n": [1, 2, 3], "t": ["x", None, None]}
    wide = table_of({"X": np.zeros((2, 2, 2)), "y": ["a", "b"]})
    assert wide.columns == (Column("X", (2, 2), np.dtype(float)), Column("y"))
    assert table_of(wide) is wide


def test_large_rows_come_in_smaller_pieces():
    table = table_of(np.zeros((9, 1024, 1024), np.uint8))
    assert [len(piece) for piece in table.pieces()] == [4, 4, 1]


def test_the_digest_is_of_the_values():
    digests = {
        table_of(data).digest()
        for data in ({"a": [1]}, {"a": [2]}, {"b": [1]}, {"a": [1.0]}, {"a": ["1"]}, {"a": ["2"]})
    }
    assert len(digests) == 6
    assert table_of({"a": [1]}).digest() == table_of(pd.DataFrame({"a": [1]})).digest()


@pytest.mark.parametrize(
    ("error", "data", "message"),
    [
        (
            InvalidValueError,
            [1, 2],
            "an array must have a row for each sample and a column for each value, or names, got "
            "the shape (2,): reshape it: array.reshape(-1, 1) is one column",
        ),
        (
            DataFormatError,
            {"a": [1, 2], "b": [1]},
            "data: all columns must have as many rows, got 2 in a, 1 in b: make them equally long",
        ),
        (DataFormatError, {}, "data: there must be at least one row, got none: give some"),
        (
            DataFormatError,
            {"a": 1},
            'data: the column "a" must have rows, got one value: give a list',
        ),
        (
            DataFormatError,
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            'data: every column must have a name of its own, got "a" for column 1 and column 2: '
            "rename one of them",
        ),
        (
            DataFormatError,
            {"caf\udce9": [1, 2]},
            'data: its text must be Unicode, got "caf\\udce9": rename the column',
        ),
        (
            InvalidValueError,
            "people.csv",
            "data must be a table, a frame, a mapping from names to columns or an array, got "
            "'people.csv': open_table(…) opens a file",
        ),
        (
            InvalidValueError,
            io.BytesIO(b"a,b"),
            "data must be a table, a frame, a mapping from names to columns or an array, got an "
            "object of the type BytesIO: pass one of these",
        ),
        (
            DataFormatError,
            {"a": [1j]},
            'data: the column "a" must hold numbers or text, got values of type complex128: '
            "convert it, or leave it out",
        ),
    ],
)
def test_what_is_no_table(message_of, error, data, message):
    assert message_of(error, table_of, data) == message


@pytest.mark.parametrize("texts", [["a", "\udce9"], np.array(["\ud800", "b"])])
def test_text_with_half_of_a_pair_is_refused(message_of, texts):
    table = table_of({"x": texts})
    message = message_of(DataFormatError, lambda: list(table.pieces()))
    assert message.startswith("data: its text must be Unicode, got ")


def test_ragged_lists_are_no_table(message_of):
    message = message_of(DataFormatError, table_of, [[1], [2, 3]])
    assert message.startswith("data: it must be an array, got ")
    assert message.endswith(": make all rows equally long")
