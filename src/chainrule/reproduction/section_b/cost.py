"""What an activation costs: seconds an element of its own, and of an epoch of the whole network.

Each round times every activation once, one after the other, so that whatever slows this machine
down, such as a training beside it, meets all of them; a comparison is the median over rounds of
the ratios within a round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.activations import Activation
from chainrule.study.trial import finite

ROUNDS, EPOCH_ROUNDS = 200, 7
COMPARED_WITH = "relu"


def time_elements(
    activations: Mapping[str, Activation], shape: tuple[int, int], seed: int
) -> dict[str, Any]:
    """Time each activation forward and backward in NumPy, as a student's code would have it.

    Parameters
    ----------
    activations : mapping from str to Activation
        One of them is :data:`COMPARED_WITH`.
    shape : tuple of int
        Of the array: rows of a batch, units of a layer.
    seed : int
        Of its numbers, which are normal.

    Returns
    -------
    dict
        ``element_seconds``, by name, the median over rounds; ``element_ratios``, by name:
        what ReLU takes as a share of it, None where the clock is too coarse to tell.
    """
    z = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    timers = {name: _element_timer(f, z) for name, f in activations.items()}
    return _compared("element", timers, ROUNDS, z.size)


def _element_timer(f: Activation, z: Array) -> Callable[[], float]:
    inputs, outputs, delta = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    scratch = (np.empty_like(z), np.empty_like(z))

    def seconds() -> float:
        inputs[...], delta[...] = z, 1
        begun = perf_counter()
        f.forward(inputs, outputs, scratch)
        f.backward(inputs, outputs, delta, scratch)
        return perf_counter() - begun

    return seconds


def time_epochs(epochs: Mapping[str, Callable[[], object]]) -> dict[str, Any]:
    """Time an epoch of each network.

    Parameters
    ----------
    epochs : mapping from str to callable
        By activation: trains for an epoch.

    Returns
    -------
    dict
        ``epoch_seconds`` and ``epoch_ratios``, as :func:`time_elements` has them.
    """

    def timer(train: Callable[[], object]) -> Callable[[], float]:
        def seconds() -> float:
            begun = perf_counter()
            train()
            return perf_counter() - begun

        return seconds

    return _compared("epoch", {name: timer(f) for name, f in epochs.items()}, EPOCH_ROUNDS, 1)


def _compared(
    what: str, timers: Mapping[str, Callable[[], float]], rounds: int, parts: int
) -> dict[str, Any]:
    times = {name: np.empty(rounds) for name in timers}
    for i in range(rounds):
        for name, timer in timers.items():
            times[name][i] = timer()
    return {
        f"{what}_seconds": {name: float(np.median(t)) / parts for name, t in times.items()},
        f"{what}_ratios": {name: _ratio(times[COMPARED_WITH], t) for name, t in times.items()},
    }


def _ratio(own: Array, others: Array) -> float | None:
    with np.errstate(divide="ignore", invalid="ignore"):  # of a clock that did not tick
        return finite(float(np.median(own / others)))
