"""What is done to a gradient before the step: penalties on the weights, then clipping.

Biases are neither penalised nor decayed; clipping is of the whole vector.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import get_blas_funcs

from chainrule._types import Array
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError


@dataclass(frozen=True)
class Penalty:
    """½ l2 Σ w² + l1 Σ |w| over the weights, added to the mean loss of a batch."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InvalidValueError(
                    f"{name} must be at least 0 and finite", value, "0 means no penalty"
                )

    def add(
        self, params: Parameters, gradient: Parameters, scratch: Array, samples: float = 1.0
    ) -> float:
        """Return the penalty of a batch and add its derivative to ``gradient``.

        Parameters
        ----------
        params, gradient : Parameters
            The weights, and the gradient of the batch's loss by them, which is changed.
        scratch : array of shape (n_weights,)
            Overwritten.
        samples : float
            How many samples the batch has, or the sum of their weights.
        """
        return _add(self.l1, self.l2, params, gradient, scratch)


@dataclass(frozen=True)
class PenaltyPerSample(Penalty):
    """The same, divided by the number of samples in the batch, as scikit-learn's ``alpha`` is.

    With sample weights it is divided by their sum.
    """

    def add(
        self, params: Parameters, gradient: Parameters, scratch: Array, samples: float = 1.0
    ) -> float:
        return _add(self.l1 / samples, self.l2 / samples, params, gradient, scratch)


def _add(l1: float, l2: float, params: Parameters, gradient: Parameters, scratch: Array) -> float:
    w, g = params.weights, gradient.weights
    value = 0.0
    if l2:
        value += 0.5 * l2 * _sum_of_squares(w)
        np.multiply(w, l2, out=scratch)  # BLAS has axpy, but SciPy's has threads of its own
        g += scratch
    if l1:
        np.abs(w, out=scratch)
        value += l1 * float(np.add.reduce(scratch, dtype=np.float64))
        np.sign(w, out=scratch)
        scratch *= l1
        g += scratch
    return value


def _sum_of_squares(w: Array) -> float:
    total = float(w.dot(w))
    if math.isinf(total):  # slower, but squares of float32 are finite in float64
        total = float(np.einsum("n,n->", w, w, dtype=np.float64))
    return total


@cache
def _blas(name: str, dtype: np.dtype) -> Any:
    return get_blas_funcs(name, dtype=dtype)


@dataclass(frozen=True)
class Clip(ABC):
    """A bound on the gradient."""

    limit: float

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise InvalidValueError("limit must be positive", self.limit, "raise it")

    @abstractmethod
    def apply(self, g: Array) -> None:
        """Change the gradient g: (n_parameters,) in place."""


@dataclass(frozen=True)
class ClipByValue(Clip):
    """Each component is brought into ±limit."""

    def apply(self, g: Array) -> None:
        limit = min(self.limit, float(np.finfo(g.dtype).max))
        np.clip(g, -limit, limit, out=g)


@dataclass(frozen=True)
class ClipByNorm(Clip):
    """The vector is shortened to ``limit`` where its Euclidean norm is larger.

    Pascanu, Mikolov and Bengio, arXiv:1211.5063.
    """

    def apply(self, g: Array) -> None:
        nrm2 = _blas("nrm2", g.dtype)  # squares nothing that is too large
        norm = float(nrm2(g))
        if math.isinf(norm):  # numbers may be finite where their norm is not: shorten them
            g *= 1 / g.size
            g *= min(self.limit / float(nrm2(g)), g.size)
        elif norm > self.limit:
            g *= self.limit / norm
