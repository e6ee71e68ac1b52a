"""The limit: the matrix products of a training, and nothing else.

They run from a loop in C, on SciPy's BLAS in float32 and on buffers that stay the same, so they are
in the cache as far as they fit. On one thread, on BLAS's threads, and on two threads with one BLAS
thread each, that never wait for each other: which is less than any training can do.
The first layer's input needs no gradient, so there is no product for it.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise, repeat
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cython_blas
from threadpoolctl import ThreadpoolController

from benchmarks.contenders.base import Contender, Timed
from benchmarks.workload import Workload

Matrix = NDArray[np.float32]
SOURCE = Path(__file__).with_name("gemms.c")


class Product(ctypes.Structure):
    """``struct product`` of gemms.c: C <- A B, as BLAS wants it, which counts by columns."""

    _fields_ = (
        *((name, ctypes.c_char) for name in ("ta", "tb")),
        *((name, ctypes.c_int) for name in ("m", "n", "k", "lda", "ldb", "ldc")),
        *((name, ctypes.c_void_p) for name in ("A", "B", "C")),
    )

    @classmethod
    def of(cls, A: Matrix, B: Matrix, out: Matrix) -> Product:  # (m, k) (k, n) -> (m, n)
        (ta, lda), (tb, ldb), (_, ldc) = (_layout(matrix) for matrix in (A, B, out))
        m, k, n = *A.shape, B.shape[1]
        addresses = (matrix.ctypes.data for matrix in (B, A, out))
        return cls(tb, ta, n, m, k, ldb, lda, ldc, *addresses)


def _layout(matrix: Matrix) -> tuple[bytes, int]:
    # Whether its rows or its columns lie in memory one after the other, and how far apart.
    rows, columns = (stride // matrix.itemsize for stride in matrix.strides)
    if columns == 1:
        return b"n", max(rows, matrix.shape[1])
    return b"t", max(columns, matrix.shape[0])


class Buffers:
    """Weights, gradients, activations and deltas of a network and a batch."""

    def __init__(self, sizes: tuple[int, ...], n_rows: int) -> None:
        rng = np.random.default_rng(0)

        def random(*shape: int) -> Matrix:
            return rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32)

        self.W = [random(i, o) for i, o in pairwise(sizes)]
        self.dW = [np.empty_like(W) for W in self.W]
        self.a = [random(n_rows, width) for width in sizes]
        self.delta = [random(n_rows, width) for width in sizes[1:]]

    def forward(self, rows: slice) -> Iterator[Product]:
        for layer, W in enumerate(self.W):
            yield Product.of(self.a[layer][rows], W, self.a[layer + 1][rows])

    def backward(self, rows: slice) -> Iterator[Product]:
        for layer in range(len(self.W) - 1, 0, -1):
            yield Product.of(self.delta[layer][rows], self.W[layer].T, self.delta[layer - 1][rows])

    def gradients(self, rows: slice, part: int = 0, parts: int = 1) -> Iterator[Product]:
        """Yield the weights' gradients, or a part of the rows of each."""
        for a, delta, dW in zip(self.a, self.delta, self.dW, strict=False):
            own = _share(len(dW), part, parts)
            if own.stop > own.start:
                yield Product.of(a[rows, own].T, delta[rows], dW[own])


def _share(n: int, part: int, parts: int) -> slice:
    return slice(n * part // parts, n * (part + 1) // parts)


class Work:
    """Products that one thread runs, a number of times an epoch."""

    def __init__(self, products: list[Product], times: int, buffers: Buffers) -> None:
        self._products = (Product * len(products))(*products)
        self._times = times
        self._buffers = buffers  # whose memory the products point into

    def run(self, epochs: int) -> None:
        """Run without Python's lock."""
        LOOP.run(SGEMM, self._products, len(self._products), self._times * epochs)


def _compiled() -> ctypes.CDLL:
    compiler = shutil.which("cc")
    if compiler is None:
        raise RuntimeError("the matrix products need a C compiler, cc")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "gemms.so")
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", SOURCE, "-o", library], check=True)
        loop = ctypes.CDLL(str(library))
    loop.run.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long, ctypes.c_long)
    loop.run.restype = None
    return loop


