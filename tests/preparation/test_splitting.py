import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.datasets.tables import table_of
from chainrule.errors import InvalidValueError
from chainrule.preparation.splitting import (
    HELD_OUT,
    LEARN,
    STOP,
    Codes,
    RowsOf,
    Watched,
    described,
    held_out_share,
    split,
    split_groups,
    stop_share,
)


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.floats(0.05, 0.6),
    st.integers(0, 2**32 - 1),
)
def test_each_class_is_split_by_itself_and_has_a_row_to_learn_from(sizes, share, seed):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    np.random.default_rng(seed).shuffle(codes)
    try:
        parts = split(len(codes), codes, held_out=share, stops=True, seed=seed)
    except InvalidValueError:
        held_out = sum(min(round(share * size), size - 1) for size in sizes)
        assert not 0 < held_out < len(codes) - 1
        return
    for code, size in enumerate(sizes):
        of_class = parts[codes == code]
        assert (of_class == LEARN).any()
        assert (of_class == HELD_OUT).sum() == min(round(share * size), size - 1)


def test_the_shares():
    parts = split(1000, None, held_out=0.2, stops=True, seed=0)
    assert described(parts) == {"learnt_from": 700, "stopping": 100, "held_out": 200}
    assert described(split(1000, None, held_out=0.2, stops=False, seed=0))["stopping"] == 0


def test_the_seed_decides():
    one, same, other = (split(50, None, held_out=0.2, stops=True, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_rows_are_not_taken_in_their_order():
    held_out = np.flatnonzero(split(1000, None, held_out=0.2, stops=False, seed=0) == HELD_OUT)
    assert 400 < held_out.mean() < 600
    assert len(np.unique(np.diff(held_out))) > 5


@pytest.mark.parametrize(
    ("n", "asked", "share"),
    [(150, None, 0.2), (10**6, None, 0.1), (10**6, 0.5, 0.5), (500_000, None, 0.2)],
)
def test_of_many_rows_fewer_are_held_out_unless_asked(n, asked, share):
    assert held_out_share(n, asked) == share


@pytest.mark.parametrize(("n", "share"), [(79, 0.0), (80, 0.125), (1000, 0.125), (10**6, 0.02)])
def test_stopping_rows_are_neither_too_few_nor_too_many(n, share):
    assert stop_share(n) == share


def test_many_small_classes_leave_too_few_stopping_rows_and_so_none():
    # Of each small class one row is held out, and none of the other three stops: eight are left.
    codes = np.repeat(np.arange(31), [80, *[4] * 30])
    parts = described(split(200, codes, held_out=0.2, stops=True, seed=0))
    assert parts == {"learnt_from": 154, "stopping": 0, "held_out": 46}


def test_too_few_rows(message_of):
    message = message_of(InvalidValueError, split, 2, None, held_out=0.2, stops=True, seed=0)
    assert message == (
        "val-fraction of 2 rows must leave at least two to learn from and one to measure on, got "
        "0.2: change it, or add rows"
    )
    codes = np.repeat(np.arange(3), 2)
    message = message_of(InvalidValueError, split, 6, codes, held_out=0.2, stops=True, seed=0)
    assert message == (
        "val-fraction of 6 rows must leave at least two to learn from and one to measure on, got "
        "0.2: change it, or add rows, as each class keeps one to learn from"
    )


def test_classes_of_one_row_each_are_spoken_of_and_not_the_share(message_of):
    for codes in (np.arange(60), np.r_[np.arange(50), np.arange(10)]):
        message = message_of(InvalidValueError, split, 60, codes, held_out=0.2, stops=True, seed=0)
        assert message == (
            "the classes of 60 rows must have several rows each, to learn from and to measure on, "
            f"got {len(set(codes.tolist()))} classes: choose another target, or the task "
            '"regression" (--task regression) if these are numbers'
        )


def table():
    return table_of({"x": np.arange(10.0), "label": ["a", "b"] * 5})


def test_rows_of_a_part_come_in_their_order_with_their_places():
    parts = np.array([0, 2, 1, 0, 0, 2, 2, 2, 0, 1], np.int8)
    rows = RowsOf(table(), parts, HELD_OUT)
    pieces = list(rows.pieces(3))
    assert np.concatenate([piece.columns["x"] for piece in pieces]).tolist() == [1, 5, 6, 7]
    assert [piece.first for piece in pieces] == [0, 1, 2][: len(pieces)]
    assert rows.n_rows == 4
    assert rows.place(2) == table().place(6)
    assert RowsOf(table(), parts, STOP).n_rows == 2
    assert rows.digest() == table().digest()


def test_codes_are_the_classes_of_one_reading():
    codes = Codes("label")
    watched = Watched(table(), [codes])
    for _ in range(2):  # a second reading begins anew
        list(watched.pieces(4))
    assert codes.result().tolist() == [0, 1] * 5
    assert watched.place(3) == table().place(3)
    assert watched.digest() == table().digest()


def test_too_many_classes_are_given_up():
    codes = Codes("x")
    list(Watched(table_of({"x": np.arange(5000)}), [codes]).pieces(100))
    assert codes._codes == []


@given(
    st.lists(st.integers(1, 12), min_size=2, max_size=30),
    st.integers(1, 4),
    st.floats(0.05, 0.6),
    st.integers(0, 2**32 - 1),
)
def test_groups_are_on_one_side_and_each_class_is_learnt_from(sizes, n_classes, share, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    rng = np.random.default_rng(seed)
    rng.shuffle(groups)
    _, codes = np.unique(groups % n_classes, return_inverse=True)  # a class is in few groups
    parts = split_groups(groups, codes, stopping=share, seed=seed)
    for group in range(len(sizes)):
        assert len(set(parts[groups == group].tolist())) == 1
    assert (parts == STOP).sum() <= round(share * len(groups))
    assert set(codes[parts == LEARN].tolist()) == set(codes.tolist())


def test_groups_that_are_small_fill_the_share():
    groups = np.repeat(np.arange(250), 4)
    parts = split_groups(groups, None, seed=0)
    assert (parts == STOP).sum() == round(stop_share(1000) * 1000 / 4) * 4 == 124
    assert (split_groups(groups, None, seed=1) != parts).any()
    assert (split_groups(groups, None, stopping=0.5, seed=0) == STOP).sum() == 500


def test_groups_too_large_for_the_share_are_learnt_from():
    assert not split_groups(np.arange(1000) % 3, None, seed=0).any()
    assert not split_groups(np.arange(60), None, seed=0).any()  # fewer than 10 stopping rows


def test_a_share_of_one_s_own_may_be_few_rows():
    parts = split(30, None, held_out=0.0, stops=True, seed=0, stopping=0.2)
    assert described(parts) == {"learnt_from": 24, "stopping": 6, "held_out": 0}
