"""Data through a network without learning: losses, scores, outputs, features.

What would be returned of rows that are too large for the network is an error, not infinity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from chainrule._cached import cached_property
from chainrule._finite import all_finite, surely_finite
from chainrule._types import Array
from chainrule.engine.activations import exponent_limit
from chainrule.engine.backends import compiled, in_use
from chainrule.engine.backends.compiled import CompiledForward
from chainrule.engine.network import forward, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError, OutputOverflowError, Words
from chainrule.training.source import Source

# Rows a batch where nothing is learnt: large enough for BLAS, small in memory.
EVALUATION_ROWS = 1000


class Measured(NamedTuple):
    """How well a network does on some data.

    Attributes
    ----------
    loss : float or None
        The mean over the samples.
    scores : mapping from str to float
        Anything else, by the name of its column in the history.
    """

    loss: float | None
    scores: Mapping[str, float] = MappingProxyType({})


class Evaluator:
    """Runs data through a network without learning; its buffers are made once.

    Parameters
    ----------
    params : Parameters
        Read at each call, so that one evaluator serves a whole training.
    rows : int, optional
        The largest batch with NumPy; large enough for BLAS and small in memory if left out.
    """

    def __init__(self, params: Parameters, rows: int | None = None) -> None:
        self.params = params
        self._rows = EVALUATION_ROWS if rows is None else rows
        self._covered = compiled.covers(params.spec)

    @cached_property
    def work(self) -> Workspace:
        """NumPy's buffers."""
        return Workspace(self.params.spec, self._rows)

    @cached_property
    def _kernels(self) -> CompiledForward:
        return CompiledForward(self.params)

    def _lent(self, source: Source, *, labelled: bool = False) -> CompiledForward | None:
        """Return kernels with the data of ``source``; None if they cannot take it."""
        if not (self._covered and len(source) and in_use()[0] == "compiled"):
            return None
        data = source.lent(self.params.spec, labelled=labelled)
        if data is not None:
            self._kernels.lend(**data)
        return None if data is None else self._kernels

    def measure(self, source: Source) -> Measured:
        """Return the mean loss and, for classes, ``validation_accuracy`` on labelled data."""
        raw, loss = self.evaluate(source)
        scores = {}
        if source.y is not None and self.params.spec.loss.target_shape(raw.shape[1]) == ():
            hits = raw.argmax(axis=1) == source.y[source.rows]
            scores["validation_accuracy"] = float(hits.mean())
        return Measured(loss, scores)

    @quiet()
    def evaluate(self, source: Source) -> tuple[Array, float]:
        """Return the raw outputs, (n, n_outputs), and the (weighted) mean loss on labelled data."""
        raw = self._empty(source)
        lent = self._lent(source, labelled=True)
        if lent is not None:
            total, samples = lent.evaluate(raw, most=source.pages.rows, read=source.pages.read)
            return raw, total / samples if samples else math.nan
        loss = self.params.spec.loss
        total, samples, done = 0.0, 0.0, 0
        for work, y, weight in source.batches(self.work, labelled=True):
            outputs = forward(self.params, work)
            raw[done : done + work.capacity] = outputs
            done += work.capacity
            share = work.capacity if weight is None else float(weight.sum(dtype=np.float64))
            if share:
                delta, scratch = work.delta[-1], work.scratch[-1][0]
                total += share * loss.value_and_gradient(outputs, y, delta, scratch, weight)
                samples += share
        return raw, total / samples if samples else math.nan

    def raw(self, source: Source) -> Array:
        """Return the last layer's linear outputs, (n, n_outputs).

        Raises
        ------
        InvalidValueError
            Here and in the next two, if a number that would be returned is not finite.
        """
        return self._collect(source, self._empty(source), len(self.params.W) - 1)

    def _empty(self, source: Source, layer: int = -1) -> Array:
        units = self.params.b[layer].size
        return np.empty((len(source), units), self.params.flat.dtype)

    def _collect(self, source: Source, out: Array, layer: int, *, outputs: bool = False) -> Array:
        lent = self._lent(source)
        if lent is not None:
            pages = source.pages
            lent.run(out, layer, outputs=outputs, most=pages.rows, read=pages.read)
        else:
            self._run(source, out, layer, outputs=outputs)
        if not surely_finite(out):
            exponential = outputs and self.params.spec.loss.output_activation == "exp"
            check_outputs(out, self.params, exponential=exponential)
        return out

    @quiet()
    def _run(self, source: Source, out: Array, layer: int, *, outputs: bool) -> None:
        done = 0
        for work, _, _ in source.batches(self.work):
            raw = forward(self.params, work)
            out[done : done + work.capacity] = [*work.a, raw][layer]
            done += work.capacity
        if outputs:
            self.params.spec.loss.predict(out, out=out)

    def predict(self, source: Source) -> Array:
        """Return the loss's output function of the raw outputs: (n, n_outputs)."""
        out, last = self._empty(source), len(self.params.W) - 1
        return self._collect(source, out, last, outputs=True)

    def features(self, source: Source, layer: int) -> Array:
        """Return the activations of one hidden layer, counted from 0: (n, n_units)."""
        hidden = len(self.params.W) - 1
        if layer not in range(hidden):
            rule = f"layer must be in [0, {hidden}), the hidden layers"
            raise InvalidValueError(rule, layer, "count from 0")
        return self._collect(source, self._empty(source, layer), layer)


def check_outputs(outputs: Array, params: Parameters, *, exponential: bool = False) -> None:
    """Raise unless what a network has made of rows, (n, n_units), is finite.

    Exponentials that are not stop a little below the largest number.
    """
    limit = 0.999 * math.exp(exponent_limit(outputs.dtype)) if exponential else math.inf
    wrong = np.flatnonzero(~(np.abs(outputs) < limit).all(axis=1))
    if wrong.size and not all_finite(params.flat):
        raise InvalidValueError("weights must be finite", Words("NaN or infinity"), "train anew")
    if wrong.size:
        raise sums_overflow(params, f"an overflow in row {wrong[0]}")


def sums_overflow(params: Parameters, where: str) -> OutputOverflowError:
    """Return the error of rows that are too large for a network."""
    return OutputOverflowError(
        f"X must keep the network's sums finite in {params.spec.dtype}",
        Words(where),
        "scale the features as those of the training data",
    )
