from __future__ import annotations

import numpy as np
import pytest

from chainrule.datasets.tables import open_table


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder, so that errors have short names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def content():
    """Read a whole table: lists by column, joined over its pieces, which must follow each other."""

    def read(table, rows=3):
        columns = {column.name: [] for column in table.columns}
        first = 0
        for piece in table.pieces(rows):
            assert piece.first == first
            assert 1 <= len(piece) <= rows
            assert list(piece.columns) == list(columns)
            for column in table.columns:
                values = piece.columns[column.name]
                assert values.shape == (len(piece), *([np.prod(column.shape)] * bool(column.shape)))
                assert values.dtype == column.dtype
                columns[column.name] += values.tolist()
            first += len(piece)
        assert table.n_rows in (None, first)
        return columns

    return read


@pytest.fixture
def fault_of(message_of):
    """Return the message with which a file is refused, when it is opened or read."""

    def catch(error, path, **options):
        return message_of(error, lambda: list(open_table(path, **options).pieces()))

    return catch
