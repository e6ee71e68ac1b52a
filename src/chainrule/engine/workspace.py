"""Every array that a forward and a backward pass write to, allocated once.

``inputs[l]`` is what enters layer ``l``: the batch for ``l = 0``, then the hidden activations.
Three lists may share memory: ``z[l]`` and ``a[l]`` where the activation's derivative follows from
its value, ``a[l]`` and ``inputs[l + 1]`` where nothing is dropped.
"""

from __future__ import annotations

import numpy as np

from chainrule._types import Array
from chainrule.engine.checks import check_integer
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError


class Workspace:
    """Buffers for batches of at most ``capacity`` rows.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    capacity : int
        The largest number of rows.

    Attributes
    ----------
    x : array of shape (capacity, n_features)
        The batch goes here.
    inputs : list of arrays of shape (capacity, fan_in)
        What enters each layer, after dropout.
    z : list of arrays of shape (capacity, fan_out)
        Weighted sums of each layer; the last is the network's raw output.
    a : list of arrays of shape (capacity, fan_out)
        Activations of each hidden layer, before dropout.
    masks : list of (array of shape (capacity, fan_in) or None)
        Dropout factors of each layer's input; ``None`` where nothing is dropped.
    delta : list of arrays of shape (capacity, fan_out)
        The loss's derivative by each ``z``.
    scratch : list of pairs of arrays of shape (capacity, fan_out)
        Overwritten at will.
    ones : array of shape (capacity,)
        Its product with a matrix is the sum of the rows, faster than a reduction.
    """

    def __init__(self, spec: NetworkSpec, capacity: int) -> None:
        check_integer("capacity", capacity, 1, "a workspace has at least one row")

        def buffers(sizes: tuple[int, ...]) -> list[Array]:
            return [np.empty((capacity, size), spec.np_dtype) for size in sizes]

        outs = spec.layer_sizes[1:]
        self.spec = spec
        self.capacity = capacity
        self.x = np.empty((capacity, spec.layer_sizes[0]), spec.np_dtype)
        self.z = buffers(outs)
        self.a = [
            np.empty_like(z) if f.needs_input else z
            for z, f in zip(self.z, spec.activations, strict=False)
        ]
        before = [self.x, *self.a]
        self.masks = [
            np.empty_like(h) if share else None
            for h, share in zip(before, spec.dropout, strict=True)
        ]
        self.inputs = [
            h if mask is None else np.empty_like(h)
            for h, mask in zip(before, self.masks, strict=True)
        ]
        self.delta = buffers(outs)
        self.scratch = list(zip(buffers(outs), buffers(outs), strict=True))
        self.ones = np.ones(capacity, spec.np_dtype)
        self._shorter: dict[int, Workspace] = {}

    def rows(self, n: int) -> Workspace:
        """Return views of the first ``n`` rows of every buffer; made once for each ``n``."""
        if n == self.capacity:
            return self
        if n not in self._shorter:
            self._shorter[n] = self._view(n)
        return self._shorter[n]

    def _view(self, n: int) -> Workspace:
        if not 0 < n < self.capacity:
            raise InvalidValueError(
                f"rows must be in [1, {self.capacity}] (capacity)", n, "make a larger workspace"
            )
        # Shared buffers must stay the same object: "z is a" tells an activation to read a only.
        seen: dict[int, Array] = {}

        def cut(array: Array) -> Array:
            return seen.setdefault(id(array), array[:n])

        view = object.__new__(Workspace)
        view.spec, view.capacity, view.x = self.spec, n, cut(self.x)
        view.z, view.a = [cut(z) for z in self.z], [cut(a) for a in self.a]
        view.masks = [None if mask is None else cut(mask) for mask in self.masks]
        view.inputs = [cut(h) for h in self.inputs]
        view.delta = [cut(d) for d in self.delta]
        view.scratch = [(cut(s), cut(t)) for s, t in self.scratch]
        view.ones = cut(self.ones)
        view._shorter = {}
        return view
