"""From the cells of a piece to X: all columns of a kind at once.

X has numbers and blocks first, then a column for each number that was missing in training, then a
column for each value of a category, then pixels. It is equal to the bit to what scikit-learn's
transformers make of the same rows: numbers those of StandardScaler and a SimpleImputer with
indicators, categories those of OneHotEncoder, bytes those of MaxAbsScaler. Each of these has work
to do for every column, which in a table of many columns is most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Piece
from chainrule.preparation.cells import columns_to_numbers, found_again, printed, to_texts
from chainrule.preparation.notes import Notes
from chainrule.preparation.prepared import BRIGHTEST, Prepared
from chainrule.preparation.raw import no_number, numbers_of, pixels_of, values_of

FARTHEST = 1e15  # deviations from the mean: in float32 the squares of larger numbers overflow soon
_UNSEEN = -1


class Features:
    """The columns of X that each column of a table becomes.

    Parameters
    ----------
    columns : sequence of Prepared
        What was learnt, in the order of the training table.
    """

    def __init__(self, columns: Sequence[Prepared]) -> None:
        self.width = sum(column.n_features for column in columns)
        self._numbers = _Numbers([column for column in columns if column.is_numbers])
        begin = self._numbers.n_features
        self._categories = []
        for column in columns:
            if column.categories:
                codes = {value: begin + i for i, value in enumerate(column.values)}
                self._categories.append((column, codes))
                begin += column.n_features
        self._pixels = _side_by_side([one for one in columns if one.kind == "pixels"], begin)

    def of(self, piece: Piece, notes: Notes) -> Array:
        """Return X of a piece, (n, width), float32, and count what training had not.

        Raises
        ------
        DataFormatError
            If a cell is not as in training; it says where.
        """
        X: Array = np.zeros((len(piece), self.width), np.float32)
        self._numbers.put_into(X, piece, notes)
        self._put_categories(X, piece, notes)
        for column, places in self._pixels:
            X[:, places] = np.true_divide(
                pixels_of(column, piece, notes), BRIGHTEST, dtype=np.float64
            )
        return X

    def _put_categories(self, X: Array, piece: Piece, notes: Notes) -> None:
        if not self._categories:
            return
        codes = np.array(
            [_codes_of(column, known, piece, notes) for column, known in self._categories], np.intp
        )
        is_known = codes != _UNSEEN  # (k, n)
        X[np.nonzero(is_known)[1], codes[is_known]] = 1


def _codes_of(
    column: Prepared, known: dict[str | None, int], piece: Piece, notes: Notes
) -> list[int]:
    """Return which column of X says of each cell that it is there; none of values unseen."""
    texts = to_texts(values_of(column, piece, notes))
    try:
        return [known[text] for text in texts]
    except KeyError:  # the rest is for tables that are not as those of training
        others = {text for text in texts if text is not None} - known.keys()
    same = found_again(others, column.categories)
    texts = [text if text is None else same.get(text, text) for text in texts]
    if unseen := [text for text in texts if text not in known]:
        notes.add_unseen(column.name, unseen)
    return [known.get(text, _UNSEEN) for text in texts]


class _Numbers:
    """Single numbers and blocks, side by side in float64.

    Parameters
    ----------
    columns : sequence of Prepared
        Those that have numbers.
    """

    def __init__(self, columns: Sequence[Prepared]) -> None:
        self._columns = _side_by_side(columns)
        self._single = [column for column in columns if not column.shape]
        self._single_at = np.array(
            [places.start for column, places in self._columns if not column.shape], np.intp
        )
        nothing = np.empty(0)
        self._mean = np.concatenate([nothing, *(column.mean for column in columns)])
        self._scale = np.concatenate([nothing, *(column.scale for column in columns)])
        self._with_gaps = np.array(
            [places.start + i for column, places in self._columns for i in column.missing], np.intp
        )
        self._width = len(self._mean)
        self.n_features = self._width + len(self._with_gaps)

    def put_into(self, X: Array, piece: Piece, notes: Notes) -> None:
        """Fill the first columns of X: scaled numbers, 0 where one is missing, and where."""
        if not self._width:
            return
        numbers = self._cells(piece, notes)
        gone = np.isnan(numbers)
        self._note_missing(gone, notes)
        self._check_not_far(numbers, piece, notes)
        numbers -= self._mean
        numbers /= self._scale
        numbers[gone] = 0
        X[:, : self._width] = numbers
        X[:, self._width : self.n_features] = gone[:, self._with_gaps]

    def _cells(self, piece: Piece, notes: Notes) -> Array:
        """Return the numbers as they are in the table, (n, width), NaN where missing."""
        cells = [values_of(one, piece, notes) for one in self._single]
        single, bad = columns_to_numbers(cells, len(piece))
        if bad.any():
            i, row = np.argwhere(bad)[0].tolist()
            column = self._single[i]
            value = values_of(column, piece, notes)[row]
            raise no_number(value, piece, row, column.name, notes)
        if len(self._single) == len(self._columns):
            return single.T
        numbers: Array = np.empty((len(piece), self._width))
        if self._single:
            numbers[:, self._single_at] = single.T
        for column, places in self._columns:
            if column.shape:
                values = values_of(column, piece, notes).reshape(len(piece), column.width)
                numbers[:, places] = numbers_of(values, piece, column.name, notes)
        return numbers

    def _note_missing(self, gone: Array, notes: Notes) -> None:
        counts = gone.sum(axis=0)
        if counts.any():
            for column, places in self._columns:
                if n := int(counts[places].sum()):
                    notes.imputed[column.name] += n

    def _check_not_far(self, numbers: Array, piece: Piece, notes: Notes) -> None:
        far = np.abs(numbers - self._mean) > FARTHEST * self._scale
        if not far.any():
            return
        place, row = np.argwhere(far.T)[0].tolist()
        column, places = next(one for one in self._columns if place < one[1].stop)
        values = values_of(column, piece, notes).reshape(len(piece), column.width)
        what = (
            f"{printed(values[row, place - places.start])} is too far from the numbers of training"
        )
        raise notes.error(piece, row, column.name, f"{what}: mend it, or leave it empty")


def _side_by_side(columns: Sequence[Prepared], begin: int = 0) -> list[tuple[Prepared, slice]]:
    """Return columns with the places that their values have where they lie side by side."""
    ends = accumulate((column.width for column in columns), initial=begin)
    return [(one, slice(end, end + one.width)) for one, end in zip(columns, ends, strict=False)]
