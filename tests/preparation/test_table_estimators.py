"""TableClassifier, TableRegressor and TableAutoencoder: what they take, learn and say."""

from __future__ import annotations

import datetime as dt
import inspect as signatures
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, r2_score

import chainrule
from chainrule import MLPClassifier, MLPRegressor, TableAutoencoder, TableClassifier, TableRegressor
from chainrule.datasets.tables import open_table, table_of
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.preparation import Preparation, defaults, inspect
from chainrule.preparation.splitting import LEARN, STOP, RowsOf, split, split_groups
from chainrule.preparation.table_parameters import CHOSEN
from chainrule.runs.settings import TrainSettings
from chainrule.runs.training import train

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(1)
    n = 100
    age = rng.normal(40, 10, n).round()
    return pd.DataFrame(
        {
            "number": np.arange(n),
            "age": np.where(rng.random(n) < 0.1, np.nan, age),
            "job": np.array(["nurse", "smith", None], object)[rng.integers(0, 3, n)],
            "born": pd.date_range("1980-01-01", periods=n),
            "member": rng.random(n) < 0.5,
            "old": np.where(age > 40, "yes", "no").astype(object),
            "pay": 1000 + 20 * age + rng.normal(0, 10, n),
        }
    )


@pytest.fixture(scope="module")
def fitted(people):
    with pytest.warns(ConvergenceWarning):  # as max_iter is asked for
        return TableClassifier(**QUICK).fit(people.drop(columns="pay"), "old")


def same(model, other, X):
    return model.predict_proba(X).tolist() == other.predict_proba(X).tolist()


# -- what is learnt --------------------------------------------------------------------------------


def by_hand(frame, y, task, network, parts):
    """Return predictions of the steps one by one, as chainrule train takes them."""
    table = table_of(frame.assign(y=y))
    first = inspect(table, target="y", task=task)
    kinds = {column.name: column.kind if column.used else "drop" for column in first.columns}
    learn = RowsOf(table, parts, LEARN)
    preparation = Preparation.learn(inspect(learn, target="y", task=task, columns=kinds))
    X, truth = preparation.rows(learn)
    X_stop, y_stop = preparation.rows(RowsOf(table, parts, STOP))
    given = {"hidden_layer_sizes": (8,), "max_iter": 5}
    chosen = defaults.settings(task, len(X), X.shape[1], stops=True, given=given)
    network = network(**chosen, random_state=0).fit(X, truth, X_val=X_stop, y_val=y_stop)
    return preparation.in_units(network.predict(preparation.rows(table)[0]))


def test_it_is_the_preparation_and_the_network_by_hand(people):
    X, old, pay = people.drop(columns=["old", "pay"]), people["old"], people["pay"]
    parts = split(100, pd.factorize(old)[0], held_out=0.0, stops=True, seed=0)
    wanted = by_hand(X, old, "classification", MLPClassifier, parts)
    assert TableClassifier(**QUICK).fit(X, old).predict(X).tolist() == wanted.tolist()
    parts = split(100, None, held_out=0.0, stops=True, seed=0)
    wanted = by_hand(X, pay, "regression", MLPRegressor, parts)
    assert TableRegressor(**QUICK).fit(X, pay).predict(X).tolist() == wanted.tolist()


def test_rows_to_stop_by_are_of_other_groups_or_a_share_of_one_s_own(people):
    X, pay, groups = people.drop(columns="pay"), people["pay"], np.arange(100) // 4
    parts = split_groups(groups, None, seed=0)
    wanted = by_hand(X, pay, "regression", MLPRegressor, parts)
    model = TableRegressor(**QUICK).fit(X, pay, groups=[f"g{group}" for group in groups])
    assert model.predict(X).tolist() == wanted.tolist()
    parts = split(100, None, held_out=0.0, stops=True, seed=0, stopping=0.3)
    wanted = by_hand(X, pay, "regression", MLPRegressor, parts)
    model = TableRegressor(**QUICK, validation_fraction=0.3).fit(X, pay)
    assert model.predict(X).tolist() == wanted.tolist()


