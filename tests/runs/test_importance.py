import numpy as np
import pytest

from chainrule.datasets.tables import open_table
from chainrule.runs.evaluating import measure
from chainrule.runs.importance import features_of_columns, importance


def test_each_column_has_its_features(flower_run):
    model = flower_run.model
    groups = features_of_columns(model)
    names = [column.name for column in model.preparation_.columns]
    found = {
        name: [model.preparation_.feature_names[i] for i in group]
        for name, group in zip(names, groups, strict=True)
    }
    assert found == {
        "length": ["length", "length is missing"],
        "colour": ["colour = red", "colour = white"],
        "noise": ["noise"],
    }
    assert sorted(np.concatenate(groups)) == list(range(5))


def test_the_column_that_tells_most_is_the_first(flower_run, flowers):
    model = flower_run.model
    found = importance(model, measure(model, open_table(str(flowers))).sample, 0)
    assert found[0]["name"] == "length"
    assert found[0]["loss"] > 0.3
    assert abs(found[-1]["loss"]) < 0.1
    assert found == importance(model, measure(model, open_table(str(flowers))).sample, 0)


def test_what_is_lost_is_what_a_shuffled_column_costs(price_run, prices):
    model = price_run.model
    sample = measure(model, open_table(str(prices))).sample
    found = {one["name"]: one["loss"] for one in importance(model, sample, 0)}
    # Shuffled by hand, another time: in the same place but for luck.
    rng, r2 = np.random.default_rng(0), []
    for _ in range(20):
        columns = dict(sample.piece.columns)
        columns["area"] = rng.permutation(columns["area"])
        predicted = model.predict(columns)
        r2.append(1 - ((predicted - sample.truth) ** 2).mean() / sample.truth.var())
    whole = 1 - ((sample.found - sample.truth) ** 2).mean() / sample.truth.var()
    assert found["area"] == pytest.approx(whole - np.mean(r2), rel=0.3)


def test_there_is_none_of_one_column_or_of_an_autoencoder(shape_run, shapes, row_run, flowers):
    for model, path in ((shape_run.model, shapes), (row_run.model, flowers)):
        assert importance(model, measure(model, open_table(str(path))).sample, 0) == []
