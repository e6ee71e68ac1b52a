"""How training images sit in their frame, so that a drawing can be put there in the same way."""

from __future__ import annotations

from typing import Literal

import numpy as np

from chainrule._types import Array
from chainrule.explore.content import Placement

INK = 0.1  # of the brightest pixel: what is darker is background
MNIST = Placement(20, "mass", 4.0)  # LeCun et al. put digits so


def measured_placement(images: Array) -> Placement | None:
    """Return how images sit in their frame; None where they have no dark background to sit in.

    Parameters
    ----------
    images : array of shape (n, height, width)
        Light on dark.
    """
    ink = images > INK * images.max(initial=0)
    some = ink[ink.any(axis=(1, 2))]
    if not len(some) or np.median(ink.mean(axis=(1, 2))) > 0.9:
        return None
    tops, bottoms = _ends(some.any(axis=2))
    lefts, rights = _ends(some.any(axis=1))
    height, width = some.shape[1:]
    box = int(np.median(np.maximum(bottoms - tops, rights - lefts)))
    masses = images[ink.any(axis=(1, 2))].astype(np.float64)
    total = masses.sum(axis=(1, 2))
    rows = (masses.sum(axis=2) @ (np.arange(height) + 0.5)) / total
    columns = (masses.sum(axis=1) @ (np.arange(width) + 0.5)) / total
    by_mass = np.hypot(rows - height / 2, columns - width / 2)
    by_box = np.hypot((tops + bottoms - height) / 2, (lefts + rights - width) / 2)
    # Spread, not size: MNIST's centres of mass lie half a pixel beside the middle, all of them.
    center: Literal["mass", "box"] = "mass" if np.median(by_mass) < np.median(by_box) else "box"
    return Placement(box, center, (max(height, width) - box) / 2)


def _ends(there: Array) -> tuple[Array, Array]:
    """Return the first place of each row of (n, k) that holds, and the one after the last."""
    return there.argmax(axis=1), there.shape[1] - there[:, ::-1].argmax(axis=1)
