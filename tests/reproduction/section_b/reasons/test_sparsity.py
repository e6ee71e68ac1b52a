import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.reasons import sparsity


def table(after, before=(0.5, 0.5), dead=(0.0, 0.25)):
    # Four hidden layers: the two numbers twice.
    relu = {"zero_shares": [before * 2, after * 2], "dead_shares": [(0.0,) * 4, dead * 2]}
    none = {"zero_shares": [(0.0,) * 4] * 2, "dead_shares": [(0.0,) * 4] * 2}
    return {
        ("relu", "normal"): [relu, relu],
        ("relu", "random"): [relu, relu],
        ("tanh", "normal"): [none, none],
    }


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ((1 / 3, 1 / 3), Verdict.REPRODUCED),
        ((0.6, 0.1), Verdict.REPRODUCED),
        ((0.45, 0.09), Verdict.DIFFERS),
        ((0.0, 0.0), Verdict.DIFFERS),
    ],
)
def test_many_zeros_are_a_third_of_the_outputs_after_training(
    results_of, judgement, after, verdict
):
    judged = judgement(sparsity.CLAIM, results_of(table(after)))
    assert judged.verdict is verdict
    # Of the 256 + 64 units of the first and third layer, and the 128 + 32 of the others.
    assert judged.measured["zero_share"]["mean"] == pytest.approx((2 * after[0] + after[1]) / 3)
    assert judged.measured["dead_share"]["mean"] == pytest.approx(0.25 / 3)
    assert "before training it was 50.0%" in judged.answer
    assert "8.3% of the units are 0 for every image" in judged.answer


def test_the_pictures_have_zeros_and_units_that_are_always_zero(results_of):
    (drawing,) = sparsity.draw(results_of(table((0.3, 0.2))))
    zeros, dead = drawing.panels
    assert zeros.header == ["", *drawing.legend]
    assert zeros.rows[0][1:] == ["50.0%", "30.0%", "30.0%", "0.0%"]
    assert dead.rows[1][1:] == ["0.0%", "25.0%", "25.0%", "0.0%"]


def test_without_runs_there_is_nothing_to_draw(results_of):
    assert not any(drawing.panels for drawing in sparsity.draw(results_of({})))
