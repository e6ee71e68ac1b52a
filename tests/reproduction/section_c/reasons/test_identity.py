import pytest

from chainrule.reproduction.section_c.reasons.identity import THEME, rank

OTHERS = {"logistic": (1.3, 0.6), "tanh": (0.4, 0.85), "relu": (0.5, 0.83)}


def rows(**changed):
    return {
        f"C2, {name}": [({"test_loss": loss, "test_accuracy": accuracy}, [])] * 2
        for name, (loss, accuracy) in (OTHERS | changed).items()
    }


@pytest.mark.parametrize(
    ("identity", "verdict"),
    [
        ((0.51, 0.82), "reproduced"),  # behind both in both
        ((0.45, 0.84), "differs"),  # before relu in both
        ((0.45, 0.82), "undecided"),  # the lower loss, and the lower accuracy
        ((0.5, 0.83), "undecided"),  # a draw
    ],
)
def test_identity_must_be_behind_in_both(judged, identity, verdict):
    assert judged(THEME, rows(identity=identity))["C2.identity"].verdict == verdict


def test_its_places_are_told(judged):
    one = judged(THEME, rows(identity=(0.45, 0.82)))["C2.identity"]
    assert (one.measured["rank_by_loss"], one.measured["rank_by_accuracy"]) == (2, 3)
    assert [row["test_loss"] for row in one.per_seed] == [0.45, 0.45]
    assert one.answer == (
        "Of the test images identity 82.0\u202f% at a loss of 0.450, tanh 85.0\u202f% at a loss of "
        "0.400, relu 83.0\u202f% at a loss of 0.500 are right: identity is neither behind both of "
        "them, nor before one of them, in both measures."
    )


def test_equal_ones_share_the_better_place():
    figures = {"a": 1.0, "b": 1.0, "c": 2.0}
    assert [rank(name, figures) for name in figures] == [1, 1, 3]
    assert [rank(name, figures, highest_first=True) for name in figures] == [2, 2, 1]


def test_the_picture_has_loss_and_errors(results_of):
    (drawing,) = THEME.draw(results_of(rows(identity=(0.45, 0.82))))
    last = [panel.rows[-1] for panel in drawing.panels]
    assert last == [["identity", "0.45"], ["identity", "18.0%"]]
