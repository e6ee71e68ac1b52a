import os
from pathlib import Path

import pytest

from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError, UnknownNameError
from chainrule.runs.settings import TrainSettings, combined, parse_set, read_config

OUT = Path("out")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("max_iter=50", ("model", "max_iter", 50)),
        ("model.alpha=1e-3", ("model", "alpha", 1e-3)),
        ("activation=gelu", ("model", "activation", "gelu")),
        ("activation='gelu'", ("model", "activation", "gelu")),
        ("hidden_layer_sizes=64,32", ("model", "hidden_layer_sizes", [64, 32])),
        ("hidden_layer_sizes=(64, 32)", ("model", "hidden_layer_sizes", [64, 32])),
        ("hidden_layer_sizes=[64]", ("model", "hidden_layer_sizes", [64])),
        ("early_stopping=false", ("model", "early_stopping", False)),
        ("weight_decay=none", ("model", "weight_decay", None)),
        ("n_iter_no_change=inf", ("model", "n_iter_no_change", float("inf"))),
        ("columns.zip=category", ("columns", "zip", "category")),
        ("columns.a=b=drop", ("columns", "a=b", "drop")),
        ("columns.a.b = number", ("columns", "a.b", "number")),
    ],
)
def test_what_set_takes(text, found):
    assert parse_set(text) == found


@pytest.mark.parametrize("text", ["max_iter", "=3", "columns.zip", ""])
def test_set_needs_name_and_value(text, message_of):
    assert message_of(InvalidValueError, parse_set, text) == (
        f"set takes NAME=VALUE, got {text!r}: such as --set max_iter=50 or "
        "--set columns.zip=category"
    )


@pytest.mark.parametrize(
    "sets", [("alpha=1", "alpha=2"), ("alpha=1", "model.alpha=1"), ("columns.a=drop",) * 2]
)
def test_a_name_is_set_once(sets, message_of):
    name = sets[0].partition("=")[0].removeprefix("columns.")
    assert message_of(InvalidValueError, combined, {}, {}, sets) == (
        f"set must give {name} once, got {sets[1]!r}: leave one out"
    )


def test_a_column_and_a_parameter_of_one_name_are_two():
    found = combined({}, {}, ["alpha=1", "columns.alpha=drop"])
    assert found == {"model": {"alpha": 1}, "columns": {"alpha": "drop"}}


def test_the_command_line_goes_before_the_file_and_set_before_both(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(
        'target = "kind"\nval_fraction = 0.3\nseed = 5\n'
        "[model]\nmax_iter = 9\nalpha = 0.1\n[columns]\nid = 'drop'\n"
    )
    given = {"target": None, "val": None, "val_fraction": None, "seed": 6, "task": None}
    found = combined(read_config(path), given, ["max_iter=3", "columns.zip=category"])
    assert found == {
        "target": "kind",
        "val_fraction": 0.3,
        "seed": 6,
        "model": {"max_iter": 3, "alpha": 0.1},
        "columns": {"id": "drop", "zip": "category"},
    }


def test_rows_to_measure_on_that_are_given_take_the_place_of_the_file_s(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("val_fraction = 0.3\n")
    found = combined(read_config(path), {"val": "more.csv", "val_fraction": None}, [])
    assert found == {"val": "more.csv"}


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "taget = 'kind'",
            UnknownNameError,
            "a setting in {path} must be one of target, task, val, val_fraction, seed, model, "
            "columns, got 'taget': did you mean \"target\"?",
        ),
        (
            "seed = 1.5",
            InvalidValueError,
            "seed in {path} must be a whole number, got 1.5: change it",
        ),
        (
            "seed = true",
            InvalidValueError,
            "seed in {path} must be a whole number, got True: change it",
        ),
        ("task = 3", InvalidValueError, "task in {path} must be a text, got 3: change it"),
        (
            "model = 3",
            InvalidValueError,
            "model in {path} must be a table, [model], got 3: change it",
        ),
        (
            "[columns]\nzip = 3",
            InvalidValueError,
            "columns.zip in {path} must be a text, such as a kind, got 3: change it",
        ),
    ],
)
def test_a_file_is_read_strictly(text, error, message, tmp_path, message_of):
    path = tmp_path / "run.toml"
    path.write_text(text)
    assert message_of(error, read_config, path) == message.format(path=path)


