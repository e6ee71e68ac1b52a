import pytest

from chainrule.reproduction import page_b
from chainrule.reproduction.claims import Judgement
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.run import Reproduction
from chainrule.reproduction.section_b import configuration
from chainrule.study.trial import TrialResult

SPREAD = {"mean": 0.946, "std": 0.0012, "low": 0.94, "high": 0.95, "n": 5}


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({"test_accuracy": 0.946, "test_loss": 0.1825}, "accuracy 94.60\u202f%; loss 0.1825"),
        ({"test_accuracy": SPREAD}, "accuracy 94.60\u202f% ± 0.12"),
        ({"test_loss": SPREAD}, "loss 0.9460 ± 0.0012"),
        ({"test_accuracy": {**SPREAD, "n": 1}}, "accuracy 94.60\u202f%"),
        ({"ranking": ["relu", "tanh"]}, "ranking relu, then tanh"),
        ({"normal_better_than_random": True}, "normal better than random yes"),
        ({"normal_better_than_random": False}, "normal better than random no"),
        ({"test_accuracy": {"zero": {**SPREAD, "n": 1}}}, "accuracy zero 94.60\u202f%"),
        ({"learns": False, "oscillating": []}, "learns no; oscillating none"),
        ({"test_loss": 1.5e30}, "loss 1.5·10³⁰"),
        (
            {"majority_share": 0.1135, "turning_share": {"relu": SPREAD}},
            "largest class 11.35\u202f%",
        ),
        ({"statement": "does not learn"}, "does not learn"),
        ({"weight_init": "random"}, "with random"),
        ({}, "–"),
    ],
)
def test_figures_in_words(figures, text):
    assert page_b.claim_text(Judgement("id", figures, {}, [], None, ""))[0] == text


def test_the_ranking_is_by_mean_accuracy_and_leaves_failures_out():
    def run(activation, init, seed, accuracy, error=None):
        metrics = {"test_accuracy": accuracy, "test_loss": 1.0, "best_epoch": 3 + 2 * seed}
        return TrialResult("id", configuration(activation, init), seed, metrics, [], 1.0, error)

    results = Results.of(
        [
            run("relu", "normal", 0, 0.9),
            run("relu", "normal", 1, 0.5),
            run("tanh", "normal", 0, 0.8),
            run("sigmoid", "zero", 0, 0.99, "diverged"),
        ],
        (0, 1),
        0.1135,
    )
    rows = page_b.ranking(results)
    assert [(row.rank, row.activation) for row in rows] == [(1, "tanh"), (2, "relu")]
    assert rows[1].claimed == 0.9460
    assert rows[1].accuracy.mean == pytest.approx(0.7)
    assert rows[1].best_epochs == "3–5"


def test_a_changed_setting_says_so(tmp_path):
    plan = Reproduction(tmp_path, (0,), False, {"patience": 3}, "")
    rows = {
        name: (value, origin) for name, value, origin in page_b.setting_rows(plan.settings, False)
    }
    assert rows["patience"] == ("3", "changed for this run")
    assert rows["train_samples"] == ("60,000", "the report")
    assert rows["clip_value"] == ("1e+10", "the report")
    assert rows["learning_rate"] == ("0.002", "the report")


def test_quick_mode_says_what_it_leaves_out(tmp_path):
    plan = Reproduction(tmp_path, (0,), True, {}, "")
    rows = {name: row for name, *row in page_b.setting_rows(plan.settings, True)}
    assert rows["epochs"] == ["12", "quick mode; 40 at full scale"]
    assert rows["batch_size"] == ["128", "the report"]
