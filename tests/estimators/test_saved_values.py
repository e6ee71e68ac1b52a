from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.optimizers import OPTIMIZERS
from chainrule.engine.schedules import SCHEDULES
from chainrule.errors import InvalidValueError
from chainrule.estimators.saved_values import (
    LONGEST_TEXTS,
    PARTS,
    from_labels,
    from_parameter,
    to_labels,
    to_parameter,
)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all())


def parts():
    for kind, table in {
        "activation": ACTIVATIONS,
        "initializer": INITIALIZERS,
        "optimizer": OPTIMIZERS,
        "schedule": SCHEDULES,
    }.items():
        for name, entry in table.items():
            if kind == "schedule":
                needs_steps = "total_steps" in entry.__dataclass_fields__
                part = entry(0.1, total_steps=9) if needs_steps else entry(0.1)
            else:
                part = entry() if isinstance(entry, type) else entry
            yield pytest.param(part, id=f"{kind} {name}")


@pytest.mark.parametrize("part", list(parts()))
def test_every_entry_of_the_tables_comes_back(part):
    document = json.loads(json.dumps(from_parameter("it", part)))
    assert to_parameter(document) == part
    assert type(to_parameter(document)) is type(part)


def test_every_kind_of_part_has_a_table():
    assert list(PARTS) == ["activation", "loss", "optimizer", "schedule", "initializer"]


PARAMETERS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans(), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(PARAMETERS)
def test_parameters_come_back(value):
    assert repr(to_parameter(json.loads(json.dumps(from_parameter("it", value))))) == repr(value)


LABELS = st.one_of(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    st.lists(st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    st.lists(st.booleans()),
)


@given(LABELS.filter(bool), st.booleans())
def test_labels_come_back(values, objects):
    labels = np.unique(np.array(values, object if objects else None))
    if labels.dtype.kind == "U" and labels.itemsize == 0:
        return
    assert same(to_labels(json.loads(json.dumps(from_labels(labels))), "it"), labels)


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "int16", "int32", "uint8", "uint64", "float16", "float32", ">i4"]
)
def test_labels_of_every_number_type_come_back(dtype):
    labels = np.array([0, 1], dtype)
    native = labels.astype(labels.dtype.newbyteorder("="))
    assert same(to_labels(from_labels(labels), "it"), native)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (np.array(["2020-01-01"], "M8[D]"), "datetime64[D]"),
        (np.array([b"a"]), "|S1"),
        (np.array([None, 1], object), "None"),
    ],
)
def test_labels_that_are_neither_texts_nor_numbers_are_refused(labels, shown, message_of):
    message = message_of(InvalidValueError, from_labels, labels)
    assert message.startswith("labels must be texts, integers, floats or bools to be saved, got ")


def test_texts_that_would_fill_memory_are_refused(message_of):
    labels = np.array(["a", "b" * (LONGEST_TEXTS // 8 + 1)])
    message = message_of(InvalidValueError, from_labels, labels)
    assert message.startswith("an array of labels must take at most 4,194,304 bytes to be saved")
