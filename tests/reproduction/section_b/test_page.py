import pytest

from chainrule.reproduction.results import Results, configuration
from chainrule.reproduction.section_b import page
from chainrule.study.trial import TrialResult


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
        [],
        {},
        None,
    )
    rows = page.ranking(results)
    assert [(row.rank, row.activation) for row in rows] == [(1, "tanh"), (2, "relu")]
    assert rows[1].claimed == 0.9460
    assert rows[1].accuracy.mean == pytest.approx(0.7)
    assert rows[1].best_epochs == "3–5"
