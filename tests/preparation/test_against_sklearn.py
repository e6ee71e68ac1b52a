"""X is what scikit-learn's own pipeline makes of the whole table in memory."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, OneHotEncoder, StandardScaler

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


@st.composite
def tables(draw):
    """Return a table of several columns of each kind, in any order, with gaps."""
    n = draw(st.integers(30, 60))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    kinds = draw(st.lists(st.sampled_from(["text", "float", "int", "word", "block", "pixels"])))
    values = {
        "text": lambda: with_gaps(np.array([f"{x:.5g}" for x in 1e3 * rng.normal(size=n)])),
        "float": lambda: np.where(rng.random(n) < 0.1, np.nan, rng.normal(5, 3, n)),
        "int": lambda: rng.integers(-999, 999, n),
        "word": lambda: with_gaps(np.array(["a", "b", "c d", "e"])[rng.integers(0, 4, n)]),
        "block": lambda: np.where(rng.random((n, 3)) < 0.05, np.nan, rng.normal(size=(n, 3))),
        "pixels": lambda: rng.integers(0, 256, (n, 2, 2)).astype(np.uint8),
    }

    def with_gaps(cells):
        return np.where(rng.random(n) < draw(st.sampled_from([0, 0.1])), None, cells.astype(object))

    columns = {f"{kind} {i}": values[kind]() for i, kind in enumerate(["float", *kinds])}
    return columns | {"label": np.arange(n) % 2}


@given(tables(), st.integers(1, 60))
@settings(max_examples=60)
def test_x_is_to_the_bit_what_scikit_learns_transformers_make(columns, step):
    """All columns of a kind go at once here; there each has its own entry in a transformer."""
    table = table_of(columns)
    preparation = Preparation.learn(inspect(table, target="label"))
    of_kind = {
        kind: [column for column in preparation.columns if column.kind in kind]
        for kind in (("number", "block"), ("category",), ("pixels",))
    }
    numbers, words, pixels = of_kind.values()
    n = len(columns["label"])
    wide = {one.name: columns[one.name].reshape(n, -1) for one in preparation.columns}
    scaler = StandardScaler().fit(np.hstack([wide[one.name] for one in numbers]).astype(float))
    scaler.mean_ = np.concatenate([one.mean for one in numbers])
    scaler.scale_ = np.concatenate([one.scale for one in numbers])
    imputer = SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True)
    raw = np.hstack([wide[one.name] for one in numbers]).astype(float)
    parts = [imputer.fit_transform(scaler.transform(raw))]
    if words:
        encoder = OneHotEncoder(sparse_output=False)
        parts.append(encoder.fit_transform(np.hstack([wide[one.name] for one in words])))
    for one in pixels:
        brightest = np.full((1, one.width), 255)
        parts.append(MaxAbsScaler().fit(brightest).transform(wide[one.name]))
    pieces = [preparation.transform(piece) for piece in table.pieces(step)]
    assert_array_equal(np.concatenate(pieces), np.hstack(parts).astype(np.float32))
    assert len(preparation.feature_names) == preparation.n_features == pieces[0].shape[1]


def test_no_transformer_is_made_for_a_column(monkeypatch, columns):
    """Of a table of many columns these would take most of the time."""
    table = table_of(columns)
    preparation = Preparation.learn(inspect(table, target="label"))
    for kind in (StandardScaler, SimpleImputer, OneHotEncoder, MaxAbsScaler):
        monkeypatch.delattr(kind, "transform")
    assert len(preparation.rows(table)[0]) == len(columns["label"])


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


def test_rows_of_numbers_without_any_other_column(rng):
    X = rng.normal(5, 2, (40, 6))
    table = table_of({"X": X, "y": rng.normal(size=40)})
    found, _ = Preparation.learn(inspect(table, target="y")).rows(table)
    assert found.tolist() == StandardScaler().fit_transform(X).astype(np.float32).tolist()
