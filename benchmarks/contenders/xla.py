"""JAX: an epoch is one call, compiled, with a scan over its batches and buffers given back.

The samples lie on the device; their order is drawn inside the call. Two classes are one output with
the logistic loss.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from benchmarks.contenders.base import Contender, Timed
from benchmarks.workload import L2, RATE, Workload

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh}
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8

Params = list[tuple[Any, Any]]


def initial(workload: Workload) -> Params:
    rng = np.random.default_rng(0)
    return [
        (jnp.asarray(rng.normal(0, i**-0.5, (i, o)), jnp.float32), jnp.zeros(o))
        for i, o in pairwise(workload.sizes)
    ]


def outputs(workload: Workload, params: Params, x: Any) -> Any:
    activation = ACTIVATIONS[workload.activation]
    for W, b in params[:-1]:
        x = activation(x @ W + b)
    W, b = params[-1]
    return x @ W + b


def loss(workload: Workload, params: Params, x: Any, t: Any) -> Any:
    z = outputs(workload, params, x)
    if workload.reconstructs:
        return jnp.square(z - x).mean()
    if workload.sizes[-1] == 1:
        return (jax.nn.softplus(z[:, 0]) - t * z[:, 0]).mean()
    return (jax.nn.logsumexp(z, axis=1) - jnp.take_along_axis(z, t[:, None], 1)[:, 0]).mean()


def step(workload: Workload, state: Any, x: Any, t: Any) -> Any:
    params, first, second, count = state
    gradients = jax.grad(partial(loss, workload))(params, x, t)
    count += 1
    rate = RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    gradients = jax.tree.map(lambda g, p: g + L2 * p, gradients, params)
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
    params = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) + EPSILON), params, first, second
    )
    return params, first, second, count


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def epoch(workload: Workload, state: Any, key: Any, X: Any, y: Any) -> Any:
    order = jax.random.permutation(key, workload.n_samples)
    size = workload.batch_size
    full = workload.n_samples // size
    batches = order[: full * size].reshape(full, size)

    def one(state: Any, rows: Any) -> Any:
        return step(workload, state, X[rows], y[rows]), None

    state, _ = jax.lax.scan(one, state, batches)
    rest = order[full * size :]
    return step(workload, state, X[rest], y[rest]) if len(rest) else state


class Jitted(Contender):
    """``jit`` and ``lax.scan``."""

    def train(self, workload: Workload) -> Timed:
        X = jax.device_put(self.X)
        y = jax.device_put(self.y.astype(np.float32 if workload.sizes[-1] == 1 else np.int32))
        params = initial(workload)
        zeros = partial(jax.tree.map, jnp.zeros_like, params)
        self.state, self.key = (params, zeros(), zeros(), jnp.zeros(())), jax.random.key(0)

        def timed(epochs: int) -> float:
            begun = perf_counter()
            for _ in range(epochs):
                self.key, key = jax.random.split(self.key)
                self.state = epoch(workload, self.state, key, X, y)
            jax.block_until_ready(self.state)
            return perf_counter() - begun

        return timed

    def predict(self, workload: Workload) -> Timed:
        rows = np.resize(self.X, (workload.n_rows, workload.n_features))
        params = initial(workload)

        @jax.jit
        def shares(params: Params, x: Any) -> Any:
            return jax.nn.softmax(outputs(workload, params, x), axis=1)

        def timed(calls: int) -> float:
            begun = perf_counter()
            for _ in range(calls):
                np.asarray(shares(params, rows))
            return perf_counter() - begun

        return timed
