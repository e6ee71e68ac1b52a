"""Which rows are grey images, and whether a model has learnt from bytes or from shares of 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Column
from chainrule.estimators import NeuralNetwork
from chainrule.explore.measures import figures, probabilities_of
from chainrule.explore.subject import Subject
from chainrule.explore.units import takes_bytes
from chainrule.preparation.prepared import BRIGHTEST

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


def does_better_divided(subject: Subject, X: Array, truth: Array | None) -> bool | None:
    """Return whether a model has learnt from pixels as shares of 1, and not from bytes.

    Its file does not say, and people do both.

    Parameters
    ----------
    subject : Subject
        The model.
    X : array of shape (n, n_features)
        The data's rows.
    truth : array or None
        What is to be predicted; an autoencoder needs none.

    Returns
    -------
    bool or None
        None where there is no question, or nothing to tell by.
    """
    no_bytes, ours = X.dtype != np.uint8, isinstance(subject.estimator, NeuralNetwork)
    if no_bytes or ours or takes_bytes(subject):  # its own scaling says so
        return None
    if truth is None and subject.task != "autoencoder":
        return None
    some = np.unique(np.linspace(0, len(X) - 1, TRIED).astype(int))
    wanted = None if truth is None else truth[some]
    as_bytes, as_shares = (
        _tried(subject, rows, wanted) for rows in (X[some], X[some] / np.float32(BRIGHTEST))
    )
    clear = _more_hits(as_shares, as_bytes)
    return as_shares.loss < as_bytes.loss if clear is None else clear


@dataclass(frozen=True, eq=False)
class _Tried:
    loss: float
    hits: Array  # (n,), of classes; empty for numbers


def _tried(subject: Subject, X: Array, truth: Array | None) -> _Tried:
    outputs = subject.outputs(X)
    if truth is None:  # an autoencoder: what is lost, as a share of what the rows differ by
        shift, scale = subject.scaling(X.dtype)
        found = figures(subject.task, (X - shift) * scale, outputs)
    elif subject.task == "regression":
        repeats = outputs.shape[1] // truth.shape[1]  # as many as there are quantiles
        found = figures(subject.task, np.repeat(truth, repeats, axis=1), outputs)
    else:
        found = figures(subject.task, truth, outputs, subject.logits(X))
    loss = found["log_loss"] if "log_loss" in found else _lost(found["r2"])
    classes = truth is not None and subject.task == "classification"
    hits = probabilities_of(outputs).argmax(axis=1) == truth if classes else np.empty(0, bool)
    return _Tried(math.inf if loss is None else loss, hits)


def _lost(r2: float | None) -> float | None:
    return None if r2 is None else 1 - r2


def _more_hits(one: _Tried, other: _Tried) -> bool | None:
    """Return whether one is right more often; None where that may be luck.

    Luck of two standard deviations: McNemar, "Note on the sampling error of the difference between
    correlated proportions or percentages", 1947. Networks of ReLUs hardly depend on the scale of
    their input, so there the loss must decide.
    """
    more, less = int((one.hits & ~other.hits).sum()), int((other.hits & ~one.hits).sum())
    return None if (more - less) ** 2 <= 4 * (more + less) else more > less


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
