import math

import pytest

from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.claims_b import judge, turning_share
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.section_b import FAULTY, INITIALISATIONS, TRAINED, configuration
from chainrule.study.trial import TrialResult
from chainrule.training.history import Epoch

# What the report says, and a leaky ReLU that works: (accuracy, loss) by configuration.
AS_CLAIMED = {
    (activation, init): (0.1135, 2.30) for activation in TRAINED for init in INITIALISATIONS
} | {
    ("relu", "normal"): (0.9460, 0.1825),
    ("relu", "random"): (0.9180, 0.2809),
    ("tanh", "normal"): (0.9327, 0.2503),
    ("tanh", "random"): (0.9100, 0.3000),
    ("leaky_relu", "normal"): (0.9450, 0.1830),
    ("leaky_relu", "random"): (0.9170, 0.2820),
}
SHAKING = [2.31, 2.30, 2.31, 2.30, 2.31]
FALLING = [2.5, 2.4, 2.3, 2.2, 2.1]


def judged(changes=None, seeds=(0, 1), curve=SHAKING, missing=()):
    table = AS_CLAIMED | (changes or {})
    runs = []
    for (activation, init), figures in table.items():
        for i, seed in enumerate(seeds):
            if (activation, init, seed) in missing:
                continue
            accuracy, loss = figures[i] if isinstance(figures, list) else figures
            epochs = [Epoch(n, v, v, accuracy, 0.002, 1.0) for n, v in enumerate(curve, 1)]
            metrics = {"test_accuracy": accuracy, "test_loss": loss}
            error = "training diverged" if accuracy is None else None
            runs.append(
                TrialResult(
                    "id",
                    configuration(activation, init),
                    seed,
                    {} if error else metrics,
                    epochs,
                    1.0,
                    error,
                )
            )
    return {j.id: j for j in judge(Results.of(runs, 0.1135), len(seeds))}


def test_the_report_s_own_figures_are_reproduced():
    verdicts = {name: judgement.verdict for name, judgement in judged().items()}
    assert verdicts.pop("B.leaky_relu.best") is Verdict.DIFFERS
    assert set(verdicts.values()) == {Verdict.REPRODUCED}


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ((0.9460 + 0.0099, 0.1825), Verdict.REPRODUCED),
        ((0.9460 + 0.0101, 0.1825), Verdict.DIFFERS),
        ((0.9460 - 0.0101, 0.1825), Verdict.DIFFERS),
        ((0.9460, 0.1825 * 1.09), Verdict.REPRODUCED),
        ((0.9460, 0.1825 * 1.11), Verdict.DIFFERS),
    ],
)
def test_a_configuration_is_held_to_its_tolerance(figures, verdict):
    assert judged({("relu", "normal"): figures})["B.relu.normal"].verdict is verdict


def test_a_configuration_reports_difference_spread_and_seeds():
    judgement = judged({("relu", "normal"): [(0.940, 0.19), (0.948, 0.18)]})["B.relu.normal"]
    assert judgement.measured["test_accuracy"]["mean"] == pytest.approx(0.944)
    assert judgement.per_seed == [
        {"seed": 0, "test_accuracy": 0.940, "test_loss": 0.19},
        {"seed": 1, "test_accuracy": 0.948, "test_loss": 0.18},
    ]
    assert judgement.note == (
        "Ours is 0.20 percentage points below the claimed accuracy and 0.0025 above the claimed "
        "loss; tolerance 1.00 percentage points and 10% of the claimed loss. The claimed accuracy "
        "lies inside the range of our 2 seeds."
    )


def test_one_seed_says_that_it_has_no_spread():
    note = judged(seeds=(0,))["B.relu.normal"].note
    assert note.endswith("One seed has no spread to compare with.")


def test_the_leaky_relu_claim_is_an_erratum_where_the_fault_explains_it():
    faulty = {(FAULTY.name, "random"): (0.2250, 2.1)}
    judgement = judged(faulty)["B.leaky_relu.best"]
    assert judgement.verdict is Verdict.ERRATUM
    assert "and so explains the claimed 22.47%" in judgement.note
    assert judgement.measured["faulty_weight_init"] == "random"


def test_the_leaky_relu_claim_differs_where_the_fault_does_not_explain_it():
    judgement = judged()["B.leaky_relu.best"]
    assert judgement.verdict is Verdict.DIFFERS
    assert "72.03 percentage points above the claim" in judgement.note
    assert "is not reproduced by it" in judgement.note
    learns = judged({(FAULTY.name, "normal"): (0.93, 0.2)})["B.leaky_relu.best"]
    assert "the fault does not explain the claim" in learns.note


def test_the_leaky_relu_claim_is_reproduced_where_it_really_fails():
    changes = {("leaky_relu", init): (0.2247, 2.1) for init in INITIALISATIONS}
    assert judged(changes)["B.leaky_relu.best"].verdict is Verdict.REPRODUCED


def test_a_sigmoid_that_learns_differs():
    judgement = judged({("sigmoid", "normal"): (0.5, 1.5)})["B.sigmoid.best"]
    assert judgement.verdict is Verdict.DIFFERS
    assert judgement.measured["weight_init"] == "normal"


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky_relu"])
def test_zero_weights_that_learn_differ(activation):
    changes = {(activation, "zero"): [(0.1135, 2.3), (0.5, 1.5)]}
    assert judged(changes)["B.zero"].verdict is Verdict.DIFFERS


def test_zero_weights_whose_curves_do_not_turn_differ():
    assert judged(curve=FALLING)["B.zero"].verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    "changes",
    [
        {("tanh", "normal"): (0.96, 0.1)},
        {("sigmoid", "normal"): (0.935, 0.2)},
        {("relu", "random"): (0.95, 0.17)},
        {("tanh", "random"): (0.94, 0.2)},
    ],
)
def test_another_order_differs(changes):
    assert judged(changes)["B.ranking"].verdict is Verdict.DIFFERS


def test_the_ranking_counts_the_seeds_in_which_it_holds():
    judgement = judged({("relu", "normal"): [(0.99, 0.1), (0.92, 0.2)]})["B.ranking"]
    assert judgement.verdict is Verdict.REPRODUCED
    assert "All of it holds in 1 of 2 seeds" in judgement.note


def test_a_run_that_diverged_counts_as_chance():
    judgement = judged({("relu", "normal"): (None, None)})["B.relu.normal"]
    assert judgement.verdict is Verdict.DIFFERS
    assert judgement.measured["test_accuracy"]["mean"] == 0.1135
    assert math.isinf(judgement.measured["test_loss"]["mean"])


def test_a_claim_without_all_of_its_runs_has_no_verdict():
    verdicts = judged(missing=[("tanh", "random", 1)])
    assert verdicts["B.ranking"].verdict is None
    assert verdicts["B.ranking"].note == "Not all of the runs that this claim needs are finished."
    assert verdicts["B.tanh.normal"].verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("curve", "share"),
    [
        ([1, 2, 1, 2], 1.0),
        ([3, 2, 1], 0.0),
        ([1, 2, 1, 0], 0.5),
        ([1, 1, 1], 0.0),
        ([1, 2], 0.0),
        ([], 0.0),
    ],
)
def test_turning_share(curve, share):
    assert turning_share(curve) == share
