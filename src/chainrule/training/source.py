"""Batches of data that stays as it is: gathered, cast and scaled on the way into a buffer.

uint8 images stay uint8, a memory map stays on disk, a sparse matrix stays sparse, and a held-out
part is a list of row numbers, not a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from chainrule._cached import cached_property
from chainrule._types import Array
from chainrule.engine.backends import compiled
from chainrule.engine.checks import (
    INTEGERS,
    NUMBERS,
    check_array,
    check_classes,
    check_csr,
    check_range,
    check_sparse,
    check_targets,
)
from chainrule.engine.network import quiet
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError
from chainrule.training.pages import Pages

INT32, INT64, INTP = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.intp)
LARGEST_INT32 = np.iinfo(np.int32).max
FEW = 100_000  # rows whose numbers are little memory in any integers


class Batch(NamedTuple):
    """What a source hands out.

    Attributes
    ----------
    work : Workspace
        With the batch in ``x``, shape (n, n_features).
    y : array of shape (n,) or (n, n_outputs), or None
        Targets.
    weight : array of shape (n,) or None
        Sample weights.
    """

    work: Workspace
    y: Any
    weight: Any


def row_dtype(n_samples: int) -> np.dtype:
    """Return the smallest integers that count so many rows, or of few the fastest: pointers'."""
    if n_samples <= FEW:
        return INTP
    return INT32 if n_samples <= LARGEST_INT32 else INT64


