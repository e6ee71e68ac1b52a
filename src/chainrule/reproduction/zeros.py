"""How many images leave a hidden unit at 0."""

from __future__ import annotations

import numpy as np

from chainrule._types import Array
from chainrule.engine.network import forward, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace

BATCH = 1000  # images at a time


def count_zeros(params: Parameters, X: Array) -> list[Array]:
    """Return for how many images each hidden unit is 0, an array (n_units,) a layer.

    Parameters
    ----------
    params : Parameters
        The network's.
    X : array of shape (n, n_pixels)
        Bytes from 0 to 255, or shares of 1.
    """
    work = Workspace(params.spec, min(BATCH, len(X)))
    largest = 255 if X.dtype == np.uint8 else 1
    counts = [np.zeros(a.shape[1], int) for a in work.a]
    for begin in range(0, len(X), BATCH):
        images = X[begin : begin + BATCH]
        batch = work.rows(len(images))
        np.divide(images, largest, out=batch.x, casting="same_kind")
        with quiet():
            forward(params, batch)
        for layer, a in enumerate(batch.a):
            counts[layer] += (a == 0).sum(axis=0)
    return counts
