"""What every activation must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS, LeakyRelu
from chainrule.engine.backends import compiled
from chainrule.errors import InvalidValueError

from ..parts import CompiledActivation, on_both

DTYPES = ["float32", "float64"]


@pytest.fixture(params=list(ACTIVATIONS))
def listed(request):
    """An entry of the table."""
    return ACTIVATIONS[request.param]


@pytest.fixture(params=on_both(ACTIVATIONS, compiled.ACTIVATIONS))
def f(request):
    """What an entry of the table is in NumPy, or compiled."""
    name, backend = request.param
    return ACTIVATIONS[name] if backend == "numpy" else CompiledActivation(ACTIVATIONS[name])


def scratch_for(z):
    return np.full_like(z, np.nan), np.full_like(z, np.nan)


def apply(f, z):
    """Return (f(z), f'(z)), called as the network calls it."""
    z = z.copy()
    a = np.full_like(z, np.nan) if f.needs_input else z
    slope = np.ones_like(z)
    f.forward(z, a, scratch_for(z))
    f.backward(z, a, slope, scratch_for(z))
    return a, slope


def smooth_points(rng, shape):
    """Points on both sides of 0, in the tails too, and away from the kink at 0."""
    return (
        rng.uniform(0.01, 1, shape)
        * rng.choice([0.5, 3, 12, 40], shape)
        * rng.choice([-1, 1], shape)
    )


def extremes(dtype):
    info = np.finfo(dtype)
    sizes = [0, info.smallest_subnormal, info.tiny, info.eps, 1, 20, 90, 800, 1e4, info.max]
    return np.array([sizes, [-size for size in sizes]], dtype)


def test_its_name_is_the_table_s(listed):
    assert ACTIVATIONS[listed.name] is listed


def test_its_docstring_gives_the_formula(listed):
    assert "f(z) = " in inspect.getdoc(type(listed))


def test_derivative_is_the_slope_of_the_value(f, rng):
    z, h = smooth_points(rng, (40, 50)), 1e-6
    _, slope = apply(f, z)
    measured = (apply(f, z + h)[0] - apply(f, z - h)[0]) / (2 * h)
    np.testing.assert_allclose(slope, measured, rtol=1e-7, atol=2e-8)


def test_backward_multiplies_what_it_is_given(f, rng):
    z, delta = smooth_points(rng, (5, 4)), rng.normal(size=(5, 4))
    a, slope = apply(f, z)
    given = delta.copy()
    f.backward(z if f.needs_input else a, a, given, scratch_for(z))
    np.testing.assert_allclose(given, delta * slope, rtol=1e-12, atol=1e-300)


def test_float32_is_close_to_float64(f, rng):
    z = smooth_points(rng, (40, 50)).astype(np.float32)
    single, double = apply(f, z), apply(f, z.astype(np.float64))
    for one, other in zip(single, double, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-6)


def test_keeps_its_input_only_where_it_says_so(f, rng):
    z = smooth_points(rng, (5, 4))
    kept, a = z.copy(), np.empty_like(z)
    f.forward(kept, a, scratch_for(z))
    np.testing.assert_array_equal(kept, z)
    if not f.needs_input:
        f.forward(kept, kept, scratch_for(z))
        np.testing.assert_array_equal(kept, a)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_are_finite_and_raise_nothing(f, dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a, slope = apply(f, extremes(dtype))
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_nan_is_not_hidden(f, dtype):
    with np.errstate(invalid="ignore"):  # as the network does
        assert np.isnan(apply(f, np.full((1, 1), np.nan, dtype))[0]).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_allocates_no_array(listed, dtype, peak_bytes):
    z = np.ones((1000, 400), dtype)
    a = np.empty_like(z) if listed.needs_input else z
    delta, scratch = np.ones_like(z), scratch_for(z)

    def both():
        listed.forward(z, a, scratch)
        listed.backward(z, a, delta, scratch)

    assert peak_bytes(both) < z.nbytes / 10


@pytest.mark.parametrize("slope", [-0.1, 1.0, float("nan")])
def test_leaky_relu_refuses_a_slope_that_its_formula_does_not_hold_for(slope, message_of):
    message = message_of(InvalidValueError, LeakyRelu, slope)
    assert message == f"slope must be in [0, 1), got {slope}: its default is 0.01"