@pytest.mark.parametrize(("target", "cls"), [("old", TableClassifier), ("pay", TableRegressor)])
def test_it_is_what_train_leaves(people, tmp_path, monkeypatch, target, cls):
    monkeypatch.chdir(tmp_path)
    people.to_csv("people.csv", index=False)
    run = train(
        TrainSettings(
            data="people.csv",
            out=tmp_path / "run",
            target=target,
            val="people.csv",  # so that all rows are for training
            model={"hidden_layer_sizes": (8,), "max_iter": 5},
        )
    )
    model = chainrule.load("run")
    assert type(model) is type(run.model) is cls
    ours = cls(**QUICK).fit("people.csv", target)
    assert ours.predict("people.csv").tolist() == model.predict("people.csv").tolist()
    assert ours.score("people.csv") == model.score("people.csv")
    again = clone(model).fit("people.csv", target)  # its parameters are all that was set
    assert again.predict("people.csv").tolist() == model.predict("people.csv").tolist()


def test_a_parameter_left_open_is_the_default_of_train(people):
    model = TableClassifier(random_state=0, max_iter=1).fit(people, "old")
    size = defaults.SIZES[0]
    assert model.network_.hidden_layer_sizes == size.hidden_layer_sizes
    assert model.network_.n_iter_no_change == size.n_iter_no_change
    assert model.network_.weight_decay == defaults.ALWAYS["weight_decay"]
    for name in CHOSEN:
        assert signatures.signature(TableClassifier).parameters[name].default == "auto"


def test_other_parameters_are_the_network_s(people):
    others = {"alpha": 0.01, "clip_norm": 1.0}
    model = TableClassifier(**QUICK, network_params=others, solver="sgd").fit(people, "old")
    network = model.network_
    assert (network.alpha, network.clip_norm, network.solver) == (0.01, 1.0, "sgd")
    assert network.weight_decay is None  # train's is AdamW's alone


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"max_iter": 3}, "network_params must have parameters that TableClassifier lacks"),
        ({"warm_start": True}, "network_params must have parameters that TableClassifier lacks"),
        ({"alfa": 3}, "MLPClassifier must be given parameters that it has, got 'alfa'"),
    ],
)
def test_parameters_that_the_network_must_not_have(people, others, message):
    with pytest.raises(InvalidValueError, match=message):
        TableClassifier(**QUICK, network_params=others).fit(people, "old")


def test_no_warning_of_epochs_that_nobody_asked_for(people):
    with pytest.warns(ConvergenceWarning):
        TableClassifier(**QUICK).fit(people, "old")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TableClassifier((4,), early_stopping=False, random_state=0).fit(people[:40], "old")


@pytest.mark.parametrize("value", [0.5, None, np.random.RandomState(0)])
def test_a_seed_is_one_of_scikit_learn_s(people, value):
    model = TableClassifier((4,), max_iter=1, random_state=value)
    if value == 0.5:
        with pytest.raises(ValueError, match="random_state"):
            model.fit(people, "old")
    else:
        assert model.fit(people, "old").n_iter_ == 1


# -- what is taken ---------------------------------------------------------------------------------


def test_frames_of_every_kind_teach_and_ask_the_same(people, tmp_path):
    frame = people.drop(columns=["born", "member", "pay"]).astype({"age": float})
    frame["age"] = frame["age"].fillna(40.0)
    frame["job"] = frame["job"].fillna("none at all")
    path = tmp_path / "people.csv"
    frame.to_csv(path, index=False)
    model = TableClassifier(**QUICK).fit(frame, "old")
    X = frame.drop(columns="old")
    kinds = [
        pl.from_pandas(frame),
        pa.Table.from_pandas(frame),
        frame.to_dict("list"),
        {name: frame[name].to_numpy() for name in frame},
        frame.to_dict("records"),
        frame.to_records(index=False),
        frame[frame.columns[::-1]],
        path,
        str(path),
        open_table(path),
    ]
    for other in kinds:
        assert model.predict_proba(other).tolist() == model.predict_proba(X).tolist()
        assert model.score(other) == model.score(X, frame["old"])
        again = clone(model).fit(other, "old")
        if list(again.feature_names_in_) == list(X):  # the network sees columns in their order
            assert same(again, model, X)


