from __future__ import annotations

import copy
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import UnknownNameError
from chainrule.training.history import Epoch, History, lowest

ROWS = [
    Epoch(1, 2.0, 1.5, {"r2": 0.25, "top_5": 0.5}, 0.1, 0.75, 0.125),
    Epoch(2, 1.0, None, {}, 0.05, 0.25),
    Epoch(3, 0.5, 1.25, {"share": 1.0, "r2": 0.5}, 0.05, 0.25, 0.0625),
]


def test_the_monitored_loss_is_of_validation_where_there_is_one():
    assert [row.monitored_loss for row in ROWS] == [1.5, 1.0, 1.25]


def test_a_validation_loss_of_0_is_one():
    assert ROWS[0]._replace(validation_loss=0.0).monitored_loss == 0


def test_a_row_has_no_penalty_unless_it_is_given():
    assert ROWS[1].penalty == 0


def test_a_value_is_a_field_or_a_score():
    row = ROWS[0]
    names = ["epoch", "train_loss", "validation_loss", "learning_rate", "seconds", "penalty"]
    assert [row.value(name) for name in names] == [1, 2.0, 1.5, 0.1, 0.75, 0.125]
    assert [row.value(name) for name in ("r2", "top_5")] == [0.25, 0.5]
    assert ROWS[1].value("validation_loss") is None


@pytest.mark.parametrize("name", ["share", "scores", "count", "monitored_loss"])
def test_what_was_not_measured_is_none(name):
    assert ROWS[0].value(name) is None


def test_a_score_may_be_called_as_nothing_else_is():
    # A tuple has methods of these names, and a row a field.
    row = ROWS[0]._replace(scores={"count": 0.5, "index": 0.25, "scores": 0.75})
    assert [row.value(name) for name in ("count", "index", "scores")] == [0.5, 0.25, 0.75]


def test_columns_are_the_fields_and_then_the_scores_as_they_came_up():
    history = History(list(ROWS))
    assert history.score_names == ("r2", "top_5", "share")
    assert history.columns == (
        "epoch",
        "train_loss",
        "validation_loss",
        "learning_rate",
        "seconds",
        "penalty",
        "r2",
        "top_5",
        "share",
    )


def test_every_column_has_a_number_or_none_for_each_epoch():
    history = History(list(ROWS))
    assert history.column("epoch") == [1, 2, 3]
    assert history.column("validation_loss") == [1.5, None, 1.25]
    assert history.column("r2") == [0.25, None, 0.5]
    assert history.column("share") == [None, None, 1.0]
    assert all(len(history.column(name)) == 3 for name in history.columns)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("trian_loss", 'did you mean "train_loss"?'),
        ("validation_r2", 'did you mean "validation_loss"?'),
        ("r2", "choose one of these"),
    ],
)
def test_a_column_that_no_epoch_has_is_refused_with_the_closest_name(message_of, name, remedy):
    history = History([row._replace(scores={}) for row in ROWS])
    assert message_of(UnknownNameError, history.column, name) == (
        "column must be one of epoch, train_loss, validation_loss, learning_rate, seconds, "
        f"penalty, got {name!r}: {remedy}"
    )


def test_a_history_is_its_rows():
    history = History(list(ROWS))
    assert len(history) == 3
    assert list(history) == ROWS
    assert history.best_epoch is None


def test_an_empty_history_has_no_scores_and_every_field():
    history = History()
    assert len(history) == 0
    assert history.score_names == ()
    assert history.columns == tuple(name for name in Epoch._fields if name != "scores")
    assert history.column("train_loss") == []


@pytest.mark.parametrize("send", [copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))])
def test_a_copy_is_equal_and_apart(send):
    history = History(list(ROWS), best_epoch=2)
    back = send(history)
    assert back == history
    back.epochs.pop()
    assert len(history) == 3


def test_a_frame_has_a_row_for_each_epoch_and_every_column():
    pandas = pytest.importorskip("pandas")
    history = History(list(ROWS))
    frame = history.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.index.name == "epoch"
    assert frame.index.tolist() == [1, 2, 3]
    assert ("epoch", *frame.columns) == history.columns
    for name in frame.columns:
        wanted = history.column(name)
        assert [None if pandas.isna(v) else v for v in frame[name]] == wanted


def test_in_a_frame_numbers_are_floats_also_where_nothing_was_measured():
    pytest.importorskip("pandas")
    frame = History([ROWS[1], ROWS[1]]).to_frame()
    assert frame["validation_loss"].isna().all()
    assert {dtype.kind for dtype in frame.dtypes} == {"f"}


def test_an_empty_frame_has_the_columns_too():
    pytest.importorskip("pandas")
    frame = History().to_frame()
    assert len(frame) == 0
    assert ("epoch", *frame.columns) == History().columns


@given(st.lists(st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, 0.5])), max_size=8))
def test_the_lowest_is_the_first_of_the_numbers(losses):
    numbers = [loss for loss in losses if loss < math.inf]
    assert lowest(losses) == (losses.index(min(numbers)) if numbers else None)
