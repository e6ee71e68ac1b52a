"""From a network and a plan to the compiled loop: what has a kernel, and what it is called there.

A part of the engine has a kernel if its exact type is in one of the tables here: a subclass may do
something else. The codes are the enumerations of ``arithmetic.h``.
"""

from __future__ import annotations

import math
import os
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine import activations, losses, optimizers
from chainrule.engine.activations import Activation
from chainrule.engine.backends import in_use, kernels
from chainrule.engine.backends.blas import one_thread
from chainrule.engine.losses import Loss
from chainrule.engine.optimizers import Optimizer, OptimizerState
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Clip, ClipByNorm, ClipByValue, Penalty, PenaltyPerSample
from chainrule.engine.spec import NetworkSpec

ACTIVATIONS: dict[type[Activation], int] = {
    activations.Sigmoid: 0,
    activations.Tanh: 1,
    activations.Relu: 2,
    activations.LeakyRelu: 3,
    activations.Elu: 4,
    activations.Selu: 5,
    activations.Gelu: 6,
    activations.Silu: 7,
    activations.Mish: 8,
    activations.Softplus: 9,
    activations.Identity: 10,
}

# type -> (code, the numbers that it needs, outputs for each target or groups of outputs)
# of a loss and the number of outputs.
LOSSES: dict[type[Loss], Callable[[Any, int], tuple[int, Sequence[float], int]]] = {
    losses.SoftmaxCrossEntropy: lambda loss, k: (0, (loss.label_smoothing, loss.cap, k), 1),
    losses.GroupedSoftmaxCrossEntropy: lambda loss, k: (
        0,
        (loss.label_smoothing, math.inf, *loss.sizes),
        len(loss.sizes),
    ),
    losses.SigmoidCrossEntropy: lambda loss, k: (1, (loss.label_smoothing, loss.cap), 1),
    losses.Squared: lambda loss, k: (2, (0.0,), 1),
    losses.Absolute: lambda loss, k: (3, (0.0,), 1),
    losses.Huber: lambda loss, k: (4, (loss.delta,), 1),
    losses.Quantile: lambda loss, k: (5, loss.levels, len(loss.levels)),
    losses.Poisson: lambda loss, k: (6, (0.0,), 1),
}

# type -> (code, (beta_1, beta_2, epsilon))
Rule = tuple[int, tuple[float, float, float]]
OPTIMIZERS: dict[type[Optimizer], Callable[[Any], Rule]] = {
    optimizers.SGD: lambda o: (0, (0.0, 0.0, 0.0)),
    optimizers.Momentum: lambda o: (1, (o.momentum, 0.0, 0.0)),
    optimizers.Nesterov: lambda o: (2, (o.momentum, 0.0, 0.0)),
    optimizers.Adam: lambda o: (3, (o.beta_1, o.beta_2, o.epsilon)),
    optimizers.AdamW: lambda o: (3, (o.beta_1, o.beta_2, o.epsilon)),
    optimizers.RMSprop: lambda o: (4, (o.rho, 0.0, o.epsilon)),
    optimizers.Lion: lambda o: (5, (o.beta_1, o.beta_2, 0.0)),
}

PENALTIES: dict[type[Penalty], bool] = {Penalty: False, PenaltyPerSample: True}  # per sample?

# type -> (bound of each component, bound of the norm)
CLIPS: dict[type[Clip] | type[None], Callable[[Any], tuple[float, float]]] = {
    type(None): lambda clip: (math.inf, math.inf),
    ClipByValue: lambda clip: (min(clip.limit, sys.float_info.max), math.inf),  # inf too is cut
    ClipByNorm: lambda clip: (math.inf, clip.limit),
}

NUMBERS = {np.dtype(np.uint8): 0, np.dtype(np.float32): 1, np.dtype(np.float64): 2}

MOST_LAYERS, MOST_WORKERS = 256, 64  # as in kernels.pyx
LARGEST_INT = 2**31 - 1

# OpenBLAS has kernels that copy nothing for products of up to so many multiplications, on these
# kinds of processor: python -m benchmarks.pieces.
PIECE = 1_000_000
HAVE_SMALL_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}

# Multiplications a step from which two workers share a batch, and for each worker more; fewer would
# pay on cores that nobody else uses, and cost several times as much on others: python -m
# benchmarks.workers.
PRODUCTS_OF_TWO = 1_000_000
PRODUCTS_PER_WORKER = 4_000_000
# Workers add up gradients where a batch has so many numbers for each weight.
NUMBERS_PER_WEIGHT = 2
SECONDS_PER_PRODUCT = 1 / 20e9  # on the safe side, to return to Python in time
LONGEST_CALL = 0.1  # seconds without a look at Ctrl-C