def test_a_target_beside_x_is_that_in_it(people):
    X, y = people.drop(columns=["old"]), people["old"]
    models = [
        TableClassifier(**QUICK).fit(people, "old"),
        *(TableClassifier(**QUICK).fit(X, one) for one in (y, list(y), pl.Series(y.to_list()))),
    ]
    for one in models:
        assert same(one, models[0], X)
        assert one.classes_.tolist() == ["no", "yes"]
        assert list(one.feature_names_in_) == list(X)
    assert models[1].score(people) == accuracy_score(y, models[0].predict(people))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["1", "2"], ["1", "2"]),
        ([1, 2], [1, 2]),
        ([True, False], [False, True]),
        (np.array([1.0, 0.0]), [0.0, 1.0]),
        (np.array(["b", "a"]), ["a", "b"]),
        (pd.Categorical(["b", "a"]), ["a", "b"]),
        (np.array([2, 1], object), [1, 2]),
    ],
)
def test_labels_keep_their_type(labels, classes):
    y = list(labels) * 10 if not isinstance(labels, np.ndarray) else np.tile(labels, 10)
    model = TableClassifier(**QUICK).fit({"x": np.arange(20) % 2.0}, y)
    assert model.classes_.tolist() == classes
    assert [type(one) for one in model.classes_.tolist()] == [type(one) for one in classes]
    assert set(model.predict({"x": [0.0, 1.0]}).tolist()) <= set(classes)


def test_labels_of_a_file_are_what_their_texts_say(tmp_path):
    path = tmp_path / "some.csv"
    rows = "".join(f"{i % 2}.5,{1 + i % 2},0{i % 2}\n" for i in range(40))
    path.write_text("x,whole,code\n" + rows, encoding="utf-8")
    assert TableClassifier(**QUICK).fit(path, "whole").classes_.tolist() == [1, 2]
    assert TableClassifier(**QUICK).fit(path, "code").classes_.tolist() == ["00", "01"]


def test_rows_without_a_target_are_left_out_and_counted(people):
    y = people["old"].copy()
    y[3], y[50] = None, np.nan
    there = y.notna()
    X = people.drop(columns=["old", "number"])
    model = TableClassifier(**QUICK).fit(X, y)
    assert model.n_rows_without_target_ == 2
    alone = TableClassifier(**QUICK).fit(X[there], y[there])
    assert alone.n_rows_without_target_ == 0
    assert same(model, alone, X)
    pay = people["pay"].astype("Float64").mask(np.arange(100) < 5)
    assert TableRegressor(**QUICK).fit(X, pay).n_rows_without_target_ == 5


def test_rows_of_weight_0_are_not_there(people):
    X, y = people.drop(columns=["old", "number"]), people["old"]
    weight = np.where(np.arange(100) % 3, 1.0, 0.0)
    model = TableClassifier(**QUICK).fit(X, y, sample_weight=weight)
    assert same(model, TableClassifier(**QUICK).fit(X[weight > 0], y[weight > 0]), X)


def test_weights_of_rows_and_of_classes(people):
    X, y = people[["number", "age"]], people["job"].fillna("none")
    weight = {"nurse": 0.01, "smith": 1.0, "none": 1.0}
    of_rows = TableClassifier(**QUICK).set_params(max_iter=40, learning_rate_init=0.01)
    of_classes = clone(of_rows).set_params(class_weight=weight).fit(X, y)
    of_rows.fit(X, y, sample_weight=y.map(weight))
    assert (of_rows.predict(X) != "nurse").all()
    np.testing.assert_allclose(
        of_classes.predict_proba(X), of_rows.predict_proba(X), rtol=1e-4, atol=1e-6
    )


