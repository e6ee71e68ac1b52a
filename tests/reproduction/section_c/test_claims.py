from itertools import product

import numpy as np
import pytest

from chainrule.reproduction.claims import Verdict, judge
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.claims import CLAIMS
from chainrule.reproduction.section_c.data import Data
from chainrule.reproduction.section_c.grid_search import OURS, search_trials
from chainrule.reproduction.section_c.settings import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    INPUTS,
    SCORE,
    SETTINGS,
)
from chainrule.reproduction.settings import values
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

FULL = values(SETTINGS, False, {})
GRID = search_trials(FULL, OURS, 0, "")["grid"]


def falling(start, end, n=100):
    return np.geomspace(start, end, n).tolist()


def epochs(train, validation=None):
    validation = train if validation is None else validation
    rows = zip(train, validation, strict=True)
    return [Epoch(i, a, b, {}, 1e-5, 1.0) for i, (a, b) in enumerate(rows, 1)]


# A table of what the report says: losses of C2 and C4, scores of the grid, accuracies of C5.
STALLING = [*falling(1.5, 0.5, 50), *([0.5] * 10), *falling(0.49, 0.4, 40)]
CURVES = {
    ("C2", "logistic"): falling(2.3, 1.2),
    ("C2", "tanh"): falling(2.0, 0.3),
    ("C2", "relu"): STALLING,
    ("C2", "identity"): falling(2.0, 0.5),
    ("C4", "relu"): falling(0.1, 0.02),
    ("C4", "identity"): falling(0.1, 0.015),
}
ERRORS = {"relu": 0.04, "identity": 0.03}
ACCURACIES = {"relu": 0.7740, "identity": 0.8115, "pixels": 0.82}


def grid_score(candidate, best=-0.33):
    wanted = {"solver": "adam", "batch_size": 256, "learning_rate_init": 1e-4}
    return best if candidate == wanted else best - 0.2


def table(score, curves, complete):
    """Return metrics and epochs by configuration and seed, as the report would have them."""
    curves = CURVES | curves
    rows = {}
    for seed in (0, 1):
        for name in ACTIVATIONS_COMPARED:
            rows[f"C2, {name}", seed] = {"test_accuracy": 0.8}, epochs(curves["C2", name])
        for name in AUTOENCODERS:
            rows[f"C4, {name}", seed] = {"test_mse": ERRORS[name]}, epochs(curves["C4", name])
        for name, rate in product(INPUTS, ("0.001", "2e-05")):
            found = {"test_accuracy": ACCURACIES[name], "shapes": [[8000, 32], [2000, 32]]}
            rows[f"C5, {name}, {rate}", seed] = found, []
    for trial in GRID:
        value = score(trial.settings["candidate"])
        found = {SCORE: value, f"train_{SCORE}": value + 0.15}
        rows[trial.configuration, 0] = found, epochs(falling(2, 1))
    refit = {SCORE: -0.41, f"train_{SCORE}": -0.24}
    rows["C3, refit", 0] = refit, epochs(falling(2, 1))
    for fold in range(3 if complete else 0):
        rows[f"C3, complete, fold {fold + 1}", 0] = {SCORE: complete}, []
    return rows


def judged(*, score=grid_score, curves=None, metrics=None, missing=(), errors=(), complete=None):
    rows, changed = table(score, curves or {}, complete), metrics or {}
    runs = [
        TrialResult("id", name, seed, {}, [], 1.0, "training diverged")
        if name in errors
        else TrialResult("id", name, seed, found | changed.get(name, {}), history)
        for (name, seed), (found, history) in rows.items()
        if name not in missing
    ]
    planned = [Trial("C", name, seed, {}, "") for name, seed in rows]
    data = Data(None, None, None, complete)
    return {j.id: j for j in judge(CLAIMS, Results.of(runs, planned, FULL, data))}


def test_what_the_report_says_is_reproduced():
    verdicts = {name: judgement.verdict for name, judgement in judged().items()}
    assert {name: v for name, v in verdicts.items() if v is not Verdict.REPRODUCED} == {}
    assert list(verdicts) == [
        "C2.best_activation",
        "C2.logistic",
        "C2.relu",
        "C3.best_params",
        "C3.best_score",
        "C4.converge",
        "C4.sharper",
        "C5.shapes",
        "C5.relu_accuracy",
        "C5.identity_accuracy",
        "C5.comparable",
    ]


def test_the_figures_are_the_report_s():
    claimed = {claim.id: claim.claimed for claim in CLAIMS}
    assert claimed["C3.best_score"] == {"best_score": -0.3277, "another_run": -0.4226}
    assert claimed["C3.best_params"] == {"best": ["adam", "256", "0.0001"]}
    assert claimed["C5.relu_accuracy"]["test_accuracy"] == 0.7740
    assert claimed["C5.identity_accuracy"]["test_accuracy"] == 0.8115
    assert claimed["C5.shapes"] == {"train": [8000, 32], "test": [2000, 32]}


def verdict(name, **changes):
    return judged(**changes)[name].verdict


