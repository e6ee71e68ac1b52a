from __future__ import annotations

import pytest

from chainrule.datasets.tables import Table, open_table


class InPieces(Table):
    """A table of which every piece has so many rows at most."""

    def __init__(self, table, rows):
        self.name, self.columns, self.target = table.name, table.columns, table.target
        self.n_rows, self.class_names = table.n_rows, table.class_names
        self._table, self._rows = table, rows

    def pieces(self, rows=None):
        return self._table.pieces(self._rows)

    def place(self, row):
        return self._table.place(row)

    def digest(self):
        return self._table.digest()


@pytest.fixture(scope="session")
def in_pieces():
    return InPieces


@pytest.fixture
def csv(tmp_path, monkeypatch):
    """Write lines to a file called people.csv in the current folder, and open it as a table."""
    monkeypatch.chdir(tmp_path)

    def write(*lines, name="people.csv"):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return open_table(name)

    return write
