"""Hidden activations: each a forward pass and its derivative, in place, without overflow.

An activation is two methods over preallocated arrays::

    forward(z, out, scratch)         out <- f(z)
    backward(z, a, delta, scratch)   delta <- delta * f'(z), where a = f(z)

Where f'(z) follows from f(z) alone, ``needs_input`` is false and the network keeps one
array a layer: ``z`` and ``a`` are then the same memory after the forward pass, so
``backward`` must read ``a`` only. Everything here is finite and free of overflow warnings on
any finite input: exponentials are taken of non-positive or clamped numbers.

To add one: subclass :class:`Activation`, then one line in :data:`ACTIVATIONS`. The contract
tests compare it with finite differences, in both dtypes, at the extremes, and with golden
values; see ``CONTRIBUTING.md``. For one of your own, :class:`CallableActivation` takes a function
and its derivative; it is in no table, and what it keeps finite is up to them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from chainrule._types import Array
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry

Scratch = tuple[Array, Array]  # two arrays of z's shape and dtype, overwritten at will


def exponent_limit(dtype: np.dtype) -> float:
    """Return the largest whole number whose exponential is finite in ``dtype``."""
    return math.floor(math.log(float(np.finfo(dtype).max)))


def sigmoid(z: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-z)) to ``out`` with full relative precision in both tails.

    ``out`` may be ``z``. Far down the negative tail the result stays near the dtype's smallest
    normal number instead of overflowing on the way.
    """
    np.maximum(z, 1 - exponent_limit(z.dtype), out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


class Activation(ABC):
    """A differentiable function of one variable, applied to every unit of a layer.

    Attributes
    ----------
    name : str
        The name that users type.
    needs_input : bool
        Whether ``backward`` reads ``z``; the network then keeps ``z`` beside ``a``.
    """

    name: ClassVar[str]
    needs_input: ClassVar[bool] = False

    @abstractmethod
    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        """Write f(z) to ``out``; z, out: (n, k). ``out`` is ``z`` unless ``needs_input``."""

    @abstractmethod
    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        """Multiply ``delta`` in place by f'(z); all (n, k), a = f(z)."""


@dataclass(frozen=True)
class Identity(Activation):
    """f(z) = z."""

    name = "identity"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        if out is not z:
            np.copyto(out, z)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        pass  # f' = 1


@dataclass(frozen=True)
class Sigmoid(Activation):
    """f(z) = 1 / (1 + exp(-z)), the logistic function; f' = f (1 - f)."""

    name = "sigmoid"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.subtract(1, a, out=slope)
        slope *= a
        delta *= slope


@dataclass(frozen=True)
class Tanh(Activation):
    """f(z) = tanh(z); f' = 1 - f²."""

    name = "tanh"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.tanh(z, out=out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.multiply(a, a, out=slope)
        np.subtract(1, slope, out=slope)
        delta *= slope


@dataclass(frozen=True)
class Relu(Activation):
    """f(z) = max(z, 0); f'(0) is taken as 0, as everywhere in the field."""

    name = "relu"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.maximum(z, 0, out=out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.greater(a, 0, out=slope)
        delta *= slope


@dataclass(frozen=True)
class LeakyRelu(Activation):
    """f(z) = max(z, slope·z) with 0 ≤ slope < 1; f'(0) is taken as ``slope``.

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """

    slope: float = 0.01

    name = "leaky_relu"

    def __post_init__(self) -> None:
        if not 0 <= self.slope < 1:
            raise InvalidValueError("slope must be in [0, 1)", self.slope, "its default is 0.01")

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        leak, _ = scratch
        np.multiply(z, self.slope, out=leak)
        np.maximum(z, leak, out=out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.greater(a, 0, out=slope)
        np.maximum(slope, self.slope, out=slope)
        delta *= slope


@dataclass(frozen=True)
class Elu(Activation):
    """f(z) = z for z > 0, exp(z) - 1 otherwise; f' = min(f, 0) + 1.

    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289, with their alpha of 1.
    """

    name = "elu"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        negative, _ = scratch
        np.minimum(z, 0, out=negative)
        np.expm1(negative, out=negative)
        np.maximum(z, 0, out=out)
        out += negative

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.minimum(a, 0, out=slope)
        slope += 1
        delta *= slope


@dataclass(frozen=True)
class Selu(Activation):
    """f(z) = λ z for z > 0, λ α (exp(z) - 1) otherwise.

    λ and α make zero mean and unit variance a fixed point: Klambauer, Unterthiner, Mayr and
    Hochreiter, arXiv:1706.02515.
    """

    name = "selu"
    scale: ClassVar[float] = 1.0507009873554804934193349852946
    alpha: ClassVar[float] = 1.6732632423543772848170429916717

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        negative, _ = scratch
        np.minimum(z, 0, out=negative)
        np.expm1(negative, out=negative)
        negative *= self.alpha * self.scale
        # The largest numbers of the dtype would leave it when scaled: they saturate.
        np.clip(z, 0, np.finfo(z.dtype).max / 2, out=out)
        out *= self.scale
        out += negative

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, positive = scratch
        np.minimum(a, 0, out=slope)
        slope += self.alpha * self.scale
        np.greater(a, 0, out=positive)
        positive *= self.scale - self.alpha * self.scale
        slope += positive
        delta *= slope


@dataclass(frozen=True)
class Gelu(Activation):
    """f(z) = z Φ(z), Φ the normal distribution's cumulative function; not the tanh approximation.

    Hendrycks and Gimpel, arXiv:1606.08415.
    """

    name = "gelu"
    needs_input = True

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        ndtr(z, out=out)
        out *= z

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, clamped = scratch
        np.clip(z, -40, 40, out=clamped)  # the density is 0 beyond, and z² stays finite
        np.multiply(clamped, clamped, out=slope)
        slope *= -0.5
        np.exp(slope, out=slope)
        slope *= clamped
        slope *= 1 / math.sqrt(2 * math.pi)
        ndtr(z, out=clamped)
        slope += clamped
        delta *= slope


@dataclass(frozen=True)
class Silu(Activation):
    """f(z) = z σ(z), also called swish; σ the logistic function.

    Elfwing, Uchibe and Doya, arXiv:1702.03118.
    """

    name = "silu"
    needs_input = True

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        clamped, _ = scratch
        np.maximum(z, -exponent_limit(z.dtype), out=clamped)  # f is 0 below
        sigmoid(clamped, out)
        out *= clamped

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, rest = scratch
        sigmoid(z, slope)
        np.subtract(1, slope, out=rest)
        rest *= a
        slope += rest
        delta *= slope


@dataclass(frozen=True)
class Softplus(Activation):
    """f(z) = log(1 + exp(z)); f' = σ(z) = 1 - exp(-f)."""

    name = "softplus"

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.logaddexp(z, 0, out=out)

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.negative(a, out=slope)
        np.expm1(slope, out=slope)
        np.negative(slope, out=slope)
        delta *= slope


@dataclass(frozen=True)
class Mish(Activation):
    """f(z) = z tanh(log(1 + exp(z))). Misra, arXiv:1908.08681."""

    name = "mish"
    needs_input = True

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.logaddexp(z, 0, out=out)
        np.tanh(out, out=out)
        out *= z

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        gate, product = scratch
        # f' = t + z σ(z) (1 - t²), t = tanh(softplus(z)); z σ(z) is 0 where it is clamped
        np.logaddexp(z, 0, out=gate)
        np.tanh(gate, out=gate)
        np.multiply(gate, gate, out=product)
        np.subtract(1, product, out=product)
        product *= delta
        delta *= gate
        sigmoid(z, gate)
        product *= gate
        np.maximum(z, -exponent_limit(z.dtype), out=gate)
        product *= gate
        delta += product


@dataclass(frozen=True)
class CallableActivation(Activation):
    """f(z) = function(z); f' = derivative(z): any two functions of one array.

    Parameters
    ----------
    function : callable
        From an array (n, k), which it can read only, to f of each of its elements: (n, k).
    derivative : callable
        The same for f'. Results may be new arrays, and are cast to the network's dtype.

    Raises
    ------
    InvalidValueError
        If one of them is not callable; in use, if one returns something of another shape.
    """

    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]

    name = "callable"
    needs_input = True

    def __post_init__(self) -> None:
        for which in ("function", "derivative"):
            if not callable(getattr(self, which)):
                raise InvalidValueError(
                    f"{which} must be callable",
                    getattr(self, which),
                    "pass a function of one array, such as numpy.sin",
                )

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.copyto(out, self._call("function", z), casting="same_kind")

    def backward(self, z: Array, a: Array, delta: Array, scratch: Scratch) -> None:
        slope, _ = scratch
        np.copyto(slope, self._call("derivative", z), casting="same_kind")
        delta *= slope

    def _call(self, which: str, z: Array) -> Array:
        view = z.view()
        view.flags.writeable = False
        result = np.asarray(getattr(self, which)(view))
        if result.shape != z.shape:
            raise InvalidValueError(
                f"{which} must return an array of the shape that it is given, {z.shape}",
                result.shape,
                "it has to work on every element by itself",
            )
        return result


ACTIVATIONS: Registry[Activation] = Registry(
    "activation",
    {
        activation.name: activation
        for activation in (
            Sigmoid(),
            Tanh(),
            Relu(),
            LeakyRelu(),
            Elu(),
            Selu(),
            Gelu(),
            Silu(),
            Mish(),
            Softplus(),
            Identity(),
        )
    },
    aliases={"logistic": "sigmoid", "swish": "silu"},
)
