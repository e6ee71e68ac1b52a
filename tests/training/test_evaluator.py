from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from chainrule.engine.losses import LOSSES, GroupedSoftmaxCrossEntropy
from chainrule.engine.network import forward, loss_and_gradient
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source

from .networks import accuracy, blobs, network, weighted


def test_evaluation_does_not_depend_on_its_batches(monkeypatch):
    X, y = blobs(50)
    params = network()
    source = Source(X, y)
    whole, outputs = Evaluator(params).measure(source), Evaluator(params).predict(source)
    monkeypatch.setattr("chainrule.training.evaluator.EVALUATION_ROWS", 7)
    pieces = Evaluator(params).measure(source)
    assert math.isclose(pieces.loss, whole.loss, rel_tol=1e-12)
    assert accuracy(pieces) == accuracy(whole)
    np.testing.assert_allclose(Evaluator(params).predict(source), outputs, rtol=1e-12)
    np.testing.assert_allclose(outputs.sum(axis=1), 1)


def test_accuracy_is_for_classes_only():
    X, y = blobs()
    params = network(NetworkSpec.of([2, 8, 3], loss="squared", dtype="float64"))
    measured = Evaluator(params).measure(Source(X, np.eye(3)[y]))
    assert measured.loss > 0
    assert measured.scores == {}


def test_accuracy_is_the_share_of_hits():
    X, y = blobs(50)
    params, rows = network(), np.arange(40, 3, -1)
    measured = Evaluator(params, 7).measure(Source(X, y, rows=rows))
    hits = Evaluator(params).raw(Source(X, rows=rows)).argmax(axis=1) == y[rows]
    assert accuracy(measured) == hits.mean()
    assert 0 < hits.mean() < 1


def samples_losses(params, X, y):
    """Return each sample's loss, one at a time."""
    spec = params.spec
    gradient, work = Parameters(spec), Workspace(spec, 1)
    losses = []
    for row, target in zip(X, y, strict=True):
        work.x[:] = row
        losses.append(loss_and_gradient(params, work, np.array([target]), gradient))
    return np.array(losses)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("rows", [1, 7, 50, 1000])
def test_a_weighted_loss_over_batches_is_the_weighted_average(loss, rows):
    X, y = blobs(50)
    params = network(NetworkSpec.of([2, 8, 3], "tanh", loss, dtype="float64"))
    if not params.spec.loss.takes_classes:
        y = np.eye(3)[y]
    weight = weighted(50)
    weight[7:21] = 0  # two batches of 7 without weight
    order = np.arange(49, -1, -1)
    source = Source(X, y, weight=weight, rows=order)
    evaluator = Evaluator(params, rows)
    wanted = np.average(samples_losses(params, X, y), weights=weight)
    raw, got = evaluator.evaluate(source)
    np.testing.assert_array_equal(raw, evaluator.raw(source))
    assert math.isclose(got, wanted, rel_tol=1e-12)
    assert evaluator.measure(source).loss == got
    _, got = evaluator.evaluate(Source(X, y))
    mean = samples_losses(params, X, y).mean()
    assert math.isclose(got, mean, rel_tol=1e-12)
    assert not math.isclose(mean, wanted, rel_tol=1e-6)


def test_batches_without_weight_are_skipped_even_where_their_loss_is_infinite():
    X, y = blobs(9)
    X[3:6] = np.inf
    params = network(NetworkSpec.of([2, 3], loss="squared", dtype="float64"))
    weight = np.array([1.0, 2, 1, 0, 0, 0, 1, 1, 1])
    source = Source(X, np.eye(3)[y], weight=weight)
    evaluator = Evaluator(params, 3)
    finite = weight > 0
    wanted = samples_losses(params, X[finite], np.eye(3)[y][finite])
    _, got = evaluator.evaluate(source)
    assert math.isclose(got, np.average(wanted, weights=weight[finite]), rel_tol=1e-12)


def test_without_any_weight_there_is_no_mean():
    X, y = blobs(9)
    evaluator = Evaluator(network(), 4)
    source = Source(X, y, weight=np.zeros(9))
    raw, loss = evaluator.evaluate(source)
    assert math.isnan(loss)
    assert np.isfinite(raw).all()


