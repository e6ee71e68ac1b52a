"""Files that were cut, damaged or made by somebody else: refused with one error, or harmless."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPClassifier, load
from chainrule.errors import DataFormatError

X = np.random.default_rng(7).normal(size=(120, 5))


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    path = tmp_path_factory.mktemp("raw") / "model"
    model = MLPClassifier((6,), max_iter=3, early_stopping=True, input_scaling="minmax")
    with pytest.warns(ConvergenceWarning):
        model.fit(X, np.array(["ape", "bee", "cat"])[np.arange(120) % 3])
    model.save(path, optimizer=True)
    return path.read_bytes()


def loads_or_refuses(raw, path):
    path.write_bytes(raw)
    try:
        return load(path)
    except DataFormatError as error:
        return str(error) if not str(error).isprintable() else None


@given(st.data())
@settings(max_examples=150)
def test_a_truncated_file_is_refused(raw, tmp_path_factory, data):
    n = data.draw(st.integers(0, len(raw) - 1))
    assert loads_or_refuses(raw[:n], tmp_path_factory.getbasetemp() / "cut") is None


@given(st.data())
@settings(max_examples=400)
def test_a_flipped_bit_is_refused_or_changes_a_value(raw, tmp_path_factory, data):
    header = int.from_bytes(raw[:8], "little")
    at = data.draw(st.integers(0, header + 40))
    damaged = bytearray(raw)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    model = loads_or_refuses(bytes(damaged), tmp_path_factory.getbasetemp() / "flipped")
    if model is not None:
        assert model.predict(X).shape == (120,)


HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
    | st.sampled_from(
        ["relu", "adam", "U3", "object", "int64", "multiclass", "nan", "MLPRegressor"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "tuple", "dict", "pairs", "int", "float", "kind", "classes"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def places(value, way=()):
    yield way
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


@given(st.data())
@settings(max_examples=400)
def test_a_hostile_header_is_refused_or_harmless(raw, tmp_path_factory, data):
    length = int.from_bytes(raw[:8], "little")
    tensors = json.loads(raw[8 : 8 + length])
    document = json.loads(tensors["__metadata__"]["model"])
    way = data.draw(st.sampled_from([way for way in places(document) if way]))
    inside = document
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = data.draw(HOSTILE)
    tensors["__metadata__"]["model"] = json.dumps(document)
    header = json.dumps(tensors).encode()
    changed = len(header).to_bytes(8, "little") + header + raw[8 + length :]
    model = loads_or_refuses(changed, tmp_path_factory.getbasetemp() / "hostile")
    if model is not None:
        model.predict(X)
        assert model.get_params()
