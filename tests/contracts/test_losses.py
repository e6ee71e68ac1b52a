"""What every loss must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from scipy import special

from chainrule.engine.backends import compiled
from chainrule.engine.losses import LOSSES, Huber
from chainrule.engine.network import quiet
from chainrule.errors import InvalidValueError

from ..parts import CompiledLoss, on_both

DTYPES = ["float32", "float64"]
ALL = on_both(LOSSES, compiled.LOSSES)
OF_NUMBERS = [case for case in ALL if not LOSSES[case.values[0][0]].takes_classes]
OUTPUTS = {
    "identity": lambda raw: raw,
    "softmax": lambda raw: special.softmax(raw, axis=1),
    "sigmoid": special.expit,
    "exp": np.exp,
}


@pytest.fixture(params=list(LOSSES))
def listed(request):
    """An entry of the table."""
    return LOSSES[request.param]


@pytest.fixture(params=ALL)
def loss(request):
    """What an entry of the table is in NumPy, or compiled."""
    name, backend = request.param
    return LOSSES[name] if backend == "numpy" else CompiledLoss(LOSSES[name])


def targets_for(loss, rng, n, k, dtype="float64"):
    """Targets that every loss of numbers takes: in [0, 1], both ends included."""
    if loss.takes_classes:
        return rng.integers(0, k, n)
    return np.clip(rng.uniform(-0.3, 1.3, (n, k)), 0, 1).astype(dtype)


def evaluate(loss, raw, y, weight=None):
    gradient, scratch = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
    with quiet():
        return loss.value_and_gradient(raw, y, gradient, scratch, weight), gradient


def test_its_name_is_the_table_s(listed):
    assert LOSSES[listed.name] is listed


def test_its_docstring_says_over_what_it_sums(listed):
    assert "Σ over" in inspect.getdoc(type(listed)).split("\n\n")[0]


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_the_slope_of_the_value(loss, weighted, rng):
    n, k, h = 9, 4, 1e-6
    y = targets_for(loss, rng, n, k)
    weight = rng.uniform(0, 2, n) if weighted else None
    raw = rng.normal(0, 2, (n, k))
    _, gradient = evaluate(loss, raw, y, weight)
    for _ in range(10):
        d = rng.normal(size=raw.shape)
        up, down = (evaluate(loss, raw + s * h * d, y, weight)[0] for s in (1, -1))
        assert math.isclose((up - down) / (2 * h), (gradient * d).sum(), rel_tol=1e-6, abs_tol=1e-9)


def test_value_is_the_float64_mean_of_the_samples(loss, rng):
    raw = rng.normal(0, 3, (5000, 3)).astype(np.float32)
    raw[0] *= 3
    y = targets_for(loss, rng, 5000, 3, "float32")
    samples = loss.samples(raw, y, np.empty_like(raw), np.empty_like(raw))
    assert samples.dtype == np.float64
    value, _ = evaluate(loss, raw, y)
    assert math.isclose(value, math.fsum(samples) / 5000, rel_tol=1e-13)


def test_float32_is_close_to_float64(loss, rng):
    raw = rng.normal(0, 3, (50, 4)).astype(np.float32)
    y = targets_for(loss, rng, 50, 4, "float32")
    single, gradient = evaluate(loss, raw, y)
    double, exact = evaluate(
        loss, raw.astype(np.float64), y if loss.takes_classes else y.astype(np.float64)
    )
    assert gradient.dtype == np.float32
    assert math.isclose(single, double, rel_tol=1e-6)
    np.testing.assert_allclose(gradient, exact, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", OF_NUMBERS, indirect=True)
def test_the_loss_of_a_sample_is_the_sum_over_its_outputs(loss, rng):
    raw, y = rng.normal(size=(6, 3)), targets_for(loss, rng, 6, 3)
    apart = sum(evaluate(loss, raw[:, [k]], y[:, [k]])[0] for k in range(3))
    assert math.isclose(evaluate(loss, raw, y)[0], apart, rel_tol=1e-12)


def test_whole_weights_are_repeated_rows(loss, rng):
    raw, y = rng.normal(size=(5, 3)), targets_for(loss, rng, 5, 3)
    times = np.array([1, 0, 3, 2, 1])
    value, gradient = evaluate(loss, raw, y, times.astype(np.float64))
    repeated = np.repeat(np.arange(5), times)
    same, apart = evaluate(loss, raw[repeated], y[repeated])
    assert math.isclose(value, same, rel_tol=1e-12)
    summed = np.zeros_like(raw)
    np.add.at(summed, repeated, apart)
    np.testing.assert_allclose(gradient, summed, rtol=1e-12, atol=1e-15)


def test_equal_weights_change_nothing(loss, rng):
    raw, y = rng.normal(size=(5, 3)), targets_for(loss, rng, 5, 3)
    plain, weighted = evaluate(loss, raw, y), evaluate(loss, raw, y, np.full(5, 0.25))
    assert math.isclose(plain[0], weighted[0], rel_tol=1e-13)
    np.testing.assert_allclose(plain[1], weighted[1], rtol=1e-13)


@pytest.mark.parametrize("loss", OF_NUMBERS, indirect=True)
def test_large_numbers_in_float32_have_float64_s_loss(loss, rng):
    raw = rng.uniform(0, 80, (6, 3))
    y = targets_for(loss, rng, 6, 3)
    if loss.output_activation != "sigmoid":
        y *= 2e38
    if loss.output_activation == "identity":
        raw *= 1e36
    single = [evaluate(loss, *(values.astype(np.float32) for values in (raw, y)))]
    double = [evaluate(loss, raw, y)]
    if isinstance(loss, Huber):
        wide = Huber(1e37)
        single.append(evaluate(wide, *(values.astype(np.float32) for values in (raw, y))))
        double.append(evaluate(wide, raw, y))
    for one, other in zip(single, double, strict=True):
        assert math.isclose(one[0], other[0], rel_tol=1e-5)
        np.testing.assert_allclose(one[1], other[1], rtol=1e-5, atol=1e-7)


def extremes(dtype):
    large = np.finfo(dtype).max
    sizes = [0.0, np.finfo(dtype).tiny, 30.0, 90.0, 800.0, 1e4, large]
    signed = sizes + [-size for size in sizes]
    return np.array([[a, b] for a in signed for b in signed], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_warn_of_nothing_and_have_a_gradient(loss, dtype, rng):
    raw = extremes(dtype)  # a warning would be an error here
    y = targets_for(loss, rng, *raw.shape, dtype)
    _, gradient = evaluate(loss, raw, y)
    assert np.isfinite(gradient).all()
    moderate = (np.abs(raw) <= (80 if loss.output_activation == "exp" else 1e4)).all(axis=1)
    assert math.isfinite(evaluate(loss, raw[moderate], y[moderate])[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs_at_the_extremes_are_finite(listed, dtype):
    raw = extremes(dtype)
    listed.predict(raw, raw)
    assert np.isfinite(raw).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs_are_scipy_s(listed, dtype, rng):
    raw = rng.normal(0, 5, (20, 4)).astype(dtype)
    out = np.full_like(raw, np.nan)
    listed.predict(raw, out)
    wanted = OUTPUTS[listed.output_activation](raw.astype(np.float64))
    np.testing.assert_allclose(out, wanted, rtol=100 * np.finfo(dtype).eps)
    listed.predict(raw, raw)
    np.testing.assert_array_equal(raw, out)


# A cross-entropy reaches 0 only at infinity.
@pytest.mark.parametrize("loss", [k for k in OF_NUMBERS if "entropy" not in k.id], indirect=True)
def test_a_perfect_prediction_costs_nothing_and_no_other_costs_less(loss, rng):
    y = np.array([[0.5, 1.0, 2.5]])
    raw = np.log(y) if loss.output_activation == "exp" else y.copy()
    assert math.isclose(evaluate(loss, raw, y)[0], 0, abs_tol=1e-15)
    for _ in range(10):
        assert evaluate(loss, raw + rng.normal(size=raw.shape), y)[0] > 0


def test_a_nan_is_not_hidden(loss, rng):
    raw = np.array([[0.0, np.nan], [1.0, 2.0]])
    assert math.isnan(evaluate(loss, raw, targets_for(loss, rng, 2, 2))[0])


def test_allocates_no_array(listed, rng, peak_bytes):
    raw = rng.normal(size=(4000, 300)).astype(np.float32)
    y = targets_for(listed, rng, *raw.shape, "float32")
    out, scratch = np.empty_like(raw), np.empty_like(raw)
    weight = np.ones(len(raw))

    def both():
        listed.value_and_gradient(raw, y, out, scratch, weight)
        listed.predict(raw, out)

    assert peak_bytes(both) < raw.nbytes / 8  # numbers for each row may be


@pytest.mark.parametrize("delta", [0.0, -1.0])
def test_huber_refuses_a_delta_that_is_not_positive(delta, message_of):
    message = message_of(InvalidValueError, Huber, delta)
    assert message == f"delta must be positive, got {delta}: the usual value is 1"


def test_huber_is_linear_beyond_delta():
    value, gradient = evaluate(Huber(0.5), np.array([[3.0], [-3.0]]), np.zeros((2, 1)))
    assert value == 0.5 * (3 - 0.25)
    np.testing.assert_array_equal(gradient, [[0.25], [-0.25]])