def _sgemm() -> int:
    capsule = cython_blas.__pyx_capi__["sgemm"]
    name, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name.restype, name.argtypes = ctypes.c_char_p, (ctypes.py_object,)
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return int(pointer(capsule, name(capsule)))


LOOP, SGEMM = _compiled(), _sgemm()


class OnBlasThreads(Contender):
    """All rows at once, on as many threads as BLAS may use."""

    def train(self, workload: Workload) -> Timed:
        return on_threads([epoch(whole, workload)])

    def predict(self, workload: Workload) -> Timed:
        buffers = Buffers(workload.sizes, workload.n_rows)
        return on_threads([[Work([*buffers.forward(slice(None))], 1, buffers)]])

    def grid(self, workload: Workload) -> Timed:
        """Give each of two threads the trainings of half of the candidates."""
        from benchmarks.search import JOBS, fits

        ThreadpoolController().limit(limits=1, user_api="blas")
        shares: list[list[Work]] = [[] for _ in range(JOBS)]
        # Dealt so that both get the same number of every batch size.
        for i, (n_samples, batch_size) in enumerate(sorted(fits(workload))):
            fit = replace(workload, n_samples=n_samples, batch_size=batch_size)
            shares[i % JOBS] += epoch(whole, fit, workload.epochs)
        return on_threads(shares)


class OnOwnThreads(Contender):
    """Each thread has one BLAS thread, and rows of its own."""

    def train(self, workload: Workload) -> Timed:
        ThreadpoolController().limit(limits=1, user_api="blas")
        n = self.n_threads
        return on_threads([epoch(partial(self.products, i, n), workload) for i in range(n)])

    def products(self, part: int, parts: int, buffers: Buffers) -> list[Product]:
        rows = _share(len(buffers.a[0]), part, parts)
        gradients = self.gradients(buffers, rows, part, parts)
        return [*buffers.forward(rows), *buffers.backward(rows), *gradients]

    def gradients(self, buffers: Buffers, rows: slice, part: int, parts: int) -> Iterator[Product]:
        """Yield weights' gradients by a thread's own rows, to be added."""
        return buffers.gradients(rows)


class OwnWeights(OnOwnThreads):
    """Each thread has gradients of its own, by all rows."""

    def gradients(self, buffers: Buffers, rows: slice, part: int, parts: int) -> Iterator[Product]:
        return buffers.gradients(slice(None), part, parts)


def whole(buffers: Buffers) -> list[Product]:
    """Return a step's products on all rows."""
    rows = slice(None)
    return [*buffers.forward(rows), *buffers.backward(rows), *buffers.gradients(rows)]


def epoch(
    products: Callable[[Buffers], list[Product]], workload: Workload, times: int = 1
) -> list[Work]:
    """Return the work of an epoch: of full batches, and of a shorter one at the end."""
    full, rest = divmod(workload.n_samples, workload.batch_size)
    work = []
    for n_rows, steps in ((workload.batch_size, full), (rest, 1)):
        if n_rows and steps:
            buffers = Buffers(workload.sizes, n_rows)
            work.append(Work(products(buffers), steps * times, buffers))
    return work


def on_threads(shares: Sequence[Sequence[Work]]) -> Timed:
    """Time a thread for each share of the work."""
    pool = ThreadPoolExecutor(len(shares))

    def run(share: Sequence[Work], epochs: int) -> None:
        for work in share:
            work.run(epochs)

    def timed(epochs: int) -> float:
        begun = perf_counter()
        list(pool.map(run, shares, repeat(epochs)))
        return perf_counter() - begun

    return timed
