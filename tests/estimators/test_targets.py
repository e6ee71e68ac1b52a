"""The kinds of target: encoded, decoded, and what they say of raw outputs."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import d2_pinball_score, mean_pinball_loss

from chainrule import MLPClassifier
from chainrule.engine.losses import GroupedSoftmaxCrossEntropy, Quantile, SigmoidCrossEntropy
from chainrule.engine.losses import SoftmaxCrossEntropy as Softmax
from chainrule.estimators.targets import Binary, Multiclass, Multilabel, Multioutput, Numbers

X = np.random.default_rng(0).normal(size=(60, 3))
COLUMNS = np.c_[np.arange(60) % 3, np.arange(60) % 2]
CLASSES = np.array(["a", "b", "c"])
LOGITS = arrays(np.float32, (1, 3), elements=st.floats(-300, 300, width=32))


def exact_log_softmax(logits):
    """Return the logarithms of a row's softmax, from eighty decimal digits."""
    getcontext().prec = 200
    exponentials = [Decimal(float(logit)).exp() for logit in logits]
    total = sum(exponentials)
    return [float((one / total).ln()) for one in exponentials]


def exact_log_sigmoid(logit):
    return exact_log_softmax([logit, 0])[0]


@given(LOGITS)
def test_log_probabilities_have_the_digits_of_the_logits(raw):
    binary = Binary(CLASSES[:2], SigmoidCrossEntropy())
    multiclass = Multiclass(CLASSES, Softmax())
    labels = Multilabel(np.arange(3), SigmoidCrossEntropy())
    columns = Multioutput([CLASSES[:1], CLASSES[1:]], GroupedSoftmaxCrossEntropy((1, 2)))
    found = [
        binary.log_probabilities(raw[:, :1]),
        multiclass.log_probabilities(raw),
        labels.log_probabilities(raw),
        *columns.log_probabilities(raw),
    ]
    wanted = [
        [exact_log_sigmoid(-raw[0, 0]), exact_log_sigmoid(raw[0, 0])],
        exact_log_softmax(raw[0]),
        [exact_log_sigmoid(logit) for logit in raw[0]],
        exact_log_softmax(raw[0, :1]),
        exact_log_softmax(raw[0, 1:]),
    ]
    for one, exact in zip(found, wanted, strict=True):
        assert one.dtype == np.float32
        # Below the smallest normal number there are fewer digits.
        np.testing.assert_allclose(one[0], exact, rtol=2e-6, atol=2e-38)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_probabilities_of_huge_logits(dtype):
    most = np.finfo(dtype).max
    raw = np.array([[most, -most, 0]], dtype)
    found = Multiclass(CLASSES, Softmax()).log_probabilities(raw)
    np.testing.assert_array_equal(found, np.array([[0, -np.inf, -most]], dtype))


def test_one_class_has_one_column_that_is_certain():
    one = Binary(CLASSES[:1], SigmoidCrossEntropy())
    outputs = np.array([[0.2], [0.9]], np.float32)
    np.testing.assert_array_equal(one.probabilities(outputs), [[1], [1]])
    np.testing.assert_array_equal(one.log_probabilities(outputs), [[0], [0]])
    np.testing.assert_array_equal(one.decode(outputs), ["a", "a"])


@pytest.mark.parametrize("y", [X[:, 0] > 0, (X @ np.eye(3)).argmax(axis=1), X > 0, COLUMNS])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_probabilities_are_logarithms_of_the_probabilities(y, dtype):
    net = MLPClassifier((), dtype=dtype, solver="lbfgs", tol=0.1, random_state=0).fit(X, y)
    logarithms, probabilities = net.predict_log_proba(X), net.predict_proba(X)
    if not isinstance(logarithms, list):
        logarithms, probabilities = [logarithms], [probabilities]
    for one, other in zip(logarithms, probabilities, strict=True):
        assert one.shape == other.shape
        assert one.dtype == dtype
        np.testing.assert_allclose(np.exp(one), other, rtol=1e-5, atol=1e-6)


def test_log_probabilities_are_finite_where_probabilities_are_not_above_0():
    net = MLPClassifier((), random_state=0, solver="lbfgs", tol=0.1).fit(X, X[:, 0] > 0)
    net.coefs_[0][...], net.intercepts_[0][...] = [[100], [0], [0]], 0
    np.testing.assert_array_equal(net.predict_proba([[3, 0, 0]]), [[0, 1]])
    np.testing.assert_array_equal(
        net.predict_log_proba([[1, 0, 0]])[0], [-100, -np.float32(np.exp(-100))]
    )


# -- quantiles -------------------------------------------------------------------------------------

LEVELS = (0.1, 0.5, 0.9)
OUTPUTS = arrays(np.float32, (4, 6), elements=st.floats(-100, 100, width=32))
TRUTH = arrays(np.float32, (4, 2), elements=st.floats(-100, 100, width=32))


@given(OUTPUTS, TRUTH)
def test_quantiles_come_out_ascending_and_no_farther_from_the_truth(outputs, truth):
    targets = Numbers(Quantile(LEVELS), 2)
    found = targets.decode(outputs)
    assert found.shape == (4, 2, 3)
    assert (np.diff(found, axis=2) >= 0).all()
    np.testing.assert_array_equal(found, np.sort(outputs.reshape(4, 2, 3), axis=2))
    lost = [
        sum(
            mean_pinball_loss(truth, values[:, :, i], alpha=level) for i, level in enumerate(LEVELS)
        )
        for values in (found, outputs.reshape(4, 2, 3))
    ]
    assert lost[0] <= lost[1] + 1e-3
    np.testing.assert_array_equal(Numbers(Quantile(LEVELS), 1).decode(outputs[:, :3]), found[:, 0])


def test_the_score_is_of_the_quantiles_that_are_predicted():
    truth, outputs = np.arange(4.0)[:, np.newaxis], np.tile([3.0, 2.0, 1.0], (4, 1))
    targets = Numbers(Quantile(LEVELS), 1)
    wanted = np.mean(
        [
            d2_pinball_score(truth, np.full(4, value), alpha=level)
            for value, level in zip([1, 2, 3], LEVELS, strict=True)
        ]
    )
    assert targets.score(truth, outputs, None, 0.0) == pytest.approx(wanted)
