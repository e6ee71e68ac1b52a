"""Activations made of two functions; what holds for those of the table is in contracts."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy import special

from chainrule.engine.activations import ACTIVATIONS, CallableActivation, Gelu
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError

SINE = CallableActivation(np.sin, np.cos)


def apply(f, z):
    """Return (f(z), f'(z)) as the network gets them."""
    a, slope = np.full_like(z, np.nan), np.ones_like(z)
    scratch = np.full_like(z, np.nan), np.full_like(z, np.nan)
    f.forward(z, a, scratch)
    f.backward(z, a, slope, scratch)
    return a, slope


def normal(z):
    return special.ndtr(z) * z


def slope_of_normal(z):
    return special.ndtr(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_callables_do_what_the_same_activation_of_the_table_does(dtype, rng):
    z = rng.normal(size=(6, 5)).astype(dtype)
    kept = z.copy()
    for ours, same in zip(
        apply(CallableActivation(normal, slope_of_normal), z), apply(Gelu(), z), strict=True
    ):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, same, rtol=1e-5 if dtype == "float32" else 1e-12)
    np.testing.assert_array_equal(z, kept)


def test_backward_multiplies_what_it_is_given(rng):
    z, delta = rng.normal(size=(2, 6, 5))
    given = delta.copy()
    SINE.backward(z, np.sin(z), given, (np.empty_like(z), np.empty_like(z)))
    np.testing.assert_array_equal(given, delta * np.cos(z))


def test_gradient_of_a_network_is_the_slope_of_its_loss(rng):
    spec = NetworkSpec.of([3, 4, 5, 2], SINE, "squared", dropout=0.3, dtype="float64")
    params, gradient, work = Parameters(spec), Parameters(spec), Workspace(spec, 6)
    params.flat[:] = rng.normal(size=params.flat.size)
    work.x[:] = rng.normal(size=work.x.shape)
    y, direction = rng.normal(size=(6, 2)), rng.normal(size=params.flat.size)

    def loss(flat, into):
        return loss_and_gradient(
            Parameters(spec, flat), work, y, into, rng=np.random.default_rng(0)
        )

    loss(params.flat, gradient)
    up, down = (loss(params.flat + s * 1e-6 * direction, Parameters(spec)) for s in (1, -1))
    assert math.isclose((up - down) / 2e-6, gradient.flat @ direction, rel_tol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("other", [np.float16, np.float32, np.float64, np.longdouble, np.int64])
def test_results_of_another_dtype_are_cast(dtype, other):
    z = np.array([[-2.0, 0.0, 3.0]], dtype)
    twice = CallableActivation(lambda z: (2 * z).astype(other), lambda z: z > 0)
    a, slope = apply(twice, z)
    assert a.dtype == slope.dtype == dtype
    np.testing.assert_array_equal(a, 2 * z)
    np.testing.assert_array_equal(slope, [[0, 0, 1]])


def test_a_function_may_return_what_it_is_given(rng):
    z = rng.normal(size=(3, 2))
    a, slope = apply(CallableActivation(lambda z: z, np.ones_like), z)
    np.testing.assert_array_equal(a, z)
    np.testing.assert_array_equal(slope, np.ones((3, 2)))


def spoil(z):
    z += 1
    return z


def test_functions_cannot_change_what_they_read():
    z = np.zeros((2, 2))
    for f in (CallableActivation(spoil, np.cos), CallableActivation(np.sin, spoil)):
        with pytest.raises(ValueError, match="read-only"):
            apply(f, z)
    np.testing.assert_array_equal(z, 0)
    assert z.flags.writeable


@pytest.mark.parametrize("which", ["function", "derivative"])
@pytest.mark.parametrize("given", [None, "tanh", 3])
def test_refuses_what_cannot_be_called(which, given, message_of):
    arguments = {"function": np.sin, "derivative": np.cos, which: given}
    assert message_of(InvalidValueError, CallableActivation, **arguments) == (
        f"{which} must be callable, got {given!r}: pass a function of one array, such as numpy.sin"
    )


@pytest.mark.parametrize("which", ["function", "derivative"])
@pytest.mark.parametrize("wrong", [np.sum, lambda z: z[:1], lambda z: z.T, lambda z: z[0]])
def test_refuses_a_result_of_another_shape(which, wrong, message_of):
    f = CallableActivation(**{"function": np.sin, "derivative": np.cos, which: wrong})
    z = np.ones((3, 2))
    assert message_of(InvalidValueError, apply, f, z) == (
        f"{which} must return an array of the shape that it is given, (3, 2), got "
        f"{np.shape(wrong(z))}: it has to work on every element by itself"
    )


def test_is_what_its_functions_are():
    assert pickle.loads(pickle.dumps(SINE)) == SINE
    assert CallableActivation(np.sin, np.cos) == SINE
    assert hash(CallableActivation(np.sin, np.cos)) == hash(SINE)
    assert CallableActivation(np.sin, np.sin) != SINE
    assert SINE.name not in ACTIVATIONS


def test_needs_two_arrays_a_layer():
    work = Workspace(NetworkSpec.of([3, 4, 2], SINE), 5)
    assert work.z[0] is not work.a[0]
