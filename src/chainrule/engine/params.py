"""One flat vector for all parameters: every weight matrix, then every bias.

Weights come first so that weight decay is a prefix slice; one vector makes an optimiser's step one
pass and a snapshot one copy. Gradients live in a second vector of the same layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.checks import check_vector
from chainrule.engine.initializers import Initializer, RandomSource
from chainrule.engine.memory import aligned
from chainrule.engine.spec import NetworkSpec


class Parameters:
    """The parameters of a network, or their gradient.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    flat : array of shape (n_parameters,), optional
        The vector to look into, in the spec's dtype and contiguous; zeros if left out. It is
        not copied.

    Attributes
    ----------
    flat : array of shape (n_parameters,)
        Everything.
    weights : array of shape (n_weights,)
        The prefix of ``flat`` that decay applies to.
    W : tuple of arrays of shape (fan_in, fan_out)
        Views into ``flat``, one a layer.
    b : tuple of arrays of shape (fan_out,)
        Views into ``flat``, one a layer.

    Raises
    ------
    InvalidValueError
        If ``flat`` has another shape, dtype or memory layout.
    """

    def __init__(self, spec: NetworkSpec, flat: Array | None = None) -> None:
        if flat is None:
            flat = aligned(spec.n_parameters, spec.np_dtype)
        check_vector("flat", flat, spec.n_parameters, spec.np_dtype)
        self.spec = spec
        self.flat = flat
        self.weights = flat[: spec.n_weights]
        self.W = tuple(self._views(spec.shapes, start=0))
        self.b = tuple(self._views([(n,) for n in spec.layer_sizes[1:]], start=spec.n_weights))

    def _views(self, shapes: Any, start: int) -> Any:
        for shape in shapes:
            stop = start + int(np.prod(shape))
            yield self.flat[start:stop].reshape(shape)
            start = stop

    def initialize(
        self, rule: Initializer | Sequence[Initializer], rng: RandomSource
    ) -> Parameters:
        """Fill weights and biases layer by layer, and return ``self``.

        Parameters
        ----------
        rule : Initializer or sequence of Initializer
            One for all layers, or one for each.
        rng : numpy.random.Generator or numpy.random.RandomState
            Drawn from for a layer's weights, then its biases.
        """
        rules = [rule] * len(self.W) if isinstance(rule, Initializer) else rule
        for initializer, W, b in zip(rules, self.W, self.b, strict=True):
            initializer.fill(W, rng)
            initializer.fill_bias(b, len(W), rng)
        return self

    # Views do not survive pickling: the state is the spec and the vector, views are rebuilt.
    def __reduce__(self) -> tuple[type[Parameters], tuple[NetworkSpec, Array]]:
        return Parameters, (self.spec, self.flat)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameters:
        return Parameters(self.spec, self.flat.copy())
