import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chainrule.explore.samples import chosen


@st.composite
def judged(draw):
    """Return true classes, what was said, and how wrong each row is."""
    n = draw(st.integers(1, 300))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k = draw(st.integers(1, 5))
    truth, said = rng.integers(0, k, n), rng.integers(0, k, n)
    said = np.where(rng.random(n) < draw(st.floats(0, 1)), truth, said)
    badness = np.where(truth == said, 0.0, rng.random(n))
    return np.column_stack([truth, said]), badness


@given(judged(), st.integers(1, 200))
def test_so_many_rows_each_once_in_order_and_the_worst_among_them(data, most):
    strata, badness = data
    rows = chosen(most, len(strata), strata, badness)
    assert len(rows) == min(most, len(strata))
    assert (np.diff(rows) > 0).all()
    assert 0 <= rows[0] <= rows[-1] < len(strata)
    n_worst = min(most // 5, int((badness > 0).sum()))
    worst = np.argsort(-badness, kind="stable")[:n_worst]
    assert set(worst) <= set(rows)


@given(judged())
def test_every_confusion_has_a_sample_where_there_is_room(data):
    strata, badness = data
    rows = chosen(60, len(strata), strata, badness)  # 12 for the worst, up to 20 confusions
    wrong = {tuple(pair) for pair in strata if pair[0] != pair[1]}
    assert wrong <= {tuple(pair) for pair in strata[rows]}


def test_classes_are_shared_as_in_the_data_and_rows_lie_evenly():
    truth = np.repeat([0, 1], [300, 700])
    strata = np.column_stack([truth, truth])
    rows = chosen(100, 1000, strata, np.zeros(1000))
    np.testing.assert_array_equal(rows, np.arange(0, 1000, 10))
    assert (truth[rows] == 0).sum() == 30


def test_without_classes_and_truth_rows_lie_evenly():
    np.testing.assert_array_equal(chosen(4, 8, None, None), [0, 2, 4, 6])
    np.testing.assert_array_equal(chosen(8, 3, None, None), [0, 1, 2])
