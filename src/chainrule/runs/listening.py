"""Who listens to a run: told of its stages, of rows read, of what was found, of epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.datasets.tables import Piece, Table
from chainrule.preparation.splitting import Watched
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch

if TYPE_CHECKING:
    from chainrule.runs.found import Found


class Listener:
    """Listens, does nothing; override what you need."""

    def stage(self, what: str, total: int | None = None) -> None:
        """Hear that a stage begins: "reading iris.csv", and how many rows it has if known."""

    def rows(self, n: int) -> None:
        """Hear that so many more rows have been read."""

    def found(self, found: Found) -> None:
        """Hear what is in the data."""

    def epoch(self, row: Epoch, epochs: int) -> None:
        """Hear that an epoch of at most so many is over."""


class Rows:
    """Tells a listener of rows while they are read."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def begin(self) -> None:
        """Begin anew."""

    def add(self, piece: Piece) -> None:
        """Tell of a piece."""
        self._listener.rows(len(piece))


def told(table: Table, listener: Listener, what: str, total: int | None = None) -> Table:
    """Return a table whose reading a listener hears of, as a stage of its own."""
    listener.stage(what, table.n_rows if total is None else total)
    return Watched(table, [Rows(listener)])


class Epochs(Callback):
    """Tells a listener of epochs."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def epoch_end(self, progress: Progress) -> bool:
        self._listener.epoch(progress.history.epochs[-1], progress.epochs)
        return False
