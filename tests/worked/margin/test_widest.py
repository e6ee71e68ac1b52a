from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.svm import SVC

from chainrule.worked.margin import widest
from chainrule.worked.margin.linear import minus
from chainrule.worked.margin.points import Hyperplane, build_points
from chainrule.worked.margin.widest import conditions, widest_margin

F = Fraction
REPORT = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], [1, 1, 1, -1, -1, -1]


@st.composite
def examples(draw):
    d = draw(st.integers(1, 3))
    n = draw(st.integers(2, 6))
    X = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=n, max_size=n))
    signs = st.sampled_from([1, -1])
    return X, [1, -1, *draw(st.lists(signs, min_size=n - 2, max_size=n - 2))]


@given(examples())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_the_one_that_trying_every_set_of_support_vectors_finds(widest_by_trying, example):
    X, y = example
    points = build_points(X, y)
    expected = widest_by_trying(X, y)
    if expected is None:
        with pytest.raises(ArithmeticError, match="the classes cannot be separated"):
            widest_margin(points)
        return
    found = widest_margin(points)
    assert (found.plane.w, found.plane.b) == expected
    assert found.on_margin == tuple(i for i, m in enumerate(points.margins(found.plane)) if m == 1)
    assert conditions(points, found.plane, found.multipliers).hold
    if found.others is not None:
        assert found.others != found.multipliers
        assert conditions(points, found.plane, found.others).hold


@given(examples())
@settings(max_examples=30)
def test_scikit_learn_finds_the_same(example):
    X, y = example
    try:
        found = widest_margin(build_points(X, y))
    except ArithmeticError:
        return
    machine = SVC(kernel="linear", C=1e6, tol=1e-8).fit(X, y)
    assert [float(value) for value in found.plane.w] == pytest.approx(machine.coef_[0], abs=1e-4)
    assert float(found.plane.b) == pytest.approx(machine.intercept_[0], abs=1e-4)


def test_the_report_s_points():
    found = widest_margin(build_points(*REPORT))
    assert (found.plane.w, found.plane.b) == ((-2, -2), 3)
    assert found.on_margin == (1, 2, 3, 5)
    assert found.multipliers == (0, 3, 1, 3, 0, 1)
    assert found.others == (0, 4, 0, 2, 0, 2)
    assert found.corrections == 0


@pytest.mark.parametrize("proposed", [{0, 4}, {0, 3}, {2, 5}, set(range(6))])
def test_whatever_floats_propose_is_corrected(proposed, monkeypatch):
    expected = widest_margin(build_points(*REPORT))
    monkeypatch.setattr(widest, "_proposal", lambda points: set(proposed))
    found = widest_margin(build_points(*REPORT))
    assert (found.plane, found.multipliers) == (expected.plane, expected.multipliers)
    assert (found.corrections > 0) == (len(proposed) < 6)


def test_large_and_small_numbers():
    X = [["1e12", 0], ["1e-12", 1], ["2e-12", -1], [-5, 2]]
    points = build_points(X, [1, 1, -1, -1])
    found = widest_margin(points)
    assert conditions(points, found.plane, found.multipliers).hold
    assert found.plane.b == F(-9, 10**13 + 1)


@pytest.mark.parametrize(
    ("X", "y", "multipliers", "unique"),
    [
        ([[0, 0], [0, 0], [1, 0]], [1, 1, -1], (1, 1, 2), False),  # duplicates share
        ([[0, 0], [1, 0]], [1, -1], (2, 2), True),
        ([[0, 0], [1, 0], [1, 1]], [1, -1, -1], (2, 2, 0), True),
        # Three in a line, of which the middle one is the mixture of the others.
        ([[0, 0], [1, -1], [1, 0], [1, 1]], [1, -1, -1, -1], (2, F(2, 3), F(2, 3), F(2, 3)), False),
        # The equations have many solutions, but only one that is not negative.
        ([[0, 0], [1, 0], [1, 1], [1, 2]], [1, -1, -1, -1], (2, 2, 0, 0), True),
        ([[0], [3], [-1]], [1, -1, 1], (F(2, 9), F(2, 9), 0), True),
        (
            [[0] * 5, [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 2, 0, 0], [1, 0, 0, 3, 4]],
            [1, -1, -1, -1, -1],
            (2, 2, 0, 0, 0),
            True,
        ),
    ],
)
def test_multipliers_and_whether_they_are_unique(X, y, multipliers, unique):
    points = build_points(X, y)
    found = widest_margin(points)
    assert found.multipliers == multipliers
    assert (found.others is None) == unique


def test_each_condition_is_seen_to_fail():
    points = build_points([[0], [2]], [-1, 1])
    plane, alpha = Hyperplane((F(1),), F(-1)), (F(1, 2), F(1, 2))
    assert conditions(points, plane, alpha).hold
    narrow = conditions(points, Hyperplane((F(1, 2),), F(-1, 2)), (F(1, 4), F(1, 4)))
    assert narrow.smallest_margin == F(-1, 2)
    assert not narrow.hold
    negative = conditions(points, plane, (F(-1), F(1)))
    assert (negative.smallest_multiplier, negative.balance) == (-1, 2)
    assert not negative.hold
    longer = conditions(points, plane, (F(1), F(1)))
    assert longer.difference == minus((F(2),), (F(1),))
    assert not longer.hold
    loose = conditions(build_points([[0], [2], [3]], [-1, 1, 1]), plane, (F(1, 2), F(0), F(1, 2)))
    assert loose.slackness == F(1, 2)
    assert not loose.hold
