"""Hidden layers in two dimensions: the two directions in which a layer's activations vary most."""

from __future__ import annotations

import numpy as np

from chainrule._types import Array
from chainrule.explore.content import Hidden
from chainrule.explore.packing import pack
from chainrule.explore.subject import Subject

MOST_ROWS = 10_000  # that the directions are computed from, evenly over the data


def hidden_spaces(subject: Subject, X: Array, shown: Array) -> list[Hidden]:
    """Return the principal components of every hidden layer.

    Parameters
    ----------
    subject : Subject
        The model.
    X : array of shape (n, n_features)
        All rows; the directions are computed from at most ten thousand of them.
    shown : array of int
        The rows whose points are wanted.
    """
    rows = np.unique(np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(int))
    moments = [Moments(width) for width in subject.params.spec.layer_sizes[1:-1]]
    for layers in subject.layers(X[rows]):
        for moment, activations in zip(moments, layers, strict=False):
            moment.add(activations)
    parts = list(subject.layers(X[shown]))
    spaces = []
    for number, moment in enumerate(moments, 1):
        mean, axes, explained = moment.components()
        points = np.concatenate([part[number - 1] for part in parts])
        spaces.append(
            Hidden(
                number,
                explained,
                pack((points.astype(np.float64) - mean) @ axes.T, "float32"),
                pack(mean, "float32"),
                pack(axes, "float32"),
            )
        )
    return spaces


class Moments:
    """Mean and covariance of a layer, from some rows at a time.

    Parameters
    ----------
    width : int
        Units of the layer.
    """

    def __init__(self, width: int) -> None:
        self._n = 0
        self._mean = np.zeros(width)
        self._scatter = np.zeros((width, width))

    def add(self, activations: Array) -> None:
        """Take more rows (Chan, Golub and LeVeque, 1983)."""
        rows = activations.astype(np.float64)
        mean, n = rows.mean(axis=0), len(rows)
        rows -= mean
        step, total = mean - self._mean, self._n + n
        self._scatter += rows.T @ rows + np.outer(step, step) * (self._n * n / total)
        self._mean = self._mean + step * (n / total)
        self._n = total

    def components(self) -> tuple[Array, Array, tuple[float, float]]:
        """Return the mean, (width,), two axes, (2, width), and the share of variance along each.

        The sign of an axis is such that its largest component is positive, and a layer of one unit
        has a second axis of zeros.
        """
        variances, vectors = np.linalg.eigh(self._scatter)
        total = float(variances.clip(0).sum())
        axes = np.zeros((2, len(self._mean)))
        found = vectors[:, ::-1][:, :2].T
        axes[: len(found)] = found
        largest = np.abs(axes).argmax(axis=1)
        axes[axes[[0, 1], largest] < 0] *= -1
        shares = [*variances[::-1][:2].clip(0), 0.0][:2]
        first, second = (float(share) / total if total else 0.0 for share in shares)
        return self._mean, axes, (first, second)
