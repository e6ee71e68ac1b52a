import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.runs import training_rows
from chainrule.runs.training_rows import TrainingRows, row_hashes

TRUTHS = {"texts": np.array(["a", "b"]), "numbers": np.array([1.5, -2.0]), "whole": np.arange(2)}


@given(
    st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 1), st.integers(0, 1)), max_size=20),
    st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 1), st.integers(0, 1)), max_size=20),
    st.sampled_from([*TRUTHS, None]),
    st.integers(1, 7),
)
def test_a_row_is_known_if_an_equal_one_was_there(learnt, asked, kind, size):
    def hashes(rows):
        table = np.array(rows, np.float32).reshape(-1, 3)
        truth = None if kind is None else TRUTHS[kind][table[:, 2].astype(int)]
        return row_hashes(table[:, :2] / np.float32(3), truth)

    known = TrainingRows()
    for begin in range(0, len(learnt), size):
        known.add(hashes(learnt[begin : begin + size]))
    there = {row[: 2 if kind is None else 3] for row in learnt}
    compared, is_known = known.compare(hashes(asked))
    assert compared.all()
    assert is_known.tolist() == [row[: 2 if kind is None else 3] in there for row in asked]


def test_minus_zero_is_zero():
    one, other = np.zeros((1, 2), np.float32), -np.zeros((1, 2), np.float32)
    assert row_hashes(one, None) == row_hashes(other, None)


def test_of_very_many_rows_a_sample_is_kept(monkeypatch):
    monkeypatch.setattr(training_rows, "MOST", 100)
    X = np.arange(2000, dtype=np.float32)[:, np.newaxis]
    hashes = row_hashes(X, None)
    known = TrainingRows()
    for begin in range(0, 1000, 70):
        known.add(hashes[begin : min(begin + 70, 1000)])
    assert known.hashes.tolist() == sorted(hashes[:1000].tolist())[:100]
    compared, is_known = known.compare(hashes)
    assert is_known.sum() == 100
    assert not is_known[1000:].any()
    assert (is_known[:1000] == compared[:1000]).all()  # of those that were compared it is exact
    assert 150 < compared.sum() < 250  # a tenth


def test_the_rows_are_kept_in_a_file(tmp_path):
    known = TrainingRows()
    known.add(np.array([5, 3, 5], np.uint64))
    path = tmp_path / "rows.npy"
    with path.open("wb") as file:
        known.save(file)
    assert TrainingRows.load(path).hashes.tolist() == [3, 5]


def array_file(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no array",
        array_file(np.arange(4.0)),
        array_file(np.zeros((2, 2), np.uint64)),
        array_file(np.array([{}], object)),
        array_file(np.arange(4, dtype=np.uint64))[:-3],
    ],
    ids=["absent", "empty", "text", "floats", "a table", "objects", "cut"],
)
def test_a_file_that_is_something_else_says_nothing(tmp_path, content):
    path = tmp_path / "rows.npy"
    if content is not None:
        path.write_bytes(content)
    assert TrainingRows.load(path) is None
