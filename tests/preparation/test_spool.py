from __future__ import annotations

import numpy as np
import pytest

from chainrule.datasets.tables import table_of
from chainrule.errors import DataFormatError
from chainrule.preparation import Preparation, inspect
from chainrule.preparation.spool import Spool

N = 50
DATA = {"a": np.sqrt(np.arange(N)), "b": np.arange(N) % 3, "y": np.arange(N) % 2}


@pytest.fixture
def preparation():
    return Preparation.learn(inspect(table_of(DATA), target="y"))


def test_few_rows_are_in_memory(preparation, tmp_path):
    X, _ = preparation.rows(table_of(DATA), tmp_path, limit=N * 2 * 4)
    assert type(X) is np.ndarray


def test_more_rows_are_a_memory_map_without_a_file_s_name(preparation, tmp_path, in_pieces):
    table = in_pieces(table_of(DATA), 7)
    X, y = preparation.rows(table, tmp_path, limit=N * 2 * 4 - 1)
    assert isinstance(X, np.memmap)
    assert not X.flags.writeable
    assert not [*tmp_path.iterdir()]
    assert X.tolist() == preparation.rows(table)[0].tolist()
    assert y.tolist() == DATA["y"].tolist()


def test_nothing_is_left_after_an_error(preparation, tmp_path, in_pieces):
    texts = DATA["a"].astype(str).astype(object)
    texts[40] = "abc"
    table = in_pieces(table_of({**DATA, "a": texts}), 7)
    with pytest.raises(DataFormatError, match="row 40"):
        preparation.rows(table, tmp_path, limit=10)
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_is_not_there(preparation, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none'$"):
        preparation.rows(table_of(DATA), tmp_path / "none", limit=10)


def test_memory_does_not_grow_with_the_rows(peak_bytes, tmp_path):
    rows = np.ones((1000, 100), np.float32)

    def spooled(n):
        with Spool(100, rows.dtype, tmp_path, 2**20) as spool:
            for _ in range(n):
                spool.add(rows)
            return spool.rows()

    assert spooled(20).shape == (20_000, 100)
    assert peak_bytes(lambda: spooled(20)) < 3 * 2**20
