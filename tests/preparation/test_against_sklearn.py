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
from chainrule.preparation import Preparation, inspect


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
