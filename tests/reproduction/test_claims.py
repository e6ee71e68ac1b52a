import math

import pytest

from chainrule.reproduction.claims import Spread


def test_spread():
    spread = Spread.of([1.0, 2.0, 6.0])
    assert (spread.mean, spread.low, spread.high, spread.n) == (3.0, 1.0, 6.0, 3)
    assert spread.std == pytest.approx(math.sqrt(7))
    assert spread.contains(6.0)
    assert not spread.contains(6.1)


def test_one_value_has_no_spread():
    assert Spread.of([0.5]) == Spread(0.5, 0.0, 0.5, 0.5, 1)
