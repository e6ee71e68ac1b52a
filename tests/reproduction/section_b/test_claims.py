from types import SimpleNamespace

import numpy as np
import pytest

from chainrule.reproduction.claims import Verdict, judge
from chainrule.reproduction.losses import turning_share
from chainrule.reproduction.results import Results, configuration
from chainrule.reproduction.section_b.claims import CLAIMS
from chainrule.reproduction.section_b.experiments import FAULTY, INITIALISATIONS, TRAINED
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

# What the report says, and a leaky ReLU that works: (accuracy, loss) by configuration; a run that
# diverged is (None, accuracy of its best epoch or None).
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
# As in MNIST, 11.35 % of the test labels are ones.
MNIST = SimpleNamespace(y_test=np.r_[np.full(1135, 1), np.arange(8865) % 10 + 2])
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
            scores = {"validation_accuracy": accuracy or 0.1}
            epochs = [Epoch(n, v, v, scores, 0.002, 1.0) for n, v in enumerate(curve, 1)]
            metrics = {"test_accuracy": accuracy, "test_loss": loss}
            error = "training diverged" if accuracy is None else None
            after_each = {"test_accuracies": [accuracy or 0.1] * len(curve)}
            runs.append(
                TrialResult(
                    "id",
                    configuration(activation, init),
                    seed,
                    ({"restored_accuracy": loss} if error else metrics) | after_each,
                    epochs,
                    1.0,
                    error,
                )
            )
    planned = [Trial("B", configuration(*pair), seed, {}, "") for pair in table for seed in seeds]
    results = Results.of(runs, planned, {}, MNIST)
    return {j.id: j for j in judge(CLAIMS, results)}


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
    assert "is best with random, at 22.50%, which explains the claim" in judgement.note
    assert judgement.measured["faulty_weight_init"] == "random"


@pytest.mark.parametrize("accuracy", [0.05, 0.20, 0.50, 0.93])
def test_the_leaky_relu_claim_differs_where_the_fault_does_not_explain_it(accuracy):
    faulty = {(FAULTY.name, init): (accuracy, 2.1) for init in INITIALISATIONS}
    judgement = judged(faulty)["B.leaky_relu.best"]
    assert judgement.verdict is Verdict.DIFFERS
    assert "72.03 percentage points above the claim" in judgement.note
    assert "so it does not explain the figure" in judgement.note


def test_a_wide_spread_of_the_faulty_variant_explains_nothing():
    faulty = {(FAULTY.name, "random"): [(0.1, 2.3), (0.9, 0.3)]}
    assert judged(faulty)["B.leaky_relu.best"].verdict is Verdict.DIFFERS


def test_a_faulty_variant_that_diverges_counts_with_its_best_weights():
    some = judged({(FAULTY.name, "normal"): [(None, 0.3), (0.2, 2.0)]})["B.leaky_relu.best"]
    assert "1 of its 6 trainings diverged" in some.note
    assert [row["faulty_normal"] for row in some.per_seed] == [0.3, 0.2]
    assert some.measured["faulty_test_accuracy"]["mean"] == pytest.approx(0.25)
    changes = {(FAULTY.name, init): (None, None) for init in INITIALISATIONS}
    every = judged(changes)["B.leaky_relu.best"]
    assert "all of its 6 trainings diverged" in every.note
    assert every.measured["faulty_test_accuracy"] is None
    assert every.verdict is Verdict.DIFFERS


def test_the_leaky_relu_claim_says_which_early_stopping_would_end_at_its_figure():
    note = judged({("leaky_relu", "random"): (0.2250, 2.1)})["B.leaky_relu.best"].note
    assert "variants of the early stopping" in note
    assert "42 end within 1.00 percentage points of the claim; of those, " in note
    assert "Nearest: leaky_relu, random" in note
    assert "none ends within" in judged()["B.leaky_relu.best"].note


def test_the_leaky_relu_claim_is_reproduced_only_with_its_initialisation():
    changes = {("leaky_relu", init): (0.1135, 2.3) for init in INITIALISATIONS}
    random = changes | {("leaky_relu", "random"): (0.2247, 2.1)}
    normal = changes | {("leaky_relu", "normal"): (0.2247, 2.1)}
    assert judged(random)["B.leaky_relu.best"].verdict is Verdict.REPRODUCED
    assert judged(normal)["B.leaky_relu.best"].verdict is Verdict.DIFFERS


@pytest.mark.parametrize("init", INITIALISATIONS)
@pytest.mark.parametrize("accuracy", [0.02, 0.5])
def test_every_initialisation_of_sigmoid_must_agree(init, accuracy):
    judgement = judged({("sigmoid", init): (accuracy, 1.5)})["B.sigmoid.best"]
    assert judgement.verdict is Verdict.DIFFERS
    assert judgement.measured["test_accuracy"][init]["mean"] == accuracy


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


@pytest.mark.parametrize(
    ("pair", "claim"),
    [
        (("relu", "normal"), "B.relu.normal"),
        (("sigmoid", "random"), "B.sigmoid.best"),
        (("tanh", "zero"), "B.zero"),
        (("tanh", "random"), "B.ranking"),
        (("leaky_relu", "normal"), "B.leaky_relu.best"),
    ],
)
def test_a_claim_is_not_reproduced_where_a_run_that_it_needs_diverged(pair, claim):
    judgement = judged({pair: [(None, None), AS_CLAIMED[pair]]})[claim]
    assert judgement.verdict is Verdict.DIFFERS
    assert "runs that this claim needs diverged: " + configuration(*pair) in judgement.note


def test_sigmoid_counts_in_the_ranking_where_it_learns():
    learns = {("sigmoid", "normal"): (0.5, 1.5), ("sigmoid", "random"): (0.6, 1.4)}
    judgement = judged(learns)["B.ranking"]
    assert judgement.verdict is Verdict.DIFFERS
    assert "sigmoid 10.00 percentage points below" in judgement.note


def test_where_nothing_is_learnt_there_is_nothing_to_compare():
    nothing = dict.fromkeys(AS_CLAIMED, (0.1135, 2.3))
    judgement = judged(nothing)["B.ranking"]
    assert judgement.verdict is Verdict.DIFFERS
    assert "nothing to compare" in judgement.note


@pytest.mark.parametrize("pair", list(AS_CLAIMED))
@pytest.mark.parametrize("seed", [0, 1])
def test_any_one_run_may_be_missing(pair, seed):
    verdicts = [judgement.verdict for judgement in judged(missing=[(*pair, seed)]).values()]
    assert None in verdicts
    assert set(verdicts) - {None}


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
