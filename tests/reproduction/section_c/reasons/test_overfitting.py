import pytest

from chainrule.reproduction.section_c.reasons.overfitting import THEME
from chainrule.reproduction.section_c.settings import COMPONENTS, SMALL_ON_PIXELS

GAPS = {"relu": 0.02, "identity": 0.03, COMPONENTS: 0.05, SMALL_ON_PIXELS: 0.1, "pixels": 0.12}


def rows(**gaps):
    return {
        f"C5, {name}, 0.001": [({"train_accuracy": 0.85 + gap, "test_accuracy": 0.85}, [])] * 2
        for name, gap in (GAPS | gaps).items()
    }


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ({"relu": 0.0899, "identity": 0.0899}, "reproduced"),
        ({"relu": 0.0899, "identity": 0.0901}, "undecided"),
        ({"relu": 0.0901, "identity": 0.0901}, "differs"),
        ({"relu": 0.11, "identity": 0.11}, "differs"),  # below C2's network only: another size
    ],
)
def test_the_same_classifier_on_pixels_decides(judged, gaps, verdict):
    assert judged(THEME, rows(**gaps))["C5.overfitting"].verdict == verdict


def test_the_gaps_and_what_they_are_worth_are_told(judged):
    one = judged(THEME, rows())["C5.overfitting"]
    assert one.measured["gap_share"][SMALL_ON_PIXELS]["mean"] == pytest.approx(0.1)
    assert one.measured["gaps_of_others_share"]["pixels"] == pytest.approx(0.12)
    assert "2.00 percentage points on ReLU's features" in one.answer
    assert "Test images right: 85.0\u202f%" in one.answer
    assert one.per_seed[1]["identity"] == pytest.approx(0.03)


def test_a_test_accuracy_above_that_of_training_has_its_sign(judged):
    answer = judged(THEME, rows(relu=-0.01))["C5.overfitting"].answer
    assert "is -1.00 percentage points on ReLU's features, +3.00 on identity's" in answer


def test_it_waits_for_all_five(judged):
    found = rows()
    del found[f"C5, {COMPONENTS}, 0.001"]
    assert judged(THEME, found)["C5.overfitting"].verdict is None


def test_the_picture_has_pairs_and_gaps(results_of):
    (drawing,) = THEME.draw(results_of(rows()))
    pairs, gaps = drawing.panels
    assert pairs.rows[0] == ["relu", "87.0%", "85.0%"]
    assert gaps.rows[3] == ["pixels", "10.0%"]
