"""Activations that the report has not, or has otherwise: each differs from one of its in one thing.

None has a compiled kernel, so their networks train in NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule._types import Array
from chainrule.engine.activations import Activation, LeakyRelu, Scratch, sigmoid


@dataclass(frozen=True)
class FaultyLeakyRelu(LeakyRelu):
    """The report's leaky ReLU as its code runs it: forward right, backward without a derivative.

    ``leaky_relu(x, alpha=0.01, derivative=False)`` called as ``f(z, True)`` sets alpha to 1 and
    returns max(z, 1·z) = z, so the chain rule's factor f'(z) is replaced by z itself.
    """

    name = "leaky_relu (faulty)"
    needs_input = True

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        delta *= z


@dataclass(frozen=True)
class ShiftedSigmoid(Activation):
    """f(z) = σ(z) - ½: centred at zero, and exactly as steep as σ; f' = ¼ - f²."""

    name = "σ(x) − ½"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)
        out -= 0.5

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.multiply(a, a, out=slope)
        np.subtract(0.25, slope, out=slope)
        delta *= slope


@dataclass(frozen=True)
class BipolarSigmoid(Activation):
    """f(z) = 2σ(z) - 1 = tanh(z / 2): centred at zero, and twice as steep as σ; f' = (1 - f²) / 2.

    "Bipolar sigmoid" in older books.
    """

    name = "2σ(x) − 1"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.multiply(z, 0.5, out=out)
        np.tanh(out, out=out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.multiply(a, a, out=slope)
        np.subtract(1, slope, out=slope)
        slope *= 0.5
        delta *= slope
