"""Whether products in pieces are faster than whole ones: python -m benchmarks.pieces.

Multiplies matrices of the shapes that a training has (forward, a weight's gradient, backward),
float32 and float64, on one BLAS thread, as one call of BLAS and cut into pieces of at most
``PIECE`` multiplications, in turns, and prints medians in 10⁹ operations a second (a multiplication
and an addition are two). Which kinds of processor are in ``HAVE_SMALL_KERNELS`` is read off this
table.
"""

from __future__ import annotations

import statistics
from time import perf_counter

import numpy as np

from chainrule.engine.backends import kernels
from chainrule.engine.backends.blas import one_thread
from chainrule.engine.backends.compiled import PIECE
from chainrule.study.environment import environment

# of the product's three sizes: rows and columns of what comes out, and what is summed over
SHAPES = {
    "forward": [(128, 128, 784), (64, 128, 784), (128, 1024, 784), (128, 1024, 1024)],
    "gradient": [(392, 128, 128), (784, 128, 64), (32, 1024, 256)],
    "backward": [(128, 128, 64), (128, 1024, 1024)],
}
TRANSPOSED = {"forward": (False, False), "gradient": (True, False), "backward": (False, True)}
ROUNDS, SECONDS = 15, 0.02


def speeds(what: str, shape: tuple[int, int, int], dtype: str) -> tuple[float, float]:
    """Return the speed of the whole product and of that in pieces."""
    (m, n, k), (a_t, b_t) = shape, TRANSPOSED[what]
    rng = np.random.default_rng(0)
    A = rng.normal(size=(k, m) if a_t else (m, k)).astype(dtype)
    B = rng.normal(size=(n, k) if b_t else (k, n)).astype(dtype)
    out = np.empty((m, n), dtype)
    operations = 2 * m * n * k
    times = max(1, int(SECONDS * 5e10 / operations))
    taken: dict[int, list[float]] = {0: [], PIECE: []}
    with one_thread:
        for _ in range(ROUNDS):
            for piece, seconds in taken.items():
                begun = perf_counter()
                kernels.multiply(A, B, out, a_t, b_t, piece, times)
                seconds.append(perf_counter() - begun)
    whole, pieces = (times * operations / statistics.median(s) / 1e9 for s in taken.values())
    return whole, pieces


def main() -> None:
    for name, value in environment().items():
        print(f"{name}: {value}")
    print(f"BLAS's kernels: {one_thread.architecture()}\n")
    print("| product | dtype | whole | in pieces | ratio |\n|---|---|---:|---:|---:|")
    for dtype in ("float32", "float64"):
        for what, shapes in SHAPES.items():
            for shape in shapes:
                whole, pieces = speeds(what, shape, dtype)
                size = " x ".join(map(str, shape))
                print(f"| {what} {size} | {dtype} | {whole:.0f} | {pieces:.0f} | ", end="")
                print(f"{pieces / whole:.2f} |")


if __name__ == "__main__":
    main()
