"""Checks an installed package: kernels for every level are in it, and they train as NumPy does."""

from __future__ import annotations

import platform
from importlib.util import find_spec

import numpy as np

from chainrule import MLPClassifier
from chainrule.engine import backends
from chainrule.engine.backends import levels

PACKAGE = "chainrule.engine.backends"
X86 = platform.machine().lower() in ("x86_64", "amd64")
LEVELS = ("avx512", "avx2", "baseline") if X86 else ("baseline",)


def fit(backend: str) -> MLPClassifier:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 5)).astype(np.float32), rng.integers(0, 3, 200)
    with backends.using(backend):
        return MLPClassifier((16, 8), max_iter=5, tol=0, random_state=0, n_threads=2).fit(X, y)


def main() -> None:
    for module in ("processor", *(f"kernels_{level}" for level in LEVELS)):
        if find_spec(f"{PACKAGE}.{module}") is None:
            raise SystemExit(f"error: {module} is not in the package: see the compiler's output")
    reference = fit("numpy")
    for level, backends.kernels in levels.built().items():
        for W, wanted in zip(fit("compiled").coefs_, reference.coefs_, strict=True):
            np.testing.assert_allclose(W, wanted, rtol=1e-3, atol=1e-4)
        print(f"{level}: trains as NumPy does")
    print(f"in use: {backends.LEVEL}")


if __name__ == "__main__":
    main()
