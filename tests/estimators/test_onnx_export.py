from __future__ import annotations

import numpy as np
import pytest

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, to_onnx
from chainrule.engine.activations import ACTIVATIONS, LeakyRelu, Relu
from chainrule.engine.losses import LOSSES
from chainrule.errors import InvalidValueError
from chainrule.persist import onnx_graph

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(11)
X = RNG.normal(size=(200, 5))
NEW = RNG.normal(size=(1000, 5)) * 4  # far beyond the training data too
CLASSES = np.array(["ape", "bee", "größe"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
NUMBERS = X[:, :2] @ np.array([[1.0, -1], [2, 0.5]])
COLUMNS = np.column_stack([CLASSES, np.where(X[:, 2] > 0, "up", "down")])
TABLE = (X[:, :3] > 0).astype(int)
FEW = {"max_iter": 5, "random_state": 0}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def run(model, data=NEW):
    """Return ONNX Runtime's outputs by their names."""
    session = runtime.InferenceSession(
        to_onnx(model).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (given,) = session.get_inputs()
    assert given.name == "X"
    dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(uint8)": np.uint8}
    outputs = session.run(None, {"X": data.astype(dtype[given.type])})
    return dict(zip([output.name for output in session.get_outputs()], outputs, strict=True))


def check_labels(found, model, data=NEW):
    """Compare labels where the best two probabilities are not the same to rounding."""
    expected = model.predict(data.astype(np.float32))
    assert found.shape == expected.shape
    assert (found == expected).mean() > 0.998
    assert {type(label) for label in found.ravel().tolist()} == {
        type(label) for label in expected.ravel().tolist()
    }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation(name, dtype):
    model = MLPRegressor(
        hidden_layer_sizes=(8, 6), activation=name, dtype=dtype, learning_rate_init=0.01, **FEW
    ).fit(X, NUMBERS)
    outputs = run(model)
    assert list(outputs) == ["variable"]
    expected = model.predict(NEW.astype(np.float32))
    np.testing.assert_allclose(outputs["variable"], expected, **CLOSE)
    assert outputs["variable"].dtype == dtype


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_at_the_extremes(name):
    extremes = np.array([[0], [1e-30], [-1e-30], [88], [-88], [1e4], [-1e4], [3e38], [-3e38]])
    model = MLPRegressor(hidden_layer_sizes=(1,), activation=name, **FEW).fit(
        np.arange(9.0)[:, None], np.arange(9)
    )
    model.coefs_[0][...], model.intercepts_[0][...] = 1, 0
    model.coefs_[1][...], model.intercepts_[1][...] = 0.5, 0
    expected = model.predict(extremes)
    np.testing.assert_allclose(run(model, extremes)["variable"][:, 0], expected, **CLOSE)


def test_a_slope_of_its_own():
    model = MLPRegressor(hidden_layer_sizes=(8,), activation=LeakyRelu(0.3), **FEW).fit(X, NUMBERS)
    np.testing.assert_allclose(run(model)["variable"], model.predict(NEW), **CLOSE)


@pytest.mark.parametrize(
    ("y", "options"),
    [
        (CLASSES, {}),
        (CLASSES, {"dtype": "float64"}),
        (CLASSES, {"input_scaling": "standard"}),
        (CLASSES.astype(object), {"input_scaling": "robust", "dtype": "float64"}),
        (np.array([3, 5, 9])[TABLE.sum(1).clip(0, 2)], {}),
        (np.array([3, 5, 9], np.int16)[TABLE.sum(1).clip(0, 2)], {}),
        (np.array([0.0, 2.0, 7.0])[TABLE.sum(1).clip(0, 2)], {}),
        (X[:, 0] > 0, {}),
        (np.where(X[:, 0] > 0, "yes", "no"), {"input_scaling": "minmax"}),
        (np.full(200, 4), {}),
        (TABLE, {}),
        (CLASSES, {"hidden_layer_sizes": ()}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else f"{value.dtype} {value.shape}",
)
def test_every_kind_of_classes(y, options):
    model = MLPClassifier(**{"hidden_layer_sizes": (8,)} | FEW | options).fit(X, y)
    outputs = run(model)
    assert list(outputs) == ["label", "probabilities"]
    expected = model.predict_proba(NEW.astype(np.float32))
    np.testing.assert_allclose(outputs["probabilities"], expected, **CLOSE)
    check_labels(outputs["label"], model)


@pytest.mark.parametrize("y", [COLUMNS, TABLE + 1])
def test_columns_of_classes(y):
    model = MLPClassifier((8,), **FEW).fit(X, y)
    outputs = run(model)
    tables = model.predict_proba(NEW.astype(np.float32))
    assert len(outputs["probabilities"]) == len(tables)
    for found, expected in zip(outputs["probabilities"], tables, strict=True):
        np.testing.assert_allclose(found, expected, **CLOSE)
    check_labels(outputs["label"], model)


@pytest.mark.parametrize("scaling", [None, "standard"])
@pytest.mark.parametrize("y", [NUMBERS, NUMBERS[:, 0]])
@pytest.mark.parametrize(
    "loss", ["squared_error", "absolute_error", "huber", "quantile", "quantiles", "poisson"]
)
def test_every_loss_of_numbers(loss, y, scaling):
    options = {"loss": loss, "input_scaling": scaling}
    if loss == "quantiles":
        options |= {"loss": "quantile", "quantile": (0.1, 0.5, 0.9)}
    model = MLPRegressor(hidden_layer_sizes=(8,), **options, **FEW)
    model.fit(X, np.exp(y / 4) if loss == "poisson" else y)
    found, expected = run(model)["variable"], model.predict(NEW.astype(np.float32))
    np.testing.assert_allclose(found.reshape(expected.shape), expected, **CLOSE)
    assert found.shape[1:] == (expected.shape[1:] or (1,))


def test_every_loss_of_the_engine_is_in_one_of_these_tests():
    names = {"softmax_cross_entropy", "sigmoid_cross_entropy", "squared", "absolute", "huber"}
    assert set(LOSSES) == names | {"quantile", "poisson"}


@pytest.mark.parametrize("scaling", [None, "minmax"])
@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_the_autoencoder(loss, scaling):
    data = 1 / (1 + np.exp(-X))
    model = MLPAutoencoder((6, 3), loss=loss, input_scaling=scaling, **FEW).fit(data)
    outputs = run(model, data)
    assert list(outputs) == ["variable", "transformed"]
    given = data.astype(np.float32)
    np.testing.assert_allclose(outputs["variable"], model.reconstruct(given), **CLOSE)
    np.testing.assert_allclose(outputs["transformed"], model.transform(given), **CLOSE)


@pytest.mark.parametrize("pixels", [True, False])
def test_the_report_s_network(pixels):
    data = RNG.integers(0, 256, (60, 5)).astype(np.uint8) if pixels else X[:60]
    model = NeuralNetwork(3, [5, 8, 3], 0.1, "gelu", "normal", 2, 8, random_state=0)
    model.fit(data, np.arange(60) % 3)
    outputs = run(model, data)
    expected = model.predict_proba(data if pixels else data.astype(np.float32))
    np.testing.assert_allclose(outputs["probabilities"], expected, **CLOSE)
    assert (outputs["label"] == expected.argmax(axis=1)).all()


def test_a_model_of_2020_that_says_who_made_it():
    model = to_onnx(MLPRegressor(**FEW).fit(X, NUMBERS))
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 13)]
    assert (model.ir_version, model.producer_name) == (7, "chainrule")
    assert not any(tensor.external_data for tensor in model.graph.initializer)


class Own(Relu):
    pass


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (
            MLPClassifier((3,), (np.tanh, np.cos), **FEW),
            CLASSES,
            "every activation must be one of the library's own to be exported, got ",
        ),
        (MLPClassifier((3,), Own(), **FEW), CLASSES, "every activation must be one of the "),
        (
            MLPClassifier((3,), **FEW),
            np.column_stack([CLASSES.astype(object), TABLE[:, 0].astype(object)]),
            "the labels of all columns must be of one kind to be exported, got ['object', 'int64']:"
            " encode them before the fit",
        ),
    ],
)
def test_what_onnx_has_no_words_for_is_refused(model, y, message, message_of):
    assert message_of(InvalidValueError, to_onnx, model.fit(X, y)).startswith(message)


def test_what_is_no_estimator_of_the_library_is_refused(message_of):
    assert message_of(InvalidValueError, to_onnx, object()) == (
        "model must be an estimator of chainrule to be exported, got 'object': pass the estimator "
        "itself, out of its pipeline or search"
    )


def test_weights_beyond_one_file_are_refused(monkeypatch, message_of):
    model = MLPRegressor(**FEW).fit(X, NUMBERS)
    monkeypatch.setattr(onnx_graph, "LARGEST", 1000)
    assert message_of(InvalidValueError, to_onnx, model) == (
        "the weights must have at most 1,000 bytes to be in one ONNX file, got 3208: use a smaller "
        "network, or float32"
    )


def test_without_onnx_the_error_says_what_to_install(monkeypatch, message_of):
    import sys

    model = MLPRegressor(**FEW).fit(X, NUMBERS)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert message_of(InvalidValueError, to_onnx, model) == (
        "exporting needs the onnx package, got none: run pip install onnx"
    )
