import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import DataFormatError
from chainrule.persist.strict_json import dumps, loads

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text()
SCALARS |= st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_values_come_back(value):
    assert loads(dumps(value), "it") == value


@given(VALUES)
def test_python_s_reader_agrees(value):
    assert json.loads(dumps(value)) == loads(json.dumps(value).encode(), "it")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a":1,"a":1}', "it must be strict JSON: it has an object with the same key twice"),
        (b"[NaN]", "it must be strict JSON: it has NaN"),
        (b"[-Infinity]", "it must be strict JSON: it has -Infinity"),
        (b"[1e999]", "it must be strict JSON: it has 1e999, which is too large"),
        (b"9" * 31, "it must be strict JSON: it has a number of 31 characters"),
        (b"0." + b"9" * 99, "it must be strict JSON: it has a number of 101 characters"),
        (rb'["\ud800"]', "it must be strict JSON: it has half of a surrogate pair"),
        (rb'{"\ud800":1}', "it must be strict JSON: it has half of a surrogate pair"),
        (b'"\xff"', "it must be UTF-8"),
        (
            b"\xef\xbb\xbf1",
            "it must be JSON: Unexpected UTF-8 BOM (decode using utf-8-sig) at character 0",
        ),
        (b"[1,]", "it must be JSON: "),
        (b"1 2", "it must be JSON: Extra data at character 2"),
        (b"", "it must be JSON: Expecting value at character 0"),
        (b"[" * 33 + b"]" * 33, "it must not be nested as deeply"),
        (b"[" * 500_000, "it must not be nested as deeply"),
        (b'{"a":' * 100_000, "it must not be nested as deeply"),
    ],
)
def test_what_is_not_strict_is_refused(raw, message, message_of):
    found = message_of(DataFormatError, loads, raw, "it")
    assert found.startswith(message) if message.endswith(" ") else found == message


def test_as_deep_as_allowed():
    assert loads(b"[" * 32 + b"]" * 32, "it")
