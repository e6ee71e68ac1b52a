from __future__ import annotations

from fractions import Fraction

from chainrule.worked.report_margin import given_classifier, widest

F = Fraction


def test_a2_by_hand():
    """The lines x + y = 1 and x + y = 2 touch the classes, and the points between the touching ones
    of both can be moved along them: no line further apart fits between."""
    found = widest()
    assert found.separable
    assert (found.w, found.b) == ((-2, -2), 3)
    assert found.support_vectors == ((1, 0), (0, 1), (1, 1), (2, 0))
    assert found.multipliers == (3, 1, 3, 1)
    assert not found.unique_multipliers
    assert found.optimal


def test_a3_by_hand():
    found = given_classifier()
    assert found.values == (3, 1, -1, -3)
    assert found.distance_to_margin == F(1, 2)
    assert found.width_of_gap == 1
    assert found.support_vectors == (2, 3)
    assert (found.prediction, found.predicted_class) == (3, 1)
