"""Which rows are learnt from, which decide when to stop, and which are measured on.

Rows that are *held out* are not looked at in training at all, so that the figures are honest. When
to stop is decided by *stopping* rows, taken from the others. The rule:

======================  ==============================================================
held out                20 %, and at most 100,000 rows; what ``--val-fraction`` says; none
                        of ``DATA`` where ``--val`` names a file
stopping                an eighth of the rest, and at most 20,000 rows; none where that is
                        fewer than 10, or early stopping is switched off
======================  ==============================================================

Rows of each class are split by themselves, at random, so that every part has its share; a class
always has a row to learn from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Piece, Table
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.cells import to_texts

LEARN, STOP, HELD_OUT = 0, 1, 2
HELD_OUT_SHARE, MOST_HELD_OUT = 0.2, 100_000
STOP_SHARE, MOST_STOP, LEAST_STOP = 0.125, 20_000, 10
MOST_CLASSES = 1000


def held_out_share(n_rows: int, asked: float | None) -> float:
    """Return the share of rows to hold out."""
    return min(HELD_OUT_SHARE, MOST_HELD_OUT / n_rows) if asked is None else asked


def stop_share(n_rest: int) -> float:
    """Return the share of the other rows that decide when to stop; 0 where they are too few."""
    share = min(STOP_SHARE, MOST_STOP / n_rest)
    return share if share * n_rest >= LEAST_STOP else 0.0


def split(
    n_rows: int,
    codes: Array | None,
    *,
    held_out: float,
    stops: bool,
    seed: int,
    stopping: float | None = None,
) -> Array:  # (n_rows,)
    """Return the part of each row.

    Parameters
    ----------
    n_rows : int
        How many there are.
    codes : array of shape (n_rows,) or None
        The class of each as a number; None where there are no classes.
    held_out : float
        The share that is held out, in [0, 1).
    stops : bool
        Whether there are stopping rows.
    seed : int
        Of the choice.
    stopping : float, optional
        The share of the others that are stopping rows; :func:`stop_share` if left out, and at
        least 10 rows then.

    Returns
    -------
    array of int8 of shape (n_rows,)
        :data:`LEARN`, :data:`STOP` or :data:`HELD_OUT`.

    Raises
    ------
    InvalidValueError
        If nothing would be left to learn from or to measure on.
    """
    parts = np.zeros(n_rows, np.int8)
    rng = np.random.default_rng(seed)
    _mark(parts, HELD_OUT, held_out, codes, rng)
    n_held_out = int((parts == HELD_OUT).sum())
    if held_out and not 0 < n_held_out < n_rows - 1:
        if codes is not None and not n_held_out and _mostly_of_one_row(codes):
            raise InvalidValueError(
                f"the classes of {n_rows:,} rows must have several rows each, to learn from and to "
                "measure on",
                Words(f"{len(np.unique(codes)):,} classes"),
                'choose another target, or the task "regression" (--task regression) if these are '
                "numbers",
            )
        raise InvalidValueError(
            f"val-fraction of {n_rows} rows must leave at least two to learn from and one to "
            "measure on",
            held_out,
            "change it, or add rows"
            + ("" if codes is None else ", as each class keeps one to learn from"),
        )
    if stops:
        share = stop_share(n_rows - n_held_out) if stopping is None else stopping
        _mark(parts, STOP, share, codes, rng)
        if stopping is None:  # of many small classes there are fewer
            _without_few(parts)
    return parts


def _without_few(parts: Array) -> None:
    if (parts == STOP).sum() < LEAST_STOP:
        parts[parts == STOP] = LEARN


def split_groups(
    groups: Array, codes: Array | None, *, stopping: float | None = None, seed: int
) -> Array:  # (n_rows,)
    """Return the part of each row where the rows of a group stay together; none is held out.

    Groups are taken as stopping rows in a random order while their rows fit into the share. The
    last group that has a class is learnt from.

    Parameters
    ----------
    groups : array of int of shape (n_rows,)
        The number of each row's group, from 0.
    codes : array of int of shape (n_rows,) or None
        The number of its class, from 0; None where there are no classes.
    stopping : float, optional
        The share of stopping rows; as :func:`split` has it.
    seed : int
        Of the choice.
    """
    n_rows = len(groups)
    codes = np.zeros(n_rows, np.intp) if codes is None else codes
    wanted = round((stop_share(n_rows) if stopping is None else stopping) * n_rows)
    n_of = np.zeros((groups.max() + 1, codes.max() + 1), np.intp)  # rows by group and class
    np.add.at(n_of, (groups, codes), 1)
    left = n_of.sum(axis=0)
    chosen = np.zeros(len(n_of), bool)
    for group in np.random.default_rng(seed).permutation(len(n_of)):
        n = n_of[group].sum()
        if n <= wanted and (left > n_of[group]).all():
            chosen[group] = True
            left -= n_of[group]
            wanted -= n
    parts = np.where(chosen[groups], STOP, LEARN).astype(np.int8)
    if stopping is None:
        _without_few(parts)
    return parts


def _mostly_of_one_row(codes: Array) -> bool:
    return 2 * len(np.unique(codes)) > len(codes)


def _mark(
    parts: Array, part: int, share: float, codes: Array | None, rng: np.random.Generator
) -> None:
    free = parts == LEARN
    # Class by class: to sort all rows by class takes several times the memory.
    for code in [None] if codes is None else np.unique(codes):
        group = np.flatnonzero(free if code is None else free & (codes == code))
        # Of a class with one row, that one is learnt from.
        n = max(min(round(share * len(group)), len(group) - 1), 0)
        parts[rng.permutation(group)[:n]] = part


class RowsOf(Table):
    """Some rows of a table, in their order.

    Parameters
    ----------
    table : Table
        All rows.
    parts : array of int8 of shape (n_rows,)
        The part of each row.
    part : int
        Which rows to give.
    """

    def __init__(self, table: Table, parts: Array, part: int) -> None:
        self._table, self._wanted = table, parts == part
        self.name, self.columns, self.target = table.name, table.columns, table.target
        self.class_names = table.class_names
        self.n_rows = int(self._wanted.sum())

    def pieces(self, rows: int = 16384) -> Iterator[Piece]:
        first = 0
        for piece in self._table.pieces(rows):
            wanted = self._wanted[piece.first : piece.first + len(piece)]
            if wanted.all():
                some = Piece(piece.columns, first)
            elif wanted.any():
                some = Piece({name: x[wanted] for name, x in piece.columns.items()}, first)
            else:
                continue
            first += len(some)
            yield some

    def place(self, row: int) -> str:
        return self._table.place(int(np.flatnonzero(self._wanted)[row]))

    def digest(self) -> str:
        return self._table.digest()


class Watcher(Protocol):
    """Looks at pieces as they are read."""

    def begin(self) -> None:
        """Forget an earlier reading."""

    def add(self, piece: Piece) -> None:
        """Look at the next piece."""


class Watched(Table):
    """A table whose pieces somebody looks at while they are read.

    Parameters
    ----------
    table : Table
        The table.
    watchers : sequence of Watcher
        Who looks.
    """

    def __init__(self, table: Table, watchers: Sequence[Watcher]) -> None:
        self._table, self._watchers = table, watchers
        self.name, self.columns, self.target = table.name, table.columns, table.target
        self.class_names, self.n_rows = table.class_names, table.n_rows

    def pieces(self, rows: int = 16384) -> Iterator[Piece]:
        for watcher in self._watchers:
            watcher.begin()
        for piece in self._table.pieces(rows):
            for watcher in self._watchers:
                watcher.add(piece)
            yield piece

    def place(self, row: int) -> str:
        return self._table.place(row)

    def digest(self) -> str:
        return self._table.digest()


class Codes:
    """Numbers the classes of a column while it is read; gives up where there are too many.

    Parameters
    ----------
    column : str
        The target.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self.begin()

    def begin(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._codes: list[Array] = []

    def add(self, piece: Piece) -> None:
        if len(self._numbers) > MOST_CLASSES:
            self._codes.clear()
            return
        values = piece.columns[self._column]
        if values.ndim == 1:
            numbers = self._numbers
            codes = [numbers.setdefault(text, len(numbers)) for text in to_texts(values)]
            self._codes.append(np.array(codes, np.int32))

    def result(self) -> Array:
        """Return the class of each row; what is asked of a target with few classes only."""
        return np.concatenate(self._codes)


def described(parts: Array) -> dict[str, int]:
    """Return how many rows each part has, by what it is called in a report."""
    counts = np.bincount(parts, minlength=3).tolist()
    return {"learnt_from": counts[LEARN], "stopping": counts[STOP], "held_out": counts[HELD_OUT]}