def test_tanh_must_have_both_losses_lowest():
    lower = {("C2", "identity"): falling(2.0, 0.2)}
    assert verdict("C2.best_activation", curves=lower) is Verdict.DIFFERS


@pytest.mark.parametrize(("last", "wanted"), [(0.59, "differs"), (0.61, "reproduced")])
def test_logistic_struggles_from_twice_the_lowest_loss_on(last, wanted):
    others = {("C2", name): falling(2, 0.3) for name in ("relu", "identity")}
    curves = {**others, ("C2", "logistic"): falling(2.3, last)}
    assert verdict("C2.logistic", curves=curves) == wanted


def test_relu_must_start_well_and_stall():
    assert verdict("C2.relu", curves={("C2", "relu"): falling(2.0, 0.4)}) is Verdict.DIFFERS
    slow = {("C2", "relu"): [*([2.3] * 20), *falling(2.3, 0.4, 80)]}
    assert verdict("C2.relu", curves=slow) is Verdict.DIFFERS


def test_another_winner_of_the_grid_differs():
    def score(candidate):
        return -0.3 if candidate["batch_size"] == 64 else -0.4

    judgement = judged(score=score)["C3.best_params"]
    assert judgement.verdict is Verdict.DIFFERS
    assert judgement.measured["best"] == ["adam", "64", "0.0001"]
    assert "wins in 0 of 1 searches" in judgement.note
    assert "0 of 55 fits stopped before epoch 100" in judgement.note


def with_best(best):
    return lambda candidate: grid_score(candidate, best)


@pytest.mark.parametrize(
    ("best", "wanted"),
    [
        (-0.3277 * 1.09, "reproduced"),
        (-0.3277 * 1.12, "differs"),
        (-0.4226, "erratum"),
        (-0.4226 * 1.11, "differs"),
    ],
)
def test_the_score_is_held_to_a_tenth_of_either_of_the_report_s(best, wanted):
    assert verdict("C3.best_score", score=with_best(best)) == wanted


def test_the_score_on_all_images_may_explain_the_report_s():
    judgement = judged(score=with_best(-0.43), complete=-0.32)["C3.best_score"]
    assert judgement.verdict is Verdict.ERRATUM
    assert judgement.note.endswith(
        "So -0.3277 agrees with the score cross-validated on 60,000 images of complete "
        "Fashion-MNIST."
    )


def test_without_all_images_the_note_says_how_to_get_them():
    note = judged(score=with_best(-0.43))["C3.best_score"].note
    assert "chainrule data fetch fashion-mnist" in note


def test_a_curve_that_rises_does_not_converge():
    rising = {("C4", "relu"): [*falling(0.1, 0.02, 80), *falling(0.02, 0.03, 20)]}
    assert verdict("C4.converge", curves=rising) is Verdict.DIFFERS
    shallow = {("C4", "relu"): falling(0.1, 0.06)}
    assert verdict("C4.converge", curves=shallow) is Verdict.DIFFERS


def test_the_lower_error_is_the_sharper():
    lower = {"C4, relu": {"test_mse": 0.02}}
    judgement = judged(metrics=lower)["C4.sharper"]
    assert judgement.verdict is Verdict.DIFFERS
    assert judgement.measured["sharper"] == "relu"


def test_other_shapes_differ():
    other = {"C5, identity, 0.001": {"shapes": [[8000, 64], [2000, 64]]}}
    assert verdict("C5.shapes", metrics=other) is Verdict.DIFFERS


@pytest.mark.parametrize(("off", "wanted"), [(0.0099, "reproduced"), (-0.0101, "differs")])
def test_features_are_held_to_a_percentage_point(off, wanted):
    found = {"C5, relu, 0.001": {"test_accuracy": 0.7740 + off}}
    assert verdict("C5.relu_accuracy", metrics=found) == wanted


def test_a_rate_that_explains_the_claim_is_named():
    found = {"C5, relu, 0.001": {"test_accuracy": 0.85}}
    note = judged(metrics=found)["C5.relu_accuracy"].note
    assert note.endswith("A rate of 2e-05 would explain the claim.")
    assert "7.60 percentage points above the claim" in note


@pytest.mark.parametrize(("pixels", "wanted"), [(0.82, "reproduced"), (0.90, "differs")])
def test_features_are_comparable_up_to_five_points(pixels, wanted):
    found = {"C5, pixels, 0.001": {"test_accuracy": pixels}}
    assert verdict("C5.comparable", metrics=found) == wanted


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("C2, logistic", "C2.relu"),
        ("C3, sgd, 64, 1e-05, fold 3", "C3.best_params"),
        ("C3, refit", "C3.best_score"),
        ("C4, relu", "C4.converge"),
        ("C5, pixels, 2e-05", "C5.comparable"),
    ],
)
def test_a_claim_waits_for_its_runs_and_falls_with_them(name, claim):
    assert judged(missing=(name,))[claim].verdict is None
    assert judged(errors=(name,))[claim].verdict is Verdict.DIFFERS
