import pytest

from chainrule.errors import InvalidValueError
from chainrule.reproduction.settings import REPORT, Setting, parse, rows, values

TABLE = {
    "B": {"epochs": Setting(40, 12, REPORT), "clip_value": Setting(1e10, 1e10, REPORT)},
    "C3": {
        "epochs": Setting(100, 10, REPORT),
        "batch_size": Setting((64, 128), (128,), REPORT),
        "solver": Setting(("adam", "sgd"), ("adam",), REPORT),
        "momentum": Setting(0.9, 0.9, REPORT),
        "activation": Setting("tanh", "tanh", REPORT),
    },
}


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("C3.epochs=5", ("C3.epochs", 5)),
        ("momentum=0.5", ("C3.momentum", 0.5)),
        ("batch_size=32, 16", ("C3.batch_size", (32, 16))),
        ("solver=sgd", ("C3.solver", ("sgd",))),
        ("activation=relu", ("C3.activation", "relu")),
        ("clip_value=1", ("B.clip_value", 1.0)),
    ],
)
def test_a_setting_is_read_in_its_own_type(text, setting):
    assert parse(TABLE, text) == setting


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "epochs=3",
            "epochs must say whose it is, as B.epochs, C3.epochs, got 'epochs=3': such as "
            "--set B.epochs=3",
        ),
        ("C3.epochs=3.5", "epochs must be a whole number, got '3.5': change it"),
        ("C3.epochs=3,4", "epochs must be a whole number, got '3,4': change it"),
        ("momentum=much", "momentum must be a number, got 'much': change it"),
        (
            "batch_size=1,x",
            "batch_size must be a whole number, or several with commas between, got '1,x': "
            "change it",
        ),
        (
            "epoch=3",
            "set takes NAME=VALUE with the name of a setting, got 'epoch=3': it is "
            'called "epochs" here',
        ),
        (
            "B.clip_valu=3",
            "set takes NAME=VALUE with the name of a setting, got 'B.clip_valu=3': did you "
            'mean "clip_value"?',
        ),
        (
            "rubbish=3",
            "set takes NAME=VALUE with one of the names B.epochs, B.clip_value, C3.epochs, "
            "C3.batch_size, C3.solver, C3.momentum, C3.activation, got 'rubbish=3': such as --set "
            "B.epochs=VALUE",
        ),
        (
            "optimizer=sgd",
            "set takes NAME=VALUE with the name of a setting, got 'optimizer=sgd': it is "
            'called "solver" here',
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text, message, message_of):
    assert message_of(InvalidValueError, parse, TABLE, text) == message


@pytest.mark.parametrize("text", ["solver=adam,,sgd", "batch_size=64,", "activation="])
def test_an_empty_place_is_refused(text):
    with pytest.raises(InvalidValueError, match="change it"):
        parse(TABLE, text)


def test_sections_without_settings_have_none_to_set(message_of):
    assert message_of(InvalidValueError, parse, {}, "a=1") == (
        "set has nothing to change, as the chosen sections have no settings, got 'a=1': leave it "
        "out"
    )


def test_a_name_without_a_value_is_refused():
    with pytest.raises(InvalidValueError, match="set takes NAME=VALUE"):
        parse(TABLE, "C3.epochs")


def test_values_are_those_of_the_scale_but_for_overrides():
    assert values(TABLE, True, {"C3.epochs": 7})["C3"] == {
        "epochs": 7,
        "batch_size": (128,),
        "solver": ("adam",),
        "momentum": 0.9,
        "activation": "tanh",
    }
    assert values(TABLE, False, {})["B"] == {"epochs": 40, "clip_value": 1e10}


def shown(quick, overrides):
    used = values(TABLE, quick, overrides)
    return {row.name: (row.value, row.origin) for row in rows(TABLE, used, quick)}


def test_a_row_says_where_the_value_is_from():
    full = shown(False, {"B.epochs": 1000})
    assert full["B.epochs"] == ("1,000", "changed for this run")
    assert full["B.clip_value"] == ("1e+10", "the report")
    assert full["C3.solver"] == ("adam, sgd", "the report")


def test_quick_mode_says_what_it_leaves_out():
    quick = shown(True, {})
    assert quick["C3.batch_size"] == ("128", "quick mode; 64, 128 at full scale")
    assert quick["C3.momentum"] == ("0.9", "the report")
