from __future__ import annotations

import inspect
import pickle
import re

import numpy as np
import pytest

from chainrule import errors

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if cls.__module__ == errors.__name__ and issubclass(cls, Exception)
]


def example(cls):
    """Make an error with a text for each argument that its class names, or one text."""
    names = list(inspect.signature(cls.__init__).parameters)[1:]
    return cls(*[f"the {name}" for name in names if name not in ("args", "kwargs")] or ["text"])


def drawn_tree():
    """Return {name: (our parent, other parents)} as the module's docstring draws it."""
    tree, path = {}, []
    for line in errors.__doc__.splitlines():
        match = re.match(r"^(    |[│├└─ ]+)([A-Z]\w+)(?:\((\w+)\))?", line)
        if match:
            depth = (len(match[1]) - 4) // 4
            path = [*path[:depth], match[2]]
            tree[match[2]] = (path[-2] if depth else None, match[3])
    return tree


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    tree = {}
    for cls in CLASSES:
        ours = [base.__name__ for base in cls.__bases__ if base in CLASSES]
        others = [base.__name__ for base in cls.__bases__ if base not in CLASSES]
        if cls is errors.ChainruleError:
            others.remove("Exception")
        tree[cls.__name__] = (ours[0] if ours else None, others[0] if others else None)
    assert drawn_tree() == tree


@pytest.mark.parametrize("cls", CLASSES)
def test_has_a_docstring(cls):
    assert len(inspect.getdoc(cls)) > 30


@pytest.mark.parametrize("cls", CLASSES)
def test_pickles(cls):
    error = example(cls)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.args == error.args
    assert back.__dict__ == error.__dict__


def test_a_message_gives_rule_value_and_remedy():
    error = errors.InvalidValueError("batch_size must be in [1, 150]", 200, "lower it")
    assert str(error) == "batch_size must be in [1, 150], got 200: lower it"
    assert (error.rule, error.value, error.remedy) == error.args


def test_divergence_gives_epoch_and_remedy():
    error = errors.DivergenceError(3, "a weight", "go slower")
    assert str(error) == "training diverged in epoch 3: a weight is not finite; go slower"
    assert (error.epoch, error.what, error.remedy) == error.args


@pytest.mark.parametrize(
    "value", ["x" * 10_000, list(range(10_000)), np.zeros(10_000), {"a": "b" * 9999}]
)
def test_a_large_value_does_not_flood_the_message(value):
    assert len(str(errors.InvalidValueError("a must be b", value, "change it"))) < 300
