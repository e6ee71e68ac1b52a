import json

from hypothesis import given
from hypothesis import strategies as st

from chainrule.report.files import to_json


def test_json_is_strict():
    value = {"a": [1.5, float("inf"), {"b": float("nan")}], "c": (True, None, "é")}
    text = to_json(value)
    assert json.loads(text) == {"a": [1.5, None, {"b": None}], "c": [True, None, "é"]}
    assert text.endswith("\n")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(values)
def test_json_comes_back(value):
    assert json.loads(to_json(value)) == value


def test_keys_that_are_no_texts_are_those_of_json():
    value = {1: [{2.5: None}], False: {}, None: 'quote "'}
    assert json.loads(to_json(value)) == json.loads(json.dumps(value))


def test_an_entry_of_the_first_levels_has_a_line():
    value = {"data": {"columns": [{"name": "a", "shape": [1, 2]}, {"name": "b"}]}, "n": [1, 2]}
    assert to_json(value) == (
        '{\n "data": {\n  "columns": [\n'
        '   {"name": "a", "shape": [1, 2]},\n   {"name": "b"}\n'
        '  ]\n },\n "n": [1, 2]\n}\n'
    )
