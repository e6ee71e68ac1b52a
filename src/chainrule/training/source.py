"""Batches of data that stays as it is: gathered, cast and scaled on the way into a buffer.

uint8 images stay uint8, a memory map stays on disk, and a held-out part is a list of row numbers,
not a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule._types import Array
from chainrule.engine.workspace import Workspace


class Source:
    """Rows of ``X`` and ``y``, handed out in batches.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Any number type, any layout.
    y : array of shape (n_samples,) or (n_samples, n_outputs), optional
        Targets as the loss takes them; left out for prediction.
    rows : array of shape (n,), optional
        The rows to use; all if left out.
    scale : float, optional
        What each batch is multiplied by on its way in, such as 1 / 255 for pixels.
    """

    def __init__(
        self,
        X: Array,
        y: Array | None = None,
        *,
        rows: Array | None = None,
        scale: float | None = None,
    ) -> None:
        self.X, self.y, self.scale = X, y, scale
        self.rows = np.arange(len(X)) if rows is None else rows
        self._raw = np.empty((0, *X.shape[1:]), X.dtype)

    def __len__(self) -> int:
        return len(self.rows)

    def batches(
        self, work: Workspace, rng: np.random.Generator | None = None
    ) -> Iterator[tuple[Workspace, Array | None]]:
        """Yield (workspace with the batch in ``x``, targets) until each row was seen once.

        Parameters
        ----------
        work : Workspace
            Its capacity is the batch size; the last batch may be shorter.
        rng : numpy.random.Generator, optional
            Shuffles the rows first; without it they come in order.
        """
        rows = self.rows if rng is None else rng.permutation(self.rows)
        for begin in range(0, len(rows), work.capacity):
            batch = rows[begin : begin + work.capacity]
            view = work.rows(len(batch))
            self._gather(batch, view.x)
            yield view, None if self.y is None else self.y[batch]

    def _gather(self, batch: Array, out: Array) -> None:  # (n,) -> (n, n_features)
        if self.X.dtype == out.dtype:
            self._take(batch, out)
        else:
            if len(self._raw) < len(batch):
                self._raw = np.empty((len(batch), *self.X.shape[1:]), self.X.dtype)
            raw = self._raw[: len(batch)]
            self._take(batch, raw)
            with np.errstate(over="ignore"):  # too large for the dtype: training checks for inf
                np.copyto(out, raw, casting="unsafe")
        if self.scale is not None:
            out *= self.scale

    def _take(self, batch: Array, out: Array) -> None:
        if self.X.flags.c_contiguous:
            # mode="clip" lets take write to out without a buffer; every row number is in range.
            np.take(self.X, batch, axis=0, out=out, mode="clip")
        else:  # take would first copy all of X
            np.copyto(out, self.X[batch])