def test_a_file_s_error_says_its_line(tmp_path):
    path = tmp_path / "some.csv"
    rows = "".join(f"{i},{i}.5\n" for i in range(30))
    path.write_text(f"x,y\n{rows}31,?\n32,much\n", encoding="utf-8")
    with pytest.raises(DataFormatError, match=r"some\.csv, line 33, column y: the target 'much'"):
        TableRegressor(**QUICK).fit(path, "y")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "requires y to be passed, but the target y is None"),
        (("new",), "y must have columns of X, by name or place, got 'new'"),
        ((["yes", "no"],), "X and y must have as many rows, got 100 and 2"),
        ((["yes"] * 100,), "must have at least two classes, got one class, 'yes'"),
        ((np.ones((100, 2)),), "y should be a 1d array"),
        ((["yes", 3] * 50,), "labels that are all texts or all numbers"),
    ],
)
def test_a_target_that_cannot_be(people, arguments, message):
    with pytest.raises(ValueError, match=message):
        TableClassifier(**QUICK).fit(people, *arguments)


def test_arrays_have_places_for_names(people):
    array = people[["age", "pay"]].to_numpy()
    model = TableClassifier(**QUICK).fit(array, people["old"])
    assert not hasattr(model, "feature_names_in_")
    assert model.n_features_in_ == 2
    assert [one.name for one in model.columns_] == ["x0", "x1"]
    wanted = model.predict_proba(array)
    assert model.predict_proba(array.tolist()).tolist() == wanted.tolist()
    assert model.predict_proba({"x1": array[:, 1], "x0": array[:, 0]}).tolist() == wanted.tolist()
    assert model.predict_proba(pd.DataFrame(array)).tolist() == wanted.tolist()
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        assert model.predict_proba(people[["age", "pay"]]).tolist() == wanted.tolist()
    with pytest.raises(ValueError, match="X has 1 features, but TableClassifier is expecting 2"):
        model.predict(array[:, :1])


@pytest.mark.parametrize("shape", [(40, 3), (40, 2, 3)])
def test_a_model_of_a_file_of_arrays_takes_arrays(rng, tmp_path, shape):
    X, y = rng.normal(size=shape), np.arange(40) % 2
    if len(shape) == 2:
        np.save(tmp_path / "data.npy", np.column_stack([X, y]))
        model = TableClassifier(**QUICK).fit(tmp_path / "data.npy", "3")
    else:
        np.savez(tmp_path / "data.npz", X=X, y=y)
        model = TableClassifier(**QUICK).fit(tmp_path / "data.npz")
    assert model.predict(X).tolist() == model.predict(table_of(X)).tolist()


def test_an_array_has_not_the_names_of_a_frame(people, fitted):
    with pytest.raises(InvalidValueError, match="X must have the names of its columns"):
        fitted.predict(people.to_numpy())


def test_missing_columns_are_named_all(people, fitted):
    with pytest.raises(DataFormatError, match="must be columns age, member, as in training"):
        fitted.predict(people[["job"]])
    with pytest.raises(DataFormatError, match="must be a column member, as in training"):
        fitted.predict(people[["job", "age"]].to_dict("records"))


def test_extra_columns_are_ignored_and_noted(people, fitted):
    more = people.assign(more=1)
    assert fitted.predict(more).tolist() == fitted.predict(people).tolist()
    fitted.predict(more)
    assert fitted.notes_.ignored == ("pay", "more")
    fitted.predict({"age": None, "job": "pilot", "member": True})
    assert fitted.notes_.imputed == {"age": 1}
    assert fitted.notes_.unseen == {"job": {"pilot": 1}}


