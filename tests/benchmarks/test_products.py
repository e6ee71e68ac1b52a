import shutil

import numpy as np
import pytest
from benchmarks.workload import Workload

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


def multiplications(work):
    return sum(share._times * sum(p.m * p.n * p.k for p in share._products) for share in work)


def test_a_product_is_numpy_s(rng):
    from benchmarks.contenders.products import Buffers, Product, Work

    A, B = (rng.normal(size=shape).astype(np.float32) for shape in ((5, 7), (7, 3)))
    columns, out = np.asfortranarray(A)[:, 1:6], np.zeros((5, 3), np.float32)
    buffers = Buffers((2, 2), 1)
    Work([Product.of(columns, B[1:6], out)], 1, buffers).run(1)
    np.testing.assert_allclose(out, columns @ B[1:6], rtol=1e-5)


@pytest.mark.parametrize("sizes", [(4, 3, 1), (6, 5, 4, 3), (1, 2, 1)])
def test_a_step_is_forward_backward_and_gradients(sizes):
    from benchmarks.contenders.products import Buffers, Work, whole

    one = Buffers(sizes, 8)
    expected = Buffers(sizes, 8)
    Work(whole(one), 1, one).run(1)
    for layer, W in enumerate(expected.W):
        expected.a[layer + 1] = expected.a[layer] @ W
    for layer in range(len(expected.W) - 1, 0, -1):
        expected.delta[layer - 1] = expected.delta[layer] @ expected.W[layer].T
    for layer, (a, delta) in enumerate(zip(expected.a, expected.delta, strict=False)):
        np.testing.assert_allclose(one.dW[layer], a.T @ delta, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["OnOwnThreads", "OwnWeights"])
@pytest.mark.parametrize("n_threads", [2, 3])
def test_shares_are_the_whole(name, n_threads):
    from benchmarks.contenders import products

    workload = Workload(10, 3, (4,), 3, "relu", 4)
    contender = getattr(products, name)(n_threads)
    shares = [
        products.epoch(lambda b, i=i: contender.products(i, n_threads, b), workload)
        for i in range(n_threads)
    ]
    whole = multiplications(products.epoch(products.whole, workload))
    # Forward and gradients of both layers, and the second one's delta, for ten samples.
    assert whole == 10 * (2 * (3 * 4 + 4 * 3) + 4 * 3)
    assert sum(multiplications(work) for work in shares) == whole
