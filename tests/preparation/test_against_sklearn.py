"""X is what scikit-learn's own pipeline makes of the whole table in memory."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from chainrule.datasets.tables import table_of
from chainrule.preparation import Notes, Preparation, inspect


@pytest.fixture
def columns(rng):
    n = 200
    cities = np.array(["Bonn", "Ulm", "Aachen", None], object)
    age = rng.integers(18, 90, n).astype(float)
    age[[3, 77]] = np.nan
    return {
        "age": age,
        "city": cities[rng.integers(0, 4, n)],
        "income": rng.lognormal(8, 1, n),
        "colour": np.array(["red", "green"], object)[rng.integers(0, 2, n)],
        "image": rng.integers(0, 256, (n, 2, 3)).astype(np.uint8),
        "signal": np.where(rng.random((n, 4)) < 0.05, np.nan, rng.normal(3, 5, (n, 4))),
        "label": np.array(["no", "yes"], object)[rng.integers(0, 2, n)],
    }


def theirs(columns, numbers, categories, images=()):
    parts = [*numbers, *categories, *images]
    wide = [np.asarray(columns[name], object).reshape(len(columns["label"]), -1) for name in parts]
    ends = np.cumsum([part.shape[1] for part in wide]).tolist()
    places = [list(range(end - part.shape[1], end)) for end, part in zip(ends, wide, strict=True)]
    n, k = len(numbers), len(numbers) + len(categories)
    transformer = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(StandardScaler(), SimpleImputer(add_indicator=True)),
                [*chain(*places[:n])],
            ),
            ("categories", OneHotEncoder(sparse_output=False), [*chain(*places[n:k])]),
            ("images", FunctionTransformer(lambda X: X / 255), [*chain(*places[k:])]),
        ]
    )
    return transformer.fit_transform(np.concatenate(wide, axis=1)).astype(np.float64)


def test_numbers_and_categories(columns):
    columns = {name: columns[name] for name in ("age", "city", "income", "colour", "label")}
    table = table_of(columns)
    preparation = Preparation.learn(inspect(table, target="label"))
    X, y = preparation.rows(table)
    assert preparation.feature_names == [
        "age",
        "income",
        "age is missing",
        "city = Aachen",
        "city = Bonn",
        "city = Ulm",
        "city is missing",
        "colour = green",
        "colour = red",
    ]
    assert X.dtype == np.float32
    assert_allclose(X, theirs(columns, ["age", "income"], ["city", "colour"]), rtol=0, atol=1e-6)
    assert y.tolist() == columns["label"].tolist()


def test_every_kind(columns):
    table = table_of(columns)
    X, _ = Preparation.learn(inspect(table, target="label")).rows(table)
    wanted = theirs(columns, ["age", "income", "signal"], ["city", "colour"], ["image"])
    assert_allclose(X, wanted, rtol=0, atol=1e-6)


def test_images_alone(columns):
    table = table_of({"image": columns["image"], "label": columns["label"]})
    preparation = Preparation.learn(inspect(table, target="label"))
    X, _ = preparation.rows(table)
    assert_allclose(X, columns["image"].reshape(len(X), -1) / 255, rtol=0, atol=1e-7)
    assert preparation.feature_names[:4] == [
        "image[0, 0]",
        "image[0, 1]",
        "image[0, 2]",
        "image[1, 0]",
    ]


def test_rows_that_training_had_not(columns):
    """Categories that are new are zeros, as OneHotEncoder has it; new gaps are means."""
    numbers, categories = ["age", "income"], ["city", "colour"]
    used = [*numbers, *categories, "label"]
    table = table_of({name: columns[name] for name in used})
    preparation = Preparation.learn(inspect(table, target="label"))
    new = {
        "age": np.array([np.nan, 33]),
        "income": np.array([1e4, np.nan]),
        "city": np.array(["Rome", "Ulm"], object),
        "colour": np.array([None, "red"], object),
        "label": np.array(["no", "yes"], object),
    }
    (piece,) = table_of(new).pieces()
    theirs = ColumnTransformer(
        [
            ("n", make_pipeline(StandardScaler(), SimpleImputer(add_indicator=True)), [0, 1]),
            ("c", OneHotEncoder(sparse_output=False, handle_unknown="ignore"), [2, 3]),
        ]
    )
    parts = [*numbers, *categories]
    theirs.fit(np.stack([columns[name].astype(object) for name in parts], axis=1))
    wanted = theirs.transform(np.stack([new[name].astype(object) for name in parts], axis=1))
    notes = Notes()
    assert_allclose(preparation.transform(piece, notes), wanted.astype(float), rtol=0, atol=1e-6)
    assert notes.unseen == {"city": {"Rome": 1}, "colour": {"missing": 1}}
    assert notes.imputed == {"age": 1, "income": 1}


def test_the_transformer_is_a_fitted_column_transformer(columns):
    table = table_of(columns)
    preparation = Preparation.learn(inspect(table, target="label"))
    assert type(preparation.transformer) is ColumnTransformer
    (piece,) = table.pieces()
    raw = preparation.raw(piece)
    X = preparation.transform(piece)
    assert_allclose(preparation.transformer.transform(raw).astype(np.float32), X, rtol=0, atol=0)
    assert X.shape[1] == len(preparation.feature_names) == preparation.n_features
    scaler = preparation.transformer.named_transformers_["numbers"][0]
    assert_allclose(scaler.mean_[:2], [np.nanmean(columns["age"]), columns["income"].mean()])


def test_numbers_far_from_zero_and_numbers_that_do_not_vary(rng):
    """StandardScaler does not stretch what may be rounding error alone."""
    n = 100
    columns = {
        "far": 1e9 + rng.normal(size=n),
        "flat": np.full(n, 0.1) + 1e-18,
        "gaps": np.where(np.arange(n) < 50, np.nan, 7.0),
        "label": np.arange(n) % 2,
    }
    table = table_of(columns)
    said = {"flat": "number", "gaps": "number"}
    X, _ = Preparation.learn(inspect(table, target="label", columns=said)).rows(table)
    assert_allclose(X, theirs(columns, ["far", "flat", "gaps"], []), rtol=0, atol=1e-6)


def test_one_number_may_hold_categories(columns):
    data = {"code": np.arange(len(columns["label"])) % 3, "label": columns["label"]}
    table = table_of(data)
    preparation = Preparation.learn(inspect(table, target="label", columns={"code": "category"}))
    X, _ = preparation.rows(table)
    assert preparation.feature_names == ["code = 0", "code = 1", "code = 2"]
    assert_allclose(X, np.eye(3)[data["code"]])