class Source:
    """Rows of ``X`` and ``y``, handed out in batches.

    The arrays are taken as they are, and looked at each time they are lent to a network: for an
    epoch, or for an evaluation. Until that is over nobody may change them.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Any number type, any layout.
    y : array of shape (n_samples,) or (n_samples, n_outputs), optional
        Targets as the loss takes them: integers in [0, n_outputs) of shape (n_samples,) for
        classes, otherwise numbers with a column for each output; left out for prediction.
    weight : array of shape (n_samples,), optional
        Sample weights.
    rows : array of shape (n,), optional
        The rows to use, integers in [0, n_samples); all if left out.
    shift : float or array of shape (n_features,), optional
        What is taken off each row on its way in; in float64, as differences of large numbers are
        lost in less.
    scale : float or array of shape (n_features,), optional
        What each row is then multiplied by, such as 1 / 255 for pixels.

    Raises
    ------
    InvalidValueError
        If ``X`` is no such array. What else does not fit is refused, by the same error on both
        backends, when it is lent.
    """

    def __init__(
        self,
        X: Any,
        y: Array | None = None,
        *,
        weight: Array | None = None,
        rows: Array | None = None,
        shift: float | Array | None = None,
        scale: float | Array | None = None,
    ) -> None:
        self.X, self.y, self.weight = X, y, weight
        self.shift, self.scale = shift, scale
        self._rows = rows
        self._check_matrix()
        self.pages = Pages(X)
        self._raw: Array | None = None
        self._wide: Array | None = None

    @cached_property
    def rows(self) -> Array:
        """The numbers of the rows."""
        n = self.X.shape[0]
        return np.arange(n, dtype=row_dtype(n)) if self._rows is None else self._rows

    def __len__(self) -> int:
        n: int = self.X.shape[0] if self._rows is None else len(self._rows)
        return n

    def batches(
        self, work: Workspace, rows: Array | None = None, *, labelled: bool = False
    ) -> Iterator[Batch]:
        """Yield batches until each row was seen once; under ``quiet``, as numbers may be too large.

        Parameters
        ----------
        work : Workspace
            Its capacity is the batch size; the last batch may be shorter.
        rows : array of shape (len(self),), optional
            ``self.rows`` in the order to take; as they are if left out.
        labelled : bool
            Whether targets are needed.

        Raises
        ------
        InvalidValueError
            If anything does not fit the network that ``work`` is for.
        """
        rows = self.rows if rows is None else rows
        # Targets and weights are small: one gather an epoch, and a batch's are views.
        y, weight = self.checked(work.spec, rows, labelled=labelled)
        for begin in range(0, len(rows), work.capacity):
            batch = slice(begin, begin + work.capacity)
            taken = rows[batch]
            view = work.rows(len(taken))
            self._gather(taken, view.x)
            self.pages.read(len(taken))
            yield Batch(
                view,
                None if y is None else y[batch],
                None if weight is None else weight[batch],
            )

    def lent(
        self, spec: NetworkSpec, rows: Array | None = None, *, labelled: bool = False
    ) -> dict[str, Any] | None:
        """Return what kernels take; None if they cannot read ``X`` as it is.

        Parameters and errors are :meth:`batches`'; ``spec`` is the network's.
        """
        rows = self._rows if rows is None else rows
        y, weight = self.checked(spec, rows, labelled=labelled)
        if not compiled.can_read(self.X, self.shift):
            return None
        return {
            "X": self.X,
            "rows": rows,
            "y": y,
            "weight": weight,
            "shift": self.shift,
            "scale": self.scale,
        }

    def checked(
        self, spec: NetworkSpec, rows: Array | None, *, labelled: bool
    ) -> tuple[Array | None, Array | None]:
        """Return targets and weights in the order of ``rows``; see :meth:`lent`.

        All is looked at again: the arrays are the user's own, and may have changed.
        """
        self._check_matrix()
        self._check_values()
        n, width = self.X.shape
        self.shift, self.scale = _scaling(self.shift, self.scale, width)
        if width != spec.layer_sizes[0]:
            raise InvalidValueError(
                f"X must have {spec.layer_sizes[0]} features, as layer_sizes[0] says",
                width,
                "pass other data, or change the network",
            )
        if rows is not None:
            check_array("rows", rows, (len(self),), INTEGERS)
            check_range("rows", rows, n, "give the numbers of rows of X")
        if self.weight is not None:
            check_array("weight", self.weight, (n,))
        return self._targets(spec, rows, labelled=labelled), _taken(self.weight, rows)

    def _check_matrix(self) -> None:
        X = self.X
        # A single row's prediction takes few microseconds: a plain array's question is short.
        if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in NUMBERS:
            check_array("X", X, ("n_samples", "n_features"))

    def _check_values(self) -> None:
        self.pages.check()

    def _targets(self, spec: NetworkSpec, rows: Array | None, *, labelled: bool) -> Array | None:
        if self.y is None:
            if labelled:
                raise InvalidValueError("a source to learn from must have targets", None, "pass y")
            return None
        loss, n_outputs = spec.loss, spec.layer_sizes[-1]
        check_targets(loss, n_outputs, self.y, self.X.shape[0])
        y = _taken(self.y, rows)
        assert y is not None
        if loss.takes_classes:
            check_classes(loss, n_outputs, y)
        elif y.dtype != spec.np_dtype:
            with quiet():
                y = y.astype(spec.np_dtype)
        return y

    def _gather(self, batch: Array, out: Array) -> None:  # (n,) -> (n, n_features)
        if self.shift is None:
            self._take(batch, out)
            if self.scale is not None:
                out *= self.scale
            return
        if self._wide is None or len(self._wide) < len(batch):
            self._wide = np.empty(out.shape, np.float64)
        wide = self._wide[: len(batch)]
        self._take(batch, wide)
        wide -= self.shift
        wide *= self.scale
        np.copyto(out, wide, casting="unsafe")

    def _take(self, batch: Array, out: Array) -> None:
        X = self.X
        if not X.flags.c_contiguous:  # take would first copy all of X
            np.copyto(out, X[batch], casting="unsafe")
        elif X.dtype == out.dtype:
            # mode="clip" lets take write to out without a buffer; every row number is in range.
            X.take(batch, 0, out, "clip")
        else:
            if self._raw is None or len(self._raw) < len(batch):
                self._raw = np.empty((len(batch), *X.shape[1:]), X.dtype)
            raw = self._raw[: len(batch)]
            X.take(batch, 0, raw, "clip")
            np.copyto(out, raw, casting="unsafe")


