import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.experiments import COST, STUDIED
from chainrule.reproduction.section_b.reasons import cost


def timed(tanh, sigmoid, epoch=0.95):
    """A trial's metrics where ReLU takes these shares of the others' time for an element."""
    element = {"relu": 1.0, "leaky_relu": 0.9, "tanh": tanh, "sigmoid": sigmoid}
    return {
        "element_ratios": element,
        "epoch_ratios": dict.fromkeys(STUDIED, epoch),
        "element_seconds": {name: 1e-9 / (ratio or 1) for name, ratio in element.items()},
        "epoch_seconds": dict.fromkeys(STUDIED, 0.08),
    }


@pytest.mark.parametrize(
    ("tanh", "sigmoid", "verdict"),
    [
        ((0.7, 0.8), (0.4, 0.4), Verdict.REPRODUCED),
        ((0.81, 0.9), (0.4, 0.4), Verdict.DIFFERS),
        ((0.7, 0.81), (0.4, 0.4), Verdict.UNDECIDED),
        ((0.5, 0.5), (0.9, 0.9), Verdict.DIFFERS),
    ],
)
def test_cheap_means_less_time_than_both(results_of, judgement, tanh, sigmoid, verdict):
    runs = [timed(*ratios) for ratios in zip(tanh, sigmoid, strict=True)]
    judged = judgement(cost.CLAIM, results_of({COST: runs}))
    assert judged.verdict is verdict
    assert judged.measured["element_time_share"]["tanh"]["mean"] == pytest.approx(sum(tanh) / 2)
    assert "95% of tanh's time and 95% of sigmoid's time" in judged.answer
    assert [row["element_time_share_tanh"] for row in judged.per_seed] == list(tanh)
    assert ("The seeds do not agree on 80%." in judged.answer) == (verdict is Verdict.UNDECIDED)


def test_a_clock_that_is_too_coarse_decides_nothing(results_of, judgement):
    judged = judgement(cost.CLAIM, results_of({COST: [timed(0.5, 0.5), timed(None, 0.5)]}))
    assert judged.verdict is Verdict.UNDECIDED
    assert "too coarse" in judged.note
    assert judged.answer == ""


def test_the_picture_has_readable_units(results_of):
    (drawing,) = cost.draw(results_of({COST: [timed(0.5, 0.25)]}))
    element, epoch = drawing.panels
    assert dict(element.rows) == {"sigmoid": "4", "tanh": "2", "relu": "1", "leaky_relu": "1.11"}
    assert {cell for _, cell in epoch.rows} == {"80"}


def test_without_a_measurement_there_is_nothing_to_draw(results_of):
    assert cost.draw(results_of({})) == []
