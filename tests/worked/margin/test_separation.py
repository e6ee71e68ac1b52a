from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.worked.margin import separation
from chainrule.worked.margin.points import build_points
from chainrule.worked.margin.separation import separate, separate_exactly


@st.composite
def examples(draw):
    d = draw(st.integers(1, 3))
    n = draw(st.integers(2, 7))
    X = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=n, max_size=n))
    signs = st.sampled_from([1, -1])
    return X, [1, -1, *draw(st.lists(signs, min_size=n - 2, max_size=n - 2))]


def proves(X, y, found):
    """Check an answer by hand: signs, or two mixtures that are the same point."""
    X = [[Fraction(value) for value in x] for x in X]
    if found.separable:
        w, b = found.plane.w, found.plane.b
        values = [sum(c * v for c, v in zip(w, x, strict=True)) + b for x in X]
        assert all(s * value > 0 for s, value in zip(y, values, strict=True))
        return
    sums = {1: Fraction(0), -1: Fraction(0)}
    mixtures = {sign: [Fraction(0)] * len(X[0]) for sign in sums}
    for x, sign, weight in zip(X, y, found.weights, strict=True):
        assert weight >= 0
        sums[sign] += weight
        mixtures[sign] = [m + weight * v for m, v in zip(mixtures[sign], x, strict=True)]
    assert sums == {1: 1, -1: 1}
    assert mixtures[1] == mixtures[-1]


@given(examples())
def test_either_answer_is_proved(example):
    X, y = example
    found, exactly = separate(build_points(X, y)), separate_exactly(build_points(X, y))
    proves(X, y, found)
    proves(X, y, exactly)
    assert found.separable == exactly.separable


LARGE_AND_SMALL = {
    "separable": ([["1e12", 0], ["1e-12", 1], ["2e-12", -1], [-5, 2]], [1, 1, -1, -1], True),
    "not separable": ([["1e12"], ["1e-12"], ["2e-12"], ["-5"]], [1, 1, -1, -1], False),
}


@pytest.mark.parametrize("name", LARGE_AND_SMALL)
def test_numbers_too_different_for_floats_are_decided_exactly(name):
    X, y, separable = LARGE_AND_SMALL[name]
    found = separate(build_points(X, y))
    assert found.separable == separable
    assert not found.by_floats
    proves(X, y, found)


@pytest.mark.parametrize(
    "answer",
    [
        ((Fraction(1), Fraction(-1)), np.zeros(4)),  # a direction that does not separate
        ((Fraction(0), Fraction(0)), np.array([0.5, 0.0, 0.5, 0.0])),  # weights that prove nothing
        ((Fraction(0), Fraction(0)), np.zeros(4)),  # no answer
    ],
)
def test_a_wrong_answer_of_the_linear_program_is_found_out(answer, monkeypatch):
    monkeypatch.setattr(separation, "_linear_program", lambda points: answer)
    for X in ([[0, 0], [1, 1], [5, 5], [6, 5]], [[0, 0], [2, 2], [1, 1], [5, 5]]):
        found = separate(build_points(X, [1, 1, -1, -1]))
        assert not found.by_floats
        proves(X, [1, 1, -1, -1], found)


def test_a_linear_program_that_fails_is_no_answer(monkeypatch):
    import scipy.optimize

    linprog = scipy.optimize.linprog
    monkeypatch.setattr(
        scipy.optimize, "linprog", lambda *args, **kwargs: linprog([1.0], bounds=[(None, None)])
    )
    found = separate(build_points([[0], [1]], [1, -1]))
    assert found.separable
    assert not found.by_floats


def test_a_simple_direction_is_preferred():
    found = separate(
        build_points([[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], [1] * 3 + [-1] * 3)
    )
    assert (found.plane.w, found.plane.b) == ((-1, -1), Fraction(3, 2))


def test_weights_must_not_be_negative(monkeypatch):
    """3 is 3 · 1 - 2 · 0: a combination with sum 1, but no convex one."""
    answer = ((Fraction(0),), np.array([0.5, 0.5, 0.5]))
    monkeypatch.setattr(separation, "_linear_program", lambda points: answer)
    found = separate(build_points([0, 1, 3], [1, 1, -1]))
    assert found.separable
    assert not found.by_floats
