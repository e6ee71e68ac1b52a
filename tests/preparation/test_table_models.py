from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.datasets.tables import table_of
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.preparation import Preparation, inspect, table_model

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FEW = {"max_iter": 20, "random_state": 0}
MODELS = {
    "classification": MLPClassifier((8,), solver="lbfgs", **FEW),
    "regression": MLPRegressor(hidden_layer_sizes=(8,), solver="lbfgs", **FEW),
    "autoencoder": MLPAutoencoder((2,), **FEW),
}


@pytest.fixture
def data(rng):
    n = 120
    size = rng.normal(50, 10, n)
    return {
        "size": np.where(rng.random(n) < 0.1, np.nan, size),
        "colour": np.array(["red", "blue", None], object)[rng.integers(0, 3, n)],
        "price": 1000 + 30 * size,
        "sold": np.where(size > 50, "yes", "no").astype(object),
    }


@pytest.fixture
def trained(data):
    def train(task, target=None, leave=()):
        table = table_of({name: one for name, one in data.items() if name not in leave})
        preparation = Preparation.learn(inspect(table, target=target, task=task))
        X, y = preparation.rows(table)
        return table_model(clone(MODELS[task]).fit(X, y), preparation)

    return train


def test_classes_are_those_of_the_file(trained, data):
    model = trained("classification", "sold", ["price"])
    assert (model.task, model.classes_.tolist()) == ("classification", ["no", "yes"])
    labels, probabilities = model.predict(data), model.predict_proba(data)
    assert set(labels.tolist()) == {"no", "yes"}
    assert labels.tolist() == model.classes_[probabilities.argmax(axis=1)].tolist()
    assert model.score(data) == accuracy_score(data["sold"], labels) > 0.8


def test_numbers_are_in_the_target_s_units(trained, data):
    model = trained("regression", "price", ["sold"])
    found = model.predict(data)
    assert found.dtype == np.float64
    assert 1000 < found.mean() < 4000
    assert model.score(data) == pytest.approx(r2_score(data["price"], found))
    assert model.score(data) > 0.7


def test_an_autoencoder_gives_its_bottleneck_and_x_back(trained, data):
    model = trained("autoencoder")
    assert model.transform(data).shape == (120, 2)
    X = model.prepare(data)
    assert model.predict(data).shape == X.shape == (120, model.preparation_.n_features)
    assert model.score(data) == pytest.approx(model.network_.score(X))


def test_tables_pieces_and_frames_give_the_same(trained, data):
    model = trained("classification", "sold", ["price"])
    wanted = model.predict_proba(table_of(data))
    (piece,) = table_of(data).pieces()
    shuffled = {name: data[name] for name in reversed(data)}
    for same in (data, shuffled, piece, pd.DataFrame(data), pl.DataFrame(data)):
        assert model.predict_proba(same).tolist() == wanted.tolist()
    assert model.predict(pd.DataFrame(data)[["colour", "size"]].head(3)).shape == (3,)


def test_frames_are_inspected_and_prepared_as_tables_are(data):
    table, frame = table_of(data), pd.DataFrame(data)
    ours, theirs = (Preparation.learn(inspect(one, target="sold")) for one in (frame, table))
    assert ours.feature_names == theirs.feature_names
    for mine, wanted in zip(ours.rows(frame), theirs.rows(table), strict=True):
        assert mine.tolist() == wanted.tolist()


@pytest.mark.parametrize("wrong", [None, 3, BytesIO()])
def test_what_is_no_table(trained, data, wrong, message_of):
    model = trained("classification", "sold", ["price"])
    for use in (model.predict, model.score, model.prepare, model.preparation_.rows, inspect):
        message = message_of(InvalidValueError, use, wrong)
        assert message.partition(" ")[2].startswith("must be a table, a frame, ")
    message = message_of(InvalidValueError, model.preparation_.transform, wrong)
    assert message.startswith("a preparation must be given a Piece of a table, got ")