# Where nothing is learnt.
BATCH_ROWS = 256  # a batch that stays in the cache from layer to layer
FORWARD_ROWS = 16_384  # a call
FORWARD_PRODUCTS_PER_WORKER = 50_000_000
PRODUCTS_OF_ONE_THREAD = 200_000  # up to which BLAS uses one thread unasked


def can_run(params: Parameters, optimizer: Optimizer, penalty: Penalty, clip: Clip | None) -> bool:
    """Return whether kernels are in use and every part of a training has one."""
    return (
        in_use()[0] == "compiled"
        and covers(params.spec)
        and type(optimizer) in OPTIMIZERS
        and type(penalty) in PENALTIES
        and type(clip) in CLIPS
    )


def covers(spec: NetworkSpec) -> bool:
    """Return whether every part of a network has a kernel."""
    return (
        len(spec.layer_sizes) <= MOST_LAYERS
        and max(spec.layer_sizes) <= LARGEST_INT  # which BLAS counts with
        and all(type(f) in ACTIVATIONS for f in spec.activations)
        and type(spec.loss) in LOSSES
    )


def count_workers(n_weights: int, batch_size: int, wanted: int | None = None) -> int:
    """Return how many threads share a batch.

    Where nobody says how many, as many as BLAS may use, but no more than there is work for.
    """
    if wanted is None:
        products = 3 * n_weights * batch_size
        more = max(products >= PRODUCTS_OF_TWO, products // PRODUCTS_PER_WORKER)
        wanted = min(one_thread.threads(), 1 + more)
    return max(1, min(wanted, batch_size, MOST_WORKERS))


def _network(params: Parameters, capacity: int) -> dict[str, Any]:
    """Return what a kernel's network is made from."""
    spec = params.spec
    code, numbers, levels = LOSSES[type(spec.loss)](spec.loss, spec.layer_sizes[-1])
    functions = [*spec.activations, activations.Identity()]
    small = one_thread.architecture() in HAVE_SMALL_KERNELS
    return {
        "sizes": spec.layer_sizes,
        "activations": [ACTIVATIONS[type(f)] for f in functions],
        "slopes": [getattr(f, "slope", 0.0) for f in functions],
        "keeps_z": [f.needs_input for f in functions],
        "loss": code,
        "loss_parameters": numbers,
        "levels": levels,
        "params": params.flat,
        "capacity": capacity,
        "piece": PIECE if small else 0,
    }


class Lent:
    """Data as kernels take it: ``X`` as it is, targets and weights a part at a time.

    It believes its caller, who has asked :mod:`~chainrule.engine.checks` about each array.

    Parameters
    ----------
    spec : NetworkSpec
        The network that it is for.
    X : array or CSR matrix of shape (n_samples, n_features)
        For which :func:`can_read` is true.
    rows : array of shape (n,) or None
        The rows to take; None means all, as they are.
    y, weight : array of shape (n,) or (n, n_outputs), or None
        In the order of ``rows``. Without ``y`` rows are their own targets.
    shift, scale : arrays of shape (n_features,) of float64, or None and a float or None
        As a source has them.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        X: Any,
        rows: Array | None,
        y: Array | None,
        weight: Array | None,
        *,
        shift: Array | None,
        scale: float | Array | None,
    ) -> None:
        self.spec, self.rows, self.y, self.weight = spec, rows, y, weight
        self.n_rows = X.shape[0]
        self._by_row = "starts" if hasattr(X, "indptr") else "X"
        self._data = _matrix(X)
        if shift is not None:
            self._data |= {"shift": shift, "scale": scale}
        elif scale is not None:
            self._data["factor"] = scale

    def __len__(self) -> int:
        return self.n_rows if self.rows is None else len(self.rows)

    def part(self, begin: int, end: int) -> dict[str, Any]:
        """Return the rows from ``begin`` to ``end`` in the kernels' own types.

        Of all rows that would be a lot of memory.
        """
        data, part = self._data.copy(), slice(begin, end)
        if self.rows is not None:
            data["rows"] = _piece(self.rows[part], np.intp)
        else:  # then the part's rows are to be the first that there are
            data[self._by_row] = data[self._by_row][begin:]
        if self.y is None:
            data["reconstruct"] = True
        elif self.spec.loss.takes_classes:
            data["classes"] = _piece(self.y[part], np.intp)
        else:
            data["targets"] = _piece(self.y[part], self.spec.np_dtype)
        if self.weight is not None:
            data["weight"] = _piece(self.weight[part], np.float64)
        return data


def _piece(values: Array, dtype: Any) -> Array:
    piece = np.ascontiguousarray(values, dtype)
    return piece if _is_plain(piece) else piece.copy()


# What a kernel's network is lent when it shall keep nothing.
NOTHING: dict[str, Any] = {"X": None, "kind": 0}

# Asks a network for something: from which of its rows, to which, and where to write.
Ask = Callable[["kernels.Network", int, int, Array], None]


class CompiledForward:
    """Takes rows through a network and learns nothing.

    Parameters
    ----------
    params : Parameters
        Read at each call; :func:`covers` is true of their network.
    """

    def __init__(self, params: Parameters) -> None:
        self.params = params
        self._n_weights = params.spec.n_weights  # which is counted at each question
        self._networks: list[kernels.Network] = []
        self._capacity = 0
        self._team = Team(1)

    def lend(
        self, X: Any, rows: Array | None, y: Any = None, weight: Any = None, **scaling: Any
    ) -> None:
        """Take data for one call; parameters are those of :class:`Lent`."""
        self._lent = Lent(self.params.spec, X, rows, y, weight, **scaling)

    def run(
        self,
        out: Array,
        layer: int,
        *,
        outputs: bool = False,
        most: int | None = None,
        read: Callable[[int], None] | None = None,
    ) -> None:
        """Write what a layer makes of all rows that were lent to ``out``.

        Parameters
        ----------
        out : array of shape (n, n_units)
            C-contiguous, of the network's dtype.
        layer : int
            Counted from 0: a hidden layer's activations, or the last layer's raw outputs.
        outputs : bool
            Whether to apply the loss's output function to raw outputs.
        most : int, optional
            Rows at a call; :data:`FORWARD_ROWS` if left out.
        read : callable, optional
            Told how many rows were read, after each call.
        """

        def ask(network: kernels.Network, begin: int, end: int, part: Array) -> None:
            network.forward(begin, end, part, layer, outputs)

        for _ in self._through(ask, out, most, read):
            pass

    def evaluate(
        self, out: Array, *, most: int | None = None, read: Callable[[int], None] | None = None
    ) -> tuple[float, float]:
        """Write raw outputs to ``out``, (n, n_outputs); return Σ weight · loss and Σ weight."""
        ran = self._through(kernels.Network.evaluate, out, most, read)
        losses, weights = zip(*((net.total, net.samples()) for net in ran), strict=True)
        return math.fsum(losses), math.fsum(weights)

    def _through(
        self, ask: Ask, out: Array, most: int | None, read: Callable[[int], None] | None
    ) -> Iterator[kernels.Network]:
        # Yields each network that has done its part.
        lent, most = self._lent, most or FORWARD_ROWS
        networks = self._prepared(min(len(lent), most))
        try:
            for begin in range(0, len(lent), most):
                part = out[begin : begin + most]
                data = lent.part(begin, begin + len(part))
                for network in networks:
                    network.lend(**data)
                self._share(ask, networks, part)
                yield from networks
                if read is not None:
                    read(len(part))
        finally:
            # Whoever keeps the buffers for the next time keeps nobody's data.
            del self._lent
            for network in networks:
                network.lend(**NOTHING)

    def _prepared(self, rows: int) -> list[kernels.Network]:
        # As many networks as threads, each with buffers of its own.
        work = self._n_weights * rows // FORWARD_PRODUCTS_PER_WORKER
        workers = min(one_thread.threads(), 1 + work, MOST_WORKERS) if work else 1
        capacity = min(rows, BATCH_ROWS)
        if self._capacity < capacity:
            self._networks, self._capacity = [], capacity
        while len(self._networks) < workers:
            self._networks.append(kernels.Network(**_network(self.params, self._capacity)))
        return self._networks[:workers]

    def _share(self, ask: Ask, networks: list[kernels.Network], out: Array) -> None:
        size = len(networks)
        ends = [len(out) * i // size for i in range(size + 1)]
        for network, begin, end in zip(networks, ends, ends[1:], strict=False):
            ask(network, begin, end, out[begin:end])
        if size == 1 and self._n_weights * len(out) <= PRODUCTS_OF_ONE_THREAD:
            networks[0].run()
            return
        if self._team.size != size:
            self._team = Team(size)
        with one_thread:
            self._team.run(networks)


class CompiledLoop:
    """Trains on many batches at a call.

    Parameters
    ----------
    params : Parameters
        Changed in place.
    state : OptimizerState
        Changed in place.
    optimizer, penalty, clip
        For which :func:`can_run` is true.
    batch_size : int
        Rows a step.
    workers : int
        Threads that share a batch. The result depends on it only by rounding.
    dropout_rng : numpy.random.Generator, optional
        The source of dropout masks; without it nothing is dropped.
    """

    def __init__(
        self,
        params: Parameters,
        state: OptimizerState,
        optimizer: Optimizer,
        penalty: Penalty,
        clip: Clip | None,
        batch_size: int,
        workers: int,
        dropout_rng: np.random.Generator | None = None,
    ) -> None:
        spec = params.spec
        rule, hyper = OPTIMIZERS[type(optimizer)](optimizer)
        self.params, self.state, self.workers = params, state, workers
        self.batch_size = batch_size
        self._team = Team(workers)
        products = 3 * spec.n_weights * batch_size
        # Rows between two looks at Ctrl-C.
        steps = max(1, int(LONGEST_CALL / (products * SECONDS_PER_PRODUCT)))
        self.rows_per_call = steps * batch_size
        self._training = kernels.Training(
            **_network(params, batch_size),
            dropout=spec.dropout,
            rng=dropout_rng if any(spec.dropout) else None,
            rule=rule,
            hyper=hyper,
            corrected=type(optimizer) is optimizers.AdamW,
            penalty=(penalty.l1, penalty.l2, PENALTIES[type(penalty)]),
            clip=CLIPS[type(clip)](clip),
            weight_decay=optimizer.weight_decay,
            slots=state.slots,
            parts=_parts(spec, workers),
            by_rows=workers > 1 and _adds_up(spec, batch_size),
        )

    def lend(
        self, X: Any, rows: Array, y: Array | None, weight: Array | None, **scaling: Any
    ) -> None:
        """Take an epoch's data; parameters are those of :class:`Lent`."""
        self._lent = Lent(self.params.spec, X, rows, y, weight, **scaling)

    def run(self, begin: int, end: int, rates: Array, stop: bool) -> tuple[float, float, int]:
        """Train on rows ``begin`` to ``end`` of what was lent.

        Parameters
        ----------
        begin, end : int
            Positions in what was lent; ``begin`` is a multiple of the batch size.
        rates : array of shape (n_batches,)
            The learning rate of each step.
        stop : bool
            Whether to end after a loss that is not finite.

        Returns
        -------
        total, penalty : float
            Sums over the batches of mean loss and penalty times rows.
        steps : int
            How many steps were taken: a batch whose weights are all 0 takes none.
        """
        training = self._training
        training.lend(**self._lent.part(begin, end))
        rates = np.ascontiguousarray(rates, np.float64)
        training.train(0, end - begin, rates, self.state.t, stop)
        with one_thread:
            self._team.run([training] * self.workers)
        self.state.t += training.steps
        return training.total, training.penalty, training.steps


def _adds_up(spec: NetworkSpec, batch_size: int) -> bool:
    """Return whether workers had better add up gradients than read each other's rows."""
    return bool(spec.n_weights * NUMBERS_PER_WEIGHT <= 2 * sum(spec.layer_sizes) * batch_size)


def _parts(spec: NetworkSpec, workers: int) -> Array:
    """Return which rows of each weight matrix each worker takes: (workers, n_layers, 2).

    Each takes as many weights as the others but for a row.
    """
    ends = np.arange(workers + 1) * spec.n_weights // workers  # in the vector of all weights
    offset, edges = 0, []
    for fan_in, fan_out in spec.shapes:
        edges.append(np.clip((ends - offset) // fan_out, 0, fan_in))
        edges[-1][-1] = fan_in
        offset += fan_in * fan_out
    return np.ascontiguousarray(
        np.stack([[e[:-1], e[1:]] for e in edges]).transpose(2, 0, 1), np.intp
    )


def can_read(X: Any, shift: float | Array | None) -> bool:
    """Return whether the kernels can take rows of ``X`` as they lie in memory.

    A sparse matrix must not be shifted: that is done in float64, once a row is dense.
    """
    if X.dtype not in NUMBERS:
        return False
    if not hasattr(X, "indptr"):
        return _is_plain(X)
    same = X.indptr.dtype == X.indices.dtype
    return same and shift is None and all(map(_is_plain, (X.data, X.indices, X.indptr)))


def _is_plain(array: Array) -> bool:
    flags = array.flags
    return bool(flags.c_contiguous and flags.aligned)


def _matrix(X: Any) -> dict[str, Any]:
    kind = NUMBERS[X.dtype]
    if not hasattr(X, "indptr"):
        return {"X": X, "kind": kind}
    wide = X.indptr.dtype.itemsize == 8
    return {"X": X.data, "kind": kind, "columns": X.indices, "starts": X.indptr, "wide": wide}


class Team:
    """Threads that run kernels together. The caller's thread is one; the others stay for its calls.

    Parameters
    ----------
    size : int
        Threads.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._crew = crew = kernels.Crew(self.size)
        weakref.finalize(self, crew.dismiss)
        for worker in range(1, self.size):
            Thread(target=crew.serve, args=(worker,), name=f"worker-{worker}", daemon=True).start()

    def run(self, jobs: list[kernels.Network]) -> None:
        """Have each thread do what a network was asked for, and return when all have."""
        if self._process != os.getpid():  # a fork has no other thread than the one that made it
            self._begin()
        self._crew.run(jobs)
