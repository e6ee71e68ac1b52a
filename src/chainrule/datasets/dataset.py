"""What a reader returns: arrays, names, and where they came from."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidValueError, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """Images with labels, split into a training and a test part.

    Pixels stay uint8: whoever trains scales them on the way in, one batch at a time. The
    arrays are views that cannot be written to.

    Parameters
    ----------
    name : str
        The name in the catalogue.
    X_train, X_test : ndarray of uint8, shape (n_train, n_pixels), (n_test, n_pixels)
        One image a row, its pixels row by row from the top left, 0 to 255.
    y_train, y_test : ndarray of int64, shape (n_train,), (n_test,)
        The classes, numbered from 0.
    class_names : tuple of str
        The name of each class, in the order of the numbers.
    image_shape : tuple of int
        Height and width in pixels; ``X_train.reshape(-1, *image_shape)`` gives images.
    source : str
        Where the bytes were read from.
    licence : str
        The licence of the data.
    digest : str, optional
        A SHA-256 over the content, the same wherever the data was read from. The loaders
        take it from the pinned digests of the files, which they have checked; if it is left
        out it is worked out from the arrays.

    Raises
    ------
    InvalidValueError
        If the shapes do not fit together.
    """

    name: str
    X_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    X_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...]
    source: str = "memory"
    licence: str = "unknown"
    digest: str = ""

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            self._check(part)
        for field in ("X_train", "y_train", "X_test", "y_test"):
            object.__setattr__(self, field, _frozen(getattr(self, field)))
        if not self.digest:
            object.__setattr__(self, "digest", _digest_of(*self._arrays()))

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name!r}, train {self.X_train.shape}, test {self.X_test.shape}, "
            f"{self.X_train.dtype}, {len(self.class_names)} classes, source {self.source!r})"
        )

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.X_train, self.y_train, self.X_test, self.y_test

    def _check(self, part: str) -> None:
        X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
        n_pixels = math.prod(self.image_shape)
        if X.ndim != 2 or X.shape[1] != n_pixels:
            rule = f"X_{part} must have shape (n, {n_pixels}) for images of {self.image_shape}"
            raise InvalidValueError(rule, X.shape, "reshape it, or give another image_shape")
        if X.dtype != np.uint8:
            raise InvalidValueError(
                f"X_{part} must be uint8 pixels",
                Words(f"dtype {X.dtype}"),
                "convert them to 0 … 255",
            )
        if y.shape != X.shape[:1]:
            rule = f"y_{part} must have shape {X.shape[:1]}, one label for each image"
            raise InvalidValueError(rule, y.shape, "give as many labels as images")
        n_classes = len(self.class_names)
        if y.dtype.kind not in "iu" or (y.size and not 0 <= y.min() <= y.max() < n_classes):
            rule = f"y_{part} must hold integers in 0 … {n_classes - 1}, one for each class name"
            raise InvalidValueError(rule, y, "encode the labels, or give all class names")


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    # A copy where somebody else could still write: the digest must stay true.
    frozen = array.copy() if array.flags.writeable else array.view()
    frozen.flags.writeable = False
    return frozen


def _digest_of(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
