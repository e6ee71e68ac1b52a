import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.study.sampling.candidate import Candidate, as_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
).filter(lambda value: "Infinity" not in json.dumps(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("tanh", "tanh"),
        ("kaiming_normal", "kaiming_normal"),
        ("1", '"1"'),
        ("true", '"true"'),
        ("a b", '"a b"'),
        ("a, x=b", '"a, x=b"'),
        ("", '""'),
        ("größer", "größer"),
        (1, "1"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (1e-5, "1e-05"),
        (True, "true"),
        (None, "null"),
        ([64, 32], "[64, 32]"),
        (["relu", "tanh"], "[relu, tanh]"),
    ],
)
def test_a_value_in_words(value, words):
    assert Candidate(0, {"x": value}).name == f"x={words}"


@given(st.dictionaries(st.sampled_from("ab"), JSON), st.dictionaries(st.sampled_from("ab"), JSON))
def test_other_values_have_another_name(one, other):
    same = list(one) == list(other) and json.dumps(one) == json.dumps(other)
    assert (Candidate(0, one).name == Candidate(1, other).name) == same


@given(JSON)
def test_what_json_holds_stays_as_it_is(value):
    assert repr(as_json(value, "x")) == repr(value)
