import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.section_b.experiments import OVERFITTING, TWELVE
from chainrule.reproduction.section_b.reasons.early_stopping import (
    CLAIM,
    draw,
    learning_runs,
)

GUESSES = {"test_accuracy": 0.10, "best_epoch": 1}
ALL_EPOCHS = {
    "losses": [4, 3, 2, 1], "train": [4, 3, 2, 1], "test_accuracy": 0.9, "best_epoch": 4,
}  # fmt: skip
OVERFITS = {  # the gap is 0 where it is kept, and 2 at the end
    "losses": [4, 2, 3], "train": [4, 2, 1], "test_accuracy": 0.9, "best_epoch": 2,
}  # fmt: skip
SHRINKS = {  # the gap is 1 where it is kept, and 0 at the end
    "losses": [4, 2, 3], "train": [4, 1, 3], "test_accuracy": 0.9, "best_epoch": 2,
}  # fmt: skip
FEW_IMAGES = {"losses": [3, 1, 2, 2.5], "train": [3, 1, 0.5, 0.1]}


def table(relu, few=FEW_IMAGES, **changes):
    return {
        **{names: [GUESSES] for names in TWELVE},
        ("relu", "normal"): [relu],
        OVERFITTING: [few],
    } | changes


@pytest.mark.parametrize(
    ("relu", "verdict"),
    [
        (OVERFITS, Verdict.REPRODUCED),
        (SHRINKS, Verdict.DIFFERS),
        (ALL_EPOCHS, Verdict.UNDECIDED),
        (OVERFITS | {"test_accuracy": 0.105}, Verdict.UNDECIDED),  # learns nothing
        ({"error": "diverged"}, Verdict.UNDECIDED),
    ],
)
def test_the_counter_must_act_and_keep_the_smaller_gap(results_of, judgement, relu, verdict):
    assert judgement(CLAIM, results_of(table(relu))).verdict is verdict


def test_the_gap_is_validation_less_training_loss(results_of, judgement):
    results = results_of(table(OVERFITS))
    (run,) = learning_runs(results)
    assert (run.kept_epoch, run.last_epoch, run.stopped) == (2, 3, True)
    assert (run.kept_gap, run.last_gap) == (0, 2)
    (row,) = judgement(CLAIM, results).per_seed
    assert (row["kept_gap_loss"], row["last_gap_loss"]) == (0, 2)


def test_few_images_show_where_the_counter_would_have_stopped(results_of, judgement):
    answer = judgement(CLAIM, results_of(table(ALL_EPOCHS))).answer
    assert "stopped after epoch 4 and kept epoch 2, with a validation loss of 1.000" in answer
    assert "after all 4 epochs it is 2.500" in answer


def test_few_images_that_do_not_overfit_are_said_to(results_of, judgement):
    few = {"losses": [3, 2, 1, 0.5]}
    answer = judgement(CLAIM, results_of(table(ALL_EPOCHS, few=few))).answer
    assert "On few images, too, the counter would never have acted." in answer


RISES_ONCE = {
    "losses": [4, 2, 1, 1.5], "train": [4, 3, 2, 1], "test_accuracy": 0.9, "best_epoch": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("relu", "words"),
    [
        (GUESSES, "None of the trainings learns"),
        (ALL_EPOCHS, "In none of the 1 trainings that learn did the counter act: the validation "
         "loss was still falling"),
        (RISES_ONCE, "the validation loss rose in some, but not for 2 epochs in a row."),
    ],
)  # fmt: skip
def test_why_the_counter_did_not_act(results_of, judgement, relu, words):
    assert words in judgement(CLAIM, results_of(table(relu))).answer


def test_few_images_may_diverge(results_of, judgement):
    results = results_of(table(ALL_EPOCHS, few={"losses": [], "error": "diverged"}))
    assert judgement(CLAIM, results).verdict is Verdict.UNDECIDED
    (drawing,) = draw(results)
    assert [panel.title for panel in drawing.panels] == ["Cross-entropy, the report's images"]


def test_the_picture_marks_the_kept_epoch_and_the_stop(results_of):
    (drawing,) = draw(results_of(table(ALL_EPOCHS)))
    few, relu = drawing.panels
    assert (
        "The best epoch is 2 (vertical line); the counter would stop after epoch 4" in few.caption
    )
    assert (
        "The best epoch is 4 (vertical line); the counter never has a reason to stop it"
        in relu.caption
    )
    assert few.header == ["epoch", "training", "validation"]
