from __future__ import annotations

import numpy as np
import pytest

from chainrule.datasets.tables import table_of
from chainrule.preparation import inspect

N = 60
ROW = np.arange(N)


def texts(*values):
    """Return values as a file has them, again and again."""
    return np.array([values[i % len(values)] for i in range(N)], object)


COLUMNS = {
    "whole numbers": (ROW % 7, "number", "numbers from 0 to 6"),
    "numbers": (np.sqrt(ROW), "number", "numbers from 0 to 7.68115"),
    "numbers as texts": (texts("1", "2.5", "-3e2"), "number", "numbers from -300 to 2.5"),
    "bools": (ROW % 2 == 0, "number", "numbers from 0 to 1"),
    "years in order": (1960 + ROW, "number", "numbers from 1960 to 2019"),
    "numbers all missing but few": (
        np.array(["5", "7", *[None] * (N - 2)], object),
        "number",
        "numbers from 5 to 7",
    ),
    "texts": (texts("red", "green"), "category", "2 different values"),
    "one text and gaps": (texts("red", None), "category", "1 different value"),
    "codes with zeros": (texts("007", "012", "113"), "category", "3 different values"),
    "mostly words": (texts("1", "2", "x"), "category", "3 different values"),
    "truths as texts": (texts("true", "false"), "category", "2 different values"),
    "thirty texts": (
        np.array([f"t{i % 30}" for i in ROW], object),
        "category",
        "30 different values",
    ),
    "always the same text": (texts("x"), "constant", "every row has 'x'"),
    "always the same number": (np.ones(N), "constant", "every row has '1'"),
    "nothing": (texts(None), "constant", "no row has a value"),
    "row numbers": (ROW, "identifier", "it numbers the rows"),
    "row numbers from 1": (1 + ROW.astype(float), "identifier", "it numbers the rows"),
    "names": (np.array([f"n{i}" for i in ROW], object), "identifier", "no value is there twice"),
    "dates": (
        np.array([f"2024-01-{1 + i % 28:02}" for i in ROW], object),
        "date",
        "dates are not used",
    ),
    "datetimes": (
        np.datetime64("2024-01-01") + ROW.astype("m8[D]"),
        "date",
        "dates are not used",
    ),
    "many texts": (
        np.array([f"t{i % 40}" for i in ROW], object),
        "text",
        "40 different or long texts are too many for categories",
    ),
    "numbers with decimal commas": (
        np.array([f"{i % 25},5" if i % 5 else str(i) for i in ROW], object),
        "text",
        "looks like numbers with decimal commas ('1,5'): use points",
    ),
    "few of them": (texts("1,3", "1,7", "2,0"), "category", "3 different values"),
    "words beside them": (
        np.array([f"{i % 25},5" if i % 5 else f"w{i % 10}" for i in ROW], object),
        "category",
        "22 different values",
    ),
    "images": (np.zeros((N, 2, 3), np.uint8), "pixels", "2 x 3 bytes a row"),
    "vectors": (np.zeros((N, 4)), "block", "4 numbers a row"),
    "rows of texts": (np.full((N, 2), "x"), "text", "2 texts a row"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_the_kind_of_a_column_and_why(case):
    values, kind, reason = COLUMNS[case]
    data = {"it": values, "other": texts("a", "b"), "y": texts("p", "q")}
    found = inspect(table_of(data), target="y").columns[0]
    assert (found.kind, found.reason) == (kind, reason)


def test_more_texts_than_are_counted():
    n = 2100
    words = np.array([f"t{i % 1001}" for i in range(n)], object)
    names = np.array([f"n{i % 1050}" for i in range(n)], object)
    data = {"words": words, "names": names, "y": np.arange(n) % 2, "x": np.arange(n) % 5}
    columns = {one.name: one for one in inspect(table_of(data), target="y").columns}
    assert columns["words"].kind == "identifier"  # none of the first 1,001 is there twice
    words[1] = "t0"
    columns = {one.name: one for one in inspect(table_of(data), target="y").columns}
    reason = "more than 1,000 different or long texts are too many for categories"
    assert (columns["words"].kind, columns["words"].reason) == ("text", reason)
    assert columns["words"].counts is None


def test_a_long_text_is_no_category():
    data = {"it": texts("a" * 201, "b"), "x": ROW % 5, "y": texts("p", "q")}
    assert inspect(table_of(data), target="y").columns[0].kind == "text"


def test_few_rows_are_not_named():
    data = {
        "it": np.array(list("abcdefghijklmnopqrs"), object),
        "x": np.arange(19),
        "y": ROW[:19] % 2,
    }
    kinds = [column.kind for column in inspect(table_of(data), target="y").columns]
    assert kinds == ["category", "number"]


def test_what_was_said_of_a_column_holds():
    data = {
        "a": ROW,
        "b": texts("1", "2"),
        "c": ROW % 3,
        "d": np.zeros((N, 2), np.uint8),
        "y": ROW % 2,
    }
    said = {"a": "number", "b": "category", "c": "drop", "d": "block"}
    found = inspect(table_of(data), target="y", columns=said)
    assert {column.name: column.kind for column in found.columns} == said
    assert {column.reason for column in found.columns} == {"as you said"}
    assert [column.name for column in found.left_out] == ["c"]


@pytest.mark.parametrize("said", ["number", "category", "drop"])
def test_a_column_without_a_value_is_left_out_whatever_is_said(said):
    data = {"a": ROW % 7, "b": texts(None), "y": ROW % 2}
    found = inspect(table_of(data), target="y", columns={"b": said})
    assert [(column.name, column.reason) for column in found.left_out] == [
        ("b", "no row has a value")
    ]


def test_what_is_counted(csv):
    table = csv("age,city,y", "20,Bonn,1.5", ",Ulm,2.5", "40,Bonn,0.5", "60,NA,1.5")
    age, city = inspect(table, target="y").columns
    assert (age.n_missing, age.low, age.high) == (1, 20, 60)
    assert age.mean == pytest.approx([40])
    assert age.deviation == pytest.approx(np.std([20, 40, 60]))
    assert (city.n_missing, city.counts) == (1, {"Bonn": 2, "Ulm": 1})
    assert (city.low, city.high, city.deviation) == (None, None, None)
