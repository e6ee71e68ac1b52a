"""The forward pass and the chain rule: two loops one can read aloud.

Nothing is allocated here but a few numbers for each row. What is too large for the dtype becomes
inf or NaN, which is the caller's to report: call these functions under :func:`quiet`, which keeps
NumPy from warning. ``A.dot(B, out)`` is ``matmul`` at half the cost of a call. Layer ``l`` computes

    z[l] = inputs[l] @ W[l] + b[l],    a[l] = f(z[l]),    inputs[l + 1] = a[l] * mask

and backward, with delta[l] the loss's derivative by z[l],

    dW[l] = inputs[l].T @ delta[l],    db[l] = sum of delta[l],
    delta[l - 1] = (delta[l] @ W[l].T) * mask * f'(z[l - 1]).
"""

from __future__ import annotations

import numpy as np

from chainrule._types import Array
from chainrule.engine.checks import check_array, check_classes, check_targets
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError


def quiet() -> np.errstate:
    """Return a context in which overflow warns of nothing."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore")


def affine(X: Array, W: Array, b: Array, out: Array) -> None:  # (n, i) (i, o) (o,) -> (n, o)
    """Write X @ W + b to ``out``."""
    X.dot(W, out)
    np.add(out, b, out)


def forward(params: Parameters, work: Workspace, rng: np.random.Generator | None = None) -> Array:
    """Run the batch in ``work.x`` through the network and return its raw outputs.

    Parameters
    ----------
    params : Parameters
        Weights and biases.
    work : Workspace
        Holds the batch in ``x``, shape (n, n_features); receives everything else.
    rng : numpy.random.Generator, optional
        The source of dropout masks; without it nothing is dropped, as in prediction.

    Returns
    -------
    array of shape (n, n_outputs)
        ``work.z[-1]``: logits, log-means or plain predictions; the loss knows which.
    """
    before = [work.x, *work.a]
    last = len(params.W) - 1
    for layer, (W, b) in enumerate(zip(params.W, params.b, strict=True)):
        if work.masks[layer] is not None:
            drop(work, layer, before[layer], rng)
        affine(work.inputs[layer], W, b, out=work.z[layer])
        if layer < last:
            f = work.spec.activations[layer]
            f.forward(work.z[layer], work.a[layer], work.scratch[layer])
    return work.z[-1]


def drop(work: Workspace, layer: int, h: Array, rng: np.random.Generator | None) -> None:
    """Write ``h`` to ``work.inputs[layer]`` with a share of its units 0, the rest scaled up.

    Inverted dropout, so that prediction needs no factor: Srivastava et al., JMLR 15, 2014.
    """
    mask = work.masks[layer]
    assert mask is not None  # a workspace has masks where its network drops units
    if rng is None:
        mask[...] = 1
    else:
        keep = 1 - work.spec.dropout[layer]
        rng.random(dtype=mask.dtype.type, out=mask)
        np.less(mask, keep, out=mask)
        mask *= 1 / keep
    np.multiply(h, mask, out=work.inputs[layer])


def loss_and_gradient(
    params: Parameters,
    work: Workspace,
    y: Array,
    gradient: Parameters,
    *,
    weight: Array | None = None,
    rng: np.random.Generator | None = None,
) -> float:
    """Return the mean loss of the batch in ``work.x`` and write its gradient to ``gradient``.

    Parameters
    ----------
    params : Parameters
        Weights and biases.
    work : Workspace
        Holds the batch in ``x``, shape (n, n_features).
    y : array of shape (n,) or (n, n_outputs)
        Targets, as the spec's loss takes them.
    gradient : Parameters
        Overwritten with the derivative of the mean loss by every parameter.
    weight : array of shape (n,), optional
        Sample weights.
    rng : numpy.random.Generator, optional
        The source of dropout masks; without it nothing is dropped.

    Returns
    -------
    float
        The mean loss, accumulated in float64; inf or NaN if the network has diverged.

    Raises
    ------
    InvalidValueError
        If targets or weights are not what the loss takes for these rows, or ``params``, ``work``
        and ``gradient`` are of different networks.
    """
    spec, n = work.spec, work.capacity
    if params.spec != spec or gradient.spec.layer_sizes != spec.layer_sizes:
        raise InvalidValueError(
            "params, work and gradient must be of the same network",
            [params.spec, spec, gradient.spec],
            "make all of them from one NetworkSpec",
        )
    check_targets(spec.loss, spec.layer_sizes[-1], y, n)
    check_classes(spec.loss, spec.layer_sizes[-1], y)
    if weight is not None:
        check_array("weight", weight, (n,))
    return backpropagate(params, work, y, gradient, weight=weight, rng=rng)


def backpropagate(
    params: Parameters,
    work: Workspace,
    y: Array,
    gradient: Parameters,
    *,
    weight: Array | None = None,
    rng: np.random.Generator | None = None,
) -> float:
    """Do what :func:`loss_and_gradient` does, for targets that are known to fit: a source's."""
    raw = forward(params, work, rng)
    loss = work.spec.loss
    value = loss.value_and_gradient(raw, y, work.delta[-1], work.scratch[-1][0], weight)
    for layer in reversed(range(len(params.W))):
        delta = work.delta[layer]
        work.inputs[layer].T.dot(delta, gradient.W[layer])
        work.ones.dot(delta, gradient.b[layer])
        if layer > 0:
            below, mask = work.delta[layer - 1], work.masks[layer]
            delta.dot(params.W[layer].T, below)
            if mask is not None:
                below *= mask
            f = work.spec.activations[layer - 1]
            f.backward(work.z[layer - 1], work.a[layer - 1], below, work.scratch[layer - 1])
    return value
