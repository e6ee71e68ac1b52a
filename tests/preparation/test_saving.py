from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, load, save
from chainrule.datasets.tables import Piece, table_of
from chainrule.errors import InvalidValueError
from chainrule.persist import model_file
from chainrule.preparation import Preparation, inspect, table_model
from chainrule.preparation.preparation import LearntTarget
from chainrule.preparation.prepared import Prepared
from chainrule.preparation.saving import check_can_be_saved, contents

load_file = pytest.importorskip("safetensors.numpy").load_file

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FEW = {"max_iter": 3, "random_state": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def data(rng):
    n = 60
    return {
        "a": np.where(rng.random(n) < 0.1, np.nan, rng.normal(1e9, 1, n)),
        "b \x07": np.array(["é", "z" * 200, None], object)[rng.integers(0, 3, n)],
        "image": rng.integers(0, 256, (n, 2, 2)).astype(np.uint8),
        "signal": np.where(rng.random((n, 3)) < 0.1, np.nan, rng.normal(size=(n, 3))),
        "id": np.arange(n),
        "text": np.array(["no", "yes"], object)[rng.integers(0, 2, n)],
        "whole": rng.integers(0, 3, n),
        "truth": rng.random(n) < 0.5,
        "number": rng.normal(size=n),
    }


def trained(data, target, task="auto"):
    table = table_of(data)
    preparation = Preparation.learn(inspect(table, target=target, task=task))
    X, y = preparation.rows(table)
    estimator = {
        "classification": MLPClassifier((4,), **FEW),
        "regression": MLPRegressor(hidden_layer_sizes=(4,), **FEW),
        "autoencoder": MLPAutoencoder((2,), **FEW),
    }[preparation.task]
    return table_model(estimator.fit(X, y), preparation)


@pytest.mark.parametrize("target", ["text", "whole", "truth", "number", None])
def test_a_loaded_model_predicts_the_same(target, data, path):
    model = trained(data, target, "auto" if target else "autoencoder")
    model.save(path)
    again = load(path)
    assert type(again) is type(model)
    assert again.predict(data).tolist() == model.predict(data).tolist()
    assert again.predict(data).dtype == model.predict(data).dtype
    assert again.prepare(data).tolist() == model.prepare(data).tolist()
    assert again.task == model.task
    assert again.preparation_.left_out == model.preparation_.left_out
    assert again.preparation_.feature_names == model.preparation_.feature_names
    if model.task == "classification":
        assert again.classes_.tolist() == model.classes_.tolist()
        labels = [type(label) for label in again.classes_.tolist()]
        assert labels == [type(label) for label in model.classes_.tolist()]
    if target:
        assert again.score(data) == model.score(data)


def test_what_is_saved_again_is_the_same_file(data, path, tmp_path):
    trained(data, "text").save(path, optimizer=True)
    save(load(path), tmp_path / "again", optimizer=True)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_a_model_without_numbers(data, path):
    model = trained({"b": data["b \x07"], "text": data["text"]}, "text")
    model.save(path)
    assert load(path).predict(data | {"b": data["b \x07"]}).shape == (60,)
    assert "preparation.mean" not in load_file(path)


def test_anybody_finds_the_moments(data, path):
    model = trained(data, "text")
    model.save(path)
    tensors = load_file(path)
    columns = [column for column in model.preparation_.columns if column.is_numbers]
    assert (
        tensors["preparation.mean"].tolist() == np.concatenate([c.mean for c in columns]).tolist()
    )
    scale = np.concatenate([c.scale for c in columns])
    assert tensors["preparation.scale"].tolist() == scale.tolist()


def test_only_files_with_a_preparation_have_the_second_format(data, path):
    model = trained(data, "text")
    model.save(path)
    assert contents(path)[1].version == 2
    model.network_.save(path)
    assert contents(path)[1].version == 1


def test_a_rare_class_that_the_estimator_never_saw(data, path):
    """A class may be among the rows that were held out alone."""
    table = table_of(data)
    preparation = Preparation.learn(inspect(table, target="whole"))
    X, y = preparation.rows(table)
    model = table_model(MLPClassifier((4,), **FEW).fit(X[y < 2], y[y < 2]), preparation)
    model.save(path)
    again = load(path)
    assert again.classes_.tolist() == [0, 1]
    assert again.preparation_.target.classes.tolist() == [0, 1, 2]
    assert 0 <= again.score(data) < 1


def test_a_header_as_long_as_that_of_tens_of_thousands_of_columns(path):
    """A column takes about eighty bytes of the header, and its name."""
    n = 2000
    mean, scale = np.arange(n, dtype=float).reshape(n, 1), np.full(1, 0.5)
    columns = [Prepared(f"{i} {600 * 'x'}", "number", (), (), (), mean[i], scale) for i in range(n)]
    target = LearntTarget("y", np.array(["no", "yes"], object), 0.0, 1.0)
    preparation = Preparation(tuple(columns), {}, "classification", target)
    check_can_be_saved(preparation)
    model = MLPClassifier((1,), max_iter=1, batch_size=2, random_state=0, dtype="float32")
    model.fit(np.eye(2, n, dtype=np.float32), target.classes)
    table_model(model, preparation).save(path)
    again = load(path)
    assert contents(path)[1].begin > 1_000_000
    piece = Piece({column.name: np.array(["1.5", None], object) for column in columns}, 0)
    X = again.prepare(piece)
    assert_allclose(X, [(1.5 - mean[:, 0]) / 0.5, np.zeros(n)], rtol=1e-7)
    assert again.preparation_.feature_names == preparation.feature_names


def test_more_columns_than_a_file_has_room_for(message_of, monkeypatch):
    data = {f"c{i}": np.arange(20) % 3 for i in range(30)} | {"y": np.arange(20) % 2}
    preparation = Preparation.learn(inspect(table_of(data), target="y"))
    check_can_be_saved(preparation)
    monkeypatch.setattr(model_file, "LONGEST_HEADER", 2000)
    message = message_of(InvalidValueError, check_can_be_saved, preparation)
    assert message.startswith(
        "what is learnt of 30 columns must take at most 2,000 bytes in a model"
    )
