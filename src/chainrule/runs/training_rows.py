"""Which rows training has looked at: hashes of them, by which they are known again in any file.

A row is what the estimator is given of it: its prepared columns and its target. So a row is the
same in every format, and columns that are left out make no difference.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from chainrule._types import Array
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.measuring import MEASURES, Outputs

MOST = 2**20  # hashes that are kept: those of all rows, or the smallest of them, a fair sample
_LARGEST = np.iinfo(np.uint64).max


def row_hashes(X: Array, truth: Array | None) -> Array:
    """Return a hash of each row.

    Parameters
    ----------
    X : array of shape (n, n_features)
        Prepared columns.
    truth : array of shape (n,) or None
        What is to be predicted, as it is in the file: labels or numbers.

    Returns
    -------
    array of uint64 of shape (n,)
        The same for the same row, and as good as never for another.
    """
    rows = np.ascontiguousarray(X + X.dtype.type(0))  # -0 becomes 0
    targets = (
        [b""] * len(rows) if truth is None else [str(value).encode() for value in truth.tolist()]
    )
    hashes = (
        blake2b(target + b"\0" + row.tobytes(), digest_size=8).digest()
        for row, target in zip(rows, targets, strict=True)
    )
    return np.frombuffer(b"".join(hashes), np.uint64)


class Compared(NamedTuple):
    """What comparing rows with those of training says of each.

    Attributes
    ----------
    was_compared : array of bool of shape (n,)
        Not all are where training had more than :data:`MOST` rows.
    is_known : array of bool of shape (n,)
        Whether training has looked at an equal row.
    """

    was_compared: Array
    is_known: Array


class TrainingRows:
    """The rows that training has looked at.

    Parameters
    ----------
    hashes : array of uint64 of shape (n,), optional
        Of rows, as :attr:`hashes` was.
    """

    def __init__(self, hashes: Array | None = None) -> None:
        self._hashes = np.empty(0, np.uint64) if hashes is None else hashes
        self._new: list[Array] = []
        self._n_new = 0

    def add(self, hashes: Array) -> None:
        """Take the hashes of more rows."""
        self._new.append(hashes)
        self._n_new += len(hashes)
        if self._n_new > MOST:
            self._merge()

    def _merge(self) -> None:
        if not self._new:
            return
        self._hashes = np.unique(np.concatenate([self._hashes, *self._new]))[:MOST]
        self._new, self._n_new = [], 0

    @property
    def hashes(self) -> Array:
        """Ascending, (n,), at most :data:`MOST`."""
        self._merge()
        return self._hashes

    def compare(self, hashes: Array) -> Compared:
        """Say of each row whether training has looked at it."""
        known = self.hashes
        largest = _LARGEST if len(known) < MOST else known[-1]
        return Compared(hashes <= largest, np.isin(hashes, known))

    def save(self, file: IO[bytes]) -> None:
        """Write the hashes as NumPy's own file."""
        np.save(file, self.hashes, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> TrainingRows | None:
        """Return what a file says; None where there is none that says it."""
        try:
            hashes = np.load(path, allow_pickle=False)
            good = hashes.dtype == np.uint64 and hashes.ndim == 1
            return cls(np.sort(hashes)) if good else None
        except (OSError, ValueError, AttributeError, EOFError):
            return None


class Comparison:
    """Measures rows apart that training has not looked at, to say how well a model does on those.

    Parameters
    ----------
    rows : TrainingRows or None
        Those of training; None where nobody knows.
    model : BaseTableModel
        What is measured.
    """

    def __init__(self, rows: TrainingRows | None, model: BaseTableModel) -> None:
        self._rows, self._model = rows, model
        self._measures = MEASURES[model.task](model)
        self._n_compared = self._n_known = 0

    def add(self, some: Outputs) -> None:
        """Take the next rows."""
        if self._rows is None:
            return
        is_class = self._model.task == "classification"
        truth = self._model.classes_[some.truth] if is_class else some.truth
        compared, known = self._rows.compare(row_hashes(some.X, truth))
        self._n_compared += int(compared.sum())
        self._n_known += int(known.sum())
        others = compared & ~known
        if others.any():
            self._measures.add(some.of(np.flatnonzero(others)))

    def facts(self) -> dict[str, Any] | None:
        """Return how many rows were compared, how many are known, and the figures of the others.

        None where there is nothing to compare with. The figures are None where all rows are known,
        or none: they are those of all rows then.
        """
        if self._rows is None:
            return None
        n, known = self._n_compared, self._n_known
        others = self._measures.figures() if 0 < known < n else None
        return {"compared": n, "known": known, "others": others}
