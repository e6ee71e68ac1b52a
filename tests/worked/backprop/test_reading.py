from __future__ import annotations

import pytest

from chainrule.errors import (
    DataFormatError,
    DataNotFoundError,
    InvalidValueError,
    UnknownNameError,
)
from chainrule.worked.backprop.reading import (
    check_complete,
    parse_biases,
    parse_samples,
    parse_sizes,
    parse_weights,
    read_toml,
)


@pytest.mark.parametrize("text", ["1,2,3,4,5,6", "1 2, 3 4; 5 6", "1,2,3,4;5,6;"])
def test_weights_are_cut_to_the_sizes(text):
    assert parse_weights(text, (2, 2, 1)) == [[["1", "2"], ["3", "4"]], [["5"], ["6"]]]


def test_samples_and_biases_are_cut():
    assert parse_samples("1,2; 3,4", "x", 2) == [["1", "2"], ["3", "4"]]
    assert parse_biases("0.1,1/2,-3", (1, 2, 1)) == [["0.1", "1/2"], ["-3"]]
    assert parse_sizes("1, 2,3") == (1, 2, 3)


@pytest.mark.parametrize(
    ("call", "arguments", "message"),
    [
        (
            parse_weights,
            ("1,2,3", (2, 2, 1)),
            "weights must be 6 numbers for these sizes, 4 + 2 by layer, got '1,2,3': it has 3",
        ),
        (
            parse_weights,
            ("1;2,3,4,5,6", (2, 2, 1)),
            "the semicolons in weights must stand after each layer, 4 + 2 numbers, got "
            "'1;2,3,4,5,6': move them or leave them out",
        ),
        (
            parse_biases,
            ("1,2", (1, 1)),
            "biases must be 1 number for these sizes, got '1,2': it has 2",
        ),
        (
            parse_samples,
            ("1,2,3", "x", 2),
            "x must be 2 numbers for each sample, got '1,2,3': it has 3; write a sample after the "
            "other",
        ),
        (
            parse_sizes,
            ("3,0",),
            "sizes must be at least two whole numbers of at least 1, inputs first, outputs last, "
            "got '3,0': such as 2,3,1",
        ),
        (
            check_complete,
            ({"x": [1], "weights": [[[1]]]},),
            "an example must have weights, biases, x, y, got 'no biases, no y': give what is "
            "missing, a file, or --example report",
        ),
    ],
)
def test_bad_lists_are_refused(call, arguments, message, message_of):
    assert message_of(InvalidValueError, call, *arguments) == message


def test_decimals_of_a_file_stay_as_they_are(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('weights = [[[0.1]]]\nbiases = [["1/3"]]\nx = [1]\nlearning_rate = 1e-2\n')
    assert read_toml(path) == {
        "weights": [[["0.1"]]],
        "biases": [["1/3"]],
        "x": [1],
        "learning_rate": "1e-2",
    }


def test_bad_files_are_refused(tmp_path, message_of):
    path = tmp_path / "a.toml"
    assert message_of(DataNotFoundError, read_toml, path) == (
        f"there is no file {path}: give a TOML file's name"
    )
    path.write_text("weights = [[")
    assert message_of(DataFormatError, read_toml, path).startswith(f"{path} is not TOML: ")
    path.write_text("weights = " + "[" * 100_000)
    assert message_of(DataFormatError, read_toml, path) == (
        f"{path} is not TOML: its lists are nested too deeply: mend it"
    )
    path.write_bytes(b"\xff\xfe\x00")
    assert message_of(DataFormatError, read_toml, path).startswith(f"{path} is not TOML: ")
    path.write_text("weigths = 1")
    assert message_of(UnknownNameError, read_toml, path) == (
        "key must be one of weights, biases, x, y, title, activation, output_activation, loss, "
        "reduction, learning_rate, slope, got 'weigths': did you mean \"weights\"?"
    )
    path.write_text("loss = 3")
    assert message_of(InvalidValueError, read_toml, path) == (
        "loss must be a text, got 3: put it in quotation marks"
    )
