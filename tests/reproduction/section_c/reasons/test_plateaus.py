import numpy as np
import pytest

from chainrule.reproduction.section_c.curves import on_plateau
from chainrule.reproduction.section_c.reasons.plateaus import THEME

FALLING = np.geomspace(2, 0.2, 20).tolist()
STALLING = [*FALLING[:10], *[FALLING[10]] * 8, *FALLING[11:]]


def relu(losses, on=0.2, outside=0.1):
    shares = [on if flat else outside for flat in on_plateau(losses)]
    found = {"dead_share": shares, "dead_share_by_layer": [shares, shares, shares]}
    return found | {"zero_share": shares}, losses


def verdict(judged, run, ablated):
    found = judged(THEME, {"C2, relu": [run], "C2, leaky_relu": [({}, ablated)]})
    return found["C2.relu.dead"].verdict


@pytest.mark.parametrize(
    ("on", "ablated", "wanted"),
    [
        (0.1501, FALLING, "reproduced"),  # more units are dead on it, and without them it is gone
        (0.1499, FALLING, "undecided"),  # it is gone, but no more were dead
        (0.1501, STALLING, "undecided"),  # more are dead, but it stays without them
        (0.05, STALLING, "differs"),
    ],
)
def test_dead_units_must_go_with_plateaus_and_the_plateaus_with_them(judged, on, ablated, wanted):
    assert verdict(judged, relu(STALLING, on), ablated) == wanted


@pytest.mark.parametrize("losses", [FALLING, [1.0] * 4])
def test_without_a_plateau_there_is_nothing_to_explain(judged, losses):
    found = judged(THEME, {"C2, relu": [relu(losses)], "C2, leaky_relu": [({}, losses)]})
    one = found["C2.relu.dead"]
    assert one.verdict == "undecided"
    assert one.answer.startswith("ReLU's validation loss has no plateau here")
    assert one.measured["dead_on_plateaus_share"] is None


def test_a_seed_that_cannot_be_compared_does_not_count_among_the_shares(judged):
    runs = [relu(STALLING), relu(FALLING)]
    found = judged(THEME, {"C2, relu": runs, "C2, leaky_relu": [({}, FALLING)] * 2})
    one = found["C2.relu.dead"]
    assert one.verdict == "reproduced"
    assert one.measured["dead_on_plateaus_share"] == pytest.approx(0.2)
    assert one.measured["plateaus"]["mean"] == 0.5
    assert [row["dead_outside_share"] for row in one.per_seed] == [pytest.approx(0.1), None]


def test_the_picture_is_of_a_seed_with_a_plateau(results_of):
    runs = [relu(FALLING), relu(STALLING)]
    results = results_of({"C2, relu": runs, "C2, leaky_relu": [({}, FALLING)] * 2})
    (drawing,) = THEME.draw(results)
    losses, dead = drawing.panels
    assert losses.caption.startswith("Seed 1.")
    assert [row[1] for row in dead.rows] != [dead.rows[0][1]] * len(dead.rows)
    assert THEME.draw(results_of({})) == []
