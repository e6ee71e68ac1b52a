import csv
from pathlib import Path

import numpy as np
import pytest

from chainrule import MLPRegressor, load
from chainrule.datasets.tables import open_table

from .reading import Page, array


def encoded(document, row):
    """Return what the page's sliders and lists make of a row of a CSV file."""
    x = np.zeros(document["network"]["layer_sizes"][0])
    for field in document["input"]["fields"]:
        name = field["name"]
        if field["kind"] == "number":
            value = row[name]
            x[field["feature"]] = (float(value) - field["mean"]) / field["scale"] if value else 0
        elif name.endswith(" is missing"):
            choice = field["options"][row[name.removesuffix(" is missing")] == ""]
            x[field["features"]] = choice["encoded"]
        else:
            label = row[name] or "(missing)"
            (choice,) = [one for one in field["options"] if one["label"] == label]
            x[field["features"]] = choice["encoded"]
    return x


@pytest.mark.parametrize("name", ["flowers", "copies"])
def test_fields_make_of_a_row_what_the_preparation_makes(runs, page_of, name):
    folder, data = runs[name]
    document = Page(page_of(folder, data)[1]).document
    X = load(folder / "model.safetensors").prepare(open_table(data))
    with Path(data).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = np.array([encoded(document, row) for row in rows])
    np.testing.assert_allclose(found, X, atol=1e-6)


def test_ranges_are_the_data_s_in_the_column_s_units(runs, page_of):
    folder, data = runs["flowers"]
    document = Page(page_of(folder, data)[1]).document
    with Path(data).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    fields = {field["name"]: field for field in document["input"]["fields"]}
    assert list(fields) == ["length", "length is missing", "colour", "petals"]
    lengths = [float(row["length"]) for row in rows if row["length"]]
    assert fields["length"]["low"] == pytest.approx(min(lengths))
    assert fields["length"]["high"] == pytest.approx(max(lengths))
    assert not fields["length"]["integer"]
    petals = fields["petals"]
    assert (petals["low"], petals["high"], petals["integer"]) == (0, 8, True)
    labels = [option["label"] for option in fields["colour"]["options"]]
    assert labels == ["red", "white", "(missing)"]
    X = array(document["samples"]["X"])
    assert (np.float32(document["input"]["low"]) <= X).all()
    assert (np.float32(document["input"]["high"]) >= X).all()


def test_without_data_sliders_reach_three_deviations(page_of):
    X = np.array([[0.0, 10.0], [2.0, 30.0]] * 10)
    model = MLPRegressor(
        hidden_layer_sizes=(3,), solver="lbfgs", input_scaling="standard", random_state=0
    )
    document = Page(page_of(model.fit(X, X[:, 0]))[1]).document
    first, second = document["input"]["fields"]
    assert (first["name"], first["low"], first["high"]) == ("x[0]", -2, 4)
    assert (second["low"], second["high"]) == (-10, 50)
    assert document["notes"][1] == (
        "The sliders' ranges are guesses, as there is no data to take them from."
    )


def test_columns_of_a_frame_keep_their_names(page_of, rng):
    import pandas as pd

    X = pd.DataFrame(rng.normal(size=(40, 2)), columns=["<b>wide</b>", "tall"])
    model = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", random_state=0).fit(X, X["tall"])
    _, path = page_of(model, (X, X["tall"]))
    assert [field["name"] for field in Page(path).document["input"]["fields"]] == [
        "<b>wide</b>",
        "tall",
    ]
