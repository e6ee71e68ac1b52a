"""What section C measures beside scores: units that are dead, sharpness, principal components."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.reproduction.zeros import count_zeros
from chainrule.training.callbacks import Callback, Progress


class DeadUnits(Callback):
    """Counts after each epoch which hidden units of a ReLU network are 0.

    Parameters
    ----------
    X : array of shape (n, n_inputs)
        The images that they are looked at with.
    """

    def __init__(self, X: Array) -> None:
        self._X = X
        self._dead: list[list[float]] = []
        self._zeros: list[float] = []

    def epoch_end(self, progress: Progress) -> bool:
        """Look at the network as it is now."""
        counts, n = count_zeros(progress.params, self._X), len(self._X)
        everywhere = np.concatenate(counts)
        self._dead.append([float((zeros == n).mean()) for zeros in [*counts, everywhere]])
        self._zeros.append(float(everywhere.mean() / n))
        return False

    @property
    def metrics(self) -> dict[str, Any]:
        """Shares by epoch.

        ``dead_share_by_layer`` has a list a hidden layer: of its units, those that are 0 for all
        images. ``dead_share`` is the same of all hidden units, ``zero_share`` of all outputs,
        unit by unit and image by image.
        """
        *by_layer, everywhere = map(list, zip(*self._dead, strict=True))
        return {
            "dead_share_by_layer": by_layer,
            "dead_share": everywhere,
            "zero_share": self._zeros,
        }


def _gradient(images: Array) -> Array:
    """Return differences to the next pixels, (2, n, height - 1, width - 1): across and down."""
    across = np.diff(images, axis=2)[:, :-1, :]
    down = np.diff(images, axis=1)[:, :, :-1]
    return np.stack([across, down])


def sharpness_share(images: Array, originals: Array) -> float:
    """Return the mean size of the spatial gradient as a share of the originals'.

    Noise counts as sharpness: it makes neighbours differ too.

    Parameters
    ----------
    images, originals : arrays of shape (n, height, width)
        Grey values.
    """
    sizes = [np.hypot(*_gradient(X)).mean(dtype=np.float64) for X in (images, originals)]
    return float(sizes[0] / sizes[1])


def edges_share(images: Array, originals: Array) -> float:
    """Return how strongly the originals' edges come back; 1 if exactly, 0 for unrelated noise.

    It is the slope of the images' spatial gradient by that of the originals, least squares.

    Parameters
    ----------
    images, originals : arrays of shape (n, height, width)
        Grey values.
    """
    again, edges = _gradient(images), _gradient(originals)
    both = (again * edges).sum(dtype=np.float64)
    return float(both / np.square(edges).sum(dtype=np.float64))


def principal_components(X: Array, X_test: Array, n: int) -> tuple[Array, Array]:
    """Return the coordinates of rows in the ``n`` directions of largest variance of ``X``.

    They are not scaled: their variances are those of the pixels.

    Parameters
    ----------
    X, X_test : arrays of shape (n_samples, n_pixels)
        The rows that decide the directions, and others.
    n : int
        How many.

    Returns
    -------
    two arrays of shape (n_samples, n), in the dtype of ``X``
    """
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    _, directions = np.linalg.eigh(centred.T @ centred)  # variances ascend
    chosen = directions[:, : -n - 1 : -1]
    return (centred @ chosen).astype(X.dtype), ((X_test - mean) @ chosen).astype(X.dtype)
