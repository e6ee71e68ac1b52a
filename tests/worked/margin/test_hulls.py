from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from chainrule.worked.margin.hulls import nearest_points

numbers = st.integers(-4, 4).map(Fraction) | st.fractions(-2, 2, max_denominator=6)


@st.composite
def two_sets(draw):
    d = draw(st.integers(1, 4))
    point = st.tuples(*[numbers] * d)
    return draw(st.lists(point, min_size=1, max_size=6)), draw(
        st.lists(point, min_size=1, max_size=6)
    )


def mixed(weights, points):
    return [
        sum(w * p[k] for w, p in zip(weights, points, strict=True)) for k in range(len(points[0]))
    ]


@given(two_sets())
def test_the_points_are_in_the_hulls_and_none_are_nearer(sets):
    P, Q = sets
    found = nearest_points(P, Q)
    for weights in (found.p_weights, found.q_weights):
        assert min(weights) >= 0
        assert sum(weights) == 1
    p, q = mixed(found.p_weights, P), mixed(found.q_weights, Q)
    x = found.difference
    assert list(x) == [a - b for a, b in zip(p, q, strict=True)]
    # Every difference of points lies beyond the plane through x that is square to it.
    square = sum(a * a for a in x)
    for a in P:
        for b in Q:
            assert sum(c * (u - v) for c, u, v in zip(x, a, b, strict=True)) >= square


def test_a_few_that_are_known():
    one, half = Fraction(1), Fraction(1, 2)
    zero = Fraction(0)
    found = nearest_points([(zero, one), (zero, -one)], [(one, zero)])
    assert found.p_weights == (half, half)
    assert found.difference == (-1, 0)
    assert nearest_points([(one,)], [(one,), (zero,)]).difference == (0,)
