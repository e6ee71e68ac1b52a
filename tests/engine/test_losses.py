"""Losses with settings, against SciPy and scikit-learn; what holds for all is in contracts."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy import special
from sklearn.metrics import mean_pinball_loss
from sklearn.neural_network import _base as theirs

from chainrule.engine.backends import compiled
from chainrule.engine.losses import (
    FEW,
    LOSSES,
    SHORT_ROW,
    GroupedSoftmaxCrossEntropy,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    Squared,
)
from chainrule.engine.network import loss_and_gradient, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError

from ..parts import CompiledLoss, on_both

DTYPES = ["float32", "float64"]
WIDTHS = [1, 2, SHORT_ROW, SHORT_ROW + 1, 200]  # softmax has one way for short rows, one for long
GROUPED = GroupedSoftmaxCrossEntropy((3, 1, SHORT_ROW + 8, 2), label_smoothing=0.1)
SET = {
    "softmax, smoothed": (SoftmaxCrossEntropy(label_smoothing=0.2), 5),
    "softmax, long rows": (SoftmaxCrossEntropy(), SHORT_ROW + 1),
    "softmax, long rows, smoothed": (SoftmaxCrossEntropy(label_smoothing=0.2), SHORT_ROW + 1),
    "sigmoid, smoothed": (SigmoidCrossEntropy(label_smoothing=0.2), 3),
    "grouped": (GROUPED, sum(GROUPED.sizes)),
    "quantile, levels": (Quantile((0.1, 0.5, 0.95)), 6),
}


@pytest.fixture(params=list(SET))
def case(request):
    """A loss with settings, and the number of raw outputs to try it with."""
    return SET[request.param]


@pytest.fixture(params=on_both({name: loss for name, (loss, _) in SET.items()}, compiled.LOSSES))
def either(request):
    """The same, in NumPy or compiled."""
    name, backend = request.param
    loss, k = SET[name]
    return loss if backend == "numpy" else CompiledLoss(loss), k


def targets_for(loss, rng, n, k, dtype="float64"):
    loss = getattr(loss, "loss", loss)  # of a compiled one
    if isinstance(loss, GroupedSoftmaxCrossEntropy):
        return np.stack([rng.integers(0, size, n) for size in loss.sizes], axis=1)
    if loss.takes_classes:
        return rng.integers(0, k, n)
    if isinstance(loss, Quantile):
        return rng.normal(size=(n, k // len(loss.levels))).astype(dtype)
    return np.clip(rng.uniform(-0.3, 1.3, (n, k)), 0, 1).astype(dtype)


def evaluate(loss, raw, y, weight=None):
    out, scratch = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
    with quiet():
        return loss.value_and_gradient(raw, y, out, scratch, weight), out


def samples(loss, raw, y):
    out, scratch = np.full_like(raw, np.nan), np.full_like(raw, np.nan)
    with np.errstate(over="ignore", under="ignore"):
        return loss.samples(raw, y, out, scratch), out


def inside(array):
    """Return a copy of a matrix that is some columns of a wider one."""
    wide = np.full((array.shape[0], array.shape[1] + 5), np.nan, array.dtype)
    part = wide[:, 2:-3]
    part[...] = array
    assert part.shape == array.shape
    return part


# --- every setting keeps the contracts ------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_the_slope_of_the_value(either, weighted, rng):
    loss, k = either
    n, h = 9, 1e-6
    raw, y = rng.normal(0, 2, (n, k)), targets_for(loss, rng, n, k)
    weight = rng.uniform(0, 2, n) if weighted else None
    _, gradient = evaluate(loss, raw, y, weight)
    for _ in range(10):
        d = rng.normal(size=raw.shape)
        up, down = (evaluate(loss, raw + s * h * d, y, weight)[0] for s in (1, -1))
        assert math.isclose((up - down) / (2 * h), (gradient * d).sum(), rel_tol=1e-6, abs_tol=1e-9)


def test_float32_is_close_to_float64(either, rng):
    loss, k = either
    raw = rng.normal(0, 3, (50, k)).astype(np.float32)
    y = targets_for(loss, rng, 50, k, "float32")
    single, gradient = evaluate(loss, raw, y)
    double, exact = evaluate(
        loss, raw.astype(np.float64), y if loss.takes_classes else y.astype(np.float64)
    )
    assert gradient.dtype == np.float32
    assert math.isclose(single, double, rel_tol=1e-6)
    np.testing.assert_allclose(gradient, exact, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_warn_of_nothing_and_have_a_gradient(either, dtype, rng):
    loss, k = either
    sizes = [0.0, np.finfo(dtype).tiny, 30.0, 90.0, 800.0, 1e4, np.finfo(dtype).max]
    raw = rng.choice([*sizes, *(-size for size in sizes)], (400, k)).astype(dtype)
    raw[0], raw[1] = sizes[-1], -sizes[-1]
    y = targets_for(loss, rng, 400, k, dtype)
    assert np.isfinite(evaluate(loss, raw, y)[1]).all()
    assert math.isfinite(evaluate(loss, np.clip(raw, -1e4, 1e4), y)[0])


def test_a_nan_is_not_hidden(either, rng):
    loss, k = either
    raw = rng.normal(size=(3, k))
    raw[1, -1] = np.nan
    assert math.isnan(evaluate(loss, raw, targets_for(loss, rng, 3, k))[0])


def test_parts_of_wider_arrays_do_as_well(case, rng):
    loss, k = case
    raw, y = rng.normal(0, 3, (7, k)), targets_for(loss, rng, 7, k)
    losses, gradient = samples(loss, raw, y)
    part, out = inside(raw), inside(np.zeros_like(raw))
    np.testing.assert_array_equal(loss.samples(part, y, out, inside(raw)), losses)
    np.testing.assert_array_equal(out, gradient)
    np.testing.assert_array_equal(part, raw)
    around = np.delete(out.base, np.s_[2:-3], axis=1)
    assert np.isnan(around).all()


def test_allocates_no_array(case, rng, peak_bytes):
    loss, k = case
    k *= 6  # at least 72 bytes a row
    if isinstance(loss, GroupedSoftmaxCrossEntropy):
        loss, k = GroupedSoftmaxCrossEntropy((SHORT_ROW, SHORT_ROW)), 2 * SHORT_ROW
    raw = rng.normal(size=(20000, k)).astype(np.float32)
    y, weight = targets_for(loss, rng, *raw.shape, "float32"), np.ones(len(raw))
    out, scratch = np.empty_like(raw), np.empty_like(raw)
    peak = peak_bytes(lambda: loss.value_and_gradient(raw, y, out, scratch, weight))
    assert peak < 60 * len(raw)  # numbers for each row may be


def test_settings_are_the_identity_of_a_loss(case):
    loss, _ = case
    again = pickle.loads(pickle.dumps(loss))
    assert again == loss
    assert hash(again) == hash(loss)
    assert loss not in LOSSES.values() or loss == type(loss)()


# --- cross-entropies ------------------------------------------------------------------------------


@pytest.mark.parametrize("k", WIDTHS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_cross_entropy_is_scipy_s(k, smoothing, dtype, rng):
    raw, y = rng.normal(0, 4, (30, k)).astype(dtype), rng.integers(0, k, 30)
    target = (1 - smoothing) * np.eye(k)[y] + smoothing / k
    exact = raw.astype(np.float64)
    losses, gradient = samples(SoftmaxCrossEntropy(smoothing), raw, y)
    eps = np.finfo(dtype).eps
    wanted = -(target * special.log_softmax(exact, axis=1)).sum(axis=1)
    np.testing.assert_allclose(losses, wanted, rtol=20 * eps, atol=20 * eps)
    np.testing.assert_allclose(
        gradient, special.softmax(exact, axis=1) - target, rtol=20 * eps, atol=4 * eps
    )


@pytest.mark.parametrize("size", [3, FEW + 1])  # a few numbers take another way
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_cross_entropy_is_scipy_s(size, smoothing, dtype, rng):
    raw = rng.normal(0, 4, (size, 1)).astype(dtype)
    y = np.clip(rng.uniform(-0.5, 1.5, raw.shape), 0, 1).astype(dtype)
    exact, target = raw.astype(np.float64), (1 - smoothing) * y.astype(np.float64) + smoothing / 2
    losses, gradient = samples(SigmoidCrossEntropy(smoothing), raw, y)
    eps = np.finfo(dtype).eps
    wanted = -target * special.log_expit(exact) - (1 - target) * special.log_expit(-exact)
    np.testing.assert_allclose(losses, wanted[:, 0], rtol=10 * eps, atol=4 * eps)
    np.testing.assert_allclose(gradient, special.expit(exact) - target, rtol=10 * eps, atol=4 * eps)


@pytest.mark.parametrize("smoothing", [0.0, 0.25])
@pytest.mark.parametrize("k", [4, SHORT_ROW + 4])
def test_smoothed_softmax_needs_no_logarithm_of_a_probability(smoothing, k):
    raw = np.zeros((2, k))
    raw[:, 0] = 1e6  # every other probability is 0
    losses, gradient = samples(SoftmaxCrossEntropy(smoothing), raw, np.array([0, 1]))
    rest = smoothing / k
    wrong = [rest * (k - 1), 1 - rest]  # the targets' share of classes other than 0
    np.testing.assert_allclose(losses, [share * 1e6 for share in wrong], rtol=1e-14)
    np.testing.assert_allclose(gradient[:, 0], wrong, atol=1e-15)


@pytest.mark.parametrize("size", [1, FEW + 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_cross_entropy_is_precise_in_both_tails(size, dtype):
    raw = np.linspace(5, 80, size, dtype=dtype)[:, np.newaxis]
    tail = np.exp(-raw[:, 0].astype(np.float64))
    rtol = 10 * np.finfo(dtype).eps
    for sign, y in ((-1, 0), (1, 1)):
        losses, gradient = samples(SigmoidCrossEntropy(), sign * raw, np.full_like(raw, y))
        np.testing.assert_allclose(losses, np.log1p(tail), rtol=rtol)
        if sign < 0:
            np.testing.assert_allclose(gradient[:, 0], tail / (1 + tail), rtol=rtol)


@pytest.mark.parametrize("k", [3, SHORT_ROW + 3])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int32", "uint64"])
def test_classes_may_be_of_any_integer_type(k, dtype, rng):
    raw, y = rng.normal(size=(300, k)), rng.integers(0, k, 300)  # 300 does not fit into a byte
    wanted = samples(SoftmaxCrossEntropy(), raw, y)
    for ours, same in zip(
        samples(SoftmaxCrossEntropy(), raw, y.astype(dtype)), wanted, strict=True
    ):
        np.testing.assert_array_equal(ours, same)


@pytest.mark.parametrize("k", [3, SHORT_ROW + 3])
@pytest.mark.parametrize("row", [0, 4])
def test_a_class_beyond_the_outputs_is_an_error(k, row):
    y = np.zeros(5, int)
    y[row] = k
    with pytest.raises(IndexError):
        evaluate(SoftmaxCrossEntropy(), np.zeros((5, k)), y)


def saturated(rng, k, dtype):
    """Logits that are either moderate or give probabilities of 0 and 1 in every dtype.

    In between scikit-learn's 1 - p has few digits left, and with them the loss that it reports.
    """
    moderate = rng.uniform(-2, 2, (60, k))
    return np.where(rng.random((60, k)) < 0.5, moderate, moderate.round() * 100).astype(dtype)


@pytest.mark.parametrize("k", [2, 10, SHORT_ROW + 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_capped_softmax_reports_scikit_learn_s_loss(k, dtype, rng):
    raw, y = saturated(rng, k, dtype), rng.integers(0, k, 60)
    eps = float(np.finfo(dtype).eps)
    loss, free = SoftmaxCrossEntropy(cap=-math.log(eps)), SoftmaxCrossEntropy()
    wanted = theirs.log_loss(np.eye(k, dtype=dtype)[y], special.softmax(raw, axis=1))
    assert math.isclose(evaluate(loss, raw, y)[0], wanted, rel_tol=20 * eps)
    assert evaluate(free, raw, y)[0] > 1.5 * wanted
    np.testing.assert_array_equal(evaluate(loss, raw, y)[1], evaluate(free, raw, y)[1])
    assert (samples(loss, raw, y)[0] == loss.cap).any()


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("dtype", DTYPES)
def test_capped_sigmoid_reports_scikit_learn_s_loss(k, dtype, rng):
    raw, y = saturated(rng, k, dtype), rng.integers(0, 2, (60, k)).astype(dtype)
    eps = float(np.finfo(dtype).eps)
    loss, free = SigmoidCrossEntropy(cap=-math.log(eps)), SigmoidCrossEntropy()
    wanted = theirs.binary_log_loss(y, special.expit(raw))
    assert math.isclose(evaluate(loss, raw, y)[0], wanted, rel_tol=20 * eps)
    assert evaluate(free, raw, y)[0] > 1.5 * wanted
    np.testing.assert_array_equal(evaluate(loss, raw, y)[1], evaluate(free, raw, y)[1])


@pytest.mark.parametrize("kind", [SoftmaxCrossEntropy, SigmoidCrossEntropy])
def test_a_cap_that_is_not_reached_changes_nothing(kind, rng):
    raw = rng.normal(size=(20, 4))
    y = targets_for(kind(), rng, 20, 4)
    for ours, same in zip(samples(kind(cap=50), raw, y), samples(kind(), raw, y), strict=True):
        np.testing.assert_array_equal(ours, same)


def test_a_cap_does_not_hide_a_nan():
    raw = np.array([[np.nan, 0.0]])
    for loss, y in (
        (SoftmaxCrossEntropy(cap=1), np.array([1])),
        (SigmoidCrossEntropy(cap=1), np.ones((1, 2))),
    ):
        assert math.isnan(evaluate(loss, raw, y)[0])


@pytest.mark.parametrize("kind", [SoftmaxCrossEntropy, SigmoidCrossEntropy])
def test_cross_entropies_refuse_what_is_out_of_range(kind, message_of):
    for smoothing in (-0.1, 1.0, math.nan):
        message = message_of(InvalidValueError, kind, smoothing)
        wanted = f"label_smoothing must be in [0, 1), got {smoothing}: 0 leaves targets as they are"
        assert message == wanted
    for cap in (0.0, -1.0, math.nan):
        message = message_of(InvalidValueError, kind, cap=cap)
        assert message == f"cap must be positive, got {cap}: math.inf leaves losses as they are"


# --- several classifications at once --------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_grouped_is_a_softmax_for_each_group(dtype, rng):
    raw = rng.normal(0, 3, (11, sum(GROUPED.sizes))).astype(dtype)
    y = targets_for(GROUPED, rng, 11, None)
    losses, gradient = samples(GROUPED, raw, y)
    outputs = np.full_like(raw, np.nan)
    GROUPED.predict(raw, outputs)
    total, begin = np.zeros(11), 0
    for j, size in enumerate(GROUPED.sizes):
        part = raw[:, begin : begin + size].copy()
        own, slope = samples(SoftmaxCrossEntropy(label_smoothing=0.1), part, y[:, j])
        total += own
        np.testing.assert_array_equal(gradient[:, begin : begin + size], slope)
        np.testing.assert_allclose(
            outputs[:, begin : begin + size],
            special.softmax(part.astype(np.float64), axis=1),
            rtol=50 * np.finfo(dtype).eps,
        )
        begin += size
    np.testing.assert_array_equal(losses, total)
    GROUPED.predict(raw, raw)
    np.testing.assert_array_equal(raw, outputs)


def test_one_group_is_softmax(rng):
    raw, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    ours = samples(GroupedSoftmaxCrossEntropy((4,)), raw, y[:, np.newaxis])
    for one, other in zip(ours, samples(SoftmaxCrossEntropy(), raw, y), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_learns_several_classifications(rng):
    X = rng.normal(size=(200, 2))
    y = np.stack([(X[:, 0] > 0).astype(int), (X[:, 1] > 0) + (X[:, 1] > 1)], axis=1)
    spec = NetworkSpec.of([2, 5], loss=GroupedSoftmaxCrossEntropy((2, 3)), dtype="float64")
    params, gradient, work = Parameters(spec), Parameters(spec), Workspace(spec, 200)
    work.x[:] = X
    losses = []
    for _ in range(200):
        losses.append(loss_and_gradient(params, work, y, gradient))
        params.flat -= gradient.flat
    assert math.isclose(losses[0], math.log(2) + math.log(3))
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("sizes", [(), (3, 0), (3, 2.0), (True,), "32", 3])
def test_grouped_refuses_sizes_that_are_none(sizes, message_of):
    message = message_of(InvalidValueError, GroupedSoftmaxCrossEntropy, sizes)
    assert message == (
        f"sizes must be a tuple of positive integers, at least one, got {sizes!r}: give the "
        "number of classes of each group, such as (3, 2)"
    )


def test_grouped_refuses_another_smoothing_and_another_width(message_of):
    assert "label_smoothing must be in [0, 1)" in message_of(
        InvalidValueError, GroupedSoftmaxCrossEntropy, (2,), 1.0
    )
    raw = np.zeros((2, 6))
    for call in (
        lambda: evaluate(GroupedSoftmaxCrossEntropy((3, 2)), raw, np.zeros((2, 2), int)),
        lambda: GroupedSoftmaxCrossEntropy((3, 2)).predict(raw, raw),
    ):
        assert message_of(InvalidValueError, call) == (
            "the number of outputs must be 5, the sum of sizes, got 6: change the network's last "
            "layer or sizes"
        )


def test_sizes_of_any_integers_make_an_equal_loss():
    ours, same = GroupedSoftmaxCrossEntropy((3, 2)), GroupedSoftmaxCrossEntropy([np.int64(3), 2])
    assert ours == same
    assert hash(ours) == hash(same)
    assert repr(ours) == repr(same)


# --- quantiles ------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [(0.5,), (0.2,), (0.05, 0.5, 0.9)])
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_quantile_is_scikit_learn_s_pinball_loss(levels, k, weighted, rng):
    y, raw = rng.normal(size=(20, k)), rng.normal(size=(20, k * len(levels)))
    weight = rng.uniform(0, 2, 20) if weighted else None
    wanted = sum(
        mean_pinball_loss(
            y, raw[:, j :: len(levels)], alpha=level, sample_weight=weight, multioutput="raw_values"
        ).sum()
        for j, level in enumerate(levels)
    )
    assert math.isclose(evaluate(Quantile(levels), raw, y, weight)[0], wanted, rel_tol=1e-12)


def test_gradient_of_quantile_has_three_values():
    raw = np.array([[1.0, 1, 2, 2, 3, 3]])
    y = np.array([[2.0, 2.0, 2.0]])
    _, gradient = evaluate(Quantile((0.25, 0.75)), raw, y)
    np.testing.assert_array_equal(gradient, [[-0.25, -0.75, 0, 0, 0.75, 0.25]])


def test_the_best_constant_is_the_quantile(rng):
    y = rng.normal(size=(101, 1))
    for level in (0.1, 0.5, 0.9):
        best = np.quantile(y, level)
        for step, sign in ((-1e-9, -1), (1e-9, 1)):
            _, gradient = evaluate(Quantile((level,)), np.full_like(y, best + step), y)
            assert np.sign(gradient.sum()) == sign


@pytest.mark.parametrize(
    "levels",
    [(), (0.0,), (0.5, 1.0), (0.5, 0.5), (0.9, 0.1), (math.nan,), (0.5, math.nan), 0.5, ("a",)],
)
def test_quantile_refuses_levels_that_are_none(levels, message_of):
    message = message_of(InvalidValueError, Quantile, levels)
    assert message == (
        "levels must be at least one number in (0, 1), strictly increasing, got "
        f"{levels!r}: (0.5,) is the median, (0.05, 0.5, 0.95) adds an interval"
    )


def test_levels_of_any_sequence_make_an_equal_loss():
    ours, same = Quantile((0.25, 0.5)), Quantile(np.array([0.25, 0.5], np.float32))
    assert ours == same
    assert hash(ours) == hash(same)
    assert repr(ours) == repr(same)


# --- sums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 3])  # one output takes another way
def test_squares_are_summed_in_float64(k):
    raw = np.full((3, k), 1e30, np.float32)  # whose square is no float32
    losses, _ = samples(Squared(), raw, np.zeros_like(raw))
    np.testing.assert_allclose(losses, k * 0.5e60, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if not loss.takes_classes])
def test_one_output_is_like_a_second_one_that_is_perfect(name, rng):
    loss = LOSSES[name]
    y = rng.uniform(0.2, 0.8, (8, 1))
    raw = rng.normal(size=y.shape)
    alone, gradient = samples(loss, raw, y)
    beside = np.concatenate([raw, raw], axis=1)
    both, _ = samples(loss, beside, np.concatenate([y, y], axis=1))
    np.testing.assert_allclose(both, 2 * alone, rtol=1e-13)
    assert gradient.shape == y.shape