@pytest.mark.parametrize("wrong", [None, 3, "yes", ["a", "b"], [{"a": 1}, 3]])
def test_what_is_no_table(fitted, wrong):
    with pytest.raises((ValueError, FileNotFoundError)):
        fitted.predict(wrong)


def test_columns_may_be_called_as_a_frame_s_methods_are(people):
    names = {"age": "collect", "job": "column_names", "pay": "to_pylist"}
    frame = people[["age", "job", "pay"]].rename(columns=names)
    model = TableClassifier(**QUICK).fit(frame, people["old"])
    assert [one.name for one in model.columns_] == list(names.values())
    plain = TableClassifier(**QUICK).fit(people[["age", "job", "pay"]], people["old"])
    assert model.predict_proba(frame).tolist() == plain.predict_proba(people).tolist()


def test_columns_of_lists_of_several_lengths_are_no_record(people, fitted):
    with pytest.raises(DataFormatError, match="must be an array"):
        fitted.predict({"age": [[1, 2], [3]], "job": ["nurse", "smith"], "member": [True, False]})


def test_a_lazy_frame_has_no_rows_yet(people, fitted):
    with pytest.raises(InvalidValueError, match=r"call its collect\(\) before"):
        fitted.predict(pl.from_pandas(people).lazy())


def test_columns_may_be_wide(rng):
    images = rng.integers(0, 256, (40, 3, 3)).astype(np.uint8)
    y = images[:, 0, 0] > 128
    model = TableClassifier(**QUICK).fit({"image": images}, y)
    assert model.columns_[0][:2] == ("image", "pixels")
    assert (
        model.prepare({"image": images}).tolist()
        == np.float32(images.reshape(40, 9) / 255).tolist()
    )


# -- kinds of columns ------------------------------------------------------------------------------


def test_it_says_what_became_of_each_column(fitted):
    assert repr(fitted.columns_).splitlines() == [
        "column  kind                  why",
        "number  identifier, left out  it numbers the rows",
        "age     number                numbers from 13 to 61",
        "job     category              2 different values",
        "born    date, left out        dates are not used",
        "member  number                numbers from 0 to 1",
    ]
    (age,) = [one for one in fitted.columns_ if one.name == "age"]
    assert (age.kind, age.used) == ("number", True)
    assert fitted.preparation_.left_out == {"number": "identifier", "born": "date"}
    assert fitted.n_features_in_ == 5


def test_what_users_say_of_columns(people):
    frame = people.assign(zip=np.arange(100) % 7)[["zip", "age", "job", "old"]]
    plain = TableClassifier(**QUICK).fit(frame, "old")
    assert [one.kind for one in plain.columns_] == ["number", "number", "category"]
    for said in (
        {"categorical_features": ["zip"]},
        {"categorical_features": [0]},
        {"categorical_features": [True, False, False]},
        {"columns": {"zip": "category"}},
        {"columns": {0: "category"}},
    ):
        model = TableClassifier(**QUICK, **said).fit(frame, "old")
        assert [one.kind for one in model.columns_] == ["category", "number", "category"]
        assert model.columns_[0].reason == "as you said"
    dropped = TableClassifier(**QUICK, columns={"zip": "drop"}).fit(frame, "old")
    assert same(dropped, TableClassifier(**QUICK).fit(frame.drop(columns="zip"), "old"), frame)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"categorical_features": ["zap"]}, "categorical_features must have columns of X"),
        ({"categorical_features": [9]}, "categorical_features must have columns of X"),
        ({"categorical_features": [-1]}, "categorical_features must have columns of X"),
        ({"categorical_features": [True]}, "as a mask must have 6 values, one for each column"),
        ({"columns": {"zap": "drop"}}, "columns must have columns of X"),
        ({"columns": {"age": "numbr"}}, 'column age must be one of .*did you mean "number"'),
        ({"columns": "drop"}, "The 'columns' parameter of TableClassifier must be"),
    ],
)
def test_what_cannot_be_said_of_columns(people, said, message):
    with pytest.raises(ValueError, match=message):
        TableClassifier(**QUICK, **said).fit(people, "old")


