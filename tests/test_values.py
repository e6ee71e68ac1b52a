import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule._values import decode, encode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refuse(value, place):
    raise TypeError(f"{type(value).__name__} at {place}")


def same(a, b):
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and repr(a) == repr(b)


@given(VALUES)
def test_values_come_back_through_strict_json(value):
    text = json.dumps(encode(value, refuse), allow_nan=False)
    assert same(decode(json.loads(text), {}), value)


def test_nan_comes_back():
    assert math.isnan(decode(encode(math.nan, refuse), {}))


def test_what_else_there_is_has_its_place():
    with pytest.raises(TypeError, match=r"set at \['a'\]\[1\]"):
        encode({"a": [0, set()]}, refuse)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"dict": 1},
        {"tuple": {}},
        {"float": 1.0},
        {"float": "1"},
        {"float": "Infinity"},
        {"int": "0x1"},
        {"int": "ten"},
        {"set": []},
        {"dict": {}, "tuple": []},
    ],
)
def test_what_encode_never_returns_is_refused(value):
    with pytest.raises(ValueError, match=r"an object|float|small integer|invalid literal"):
        decode(value, {})
