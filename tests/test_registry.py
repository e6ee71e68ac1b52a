from __future__ import annotations

import pickle

import pytest

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.losses import LOSSES
from chainrule.engine.optimizers import OPTIMIZERS
from chainrule.engine.schedules import SCHEDULES
from chainrule.errors import UnknownNameError
from chainrule.registry import Registry, closest, meant

FRUIT = Registry("fruit", {"apple": 1, "pear": 2, "quince": 3}, aliases={"pome": "apple"})


def test_is_a_read_only_mapping_in_order():
    assert list(FRUIT) == ["apple", "pear", "quince"]
    assert list(FRUIT.values()) == [1, 2, 3]
    assert len(FRUIT) == 3
    assert not hasattr(FRUIT, "__setitem__")


def test_aliases_are_found_but_not_listed():
    assert FRUIT["pome"] == 1
    assert "pome" in FRUIT
    assert "pome" not in list(FRUIT)


def test_what_others_call_an_entry_is_answered_with_its_name_and_not_taken(message_of):
    fruit = Registry("fruit", {"apple": 1, "pear": 2}, synonyms=[("apple", "pomme", "pears")])
    assert "pomme" not in fruit
    for name in ("pomme", "Pomme", "pears"):
        said = message_of(UnknownNameError, fruit.__getitem__, name)
        assert said.endswith('it is called "apple" here')
    assert message_of(UnknownNameError, fruit.__getitem__, "paer").endswith('mean "pear"?')


def test_does_not_see_later_changes_of_what_it_was_made_from():
    entries, aliases = {"apple": 1}, {"pome": "apple"}
    table = Registry("fruit", entries, aliases=aliases)
    entries["pear"] = 2
    aliases["birne"] = "pear"
    assert "pear" not in table
    assert "birne" not in table


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("aple", "got 'aple': did you mean \"apple\"?"),
        ("PEAR", "got 'PEAR': did you mean \"pear\"?"),
        ("pomme", "got 'pomme': did you mean \"pome\"?"),
        ("zzz", "got 'zzz': choose one of these"),
        ("", "got '': choose one of these"),
        (None, "got None: choose one of these"),
        (3, "got 3: choose one of these"),
        (["apple"], "got ['apple']: did you mean \"apple\"?"),
        ({}, "got {}: choose one of these"),
    ],
)
def test_a_wrong_name_gets_a_hint(name, ending, message_of):
    message = message_of(UnknownNameError, FRUIT.__getitem__, name)
    assert message == f"fruit must be one of apple, pear, quince, {ending}"
    assert name not in FRUIT


def test_the_closest_name_is_found_whatever_its_case():
    assert closest("lable", ["Size", "LABEL"]) == "LABEL"
    assert closest("zzz", ["Size", "LABEL"]) is None
    assert meant("lable", ["Size", "LABEL"]) == 'did you mean "LABEL"?'


def test_a_wrong_name_is_no_key_error():
    with pytest.raises(UnknownNameError) as caught:
        FRUIT["aple"]
    assert not isinstance(caught.value, KeyError)


def test_pickles():
    back = pickle.loads(pickle.dumps(FRUIT))
    assert back == FRUIT
    assert back["pome"] == 1


@pytest.mark.parametrize(
    "table", [ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES], ids=lambda t: t.kind
)
def test_every_table_s_names_are_plain_and_its_aliases_lead_somewhere(table):
    for name in [*table, *table.aliases]:
        assert name == name.lower()
        assert name.isidentifier()
    for alias, name in table.aliases.items():
        assert alias not in list(table)
        assert name in list(table)
