"""A few records prepared by the short way are to the bit what the long way makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.datasets.tables import table_of
from chainrule.errors import ChainruleError
from chainrule.preparation import Notes, Preparation, inspect
from chainrule.preparation.inputs import columns_of
from chainrule.preparation.single_rows import MOST


def learnt():
    rng = np.random.default_rng(3)
    n = 60
    return Preparation.learn(
        inspect(
            table_of(
                {
                    "a": rng.normal(5, 2, n),
                    "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(1e6, 1, n)),
                    "colour": np.array(["red", "blue", "1"], object)[rng.integers(0, 3, n)],
                    "job": np.array(["nurse", None, "2"], object)[rng.integers(0, 3, n)],
                    "y": rng.normal(size=n),
                }
            ),
            target="y",
        )
    )


PREPARATION = learnt()
NUMBERS = st.one_of(
    st.floats(-1e7, 1e7),
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.sampled_from([None, np.nan, np.float32(2.5), np.float64(2.5), np.int64(3)]),
    st.sampled_from(["2.5", "x", " 3", "", "NA", np.inf, 1e200, 10**400, 1e140]),
)
TEXTS = st.sampled_from(
    ["red", "blue", "nurse", "1", "2", "1.0", 1, 2, 1.0, True, None, np.nan, "NA", " red", "new"]
)
RECORDS = st.fixed_dictionaries(
    {"a": NUMBERS, "gaps": NUMBERS, "colour": TEXTS, "job": TEXTS},
    optional={"y": st.just(1.0), "more": st.just("text")},
)


def the_long_way(records):
    notes = Notes()
    table = columns_of(records).table(PREPARATION.used_names)
    X = [PREPARATION.transform(piece, notes) for piece in PREPARATION.pieces(table)]
    return np.concatenate(X), notes


@given(RECORDS)
def test_a_record_is_what_a_table_of_it_is(record):
    notes = Notes()
    try:
        wanted, long = the_long_way([record])
    except (ChainruleError, OverflowError):  # then there is no short way
        assert PREPARATION.records([record], notes) is None
        return
    found = PREPARATION.records([record], notes)
    if found is not None:
        assert found.dtype == wanted.dtype
        assert found.tobytes() == (wanted + 0.0).tobytes() or found.tolist() == wanted.tolist()
        assert notes.imputed == long.imputed
        assert notes.ignored == long.ignored
        assert not long.unseen


def test_what_training_had_takes_the_short_way():
    record = {"a": 5.0, "gaps": None, "colour": "red", "job": 2, "more": 1}
    notes = Notes()
    assert PREPARATION.records([record] * 2, notes).shape == (2, 9)
    assert notes.ignored == ("more",)
    assert notes.imputed == {"gaps": 2}


@pytest.mark.parametrize(
    "records",
    [
        [{"a": 1.0, "gaps": 1e6, "colour": "red"}],
        [{"a": "1", "gaps": 1e6, "colour": "red", "job": None}],
        [{"a": 1.0, "gaps": 1e6, "colour": "pink", "job": None}],
        [{"a": 1.0, "gaps": 1e6, "colour": "red", "job": None}] * (MOST + 1),
        [None],
    ],
)
def test_what_takes_the_long_way(records):
    assert PREPARATION.records(records, Notes()) is None


def test_images_take_the_long_way():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 2, 2)).astype(np.uint8)
    table = table_of({"image": images, "y": rng.normal(size=30)})
    preparation = Preparation.learn(inspect(table, target="y"))
    assert preparation.records([{"image": images[0]}], Notes()) is None
