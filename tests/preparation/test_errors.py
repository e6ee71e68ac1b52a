"""What is wrong with a table, where, and what to do: whole messages."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.datasets.tables import Table, table_of
from chainrule.errors import DataFormatError, InvalidValueError, UnknownNameError
from chainrule.preparation import Notes, Preparation, inspect

N = 40
ROW = np.arange(N)
DATA = {"age": ROW % 7, "city": np.array(["Bonn", "Ulm"], object)[ROW % 2], "y": ROW % 2}


@pytest.fixture
def people(csv):
    """A file of forty people."""
    return csv("age,city,y", *(f"{20 + i % 9},{'Bonn' if i % 3 else 'Ulm'},{i % 2}" for i in ROW))


# -- what is asked ---------------------------------------------------------------------------------

ASKED = {
    "no target": (
        {},
        InvalidValueError,
        "the target must be a column of data (age, city, y), got none: name the column to predict, "
        'or choose the task "autoencoder"',
    ),
    "an unknown target": (
        {"target": "Agee"},
        UnknownNameError,
        "the target must be a column of data (age, city, y), got 'Agee': did you mean \"age\"?",
    ),
    "an unknown target like no other": (
        {"target": "income"},
        UnknownNameError,
        "the target must be a column of data (age, city, y), got 'income': choose one",
    ),
    "an unknown task": (
        {"target": "y", "task": "classify"},
        UnknownNameError,
        "task must be one of auto, classification, regression, autoencoder, got 'classify': did "
        'you mean "classification"?',
    ),
    "a kind for an unknown column": (
        {"target": "y", "columns": {"town": "category"}},
        UnknownNameError,
        "[columns] must have columns of data (age, city, y), got 'town': choose one",
    ),
    "an unknown kind": (
        {"target": "y", "columns": {"city": "categorical"}},
        UnknownNameError,
        "column city must be one of number, category, drop, got 'categorical': did you mean "
        '"category"?',
    ),
    "a kind for the target": (
        {"target": "y", "columns": {"y": "number"}},
        InvalidValueError,
        "[columns] must not have the target, got 'y': choose the task \"classification\" or "
        '"regression" instead',
    ),
    "texts as numbers to predict": (
        {"target": "city", "task": "regression"},
        DataFormatError,
        "data, row 0 (counted from 0), column city: the target 'Bonn' is no number: mend it, or "
        'choose the task "classification"',
    ),
    "nothing to learn from": (
        {"target": "y", "columns": {"age": "drop", "city": "drop"}},
        DataFormatError,
        "data: there must be a column to learn from, got age (drop: as you said), city "
        '(drop: as you said): say what a column is, such as NAME = "category" under [columns]',
    ),
    "texts said to be numbers": (
        {"target": "y", "columns": {"city": "number"}},
        DataFormatError,
        "data, row 0 (counted from 0), column city: 'Bonn' is no number: mend it, or say city = "
        '"category" under [columns]',
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_cannot_be_asked(case, message_of):
    asked, error, message = ASKED[case]
    assert message_of(error, inspect, table_of(DATA), **asked) == message


def test_a_wide_target(message_of):
    table = table_of({"x": ROW % 7, "y": np.zeros((N, 2))})
    assert message_of(InvalidValueError, inspect, table, target="y") == (
        "the target y must have one value a row, got (2,): choose another column, or the task "
        '"autoencoder"'
    )


def test_kinds_of_wide_columns(message_of):
    table = table_of({"x": np.zeros((N, 2)), "b": np.zeros((N, 2), np.uint8), "y": ROW % 2})
    for name, allowed in {"x": "block, drop", "b": "pixels, block, drop"}.items():
        said = {"target": "y", "columns": {name: "number"}}
        message = f"column {name} must be one of {allowed}, got 'number': choose one"
        assert message_of(UnknownNameError, inspect, table, **said) == message


def test_more_categories_than_can_be(message_of):
    data = {"name": np.array([f"n{i}" for i in range(1001)], object), "y": np.arange(1001) % 2}
    said = {"target": "y", "columns": {"name": "category"}}
    assert message_of(InvalidValueError, inspect, table_of(data), **said) == (
        "column name of data must have at most 1,000 different values, none of them long, to be a "
        'category, got more: say name = "drop" under [columns]'
    )


def test_more_classes_than_can_be(message_of):
    data = {"x": np.arange(1001) % 7, "y": np.array([f"n{i}" for i in range(1001)], object)}
    assert message_of(InvalidValueError, inspect, table_of(data), target="y") == (
        "the target y of data must have at most 1,000 classes, none of them long, got more: choose "
        'another column, or the task "regression" if these are numbers'
    )


# -- cells of training data ------------------------------------------------------------------------


def test_a_text_among_numbers(csv, message_of):
    rows = [f"{i % 9},{i % 2}" for i in ROW]
    rows[10] = "abc,1"
    table = csv("age,y", *rows)
    assert message_of(DataFormatError, inspect, table, target="y") == (
        "people.csv, line 12, column age: 'abc' is no number: mend it, or say age = \"category\" "
        "under [columns]"
    )
    said = inspect(table, target="y", columns={"age": "category"})
    assert said.columns[0].counts["abc"] == 1


def test_an_endless_number(message_of):
    table = table_of({"x": np.where(ROW == 3, np.inf, ROW % 7), "y": ROW % 2})
    assert message_of(DataFormatError, inspect, table, target="y") == (
        "data, row 3 (counted from 0), column x: 'inf' is no finite number below 1e+150: mend it, "
        "or leave it empty"
    )
    table = table_of({"x": np.where(ROW[:, None] == 3, -np.inf, np.ones((N, 2))), "y": ROW % 2})
    assert message_of(DataFormatError, inspect, table, target="y") == (
        "data, row 3 (counted from 0), column x: '-inf' is no finite number below 1e+150: mend it, "
        "or leave it empty"
    )


def test_a_missing_target(csv, message_of):
    rows = [f"{i % 9},{i % 2}" for i in ROW]
    rows[10] = rows[20] = "1,"
    table = csv("age,y", *rows)
    assert message_of(DataFormatError, inspect, table, target="y") == (
        "people.csv, line 12, column y: the target is missing (and in 1 more row): fill it in, or "
        "remove such rows"
    )


def test_a_target_with_one_value(csv, message_of):
    table = csv("age,y", "1,no", "2,no")
    assert message_of(InvalidValueError, inspect, table, target="y") == (
        "the target y of people.csv must have at least two different values, got 'no' in every "
        "row: choose another column, or other rows"
    )


def test_control_characters_are_not_printed(csv, message_of):
    rows = [f"{i % 9},{i % 2}" for i in ROW]
    rows[10] = "\x1b[31m,1"
    table = csv("age\x07,y", *rows)
    message = message_of(DataFormatError, inspect, table, target="y")
    assert message.isprintable()
    assert message.startswith("people.csv, line 12, column age\\x07: '\\x1b[31m' is no number")


class NoRows(Table):
    """A table whose rows were removed after it was opened."""

    def __init__(self, table):
        self.name, self.columns = table.name, table.columns

    def pieces(self, rows=0):
        return iter([])

    def place(self, row):
        raise NotImplementedError

    def digest(self):
        raise NotImplementedError


def test_a_table_without_rows(message_of):
    message = message_of(DataFormatError, inspect, NoRows(table_of(DATA)), target="y")
    assert message == "data: there must be at least one row, got none: add some"


# -- data of another time --------------------------------------------------------------------------


def prepare(people, table):
    preparation = Preparation.learn(inspect(people, target="y"))
    return preparation.rows(table, notes=Notes(table))


OTHER = {
    "a column is missing": (
        ["age,town,y", "20,Bonn,1"],
        "new.csv: there must be a column city, as in training, got age, town, y: add it",
    ),
    "a column has another name": (
        ["Age,city,y", "20,Bonn,1"],
        "new.csv: there must be a column age, as in training, got Age, city, y: rename the column "
        '"Age" if it is the one',
    ),
    "the target is missing": (
        ["age,city", "20,Bonn"],
        "new.csv: there must be a column y, as in training, got age, city: add it",
    ),
    "a text where a number was": (
        ["age,city,y", "20,Bonn,1", "", "many,Ulm,0"],
        "new.csv, line 4, column age: 'many' is no number, as those of training were: mend it",
    ),
    "a number that float32 cannot have": (
        ["age,city,y", "20,Bonn,1", "1e149,Ulm,0"],
        "new.csv, line 3, column age: '1e149' is too far from the numbers of training: mend it, "
        "or leave it empty",
    ),
    "a class that training had not": (
        ["age,city,y", "20,Bonn,1", "21,Ulm,2"],
        "new.csv, line 3, column y: '2' is no class of the model (0, 1): leave such rows out, or "
        "train with them",
    ),
    "a target without a value": (
        ["age,city,y", "20,Bonn,1", "21,Ulm,"],
        "new.csv, line 3, column y: the target is missing: fill it in",
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_data_that_is_not_like_training(case, people, csv, message_of):
    lines, message = OTHER[case]
    assert message_of(DataFormatError, prepare, people, csv(*lines, name="new.csv")) == message


def test_a_number_to_predict_that_is_none(csv, message_of):
    table = csv("x,y", *(f"{i % 7},{i + 0.5}" for i in ROW))
    other = csv("x,y", "1,2.5", "1,abc", name="new.csv")
    assert message_of(DataFormatError, prepare, table, other) == (
        "new.csv, line 3, column y: 'abc' is no number, as those of training were: mend it"
    )


def test_images_of_another_size_or_kind(message_of):
    data = {"image": np.arange(N * 6).reshape(N, 2, 3).astype(np.uint8), "y": ROW % 2}
    table = table_of(data)
    for image, message in {
        "data: column image must have 6 values a row, as in training, got 4: pass data of the same "
        "size": np.zeros((N, 2, 2), np.uint8),
        "data: column image must have bytes, as in training, got float64: pass uint8": np.zeros(
            (N, 2, 3)
        ),
    }.items():
        other = table_of({**data, "image": message})
        assert message_of(DataFormatError, prepare, table, other) == image


# -- numbers that are not there --------------------------------------------------------------------

NAN = np.full((N, 2, 3), np.nan)
SOME = np.where(np.arange(6).reshape(2, 3) == 4, np.nan, np.ones((N, 2, 3)))


@pytest.mark.parametrize("columns", [{}, {"X": "block"}])
def test_a_column_of_rows_without_a_number_is_left_out_as_one_of_cells_is(columns, message_of):
    for X in (NAN, NAN[:, 0]):
        message = message_of(
            DataFormatError, inspect, {"X": X, "y": ROW % 2}, target="y", columns=columns
        )
        assert message.startswith(
            "data: there must be a column to learn from, got X (constant: no row has a value): "
        )
    found = inspect({"X": NAN, "a": ROW * 1.5, "y": ROW % 2}, target="y", columns=columns)
    assert [one.name for one in found.used] == ["a"]


def test_numbers_of_a_row_that_no_row_has_are_said():
    found = inspect({"X": SOME, "y": ROW % 2}, target="y")
    assert found.used[0].reason == "2 x 3 numbers a row, 1 of them without a value in any row"


def test_pixels_have_values_whatever_they_are():
    found = inspect({"X": np.zeros((N, 2, 2), np.uint8), "y": ROW % 2}, target="y")
    assert found.used[0].kind == "pixels"
