"""Initial weights: each rule fills a layer's weight matrix, and its biases, mostly with zeros.

Numbers are drawn in float64 and then rounded, so that one seed gives the same network in both
dtypes. To add a rule: subclass :class:`Initializer`, then one line in :data:`INITIALIZERS`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule._types import Array
from chainrule.registry import Registry

# Both have normal, uniform and integers under the names that rules use.
RandomSource = np.random.Generator | np.random.RandomState


class Initializer(ABC):
    """A rule that fills a weight matrix."""

    @abstractmethod
    def fill(self, W: Array, rng: RandomSource) -> None:
        """Fill W: (fan_in, fan_out) in place with numbers drawn from ``rng``."""

    def fill_bias(self, b: Array, fan_in: int, rng: RandomSource) -> None:
        """Fill b: (fan_out,) in place, after the layer's weights; 0 unless a rule says else."""
        b[...] = 0


@dataclass(frozen=True)
class Zeros(Initializer):
    """Every weight 0: no unit can become different from its neighbours."""

    def fill(self, W: Array, rng: RandomSource) -> None:
        W[...] = 0


@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """Independent weights of mean 0 and variance scale / fan.

    Parameters
    ----------
    scale : float
        The numerator of the variance.
    fan : {"in", "average"}
        The denominator: fan_in, or (fan_in + fan_out) / 2.
    distribution : {"uniform", "normal"}
        Uniform in ±sqrt(3 · variance), or normal (not truncated).
    """

    scale: float
    fan: Literal["in", "average"]
    distribution: Literal["uniform", "normal"]

    def fill(self, W: Array, rng: RandomSource) -> None:
        fan_in, fan_out = W.shape
        fan = fan_in if self.fan == "in" else (fan_in + fan_out) / 2
        deviation = math.sqrt(self.scale / fan)
        if self.distribution == "normal":
            W[...] = rng.normal(0.0, deviation, W.shape)
        else:
            bound = math.sqrt(3) * deviation
            W[...] = rng.uniform(-bound, bound, W.shape)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """A random matrix with orthonormal rows or columns, whichever are fewer.

    The Q of a normal matrix's QR decomposition, signs fixed so that it is uniformly distributed:
    Saxe, McClelland and Ganguli, arXiv:1312.6120.
    """

    def fill(self, W: Array, rng: RandomSource) -> None:
        fan_in, fan_out = W.shape
        tall = rng.normal(size=(max(W.shape), min(W.shape)))
        Q, R = np.linalg.qr(tall)
        Q *= np.where(np.diagonal(R) < 0, -1.0, 1.0)
        W[...] = Q if fan_in >= fan_out else Q.T


@dataclass(frozen=True)
class UniformWithBiases(Initializer):
    """Weights and biases uniform in ±sqrt(numerator / (fan_in + fan_out)): scikit-learn's rule.

    Its numerator is 6, Glorot and Bengio's (AISTATS 2010), and 2 where units are logistic.
    """

    numerator: float = 6.0

    def fill(self, W: Array, rng: RandomSource) -> None:
        bound = math.sqrt(self.numerator / sum(W.shape))
        W[...] = rng.uniform(-bound, bound, W.shape)

    def fill_bias(self, b: Array, fan_in: int, rng: RandomSource) -> None:
        bound = math.sqrt(self.numerator / (fan_in + len(b)))
        b[...] = rng.uniform(-bound, bound, len(b))


INITIALIZERS: Registry[Initializer] = Registry(
    "weight_init",
    {
        "zero": Zeros(),
        # The course report's two: uniform in ±sqrt(2 / fan_in), which is a third of He's
        # variance, and normal with variance 2 / (fan_in + fan_out), which is Glorot's.
        "random": VarianceScaling(2 / 3, "in", "uniform"),
        "normal": VarianceScaling(1, "average", "normal"),
        "glorot_uniform": VarianceScaling(1, "average", "uniform"),
        "glorot_normal": VarianceScaling(1, "average", "normal"),
        "he_uniform": VarianceScaling(2, "in", "uniform"),
        "he_normal": VarianceScaling(2, "in", "normal"),
        "lecun_uniform": VarianceScaling(1, "in", "uniform"),
        "lecun_normal": VarianceScaling(1, "in", "normal"),
        "orthogonal": Orthogonal(),
    },
    aliases={"zeros": "zero", "xavier_uniform": "glorot_uniform", "xavier_normal": "glorot_normal"},
)
