"""The engine's parts on each backend, with one interface: what contract tests run on both.

A compiled part does what the training loop does with it, through the functions at the end of
``kernels.pyx``. Beside them a callback that counts epochs.
"""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.engine import backends, optimizers
from chainrule.engine.backends import compiled
from chainrule.engine.optimizers import SGD, start
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Penalty
from chainrule.engine.spec import NetworkSpec
from chainrule.training.callbacks import Callback

NO_PENALTY = Penalty()
COMPILED = pytest.mark.skipif(backends.MISSING is not None, reason=str(backends.MISSING))
BACKENDS = ["numpy", pytest.param("compiled", marks=COMPILED)]


def on_both(table, kernels):
    """Return a fixture's parameters: the table's names on NumPy, and compiled if a kernel is there.

    ``kernels`` has the types that have one.
    """
    known = [name for name, part in table.items() if (part in kernels or type(part) in kernels)]
    return [
        *(pytest.param((name, "numpy"), id=name) for name in table),
        *(pytest.param((n, "compiled"), id=f"{n}, compiled", marks=COMPILED) for n in known),
    ]


class CompiledActivation:
    """An activation's kernels, called as the activation is."""

    def __init__(self, f):
        self.name, self.needs_input = f.name, f.needs_input
        self._code = compiled.ACTIVATIONS[type(f)]
        self._slope = getattr(f, "slope", 0.0)

    def forward(self, z, a, scratch):
        backends.kernels.activation(self._code, z.reshape(-1), a.reshape(-1), self._slope)

    def backward(self, z, a, delta, scratch):
        flat = z.reshape(-1), a.reshape(-1), delta.reshape(-1)
        backends.kernels.derivative(self._code, *flat, self._slope)


class CompiledLoss:
    """A loss's kernel, called as the loss is."""

    def __init__(self, loss):
        self.loss, self.takes_classes = loss, loss.takes_classes
        self.output_activation = loss.output_activation

    def value_and_gradient(self, raw, y, out, scratch, weight=None):
        shares = np.ones(len(raw)) if weight is None else weight.astype(np.float64)
        return self._sum(raw, y, out, shares / shares.sum())

    def samples(self, raw, y, out, scratch):
        rows = (slice(i, i + 1) for i in range(len(raw)))
        return np.array([self._sum(raw[i], y[i], out[i], np.ones(1)) for i in rows])

    def _sum(self, raw, y, out, shares):
        y = np.ascontiguousarray(y, np.intp if self.takes_classes else raw.dtype)
        classes, targets = (y, None) if self.takes_classes else (None, y)
        code, numbers, levels = compiled.LOSSES[type(self.loss)](self.loss, raw.shape[-1])
        numbers = np.array(numbers, np.float64)
        return backends.kernels.loss(code, raw, classes, targets, out, shares, numbers, levels)


def compiled_step(
    optimizer, params, gradient, state, learning_rate, penalty=NO_PENALTY, clip=None, samples=1.0
):
    """Take a step as ``optimizers.step`` does; return the penalty, which ``gradient`` then has."""
    loop = compiled.CompiledLoop(params, state, optimizer, penalty, clip, 1, 1)
    state.t += 1
    return backends.kernels.take_step(
        loop._training, gradient.flat, learning_rate, state.t, samples
    )


STEPS = {"numpy": optimizers.step, "compiled": compiled_step}


def numpy_penalty(penalty, params, gradient, *samples):
    """Return the penalty and add its derivative to the gradient."""
    return penalty.add(params, gradient, np.full_like(params.weights, np.nan), *samples)


def compiled_penalty(penalty, params, gradient, samples=1.0):
    copy = Parameters(params.spec, params.flat.copy())
    state = start(SGD(), copy)
    return compiled_step(SGD(), copy, gradient, state, 1.0, penalty, samples=samples)


PENALTIES = {"numpy": numpy_penalty, "compiled": compiled_penalty}


def numpy_clip(clip, g):
    """Clip a gradient in place."""
    clip.apply(g)


def compiled_clip(clip, g):
    spec = NetworkSpec.of([g.size - 1, 1], loss="squared", dtype=g.dtype.name)
    params = Parameters(spec, np.zeros_like(g))
    state = start(SGD(), params)
    compiled_step(SGD(), params, Parameters(spec, g.copy()), state, 1.0, clip=clip)
    g[:] = -params.flat


CLIPS = {"numpy": numpy_clip, "compiled": compiled_clip}


class Ears(Callback):
    """Counts the epochs that it hears of."""

    epochs = 0

    def epoch_end(self, progress):
        self.epochs += 1
        return False
