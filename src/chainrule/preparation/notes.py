"""What is met while a table is prepared and training had not: counted, to be told at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chainrule.datasets.tables import Piece, Table
from chainrule.errors import DataFormatError
from chainrule.preparation.cells import cell_error

MOST_VALUES = 1000  # that a column's counter holds


class Notes:
    """Counts, and where the rows of a table are.

    Parameters
    ----------
    table : Table, optional
        Whose pieces are prepared: errors then say its name and the place of a row.

    Attributes
    ----------
    name : str
        Of the table.
    unseen : dict from str to Counter of str
        By column: values that training had not, and how many rows have them.
    imputed : Counter of str
        By column: missing numbers that were taken to be the mean.
    ignored : tuple of str
        Columns that training had not.
    """

    def __init__(self, table: Table | None = None) -> None:
        self._table = table
        self.name = "the data" if table is None else table.name
        self.unseen: dict[str, Counter[str]] = {}
        self.imputed: Counter[str] = Counter()
        self.ignored: tuple[str, ...] = ()

    def close(self) -> None:
        """Let the table go, which may be large, when all of it has been prepared."""
        self._table = None

    def add_unseen(self, column: str, values: Iterable[str | None]) -> None:
        """Count values of a column; beyond a thousand different ones all others are one, "…"."""
        counter = self.unseen.setdefault(column, Counter())
        for value in values:
            text = "missing" if value is None else value
            counter[text if text in counter or len(counter) < MOST_VALUES else "…"] += 1

    def error(self, piece: Piece, row: int, column: str, what: str) -> DataFormatError:
        """Return the error about the cell of a column in a row, counted from 0, of a piece."""
        row += piece.first
        place = f"row {row} (counted from 0)" if self._table is None else self._table.place(row)
        return cell_error(self.name, place, column, what)