def test_weights_of_any_size_and_float32_weights():
    X, y = blobs(30)
    params = network(NetworkSpec.of([2, 8, 3]))
    evaluator = Evaluator(params, 8)
    wanted = np.average(samples_losses(params, X, y), weights=weighted(30) + 1)
    for size, dtype in ((1e-30, "float32"), (1e30, "float32"), (1e-300, "float64"), (7, "int64")):
        weight = ((weighted(30) + 1) * size).astype(dtype)
        _, got = evaluator.evaluate(Source(X, y, weight=weight))
        assert math.isclose(got, wanted, rel_tol=1e-5)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_raw_outputs_are_the_forward_pass_and_predictions_the_loss_s(loss):
    X, _ = blobs(25)
    params = network(NetworkSpec.of([2, 8, 3], "tanh", loss, dropout=0.5, dtype="float64"))
    rows = np.arange(24, 1, -1)
    work = Workspace(params.spec, len(rows))
    work.x[:] = X[rows]
    wanted = forward(params, work).copy()
    evaluator, source = Evaluator(params, 4), Source(X, rows=rows)
    np.testing.assert_allclose(evaluator.raw(source), wanted, rtol=1e-12)
    params.spec.loss.predict(wanted, out=wanted)
    np.testing.assert_allclose(evaluator.predict(source), wanted, rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("layer", [0, 1])
def test_features_are_the_activations_of_a_hidden_layer(activation, layer):
    # One activation works in place, one does not; in prediction nothing is dropped.
    X, _ = blobs(25)
    spec = NetworkSpec.of([2, 8, 5, 3], activation, dropout=0.5, dtype="float64")
    params = network(spec)
    evaluator, rows = Evaluator(params, 4), np.arange(24, 1, -1)
    got = evaluator.features(Source(X, rows=rows), layer)
    assert got.shape == (23, (8, 5)[layer])
    h = X[rows]
    for W, b in zip(params.W[: layer + 1], params.b, strict=False):
        z = h @ W + b
        h = np.empty_like(z)
        spec.activations[0].forward(z, h, (np.empty_like(z), np.empty_like(z)))
    np.testing.assert_allclose(got, h, rtol=1e-12)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_evaluator_warns_of_nothing(loss, dtype):
    # Rows of which one is fine, one too large for float32, and one for any sum.
    X, y = np.array([[1e-6, 2e-6], [1e200, -1e200], [-1e308, 1e308]]), np.array([0, 1, 2])
    params = network(NetworkSpec.of([2, 8, 3], "relu", loss, dtype=dtype))
    params.weights *= 1e3
    if not params.spec.loss.takes_classes:
        y = np.eye(3)[y]
    evaluator, source = Evaluator(params), Source(X, y, scale=10.0)
    fine = Source(X[:1], scale=10.0)
    for ask in (evaluator.raw, partial(evaluator.features, layer=0), evaluator.predict):
        assert np.isfinite(ask(fine)).all()
        with pytest.raises(InvalidValueError, match=r"overflow in row [12]"):
            ask(source)
    assert not math.isfinite(evaluator.measure(source).loss)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_infinite_outputs_are_an_error_and_warn_of_nothing(loss):
    params = network(NetworkSpec.of([2, 3], loss=loss))
    params.flat[:] = np.finfo(np.float32).max
    evaluator, source = Evaluator(params), Source(np.ones((4, 2)))
    with pytest.raises(InvalidValueError, match="overflow in row 0"):
        evaluator.raw(source)
    if LOSSES[loss].output_activation == "sigmoid":
        assert (evaluator.predict(source) == 1).all()
    else:
        with pytest.raises(InvalidValueError, match="overflow in row 0"):
            evaluator.predict(source)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_outputs_are_in_the_network_s_dtype(dtype):
    X, _ = blobs(9)
    evaluator = Evaluator(network(NetworkSpec.of([2, 8, 3], dtype=dtype)), 4)
    for out in (
        evaluator.raw(Source(X)),
        evaluator.predict(Source(X)),
        evaluator.features(Source(X), 0),
    ):
        assert out.dtype == dtype


@pytest.mark.parametrize("layer", [-2, -1, 1, 2, 0.5])
def test_features_are_of_a_hidden_layer(layer, message_of):
    evaluator, source = Evaluator(network()), Source(blobs()[0])
    assert message_of(InvalidValueError, evaluator.features, source, layer) == (
        f"layer must be in [0, 1), the hidden layers, got {layer}: count from 0"
    )


def test_several_classifications_at_once_have_no_accuracy():
    spec = NetworkSpec.of([2, 4], loss=GroupedSoftmaxCrossEntropy((2, 2)))
    source = Source(np.ones((2, 2)), np.zeros((2, 2), int))
    assert Evaluator(network(spec)).measure(source).scores == {}
