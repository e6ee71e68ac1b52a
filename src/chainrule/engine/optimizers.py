"""Optimisers: frozen settings, slots (running averages), and one update.

``g`` is the gradient, ``lr`` the learning rate at this step, ``t`` the step counted from 1. An
optimiser writes its update for one block of parameters; :func:`step` walks over the blocks, so that
the four or five vectors of a block stay in the processor's cache.

Decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101) multiplies the weights, not the
biases, by 1 - lr · weight_decay before the update. Every optimiser takes it; AdamW is the one
whose default is not 0.

In float32 squares of gradients beyond 1.8e19 are infinite, and a step divided by their root is 0:
training looks for that after each epoch.

To add one: subclass :class:`Optimizer`, then one line in :data:`OPTIMIZERS`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from chainrule._cached import cached_property
from chainrule._types import Array
from chainrule.engine.memory import aligned_rows
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry

# Smaller blocks lose to the cost of their calls, larger ones gain nothing and need more scratch:
# python -m benchmarks.blocks.
BLOCK = 65536

# What a root of squares loses in float32, up to 3e-22, is nothing beside an epsilon of this size.
SMALLEST_EPSILON = 1e-16

# What a setting may be: (is it allowed?, in words).
_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "weight_decay": (lambda v: 0 <= v < math.inf, "must be at least 0 and finite"),
    "momentum": (lambda v: 0 <= v <= 1, "must be in [0, 1]"),
    "beta_1": (lambda v: 0 <= v < 1, "must be in [0, 1)"),
    "beta_2": (lambda v: 0 <= v < 1, "must be in [0, 1)"),
    "rho": (lambda v: 0 <= v < 1, "must be in [0, 1)"),
    "epsilon": (lambda v: 0 < v < math.inf, "must be positive and finite"),
}


@dataclass(frozen=True, kw_only=True)
class Optimizer(ABC):
    """A rule that turns gradients into steps.

    Attributes
    ----------
    slots : tuple of str
        The names of the running averages that the rule keeps, one number a parameter each.
    """

    weight_decay: float = 0.0

    slots: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            allowed, rule = _RANGES[field.name]
            value = getattr(self, field.name)
            if not allowed(value):
                default = f"its default is {field.default}"
                raise InvalidValueError(f"{field.name} {rule}", value, default)

    def check_dtype(self, dtype: np.dtype) -> None:
        """Raise InvalidValueError if a setting is too small for parameters of ``dtype``."""
        epsilon = getattr(self, "epsilon", math.inf)
        if dtype == np.float32 and epsilon < SMALLEST_EPSILON:
            raise InvalidValueError(
                f"epsilon must be at least {SMALLEST_EPSILON} in float32, in which the squares of "
                "very small gradients are 0",
                epsilon,
                'raise it or pass dtype="float64"',
            )

    @abstractmethod
    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        """Change ``w`` and ``slots`` in place for one block; all arrays (block,)."""


@dataclass
class OptimizerState:
    """What an optimiser carries from step to step.

    Attributes
    ----------
    slots : array of shape (n_slots, n_parameters)
        One row for each of the optimiser's slots.
    t : int
        The number of steps taken.
    """

    slots: Array
    t: int

    @cached_property
    def blocks(self) -> list[tuple[slice, tuple[Array, ...], Array]]:
        """Each block of parameters, its part of the slots, and scratch: made once, as views are."""
        n, dtype = self.slots.shape[1], self.slots.dtype
        scratch = np.empty(min(BLOCK, n), dtype)
        blocks = [slice(begin, min(begin + BLOCK, n)) for begin in range(0, n, BLOCK)]
        return [
            (block, tuple(self.slots[:, block]), scratch[: block.stop - block.start])
            for block in blocks
        ]

    # Views do not survive pickling, and a copy has its own.
    def __reduce__(self) -> tuple[type[OptimizerState], tuple[Array, int]]:
        return OptimizerState, (self.slots, self.t)


def start(optimizer: Optimizer, params: Parameters) -> OptimizerState:
    """Return the state before the first step: every slot 0."""
    slots = aligned_rows(len(optimizer.slots), params.flat.size, params.flat.dtype)
    return OptimizerState(slots, 0)


def step(
    optimizer: Optimizer,
    params: Parameters,
    gradient: Parameters,
    state: OptimizerState,
    learning_rate: float,
) -> None:
    """Take one step in place; as the network's functions, under ``quiet``.

    Parameters
    ----------
    optimizer : Optimizer
        The rule.
    params, gradient : Parameters
        The parameters, changed in place, and the gradient of the loss by them.
    state : OptimizerState
        From :func:`start`, changed in place.
    learning_rate : float
        The size of this step, positive.
    """
    state.t += 1
    if optimizer.weight_decay:
        params.weights *= 1 - learning_rate * optimizer.weight_decay
    for block, slots, scratch in state.blocks:
        w, g = params.flat[block], gradient.flat[block]
        optimizer.update(w, g, slots, learning_rate, state.t, scratch)


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """w ← w - lr·g."""

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        np.multiply(g, lr, out=scratch)
        w -= scratch


def _accelerate(v: Array, g: Array, momentum: float, lr: float, scratch: Array) -> None:
    # v ← momentum·v - lr·g; scratch is left with lr·g
    np.multiply(g, lr, out=scratch)
    v *= momentum
    v -= scratch


@dataclass(frozen=True, kw_only=True)
class Momentum(Optimizer):
    """v ← momentum·v - lr·g; w ← w + v.

    The learning rate is inside the velocity, as in scikit-learn; PyTorch keeps it outside. The two
    agree while the learning rate is constant. Polyak, 1964.
    """

    momentum: float = 0.9

    slots = ("velocity",)

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        (v,) = slots
        _accelerate(v, g, self.momentum, lr, scratch)
        w += v


@dataclass(frozen=True, kw_only=True)
class Nesterov(Optimizer):
    """v ← momentum·v - lr·g; w ← w + momentum·v - lr·g.

    Nesterov's momentum as Sutskever et al. write it (ICML 2013), with the gradient taken at ``w``.
    """

    momentum: float = 0.9

    slots = ("velocity",)

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        (v,) = slots
        _accelerate(v, g, self.momentum, lr, scratch)
        w -= scratch
        np.multiply(v, self.momentum, out=scratch)
        w += scratch


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """m ← β1·m + (1 - β1)·g; v ← β2·v + (1 - β2)·g²; w ← w - lr_t·m / (sqrt(v) + ε).

    lr_t = lr·sqrt(1 - β2^t) / (1 - β1^t): the form at the end of section 2 of Kingma and Ba,
    arXiv:1412.6980, which scikit-learn uses. PyTorch adds ε to the bias-corrected root instead;
    :class:`AdamW` does that. The slots hold m / (1 - β1) and v / (1 - β2), which saves two passes.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    slots = ("mean", "square")

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        m, v = slots
        m *= self.beta_1
        m += g
        v *= self.beta_2
        np.multiply(g, g, out=scratch)
        v += scratch
        unit = math.sqrt(1 - self.beta_2)  # of the root of the slot
        np.sqrt(v, out=scratch)
        scratch += self.epsilon_at(t) / unit
        np.divide(m, scratch, out=scratch)
        rate = lr * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        scratch *= rate * (1 - self.beta_1) / unit
        w -= scratch

    def epsilon_at(self, t: int) -> float:
        """Return what is added to the uncorrected root in step ``t``."""
        return self.epsilon


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with decoupled weight decay, in PyTorch's form.

    w ← w - lr·m̂ / (sqrt(v̂) + ε) with m̂ = m / (1 - β1^t), v̂ = v / (1 - β2^t), after the decay.
    Loshchilov and Hutter, arXiv:1711.05101. Unlike PyTorch's default, biases do not decay.
    """

    weight_decay: float = 0.01

    def epsilon_at(self, t: int) -> float:
        """Return ε scaled so that it is added to the corrected root."""
        return self.epsilon * math.sqrt(1 - self.beta_2**t)


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """v ← ρ·v + (1 - ρ)·g²; w ← w - lr·g / (sqrt(v) + ε).

    Tieleman and Hinton, 2012; ε outside the root and ρ = 0.99 as in PyTorch.
    """

    rho: float = 0.99
    epsilon: float = 1e-8

    slots = ("square",)

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        (v,) = slots
        v *= self.rho
        np.multiply(g, g, out=scratch)
        scratch *= 1 - self.rho
        v += scratch
        np.sqrt(v, out=scratch)
        scratch += self.epsilon
        np.divide(g, scratch, out=scratch)
        scratch *= lr
        w -= scratch


@dataclass(frozen=True, kw_only=True)
class Lion(Optimizer):
    """w ← w - lr·sign(β1·m + (1 - β1)·g); m ← β2·m + (1 - β2)·g.

    Every parameter moves by lr in each step, so lr is usually 3 to 10 times smaller than Adam's.
    Chen et al., arXiv:2302.06675.
    """

    beta_1: float = 0.9
    beta_2: float = 0.99

    slots = ("mean",)

    def update(
        self, w: Array, g: Array, slots: tuple[Array, ...], lr: float, t: int, scratch: Array
    ) -> None:
        (m,) = slots
        # Divided by 1 - β1 > 0 the sign stays, and one scratch vector is enough.
        np.multiply(m, self.beta_1 / (1 - self.beta_1), out=scratch)
        scratch += g
        np.sign(scratch, out=scratch)
        scratch *= lr
        w -= scratch
        m *= self.beta_2
        np.multiply(g, 1 - self.beta_2, out=scratch)
        m += scratch


OPTIMIZERS: Registry[type[Optimizer]] = Registry(
    "optimizer",
    {
        "sgd": SGD,
        "momentum": Momentum,
        "nesterov": Nesterov,
        "adam": Adam,
        "adamw": AdamW,
        "rmsprop": RMSprop,
        "lion": Lion,
    },
)