def _scaling(shift: Any, scale: Any, width: int) -> tuple[Array | None, Array | float | None]:
    """Return shift and scale as both backends take them: neither, a factor alone, or two arrays."""
    if shift is None and scale is None:
        return None, None
    for name, value in (("shift", shift), ("scale", scale)):
        if isinstance(value, np.ndarray | list | tuple):
            check_array(name, value, (width,), remedy="give one number, or one for each feature")
        elif value is not None and not isinstance(value, Real):
            raise InvalidValueError(f"{name} must be a number or an array", value, "convert it")
    if shift is None and isinstance(scale, Real):
        return None, float(scale)
    each = (0.0 if shift is None else shift), (1.0 if scale is None else scale)
    return _spread(each[0], width), _spread(each[1], width)


def _spread(value: Any, width: int) -> Array:  # () or (width,) -> (width,)
    fits = isinstance(value, np.ndarray) and value.dtype == np.float64 and value.flags.carray
    return value if fits else np.array(np.broadcast_to(value, (width,)), np.float64, order="C")


def _taken(values: Array | None, rows: Array | None) -> Array | None:
    # Not by take, which makes a copy of the numbers of the rows in larger integers.
    return values if values is None or rows is None else values[rows]


class SparseSource(Source):
    """Rows of a SciPy CSR matrix, made dense a batch at a time."""

    def _check_matrix(self) -> None:
        check_csr(self.X)

    def _check_values(self) -> None:
        check_sparse(self.X)

    def _take(self, batch: Array, out: Array) -> None:
        self.X[batch].astype(out.dtype, copy=False).toarray(out=out)


class Reconstruction(Source):
    """Rows that are their own targets, as they are after scaling: what an autoencoder learns."""

    def batches(
        self, work: Workspace, rows: Array | None = None, *, labelled: bool = False
    ) -> Iterator[Batch]:
        for batch in super().batches(work, rows, labelled=labelled):
            yield batch._replace(y=batch.work.x)

    def _targets(self, spec: NetworkSpec, rows: Array | None, *, labelled: bool) -> None:
        if self.y is not None:
            raise InvalidValueError(
                "y must be None where rows are their own targets", self.y, "leave it out"
            )
        loss, width, n_outputs = spec.loss, spec.layer_sizes[0], spec.layer_sizes[-1]
        if labelled and (loss.takes_classes or loss.target_shape(n_outputs) != (width,)):
            raise InvalidValueError(
                f"the loss of a network whose targets are its rows must take {width} numbers",
                spec.layer_sizes,
                "give it as many outputs as features, and a loss of numbers",
            )


class SparseReconstruction(Reconstruction, SparseSource):
    """The same for a SciPy CSR matrix."""


class InOrder:
    """Rows in the order in which they are, in every epoch."""

    def __call__(self, rows: Array) -> Array:
        return rows


class SuccessiveShuffles:
    """scikit-learn's order: each epoch shuffles the order of the one before.

    Parameters
    ----------
    random_state : numpy.random.RandomState
        Drawn from once an epoch.

    Attributes
    ----------
    permutation : array of shape (n,) or None
        The order of the last epoch, by position; None before the first.
    """

    def __init__(self, random_state: np.random.RandomState) -> None:
        self.random_state = random_state
        self.permutation: Array | None = None

    def __call__(self, rows: Array) -> Array:
        before, n = self.permutation, len(rows)
        if before is not None:
            check_array("permutation", before, (n,), INTEGERS)
        order = np.arange(n, dtype=row_dtype(n)) if before is None else before.copy()
        self.random_state.shuffle(order)
        self.permutation = order
        return rows.take(order)
