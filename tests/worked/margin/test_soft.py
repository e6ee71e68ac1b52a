from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.svm import SVC

from chainrule.worked.margin import soft
from chainrule.worked.margin.points import build_points
from chainrule.worked.margin.soft import soft_margin

F = Fraction


@st.composite
def examples(draw):
    d = draw(st.integers(1, 3))
    n = draw(st.integers(2, 7))
    X = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=n, max_size=n))
    signs = st.sampled_from([1, -1])
    y = [1, -1, *draw(st.lists(signs, min_size=n - 2, max_size=n - 2))]
    return X, y, draw(st.sampled_from([F(1, 10), F(1), F(50)]))


def objective(X, y, C, w, b):
    slacks = [max(0, 1 - s * (np.dot(w, x) + b)) for x, s in zip(X, y, strict=True)]
    return np.dot(w, w) / 2 + C * sum(slacks)


@given(examples())
def test_nothing_is_better(example):
    X, y, C = example
    found = soft_margin(build_points(X, y), C)
    assert found.holds
    w, b = found.plane.w, found.plane.b
    ours = objective(X, y, float(C), [float(value) for value in w], float(b))
    assert ours == pytest.approx(float(found.objective))
    machine = SVC(kernel="linear", C=float(C), tol=1e-9).fit(X, y)
    theirs = objective(X, y, float(C), machine.coef_[0], machine.intercept_[0])
    assert ours <= theirs * (1 + 1e-9)
    if found.exact:
        assert found.objective == found.dual_objective
        assert found.balance == 0
        assert min(found.multipliers) >= 0
        assert max(found.multipliers) <= C


def test_a_line_of_points_by_hand():
    """By symmetry f is 0 at 2.5; the outer four have α = C or lie on the margin at 1 and 4."""
    found = soft_margin(build_points([0, 1, 2, 3, 4, 5], list("aababb")), F(1))
    assert found.exact
    assert found.plane.w == (F(-2, 3),)
    assert found.plane.b == F(5, 3)
    assert found.slacks == (0, 0, F(4, 3), F(4, 3), 0, 0)
    assert found.multipliers == (0, F(5, 9), 1, 1, F(5, 9), 0)


def test_points_that_are_all_equal_gain_nothing_from_a_direction():
    found = soft_margin(build_points([[1, 2]] * 3, [1, 1, -1]), F(1))
    assert found.plane.w == (0, 0)
    assert found.objective == 2
    assert found.exact


def test_a_high_price_on_many_points_is_solved(rng):
    X = rng.normal(size=(40, 4)).round(2)
    y = rng.choice([1, -1], size=40)
    found = soft_margin(build_points(X, y), F(10_000))
    assert found.exact
    assert found.objective == found.dual_objective


def test_floats_stay_where_the_exact_solution_cannot_be_told(monkeypatch):
    monkeypatch.setattr(soft, "_exactly", lambda points, C, multipliers: None)
    found = soft_margin(build_points([0, 1, 2, 3, 4, 5], list("aababb")), F(1))
    assert not found.exact
    assert found.holds
    assert float(found.plane.b) == pytest.approx(5 / 3)


def test_a_solver_that_did_not_solve_it_is_found_out(monkeypatch):
    monkeypatch.setattr(soft, "_proposal", lambda points, C: (F(1, 7),) * len(points.X))
    found = soft_margin(build_points([0, 1, 2, 3, 4, 5], list("aababb")), F(1))
    assert not found.exact
    assert not found.holds


def test_multipliers_that_are_all_wrong_are_not_called_exact(monkeypatch):
    """With α = 0 everywhere, w is 0 and no b is right for both classes."""
    monkeypatch.setattr(soft, "_proposal", lambda points, C: (F(0),) * len(points.X))
    found = soft_margin(build_points([0, 1, 2, 3], list("abab")), F(1))
    assert not found.exact
    assert not found.holds


@pytest.mark.parametrize(
    ("multipliers", "constant"),
    [((F(1, 2), F(1, 2)), -1), ((F(2), F(2)), None), ((F(1, 2), F(1)), None)],
)
def test_a_constant_needs_multipliers_in_bounds_and_in_balance(multipliers, constant):
    points = build_points([0, 2], [-1, 1])
    assert soft._constant(points, F(1), multipliers) == constant