def test_rows_in_pieces_are_put_together(trained, data, in_pieces):
    model = trained("regression", "price", ["sold"])
    wanted = model.predict(data)
    np.testing.assert_allclose(model.predict(in_pieces(table_of(data), 7)), wanted, rtol=1e-6)


def test_what_training_had_not_is_noted(trained, data):
    model = trained("classification", "sold", ["price"])
    model.predict(
        {"colour": ["pink", "red", "pink"], "size": [1.0, np.nan, 2.0], "more": [1, 2, 3]}
    )
    notes = model.notes_
    assert notes.unseen == {"colour": {"pink": 2}}
    assert notes.imputed == {"size": 1}
    assert notes.ignored == ("more",)


def test_so_many_new_values_are_told_apart(trained):
    model = trained("classification", "sold", ["price"])
    model.predict({"colour": [f"c{i}" for i in range(1002)], "size": np.ones(1002)})
    assert len(model.notes_.unseen["colour"]) == 1001
    assert model.notes_.unseen["colour"]["…"] == 2


def test_a_piece_without_a_table_has_rows_for_places(trained, data, message_of):
    model = trained("classification", "sold", ["price"])
    (piece,) = table_of({"colour": ["red", "red"], "size": ["1", "x"]}).pieces()
    assert message_of(DataFormatError, model.predict, piece) == (
        "the data, row 1 (counted from 0), column size: 'x' is no number, as those of training "
        "were: mend it"
    )


def test_what_a_model_has_not(trained):
    model = trained("regression", "price", ["sold"])
    assert not hasattr(model, "classes_")
    assert not hasattr(model, "predict_proba")
    assert not hasattr(model, "transform")


def test_it_shows_its_columns(trained):
    model = trained("regression", "price", ["sold"])
    assert repr(model).startswith(
        "TableRegressor(columns={'colour': 'category', 'size': 'number'},"
    )


def graded(grades):
    return {
        "grade": np.array(grades * 20, object),
        "y": np.array(["n", "n", "y", "y"] * 20, object),
    }


@pytest.mark.parametrize(("first", "then"), [("{}", "{}.0"), ("{}.0", "{}"), ("={}", "'={}")])
def test_a_category_that_another_file_writes_differently(first, then):
    table = table_of(graded([first.format(i) for i in (1, 2, 3, 4)]))
    preparation = Preparation.learn(inspect(table, target="y", columns={"grade": "category"}))
    X, y = preparation.rows(table)
    model = table_model(clone(MODELS["classification"]).fit(X, y), preparation)
    other = graded([then.format(i) for i in (1, 2, 3, 4)])
    assert model.prepare(other).tolist() == X.tolist()
    assert model.notes_.unseen == {}
    assert model.score(other) == 1
    model.prepare(graded([then.format(i) for i in (1, 2, 3, 5)]))
    assert model.notes_.unseen == {"grade": {then.format(5): 20}}


def test_a_category_that_one_file_writes_in_two_ways():
    columns = {"grade": "category"}
    mixed = inspect(table_of(graded(["1", "1.0", "2", "2"])), target="y", columns=columns)
    assert mixed.columns[0].counts == {"1": 40, "2": 40}
    X, _ = Preparation.learn(mixed).rows(table_of(graded(["1", "1.0", "2.0", "2"])))
    assert X.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]] * 20


def test_labels_and_names_as_a_table_for_spreadsheets_has_them():
    table = table_of({"=x": np.arange(60) % 3, "=y": np.array(["=a", "b", "c"] * 20, object)})
    preparation = Preparation.learn(inspect(table, target="=y"))
    X, y = preparation.rows(table)
    model = table_model(clone(MODELS["classification"]).fit(X, y), preparation)
    escaped = {"'=x": np.arange(60) % 3, "'=y": np.array(["'=a", "b", "c"] * 20, object)}
    assert model.score(escaped) == 1
    assert model.notes_.ignored == ()
