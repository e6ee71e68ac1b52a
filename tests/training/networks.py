"""Data and networks that are small enough to train in a test."""

from __future__ import annotations

import numpy as np

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec


def blobs(n=60, seed=0):
    """Three clouds in the plane, as (X, y)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return np.array([[0.0, 2], [2, -1], [-2, -1]])[y] + rng.normal(0, 0.4, (n, 2)), y


def network(spec=None, seed=0, rule="he_normal"):
    spec = spec or NetworkSpec.of([2, 8, 3], dtype="float64")
    return Parameters(spec).initialize(INITIALIZERS[rule], np.random.default_rng(seed))


def weighted(n=60, seed=3):
    """Return whole weights, a third of them 0."""
    return np.random.default_rng(seed).integers(0, 3, n).astype(float)


def accuracy(measured):
    return measured.scores["validation_accuracy"]
