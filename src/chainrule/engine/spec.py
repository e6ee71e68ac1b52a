"""What a network is, frozen: sizes, activations, loss, dropout, dtype; with every shape check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Literal

import numpy as np

from chainrule.engine.activations import ACTIVATIONS, Activation
from chainrule.engine.losses import LOSSES, Loss
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry

DTYPES: Registry[np.dtype] = Registry(
    "dtype", {"float32": np.dtype(np.float32), "float64": np.dtype(np.float64)}
)


@dataclass(frozen=True)
class NetworkSpec:
    """The architecture of a multilayer perceptron.

    Parameters
    ----------
    layer_sizes : tuple of int
        Widths from the input to the output, both included; at least two.
    activations : tuple of Activation
        One for each hidden layer: ``len(layer_sizes) - 2``. The output layer is linear; what is
        applied to it belongs to the loss.
    loss : Loss
        The loss, composed with its output function.
    dropout : tuple of float
        The share of units dropped in the input and in each hidden layer while training:
        ``len(layer_sizes) - 1`` numbers in [0, 1).
    dtype : {"float32", "float64"}
        The dtype of parameters and of every array in training.

    Raises
    ------
    InvalidValueError
        If the parts do not fit together.
    """

    layer_sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    loss: Loss
    dropout: tuple[float, ...]
    dtype: Literal["float32", "float64"] = "float32"

    @classmethod
    def of(
        cls,
        layer_sizes: Sequence[int],
        activation: str | Activation = "relu",
        loss: str | Loss = "softmax_cross_entropy",
        *,
        dropout: float = 0.0,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> NetworkSpec:
        """Build a spec from names, with one activation and one dropout for all hidden layers."""
        hidden = max(len(layer_sizes) - 2, 0)
        if not isinstance(activation, Activation):
            activation = ACTIVATIONS[activation]
        return cls(
            layer_sizes=tuple(layer_sizes),
            activations=(activation,) * hidden,
            loss=loss if isinstance(loss, Loss) else LOSSES[loss],
            dropout=(0.0,) + (dropout,) * hidden,
            dtype=dtype,
        )

    def __post_init__(self) -> None:
        _ = self.np_dtype
        hidden = len(self.layer_sizes) - 2
        if hidden < 0:
            raise InvalidValueError(
                "layer_sizes must have at least two entries, input and output",
                self.layer_sizes,
                "give the number of features first and the number of outputs last",
            )
        for size in self.layer_sizes:
            if not isinstance(size, Integral) or isinstance(size, bool) or size < 1:
                raise InvalidValueError(
                    "every entry of layer_sizes must be a positive integer",
                    self.layer_sizes,
                    f"replace {size!r}",
                )
        # Plain ints, so that specs made from NumPy integers compare, hash and print alike.
        object.__setattr__(self, "layer_sizes", tuple(int(size) for size in self.layer_sizes))
        self._check_length("activations", self.activations, hidden, "one for each hidden layer")
        self._check_length(
            "dropout", self.dropout, hidden + 1, "one for the input and one for each hidden layer"
        )
        self.loss.target_shape(self.layer_sizes[-1])  # refuses what the loss cannot take
        for share in self.dropout:
            if not 0 <= share < 1:
                raise InvalidValueError(
                    "every entry of dropout must be in [0, 1)",
                    self.dropout,
                    "it is the share of units that are dropped",
                )

    @staticmethod
    def _check_length(name: str, given: tuple[object, ...], needed: int, each: str) -> None:
        if len(given) != needed:
            raise InvalidValueError(
                f"{name} must have {needed} entries, {each}", given, f"it has {len(given)}"
            )

    @property
    def np_dtype(self) -> np.dtype:
        """The dtype as NumPy's object."""
        return DTYPES[self.dtype]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shape (fan_in, fan_out) of each weight matrix."""
        return tuple(zip(self.layer_sizes[:-1], self.layer_sizes[1:], strict=True))

    @property
    def n_weights(self) -> int:
        """The number of weights, biases left out."""
        return sum(fan_in * fan_out for fan_in, fan_out in self.shapes)

    @property
    def n_parameters(self) -> int:
        """The number of weights and biases."""
        return self.n_weights + sum(self.layer_sizes[1:])
