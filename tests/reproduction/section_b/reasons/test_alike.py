import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.reasons import alike


def both(relu, tanh):
    return {
        ("relu", "normal"): [{"test_accuracy": value} for value in relu],
        ("tanh", "normal"): [{"test_accuracy": value} for value in tanh],
    }


@pytest.mark.parametrize(
    ("relu", "tanh", "verdict"),
    [
        ([0.95, 0.94], [0.945, 0.945], Verdict.REPRODUCED),
        ([0.94, 0.94], [0.945, 0.945], Verdict.REPRODUCED),
        ([0.95, 0.95], [0.93, 0.93], Verdict.ERRATUM),
        ([0.92, 0.92], [0.94, 0.94], Verdict.ERRATUM),
        ([0.95, 0.95], [0.80, 0.80], Verdict.DIFFERS),
        ([0.50, 0.50], [0.50, 0.50], Verdict.DIFFERS),
    ],
)
def test_alike_means_both_well_and_near_each_other(results_of, judgement, relu, tanh, verdict):
    judged = judgement(alike.CLAIM, results_of(both(relu, tanh)))
    assert judged.verdict is verdict
    assert ("own two figures are 1.33" in judged.answer) == (verdict is Verdict.ERRATUM)


def test_the_difference_is_of_pairs_and_the_picture_has_it(results_of, judgement):
    results = results_of(both([0.95, 0.93], [0.94, 0.935]))
    gap = judgement(alike.CLAIM, results).measured["relu_less_tanh_share"]
    assert gap["mean"] == pytest.approx(0.0025)
    assert (gap["low"], gap["high"]) == pytest.approx((-0.005, 0.01))
    (drawing,) = alike.draw(results)
    curves, differences = drawing.panels
    assert curves.header == ["epoch", "relu", "tanh"]
    assert [row[1] for row in differences.rows] == ["1.0%", "-0.5%", "1.3%"]


def test_nothing_is_drawn_without_both(results_of):
    assert alike.draw(results_of({("relu", "normal"): [{"test_accuracy": 0.9}]})) == []
