from __future__ import annotations

import pytest

from chainrule.errors import (
    DataFormatError,
    DataNotFoundError,
    InvalidValueError,
    UnknownNameError,
)
from chainrule.worked.margin.reading import (
    CLASSIFIER_KEYS,
    MARGIN_KEYS,
    check_complete,
    parse_labels,
    parse_points,
    parse_vector,
    read_csv,
    read_file,
)


@pytest.fixture
def csv_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "p.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write


@pytest.mark.parametrize(
    ("text", "options", "points"),
    [
        ("0,0; 1,1/2;", {}, [["0", "0"], ["1", "1/2"]]),
        ("0 0; 1 1", {"n": 2}, [["0", "0"], ["1", "1"]]),
        ("0,0,1,1", {"n": 2}, [["0", "0"], ["1", "1"]]),
        ("1,2,3", {"n": 3}, [["1"], ["2"], ["3"]]),
        ("1,2,3,4", {"width": 2}, [["1", "2"], ["3", "4"]]),
        ("1,2;3", {"n": 2}, [["1", "2"], ["3"]]),  # refused by build_rows, with the point's number
    ],
)
def test_points_of_a_command_line(text, options, points):
    assert parse_points("x", text, **options) == points


def test_vectors_and_labels_of_a_command_line():
    assert parse_vector("w", "-2, 0.5 1/3") == ["-2", "0.5", "1/3"]
    assert parse_labels("Iris setosa, b; b;") == ["Iris setosa", "b", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "1,2,a\n3,4,b\n",
        "x1,x2,label\n1,2,a\n3,4,b\n",
        "\ufeffx1;x2;label\r\n1;2;a\r\n\r\n3;4;b",
        '1\t2\ta\n"3"\t4\t"b"\n',
    ],
)
def test_csv(csv_file, text):
    assert read_csv(csv_file(text)) == {"X": [["1", "2"], ["3", "4"]], "y": ["a", "b"]}


def test_csv_of_a_known_width(csv_file):
    assert read_csv(csv_file("1,2\n3,4\n"), 2) == {"X": [["1", "2"], ["3", "4"]]}
    assert read_csv(csv_file("1,2,a\n3,4,b\n"), 2)["y"] == ["a", "b"]


LABEL_LAST = "write a point on each line, its label last"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", DataFormatError, f"{{}} has no points: {LABEL_LAST}"),
        (
            "1,2,a\n3,b\n",
            DataFormatError,
            "line 2 of {} must have as many cells as the first, 3 and at most 13, got 2: "
            + LABEL_LAST,
        ),
        (
            "x,y,l\n1,2,a\n3,two,b\n",
            InvalidValueError,
            "column 2 of line 3 of {} must be a number, got 'two': write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            "1,two,a\n3,4,b\n",
            InvalidValueError,
            "column 2 of line 1 of {} must be a number, got 'two': write it as 0.1, -2, 1/3 or "
            "1e-3",
        ),
        (
            "a\nb\n",
            DataFormatError,
            "{} must have 1 number on each line and a label, got 1 cells: add or take away columns",
        ),
        ('1,2,"a\n', DataFormatError, "{} is not CSV: unexpected end of data"),
    ],
)
def test_bad_csv_is_refused(csv_file, text, error, message, message_of):
    path = csv_file(text)
    assert message_of(error, read_csv, path) == message.format(path)


def test_csv_in_another_encoding_is_refused(csv_file, message_of):
    path = csv_file("1,2,é\n", encoding="latin-1")
    assert message_of(DataFormatError, read_csv, path).startswith(f"{path} is not CSV: ")


def test_only_the_beginning_of_a_long_file_is_read(csv_file):
    assert len(read_csv(csv_file("1,2,a\n" * 5000))["X"]) == 102


def test_a_file_that_is_not_there(tmp_path, message_of):
    for name in ("a.csv", "."):
        path = tmp_path / name
        expected = f"there is no file {path}: give the name of a CSV or TOML file"
        assert message_of(DataNotFoundError, read_csv, path) == expected
    path = tmp_path / "a.toml"
    assert message_of(DataNotFoundError, read_file, path, MARGIN_KEYS) == (
        f"there is no file {path}: give a TOML file's name"
    )


def test_toml(tmp_path, message_of):
    path = tmp_path / "a.toml"
    path.write_text('x = [[0.1, "1/3"]]\ny = ["a"]\nC = 2.50\n')
    assert read_file(path, MARGIN_KEYS) == {"X": [["0.1", "1/3"]], "y": ["a"], "C": "2.50"}
    path.write_text("w = [1, 0]\nlables = 1\n")
    assert message_of(UnknownNameError, read_file, path, CLASSIFIER_KEYS) == (
        "key must be one of w, b, x, y, positive, predict, title, got 'lables': choose one of these"
    )
    path.write_text("title = 3")
    assert message_of(InvalidValueError, read_file, path, MARGIN_KEYS) == (
        "title must be a text, got 3: put it in quotation marks"
    )


def test_what_is_missing_is_named(message_of):
    assert message_of(InvalidValueError, check_complete, {"y": 1}, ("X", "y")) == (
        "an example must have x, y, got 'no x': give what is missing, a file, or --example report"
    )
    assert message_of(InvalidValueError, parse_points, "x", "1,2,3", n=2) == (
        "x must have as many numbers for each point, got '1,2,3': end each with a semicolon"
    )
