import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.report.study.dots import Scale

numbers = st.floats(-1e6, 1e6)


def test_places_are_per_cent():
    scale = Scale(0.0, 4.0)
    assert [scale.place(value) for value in (-1, 0, 1, 4, 9)] == [0, 0, 25, 100, 100]
    dots = scale.dots(2.0, 1.0, 3.0, [0.0, 4.0])
    assert (dots.dot, dots.left, dots.width, dots.marks) == (50, 25, 50, [0, 100])


def test_without_an_interval_the_line_has_no_width():
    assert Scale(0.0, 4.0).dots(1.0, None, None).width == 0


@given(st.lists(numbers, min_size=1, max_size=5), st.lists(st.tuples(numbers, numbers), max_size=3))
def test_every_value_is_on_the_scale_and_so_are_the_ticks(values, lines):
    scale = Scale.over(values, lines)
    assert scale.low < min(values) <= max(values) < scale.high
    assert all(0 <= tick.place <= 100 for tick in scale.ticks)


def test_a_wide_interval_stretches_the_scale_a_little():
    scale = Scale.over([0.0, 4.0], [(-100.0, 4.5)])
    assert scale.low == pytest.approx(-1 - 0.04 * 5.5)
    assert scale.high == pytest.approx(4.5 + 0.04 * 5.5)


def test_ticks_are_round_numbers():
    assert [tick.label for tick in Scale(-0.21, 0.31).ticks] == ["−0.2", "0", "0.2"]
