import numpy as np
import pytest
from scipy.special import expit

from chainrule.reproduction.section_b.activations import (
    BipolarSigmoid,
    FaultyLeakyRelu,
    ShiftedSigmoid,
)


def ran(f, z):
    """f(z) and f'(z), as a network gets them."""
    inputs = z.copy()
    a, delta = (np.empty_like(z) if f.needs_input else inputs), np.ones_like(z)
    scratch = (np.empty_like(z), np.empty_like(z))
    f.forward(inputs, a, scratch)
    f.backward(inputs, a, delta, scratch)
    return a, delta


def report_leaky_relu(x, alpha=0.01, derivative=False):
    """The function as the report defines it."""
    if derivative:
        return np.where(x > 0, 1, alpha)
    return np.where(x > 0, x, alpha * x)


def test_the_faulty_derivative_is_what_the_report_s_code_computes(rng):
    z = rng.normal(size=(6, 5))
    a, slope = ran(FaultyLeakyRelu(), z)
    np.testing.assert_array_equal(a, report_leaky_relu(z))
    np.testing.assert_array_equal(slope, report_leaky_relu(z, True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("f", "height", "shift"), [(ShiftedSigmoid(), 1, -0.5), (BipolarSigmoid(), 2, -1)]
)
def test_centred_sigmoids_are_sigmoids_moved_and_stretched(f, height, shift, dtype):
    z = np.linspace(-30, 30, 201).astype(dtype).reshape(3, 67)
    a, slope = ran(f, z)
    sigma = expit(z.astype(float))
    tolerance = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(a, height * sigma + shift, atol=tolerance)
    np.testing.assert_allclose(slope, height * sigma * (1 - sigma), atol=tolerance)


@pytest.mark.parametrize("f", [ShiftedSigmoid(), BipolarSigmoid()])
def test_centred_sigmoids_stay_finite(f):
    z = np.array([[-3e38, 0, 3e38]], np.float32)
    with np.errstate(over="raise", invalid="raise"):
        a, slope = ran(f, z)
    assert a[0].tolist() in ([-0.5, 0, 0.5], [-1, 0, 1])
    assert slope[0, 0] == slope[0, 2] == 0
