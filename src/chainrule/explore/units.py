"""In which unit a page has the pixels of images: bytes, as screens do, whatever the model takes.

Models take pixels from 0 to 255, from 0 to 1, or otherwise. A page has them from 0 to 255, so that
what is drawn is as bright as what the model has learnt from. Numbers of a table stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule._types import Array
from chainrule.estimators import NeuralNetwork
from chainrule.explore.packing import Dtype
from chainrule.explore.subject import Subject
from chainrule.preparation.prepared import BRIGHTEST

SHARE = 1 / BRIGHTEST
ROUNDING = 1e-3  # of a byte: what is as near to one is one


@dataclass(frozen=True)
class Unit:
    """How a row in the page, x, becomes a row of X as the estimator takes it: X = x * size.

    Attributes
    ----------
    size : float
        1 where both are the same.
    dtype : {"uint8", "float32"}
        Of x.
    """

    size: float = 1.0
    dtype: Dtype = "float32"

    def shown(self, X: Array) -> Array:
        """Return rows of X as the page has them."""
        x: Array = X if self.size == 1 else X / self.size
        return np.rint(x).astype(np.uint8) if self.dtype == "uint8" else x.astype(np.float32)


def unit_of(subject: Subject, X: Array | None, shape: tuple[int, int] | None) -> Unit:
    """Return the unit of a page's rows.

    Parameters
    ----------
    subject : Subject
        The model.
    X : array of shape (n, n_features) or None
        The data's rows, as the estimator takes them.
    shape : tuple of int or None
        Of the images, if they are such.
    """
    if subject.is_pixels:
        return Unit(SHARE, "uint8")
    if shape is None:
        return Unit()
    if X is None:
        return Unit(1.0 if takes_bytes(subject) else SHARE, "uint8")
    bytes_only = isinstance(subject.estimator, NeuralNetwork) and X.dtype == np.uint8
    brightest = float(X.max())
    if bytes_only or brightest <= 0 or (X.dtype == np.uint8 and brightest > BRIGHTEST / 2):
        return Unit(1.0, "uint8" if X.dtype == np.uint8 else "float32")
    size = brightest / BRIGHTEST
    x = X / size
    whole = bool((np.abs(x - np.rint(x)) <= ROUNDING).all()) and float(X.min()) >= 0
    return Unit(size, "uint8" if whole else "float32")


def takes_bytes(subject: Subject) -> bool:
    """Return whether a model of images takes pixels from 0 to 255, as far as it says so itself."""
    if isinstance(subject.estimator, NeuralNetwork):
        return bool(subject.estimator.dtype_in_ == np.uint8)
    shift, scale = subject.scaling(None)
    return bool((shift + 1 / scale).max() > 2)  # without a scaling this is 1: pixels are shares