@pytest.mark.parametrize(
    "frame",
    [
        lambda one: pd.DataFrame({"code": pd.Categorical(one)}),
        lambda one: pl.DataFrame({"code": pl.Series(map(str, one), dtype=pl.Categorical)}),
        lambda one: pa.table({"code": pa.array(map(str, one)).dictionary_encode()}),
    ],
)
def test_what_a_frame_calls_categories_are_categories(frame):
    codes = np.arange(60) % 5
    model = TableClassifier(**QUICK).fit(frame(codes), codes > 2)
    assert model.columns_[0] == ("code", "category", "its type is that of categories")
    assert model.prepare({"code": ["3", "4"]}).tolist() == [[0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
    assert model.prepare(frame(codes))[:5].tolist() == np.eye(5).tolist()


def test_a_column_without_a_value_in_rows_that_are_learnt_from(people):
    parts = split(100, pd.factorize(people["old"])[0], held_out=0.0, stops=True, seed=0)
    rare = np.where(parts == STOP, 1.0, np.nan) * np.arange(100)
    model = TableClassifier(**QUICK).fit({"age": people["age"], "rare": rare}, people["old"])
    assert model.columns_[1] == ("rare", "constant", "no row has a value")


# -- rows that decide when to stop -----------------------------------------------------------------


def test_too_few_rows_to_stop_by(people):
    model = TableClassifier((4,), random_state=0).fit(people[:40], "old")
    assert not model.network_.early_stopping
    assert model.n_iter_ <= defaults.WITHOUT_STOPPING
    with pytest.raises(InvalidValueError, match="early_stopping needs at least 10 rows"):
        TableClassifier((4,), early_stopping=True).fit(people[:40], "old")


# -- files, and what is not there ------------------------------------------------------------------


@pytest.mark.parametrize("cls", [TableClassifier, TableRegressor, TableAutoencoder])
def test_saved_and_loaded(people, tmp_path, cls):
    frame = people.drop(columns="pay")
    model = cls(**QUICK).fit(frame, people["old"] if cls is TableClassifier else people["pay"])
    model.save(tmp_path / "model")
    again = chainrule.load(tmp_path / "model")
    assert type(again) is cls
    assert again.predict(frame).tolist() == model.predict(frame).tolist()
    assert [one[:2] for one in sorted(again.columns_)] == [
        one[:2] for one in sorted(model.columns_)
    ]
    assert set(again.feature_names_in_) == set(model.feature_names_in_)
    assert again.history_.column("train_loss") == model.history_.column("train_loss")
    assert again.loss_curve_ == model.loss_curve_
    assert again.predict(frame.iloc[0].to_dict()).shape[0] == 1


def test_a_loaded_model_has_the_settings_that_it_was_trained_with(people, tmp_path):
    frame = people.assign(zip=np.arange(100) % 7)[["zip", "age", "job", "old"]]
    said = {"columns": {"zip": "category", "job": "drop"}, "network_params": {"alpha": 0.5}}
    model = TableClassifier(**QUICK, **said, dropout=0.1).fit(frame, "old")
    model.save(tmp_path / "model")
    again = chainrule.load(tmp_path / "model")
    assert again.columns == {"zip": "category", "age": "number", "job": "drop"}
    assert again.network_params["alpha"] == 0.5
    assert same(clone(again).fit(frame, "old"), model, frame)


def test_of_a_file_with_two_parts_one_is_learnt_from(rng, tmp_path):
    X, y = rng.normal(size=(50, 2)), np.arange(50) % 2
    path = tmp_path / "both.npz"
    np.savez(path, X_train=X[:40], y_train=y[:40], X_test=X[40:], y_test=y[40:])
    model = TableClassifier(**QUICK).fit(path)
    assert same(model, TableClassifier(**QUICK).fit({"X": X[:40]}, y[:40]), {"X": X})
    assert model.predict(path).tolist() == model.predict({"X": X[40:]}).tolist()


def test_a_model_of_arrays_is_one_when_it_is_loaded(people, tmp_path):
    array = people[["number", "age", "pay"]].to_numpy()
    model = TableClassifier(**QUICK).fit(array, people["old"])
    model.save(tmp_path / "model")
    again = chainrule.load(tmp_path / "model")
    assert again.predict_proba(array).tolist() == model.predict_proba(array).tolist()


def test_a_fit_that_fails_leaves_it_as_it_was(people, fitted):
    model = clone(fitted).fit(people, "old")
    before = dict(vars(model))
    with pytest.raises(InvalidValueError):
        model.fit(people, ["yes"] * 100)
    assert vars(model) == before


@pytest.mark.parametrize("use", ["predict", "predict_proba", "prepare", "score", "save"])
def test_what_is_not_fitted(people, use, tmp_path):
    model = TableClassifier()
    with pytest.raises(NotFittedError):
        getattr(model, use)(tmp_path / "model" if use == "save" else people)
    assert not hasattr(model, "classes_")
    assert not hasattr(model, "notes_")


def test_scores_are_scikit_learn_s(people, fitted):
    X = people.drop(columns="pay")
    weight = np.arange(100)
    wanted = accuracy_score(people["old"], fitted.predict(X), sample_weight=weight)
    assert fitted.score(X, people["old"], weight) == wanted
    model = TableRegressor(**QUICK).fit(people, "pay")
    assert model.score(people) == r2_score(people["pay"], model.predict(people))
    assert model.score(people, "pay") == model.score(people)
    with pytest.raises(InvalidValueError, match="y must be the target that was trained on"):
        model.score(people, "age")


def test_a_poisson_regressor_learns_counts_as_they_are(people):
    counts = (people["age"].fillna(40) // 10).to_numpy()
    model = TableRegressor(**QUICK, loss="poisson").fit(people[["age", "job"]], counts)
    assert model.preparation_.target.scale == 1
    assert (model.predict(people) > 0).all()


def test_dates_of_python_are_dates(people):
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=7 * i) for i in range(100)]
    model = TableClassifier(**QUICK).fit({"day": days, "age": people["age"]}, people["old"])
    assert model.columns_[0][:2] == ("day", "date")


def test_what_is_not_used_may_be_anything(people):
    X = people[["age", "job"]]
    model = TableClassifier(**QUICK).fit(X, people["old"])
    odd = X.assign(lasts=pd.to_timedelta(people["number"], unit="D"), z=1j)
    found = model.predict(odd)
    assert model.notes_.ignored == ("lasts", "z")
    assert found.tolist() == model.predict(X).tolist()
    with pytest.raises(DataFormatError, match='the column "lasts" must hold numbers or text'):
        TableClassifier(**QUICK).fit(odd, people["old"])
    dropped = TableClassifier(**QUICK, columns={"lasts": "drop", "z": "drop"})
    assert same(dropped.fit(odd, people["old"]), model, odd)
    assert dropped.columns_[2] == ("lasts", "drop", "as you said")


@pytest.mark.parametrize(
    "make",
    [
        lambda values: pd.DataFrame({"x": pd.array(values, "boolean")}),
        lambda values: pl.DataFrame({"x": values}),
        lambda values: pa.table({"x": values}),
        lambda values: {"x": values},
        lambda values: {"x": np.array(values, object)},
        lambda values: [{"x": value} for value in values],
    ],
)
def test_booleans_are_numbers_also_where_some_are_missing(make):
    values = [True, False, None, True] * 10
    model = TableClassifier(**QUICK).fit(make(values), [1, 2, 3, 1] * 10)
    assert model.columns_[0][:2] == ("x", "number")
    assert (
        model.prepare(make(values)).tolist()
        == model.prepare({"x": [1.0, 0.0, np.nan, 1.0] * 10}).tolist()
    )
