from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, load, save
from chainrule.engine.activations import LeakyRelu, Relu
from chainrule.engine.initializers import VarianceScaling
from chainrule.engine.losses import Huber
from chainrule.engine.optimizers import Lion
from chainrule.engine.schedules import StepDecay
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.training.callbacks import Callback

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(7)
X = RNG.normal(size=(120, 5))
CLASSES = np.array(["ape", "bee", "cat"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
NUMBERS = X[:, :2] @ np.array([[1.0, -1], [2, 0.5]])
TWO_COLUMNS = np.column_stack([CLASSES, np.where(X[:, 2] > 0, "up", "down")])
TABLE = (X[:, :3] > 0).astype(int)
FEW = {"max_iter": 3, "random_state": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def there_and_back(model, path, **kwargs):
    save(model, path, **kwargs)
    return load(path)


def same(a, b):
    """Return whether two attributes are the same to the bit."""
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and (a == b).all()
    return type(a) is type(b) and repr(a) == repr(b)


MODELS = {
    "multiclass": (MLPClassifier((6, 4), **FEW), CLASSES),
    "binary": (MLPClassifier((6,), "tanh", **FEW), X[:, 0] > 0),
    "one class": (MLPClassifier((6,), **FEW), np.zeros(120, int)),
    "multilabel": (MLPClassifier((6,), **FEW), TABLE),
    "columns of classes": (MLPClassifier((6,), **FEW), TWO_COLUMNS),
    "columns of texts and numbers": (
        MLPClassifier((6,), **FEW),
        np.column_stack([CLASSES.astype(object), TABLE[:, 0].astype(object)]),
    ),
    "float64": (MLPClassifier((6,), dtype="float64", **FEW), CLASSES),
    "no hidden layer": (MLPClassifier((), **FEW), CLASSES),
    "labels of objects": (MLPClassifier((6,), **FEW), CLASSES.astype(object)),
    "small integers": (MLPClassifier((6,), **FEW), TABLE[:, 0].astype(np.int8)),
    "numbers": (MLPRegressor(hidden_layer_sizes=(6,), **FEW), NUMBERS[:, 0]),
    "two numbers": (MLPRegressor(hidden_layer_sizes=(6,), loss="huber", **FEW), NUMBERS),
    "quantiles": (
        MLPRegressor(hidden_layer_sizes=(6,), loss="quantile", quantile=(0.1, 0.5, 0.9), **FEW),
        NUMBERS,
    ),
    "counts": (
        MLPRegressor(hidden_layer_sizes=(6,), loss="poisson", **FEW),
        np.exp(NUMBERS[:, 0] / 4),
    ),
    "autoencoder": (MLPAutoencoder((4, 2), input_scaling="minmax", **FEW), None),
    "early stopping": (
        MLPClassifier((6,), early_stopping=True, scoring=["accuracy", "neg_log_loss"], **FEW),
        CLASSES,
    ),
    "lbfgs": (MLPClassifier((6,), solver="lbfgs", **FEW), CLASSES),
    "scaling": (
        MLPRegressor(hidden_layer_sizes=(6,), input_scaling="robust", solver="sgd", **FEW),
        NUMBERS[:, 0],
    ),
    "parts": (
        MLPRegressor(
            hidden_layer_sizes=[4, 3],
            activation=[LeakyRelu(0.2), "gelu"],
            solver=Lion(beta_2=0.98),
            learning_rate=StepDecay(0.01, every=2),
            weight_init=VarianceScaling(2, "in", "normal"),
            loss=Huber(2.0),
            dropout=[0.1, 0.2],
            n_iter_no_change=np.inf,
            **FEW,
        ),
        NUMBERS,
    ),
    "class weights": (
        MLPClassifier((6,), class_weight={"ape": 2.0, "bee": 1, "cat": 0.5}, **FEW),
        CLASSES,
    ),
}


def fitted(name):
    model, y = clone(MODELS[name][0]), MODELS[name][1]
    return model.fit(X) if y is None else model.fit(X, y)


@pytest.mark.parametrize("name", MODELS)
def test_everything_comes_back_to_the_bit(name, path):
    model = fitted(name)
    loaded = there_and_back(model, path)
    assert type(loaded) is type(model)
    assert repr(loaded.get_params()) == repr(model.get_params())
    assert vars(loaded).keys() == vars(model).keys()
    for attribute, value in vars(model).items():
        if attribute not in ("_fitted", *model.get_params()):
            assert same(getattr(loaded, attribute), value), attribute
    methods = ["predict", "predict_proba", "decision_function", "activations"]
    for method in methods + ["transform"] * (model.n_layers_ > 2):
        if hasattr(model, method):
            assert same(getattr(loaded, method)(X), getattr(model, method)(X)), method


@pytest.mark.parametrize("name", [name for name in MODELS if name != "lbfgs"])
def test_training_goes_on_as_if_nothing_had_happened(name, path):
    model, y = fitted(name), MODELS[name][1]
    loaded = there_and_back(model, path, optimizer=True)
    for each in (model, loaded):
        each.set_params(warm_start=True).fit(X, y)
        each.set_params(early_stopping=False)
        each.partial_fit(X, y).partial_fit(X, y)
    assert same(loaded.coefs_, model.coefs_)
    assert same(loaded.intercepts_, model.intercepts_)
    assert loaded.history_.column("train_loss") == model.history_.column("train_loss")
    assert loaded.t_ == model.t_
    again = there_and_back(loaded, path, optimizer=True)
    assert same(again.partial_fit(X, y).coefs_, model.partial_fit(X, y).coefs_)


@pytest.mark.parametrize("name", ["multiclass", "lbfgs"])
def test_without_the_optimizer_training_goes_on_with_new_averages(name, path):
    model = fitted(name)
    loaded = there_and_back(model, path).set_params(solver="adam", warm_start=True)
    once_more = fitted(name)
    once_more.coefs_ = [W.copy() for W in once_more.coefs_]  # which forgets the averages too
    once_more.set_params(solver="adam", warm_start=True)
    assert same(loaded.partial_fit(X, CLASSES).coefs_, once_more.partial_fit(X, CLASSES).coefs_)
    assert loaded.fit(X, CLASSES).n_iter_ == 3


def test_the_optimizer_s_state_is_saved_when_it_is_asked_for(path):
    model = fitted("multiclass")
    n = model._fitted.params.flat.nbytes
    sizes = []
    for optimizer in (False, True):
        model.save(path, optimizer=optimizer)
        sizes.append(path.stat().st_size)
    assert 2 * n <= sizes[1] - sizes[0] <= 2 * n + 1000


def test_the_report_s_network(path):
    images, y = (X > 0).astype(np.uint8) * 255, TABLE[:, 0]
    for data in (images, X):
        model = NeuralNetwork(3, [5, 6, 2], 0.1, "gelu", "he_normal", 3, 20, patience=2)
        model.fit(data, y)
        model.save(path)
        loaded = load(path)
        assert same(loaded.predict_proba(data), model.predict_proba(data))
        assert vars(loaded).keys() == vars(model).keys()
        assert loaded.get_params() == model.get_params()
        assert list(loaded.history_) == list(model.history_)
        assert loaded.history_.best_epoch == model.history_.best_epoch
        assert same(loaded.classes_, model.classes_)
        assert loaded.dtype_in_ == model.dtype_in_


def test_feature_names_come_back_and_are_checked(path):
    frame = pd.DataFrame(X, columns=["a", "b", "größe", "<b>", "e\x1b"])
    model = MLPRegressor(hidden_layer_sizes=(3,), **FEW).fit(frame, NUMBERS[:, 0])
    loaded = there_and_back(model, path)
    assert loaded.feature_names_in_.tolist() == list(frame.columns)
    assert loaded.feature_names_in_.dtype == object
    with pytest.raises(ValueError, match="feature names should match"):
        loaded.predict(frame[["b", "a", "größe", "<b>", "e\x1b"]])


def test_a_history_can_be_left_out(path):
    model = fitted("multiclass")
    loaded = there_and_back(model, path, history=False)
    assert len(loaded.history_) == 0
    assert not hasattr(loaded, "loss_curve_")
    assert loaded.loss_ == model.loss_
    assert same(loaded.predict_proba(X), model.predict_proba(X))
    assert len(loaded.set_params(warm_start=True).fit(X, CLASSES).history_) == 3


def test_a_random_state_comes_back_where_it_stood(path):
    model = MLPClassifier((3,), max_iter=2, random_state=np.random.RandomState(3))
    model.fit(X, CLASSES)
    model.random_state.normal()  # so that one number is kept for the next call
    loaded = there_and_back(model, path, optimizer=True)
    assert loaded.random_state.normal() == model.random_state.normal()
    assert same(loaded.partial_fit(X, CLASSES).coefs_, model.partial_fit(X, CLASSES).coefs_)


def test_a_checkpoint_s_path_stays_at_home(path, tmp_path):
    model = MLPClassifier((3,), checkpoint=str(tmp_path / "a.ckpt"), **FEW).fit(X, CLASSES)
    assert there_and_back(model, path).checkpoint is None


def test_arrays_and_numpy_s_numbers_come_back_as_python_s(path):
    model = MLPClassifier(np.array([4, 3]), alpha=np.float64(0.01), max_iter=np.int32(2))
    loaded = there_and_back(model.fit(X, CLASSES), path)
    assert (loaded.hidden_layer_sizes, loaded.alpha, loaded.max_iter) == ([4, 3], 0.01, 2)


def test_weights_set_by_hand_are_what_is_saved(path):
    model = fitted("multiclass")
    model.coefs_ = [W * 2 for W in model.coefs_]
    loaded = there_and_back(model, path, optimizer=True)
    assert same(loaded.predict_proba(X), model.predict_proba(X))
    assert same(loaded.partial_fit(X, CLASSES).coefs_, model.partial_fit(X, CLASSES).coefs_)


def test_a_model_that_was_only_initialized(path):
    model = MLPClassifier((3,), random_state=0).initialize(X, CLASSES)
    loaded = there_and_back(model, path, optimizer=True)
    assert vars(loaded).keys() == vars(model).keys()
    assert same(loaded.partial_fit(X, CLASSES).coefs_, model.partial_fit(X, CLASSES).coefs_)


class OwnRelu(Relu):
    pass


class Listener(Callback):
    pass


@pytest.mark.parametrize(
    ("parameters", "start"),
    [
        ({"activation": (np.sin, np.cos)}, "activation[0] must be data to be saved: numbers, "),
        ({"activation": OwnRelu()}, "activation must be data to be saved: numbers, texts, or the"),
        ({"scoring": lambda *a: 0.5}, "scoring must be data to be saved: numbers, texts, or the"),
        ({"callbacks": [Listener()]}, "callbacks must be None to be saved, as they are code, got"),
    ],
)
def test_code_is_refused_by_the_parameter_s_name(parameters, start, path, message_of):
    model = MLPClassifier((3,), early_stopping="scoring" in parameters, **FEW, **parameters)
    message = message_of(InvalidValueError, model.fit(X, CLASSES).save, path)
    assert message.startswith(start)
    assert not path.exists()


def test_what_is_no_estimator_of_the_library_is_refused(path, message_of):
    class Mine(MLPClassifier):
        pass

    for model, name in ((make_pipeline(MLPClassifier()), "Pipeline"), (Mine(), "Mine")):
        assert message_of(InvalidValueError, save, model, path) == (
            "model must be one of MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork to be "
            f"saved, got '{name}': pass the estimator itself, out of its pipeline or search"
        )


def test_what_is_not_fitted_is_refused(path):
    with pytest.raises(NotFittedError):
        save(MLPClassifier(), path)
    network = NeuralNetwork(2, [5, 2], 0.1, "relu", "normal", 1, 10)
    with pytest.raises(NotFittedError):
        network.save(path)


def test_weights_that_are_not_finite_are_refused(path, message_of):
    model = fitted("multiclass")
    model.coefs_[1][0, 0] = np.nan
    assert message_of(InvalidValueError, model.save, path) == (
        "what is saved must be finite, coefs.0 and what follows it, got NaN or infinity: "
        "train with a lower learning rate"
    )


def test_texts_that_are_no_unicode_are_refused(path, message_of):
    model = MLPClassifier((3,), **FEW)
    model.fit(X, np.where(X[:, 0] > 0, "a", "b\ud800").astype(object))
    message = message_of(InvalidValueError, model.save, path)
    assert message.startswith("texts in a model must be valid Unicode, got ")


def test_names_beyond_the_header_are_refused(path, message_of, monkeypatch):
    monkeypatch.setattr("chainrule.persist.model_file.LONGEST_HEADER", 1_000_000)
    frame = pd.DataFrame(X, columns=["x" * 200_001 + str(i) for i in range(5)])
    model = MLPRegressor(hidden_layer_sizes=(3,), **FEW).fit(frame, NUMBERS[:, 0])
    message = message_of(InvalidValueError, model.save, path)
    assert message.startswith(
        "what a file says beside the weights must be at most 1,000,000 bytes, got 1002"
    )


def test_safetensors_own_reader_finds_the_weights(path):
    safe_open = pytest.importorskip("safetensors").safe_open
    model = fitted("scaling")
    model.save(path, optimizer=True)
    with safe_open(path, "numpy") as file:
        assert file.metadata()["kind"] == "chainrule model"
        assert json.loads(file.metadata()["model"])["estimator"] == "MLPRegressor"
        for i, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
            assert same(file.get_tensor(f"coefs.{i}"), W)
            assert same(file.get_tensor(f"intercepts.{i}"), b)
        assert same(file.get_tensor("scaling.shift"), model._fitted.scaling.shift)
        assert file.get_tensor("optimizer.velocity").shape == model._fitted.params.flat.shape


@pytest.mark.parametrize("name", MODELS)
def test_what_was_loaded_is_saved_as_the_same_bytes(name, path, tmp_path):
    fitted(name).save(path, optimizer=True)
    load(path).save(tmp_path / "again", optimizer=True)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_numbers_begin_at_an_aligned_place(path):
    fitted("multiclass").save(path)
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0


def test_what_a_loaded_estimator_shows_is_escaped(path):
    model = MLPClassifier((3,), class_weight={"<script>\x1b": 1, "b": 2}, **FEW)
    model.fit(X, np.where(X[:, 0] > 0, "<script>\x1b", "b"))
    loaded = there_and_back(model, path)
    assert "\x1b" not in repr(loaded)
    assert "<script>\\x1b" not in loaded._repr_html_().replace("&lt;", "")


@pytest.mark.parametrize("dtype", ["(2,3)f4", "O", "V8", "datetime64", "x", 1, None])
def test_the_dtype_of_a_network_s_data_is_not_parsed(dtype, path, message_of):
    NeuralNetwork(2, [5, 2], 0.1, "relu", "normal", 1, 20).fit(X, TABLE[:, 0]).save(path)
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    document = json.loads(header["__metadata__"]["model"]) | {"dtype_in": dtype}
    header["__metadata__"]["model"] = json.dumps(document)
    text = json.dumps(header).encode()
    path.write_bytes(
        len(text).to_bytes(8, "little") + text + raw[8 + int.from_bytes(raw[:8], "little") :]
    )
    message = message_of(DataFormatError, load, path)
    assert "dtype_in must be " in message


def test_data_of_long_doubles(path):
    model = NeuralNetwork(2, [5, 2], 0.1, "relu", "normal", 1, 20, random_state=0)
    model.fit(X.astype(np.longdouble), TABLE[:, 0])
    assert same(there_and_back(model, path).predict_proba(X), model.predict_proba(X))
