import re

import numpy as np
import pytest

from chainrule.report.bars import Bars, bar_panel
from chainrule.study.statistics import Spread

ONE = Spread.of([0.25])
SOME = Spread.of([0.5, 0.75])


def test_a_table_has_the_means_behind_the_bars():
    panel = bar_panel(
        "Zeros",
        ["layer 1", "layer 2"],
        [Bars("relu", 0, [ONE, SOME]), Bars("tanh", 1, [None, ONE])],
        "See.",
    )
    assert panel.header == ["", "relu", "tanh"]
    assert panel.rows == [["layer 1", "0.25", "–"], ["layer 2", "0.625", "0.25"]]
    assert (panel.title, panel.caption) == ("Zeros", "See.")


def test_shares_are_percentages():
    panel = bar_panel("Zeros", ["a"], [Bars("relu", 0, [ONE])], "", share=True)
    assert panel.rows == [["a", "25.0%"]]
    assert "%" in panel.svg


def test_no_tick_of_a_share_is_rounded():
    high = Spread.of([0.155])
    svg = bar_panel("Gap", ["a"], [Bars("relu", 0, [high])], "", share=True).svg
    ticks = [float(text) for text in re.findall(r">([-\d.]+) %<", svg)]
    assert len(ticks) > 2
    assert np.diff(ticks) == pytest.approx(ticks[1] - ticks[0])


@pytest.mark.parametrize("log", [False, True])
def test_bars_have_their_colours_their_spread_and_the_line_that_decides(log):
    bars = [Bars("relu", 0, [SOME]), Bars("tanh", 1, [ONE])]
    svg = bar_panel("Zeros", ["a"], bars, "", log=log, marked=0.3).svg
    assert "var(--series-1)" in svg
    assert "var(--series-2)" in svg
    assert svg.count("stroke-dasharray") == 1
    assert 'aria-label="Zeros"' in svg


def test_a_logarithmic_axis_has_plain_numbers():
    svg = bar_panel("Sizes", ["a"], [Bars("relu", 0, [Spread.of([1e-5, 0.5])])], "", log=True).svg
    assert "0.001" in svg
    assert "mathdefault" not in svg


def test_a_group_without_bars_has_its_place():
    bars = [Bars("relu", 0, [ONE, None])]
    svg = bar_panel("Zeros", ["first", "second"], bars, "").svg
    first, second = map(float, re.findall(r' x="([\d.]+)"[^>]*>(?:first|second)', svg))
    assert second - first == pytest.approx(0.85 * 4.6 * 72 / 2, rel=0.1)  # half of the axes


def test_a_logarithmic_axis_has_no_place_for_zero():
    zero = Bars("relu", 0, [Spread.of([0.0])])
    one = Bars("tanh", 1, [ONE])
    assert "var(--series-1)" not in bar_panel("Zeros", ["a"], [zero, one], "", log=True).svg


def test_a_seed_of_zero_hides_no_bar_of_a_logarithmic_axis():
    some = Bars.of("relu", 0, [[0.0, 1e-5, 0.5], [0.1]])
    assert "var(--series-1)" in bar_panel("Sizes", ["a", "b"], [some], "", log=True).svg


def test_a_group_of_no_seeds_has_no_bar():
    assert Bars.of("relu", 0, [[], [0.5, 0.25]]).values == [None, Spread.of([0.5, 0.25])]


def test_nothing_to_draw_is_no_panel():
    assert bar_panel("Zeros", ["a"], [Bars("relu", 0, [None])], "") is None
