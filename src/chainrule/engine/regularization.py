"""What is done to a gradient before the step: penalties on the weights, then clipping.

Biases are neither penalised nor decayed; clipping is of the whole vector.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.linalg import get_blas_funcs

from chainrule._types import Array
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError


@dataclass(frozen=True)
class Penalty:
    """½ l2 Σ w² + l1 Σ |w| over the weights, added to the mean loss of a batch.

    scikit-learn's ``alpha`` is divided by the number of samples in the batch; this one is not.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InvalidValueError(
                    f"{name} must be at least 0 and finite", value, "0 means no penalty"
                )

    def add(self, params: Parameters, gradient: Parameters, scratch: Array) -> float:
        """Return the penalty and add its derivative to ``gradient``; scratch: (n_weights,)."""
        w, g = params.weights, gradient.weights
        value = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # training checks what comes of it
            if self.l2:
                value += 0.5 * self.l2 * float(np.dot(w, w))
                np.multiply(w, self.l2, out=scratch)
                g += scratch
            if self.l1:
                np.abs(w, out=scratch)
                value += self.l1 * float(scratch.sum(dtype=np.float64))
                np.sign(w, out=scratch)
                scratch *= self.l1
                g += scratch
        return value


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
        nrm2 = get_blas_funcs("nrm2", (g,))  # squares nothing that is too large
        norm = float(nrm2(g))
        with np.errstate(over="ignore", invalid="ignore"):  # what was inf already becomes NaN
            if math.isinf(norm):  # numbers may be finite where their norm is not: shorten them
                g *= 1 / g.size
                g *= min(self.limit / float(nrm2(g)), g.size)
            elif norm > self.limit:
                g *= self.limit / norm
