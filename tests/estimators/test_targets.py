"""The kinds of target: encoded, decoded, and what they say of raw outputs."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule.engine.losses import GroupedSoftmaxCrossEntropy, SigmoidCrossEntropy
from chainrule.engine.losses import SoftmaxCrossEntropy as Softmax
from chainrule.estimators.targets import Binary, Multiclass, Multilabel, Multioutput

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
