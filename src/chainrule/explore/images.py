"""Which rows are grey images, and whether a model has learnt from bytes or from shares of 1."""

from __future__ import annotations

import math

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Column
from chainrule.estimators import NeuralNetwork
from chainrule.explore.content import Figures
from chainrule.explore.measures import figures
from chainrule.explore.subject import Subject
from chainrule.preparation.transformer import BRIGHTEST

TRIED = 1000  # rows that say whether pixels are bytes or shares


def image_shape(columns: tuple[Column, ...], X: Array, subject: Subject) -> tuple[int, int] | None:
    """Return height and width if rows are grey images; these are the table's columns, and X."""
    n_features = X.shape[1]
    if subject.preparation is not None:
        return grey(subject.preparation.columns[0].shape) if subject.is_pixels else None
    for column in columns:
        if math.prod(column.shape) == n_features and (shape := grey(column.shape)) is not None:
            return shape
    if subject.feature_names is not None or not looks_like_images(X):
        return None
    return guessed_shape(n_features)


def does_better_divided(subject: Subject, X: Array, truth: Array) -> bool:
    """Return whether a classifier has learnt from pixels as shares of 1, and not from bytes.

    Its file does not say, and people do both.
    """
    if subject.task != "classification" or isinstance(subject.estimator, NeuralNetwork):
        return False
    some = np.unique(np.linspace(0, len(X) - 1, TRIED).astype(int))
    as_bytes, as_shares = (
        figures(subject.task, truth[some], subject.outputs(rows))
        for rows in (X[some], X[some] / np.float32(BRIGHTEST))
    )
    # Accuracy first: what has learnt from bytes may be wrong with more certainty.
    return _goodness(as_shares) > _goodness(as_bytes)


def _goodness(found: Figures) -> tuple[float, float]:
    return found["accuracy"] or 0.0, -(found["log_loss"] or 0.0)


def grey(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return height and width if a value of this shape is a grey image."""
    if len(shape) == 3 and shape[2] == 1:
        shape = shape[:2]
    return (shape[0], shape[1]) if len(shape) == 2 and min(shape) > 1 else None


def guessed_shape(n_features: int) -> tuple[int, int] | None:
    """Return the shape of a square image of 8 × 8 pixels or more, if there is one."""
    side = math.isqrt(n_features)
    return (side, side) if side >= 8 and side * side == n_features else None


def looks_like_images(X: Array) -> bool:
    """Return whether rows of numbers can be grey images: from 0 to a brightness that many reach."""
    brightest = X.max()
    reached = int((X.max(axis=0) == brightest).sum())
    return bool(X.min() == 0 and brightest > 0 and reached >= X.shape[1] ** 0.5)