@pytest.mark.parametrize("content", [b"seed = ", b"seed = '\xff'"])
def test_a_file_that_is_no_toml(content, tmp_path, message_of):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    message = message_of(DataFormatError, read_config, path)
    assert message.startswith(f"{path} is not TOML: ")
    assert message.endswith(": mend it")


def test_an_integer_longer_than_python_reads_is_a_text(message_of):
    assert parse_set("alpha=" + 5000 * "9") == ("model", "alpha", 5000 * "9")


def test_paths_of_any_kind(tmp_path, message_of):
    settings = TrainSettings(data=tmp_path / "a.csv", out=os.fsencode(tmp_path))
    assert (settings.data, settings.out) == (str(tmp_path / "a.csv"), tmp_path)
    assert TrainSettings(data="./mnist", out="run").data == "./mnist"
    for wrong in ({"data": None}, {"out": 3}, {"data": ""}, {"out": ""}):
        name = next(iter(wrong))
        message = message_of(InvalidValueError, TrainSettings, **{"data": "a", "out": "b", **wrong})
        assert message.startswith(f"{name} must ")


def test_a_file_that_is_not_there(tmp_path, message_of):
    path = tmp_path / "none.toml"
    assert message_of(DataNotFoundError, read_config, path) == (
        f"there is no file {path}: give a TOML file's name"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"val": "a.csv", "val_fraction": 0.1},
            "val and val-fraction must not be given together, got ('a.csv', 0.1): leave one out",
        ),
        (
            {"val_fraction": 1.0},
            "val-fraction must be a number in (0, 1), got 1.0: 0.2 is usual",
        ),
        (
            {"val_fraction": float("nan")},
            "val-fraction must be a number in (0, 1), got nan: 0.2 is usual",
        ),
        (
            {"seed": -1},
            "seed must be a whole number in [0, 4294967295], got -1: change it",
        ),
        (
            {"model": {"random_state": 3}},
            "a run's [model] must have settings that a run leaves open, got 'random_state': the "
            "seed of a run is set with --seed",
        ),
    ],
)
def test_settings_are_checked_before_data_is_read(settings, message, message_of):
    assert message_of(InvalidValueError, TrainSettings, data="x", out=OUT, **settings) == message


def test_a_wrong_parameter_gets_the_closest(message_of):
    message = message_of(
        UnknownNameError, TrainSettings, data="x", out=OUT, model={"hiden_layer_sizes": [3]}
    )
    assert message.endswith("got 'hiden_layer_sizes': did you mean \"hidden_layer_sizes\"?")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "activation",
            "gelo",
            "activation must be one of sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, "
            "mish, softplus, identity, got 'gelo': did you mean \"gelu\"?",
        ),
        (
            "solver",
            "adm",
            "solver must be one of lbfgs, sgd, adam, adamw, rmsprop, lion, got 'adm': did you mean "
            '"adam"?',
        ),
        (
            "alpha",
            -1,
            "alpha must be a float in the range [0.0, inf), got -1: change it under [model] or "
            "with --set",
        ),
        (
            "max_iter",
            1.5,
            "max_iter must be an int in the range [1, inf), got 1.5: change it under [model] or "
            "with --set",
        ),
        (
            "quantile",
            [0.1, 0.9],
            "quantile must be one number in a run, got [0.1, 0.9]: train a run for each",
        ),
    ],
)
def test_a_parameter_s_value_is_checked_by_the_estimator_s_own_rules(
    name, value, message, message_of
):
    kind = UnknownNameError if "must be one of" in message else InvalidValueError
    assert message_of(kind, TrainSettings, data="x", out=OUT, model={name: value}) == message


def test_a_parameter_must_be_the_task_s(message_of):
    arguments = {"data": "x", "out": OUT, "model": {"class_weight": "balanced"}}
    TrainSettings(**arguments)
    message = message_of(UnknownNameError, TrainSettings, task="regression", **arguments)
    assert "got 'class_weight'" in message
