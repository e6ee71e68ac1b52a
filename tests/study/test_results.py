import math

import pandas as pd
import pytest
from scipy import stats

from chainrule.errors import UnknownNameError
from chainrule.study.results import Results
from chainrule.study.trial import TIMES


def names(results, metric=None):
    return [one.name for one in results.candidates(metric)]


def test_a_trial_is_a_row(pair_of):
    results = Results.of(
        [
            pair_of(1, 0.5, seed=3, fold=1, values={"alpha": 0.1, "solver": "adam"}),
            pair_of(0, 0.8, seed=3, fold=1, values={"solver": "sgd"}, losses=[2.0, 1.0],
                    metrics={"train_accuracy": 1, "spectrum": [1, 2]}, seconds=2.5),
        ]
    )  # fmt: skip
    assert results.rows() == [
        {
            "number": 0, "candidate": "solver=sgd", "solver": "sgd", "alpha": None, "seed": 3,
            "fold": 1, "epochs": 2, "accuracy": 0.8, "train_accuracy": 1, "seconds": 2.5,
            "error": None,
        },
        {
            "number": 1, "candidate": "alpha=0.1, solver=adam", "solver": "adam", "alpha": 0.1,
            "seed": 3, "fold": 1, "epochs": None, "accuracy": 0.5, "train_accuracy": None,
            "seconds": 1.0, "error": None,
        },
    ]  # fmt: skip


def test_a_failed_trial_is_a_row_with_its_error(pair_of):
    results = Results.of([pair_of(0, None, error="DivergenceError: training diverged")])
    (row,) = results.rows()
    assert (row["accuracy"], row["error"]) == (None, "DivergenceError: training diverged")


def test_columns_and_factors_of_the_same_name_stay_apart(pair_of):
    pair = pair_of(0, 0.5, values={"seed": 9, "x": 1}, metrics={"seconds": 7.0})
    (row,) = Results.of([pair]).rows()
    assert (row["seed"], row["param_seed"]) == (0, 9)
    assert (row["seconds"], row["metric_seconds"]) == (1.0, 7.0)


def test_an_epoch_is_a_row_of_the_history(pair_of):
    first, second = Results.of([pair_of(0, 0.5, seed=1, losses=[2.0, 1.0])]).history.rows
    assert first == {
        "number": 0, "candidate": "activation=a0", "activation": "a0", "seed": 1, "epoch": 1,
        "train_loss": 2.0, "validation_loss": 2.1, "learning_rate": 0.01, "seconds": 0.1,
        "penalty": 0.0, "validation_accuracy": 0.5,
    }  # fmt: skip
    assert second["epoch"] == 2


def test_the_table_is_written(results_of, tmp_path):
    pytest.importorskip("pyarrow")
    results = results_of([0.5, 0.6], [0.7, 0.8])
    results.write_csv(tmp_path / "trials.csv")
    results.write_parquet(tmp_path / "trials.parquet")
    from_csv = pd.read_csv(tmp_path / "trials.csv")
    assert from_csv["accuracy"].tolist() == [0.5, 0.6, 0.7, 0.8]
    assert pd.read_parquet(tmp_path / "trials.parquet")["seed"].tolist() == [0, 1, 0, 1]
    assert results.to_pandas()["accuracy"].tolist() == [0.5, 0.6, 0.7, 0.8]


def test_candidates_are_ranked_by_their_means(results_of):
    results = results_of([0.5, 0.7], [0.8, 0.9], [0.7, 0.7])
    assert names(results) == ["activation=a1", "activation=a2", "activation=a0"]
    best, _, last = results.candidates()
    assert best.metrics["accuracy"].values == (0.8, 0.9)
    assert (best.rank, last.rank, best.trials, best.failed) == (1, 3, 2, 0)


def test_the_order_of_finishing_does_not_matter(results_of):
    results = results_of([0.5, 0.7], [0.8, 0.9])
    again = Results.of(list(reversed(results.pairs)))
    assert again.rows() == results.rows()
    assert again.candidates() == results.candidates()


def test_of_times_less_is_better(pair_of):
    times = [{"fit_time": 3.0 + i, "score_time": 5.0 - i} for i in range(3)]
    pairs = [pair_of(i, i, metrics=times[i]) for i in range(3)]
    results = Results.of(pairs)
    found = {name: [one.number for one in results.candidates(name)] for name in (None, *TIMES)}
    assert found == {None: [2, 1, 0], "fit_time": [0, 1, 2], "score_time": [2, 1, 0]}


def test_another_metric_ranks(pair_of):
    pairs = [
        pair_of(0, 0.9, metrics={"neg_log_loss": -2.0}),
        pair_of(1, 0.8, metrics={"neg_log_loss": -1.0}),
    ]
    results = Results.of(pairs)
    assert names(results) == ["activation=a0", "activation=a1"]
    assert names(results, "neg_log_loss") == ["activation=a1", "activation=a0"]


def test_a_metric_that_no_trial_has_is_refused(results_of, message_of):
    assert message_of(UnknownNameError, results_of([0.5]).candidates, "acuracy") == (
        "metric must be one of accuracy, got 'acuracy': did you mean \"accuracy\"?"
    )


@pytest.mark.parametrize("score", [math.nan, math.inf, None, True, [0.5]])
def test_what_is_no_finite_number_counts_as_failed(pair_of, score):
    results = Results.of([pair_of(0, 0.4), pair_of(1, score)])
    assert [(one.number, one.rank, one.failed) for one in results.candidates()] == [
        (0, 1, 0),
        (1, None, 1),
    ]


def test_whoever_fails_with_a_seed_comes_after_those_who_do_not(pair_of):
    pairs = [
        pair_of(0, 0.9),
        pair_of(0, None, seed=1, error="MemoryError"),
        pair_of(1, 0.5),
        pair_of(1, 0.5, seed=1),
    ]
    first, second = Results.of(pairs).candidates()
    assert (first.number, second.number, second.failed, second.rank) == (1, 0, 1, 2)


def test_all_failed(pair_of):
    results = Results.of([pair_of(0, None, error="no"), pair_of(1, None, error="no")])
    assert [one.rank for one in results.candidates()] == [None, None]
    assert results.against_best() == []


def test_nothing_is_finished():
    results = Results.of([], ["accuracy"])
    assert (results.rows(), results.candidates(), results.against_best()) == ([], [], [])
    assert results.metric() == "accuracy"


def test_the_comparison_is_paired_over_seeds(results_of):
    a, b = [0.81, 0.85, 0.90, 0.79], [0.80, 0.83, 0.89, 0.79]
    comparison = results_of(a, b).compare(0, 1)
    assert comparison.p == pytest.approx(stats.ttest_rel(a, b).pvalue)


@pytest.mark.parametrize("evaluation", [{"fraction": 0.2}, {"data": "v.csv"}])
def test_rows_that_are_the_same_for_all_seeds_need_no_correction(results_of, evaluation):
    results = results_of([0.81, 0.85, 0.90], [0.80, 0.83, 0.89], evaluation=evaluation)
    comparison = results.compare(0, 1)
    error = comparison.std * math.sqrt(1 / 3)
    assert comparison.p == pytest.approx(2 * stats.t.sf(comparison.difference / error, 2))


def test_folds_are_pairs_of_their_own(pair_of):
    pairs = [
        pair_of(number, 0.5 + number / 10 + fold * seed / 100, seed=seed, fold=fold,
                evaluation={"folds": 3})
        for number in range(2) for seed in range(2) for fold in range(3)
    ]  # fmt: skip
    comparison = Results.of(pairs).compare(1, 0)
    assert (comparison.n, comparison.seeds, comparison.p) == (6, 2, 2 / 2**6)


def test_several_comparisons_are_corrected(results_of):
    results = results_of([0.9, 0.91, 0.93], [0.8, 0.85, 0.84], [0.9, 0.9, 0.91], [0.1, 0.2, 0.1])
    found = results.against_best()
    raw = [one.comparison.p for one in found]
    assert [one.candidate.number for one in found] == [2, 1, 3]
    smallest = min(range(3), key=raw.__getitem__)
    assert found[smallest].p == pytest.approx(3 * raw[smallest])
    assert [one.best.number for one in results.against_best(1)] == [0]


def test_a_study_that_is_still_running_compares_what_both_have(results_of):
    results = results_of([0.9, 0.8, 0.85], [0.7, None, 0.6])
    (one,) = results.against_best()
    assert (one.comparison.n, one.comparison.difference) == (2, pytest.approx(0.225))


class TestHalving:
    @pytest.fixture
    def results(self, pair_of):
        rungs = {0: {5: 0.6, 15: 0.7, 45: 0.8}, 1: {5: 0.7, 15: 0.9}, 2: {5: 0.95}}
        return Results.of(
            [
                pair_of(number, score + seed / 100, seed=seed, budget=budget)
                for number, scores in rungs.items()
                for budget, score in scores.items()
                for seed in range(2)
            ]
        )

    def test_whoever_came_further_is_first(self, results):
        ranked = results.candidates()
        assert [(one.number, one.budget) for one in ranked] == [(0, 45), (1, 15), (2, 5)]
        assert ranked[0].metrics["accuracy"].mean == pytest.approx(0.805)
        assert results.budgets == (5, 15, 45)

    def test_two_are_compared_at_the_highest_rung_of_both(self, results):
        assert results.compare(0, 1).difference == pytest.approx(-0.2)
        assert results.compare(0, 2).difference == pytest.approx(-0.35)
        assert [one.budget for one in results.against_best()] == [15, 5]

    def test_a_rung_is_a_row(self, results):
        assert [row["budget"] for row in results.rows()[:6]] == [5, 5, 15, 15, 45, 45]


def test_folds_correct_the_variance(pair_of):
    scores = [(0.81, 0.85, 0.90), (0.80, 0.83, 0.86)]
    pairs = [pair_of(n, s, fold=k) for n, row in enumerate(scores) for k, s in enumerate(row)]
    comparison = Results.of(pairs).compare(0, 1)
    error = comparison.std * math.sqrt(1 / 3 + 1 / 2)
    assert comparison.p == pytest.approx(2 * stats.t.sf(comparison.difference / error, 2))


def test_equal_candidates_have_the_same_rank(results_of):
    # (0.1 + 0.2) / 2 is 0.15000000000000002 in floats.
    results = results_of([0.15, 0.15], [0.1, 0.2], [0.5, 0.5], [0.0, 0.1])
    assert [(one.number, one.rank) for one in results.candidates()] == [
        (2, 1),
        (0, 2),
        (1, 2),
        (3, 4),
    ]


def test_undefined_scores_are_counted_apart_and_never_best(pair_of):
    scores = [(0.1, 0.2), (0.9, math.nan), (math.inf, None), (0.8, 0.8)]
    pairs = [pair_of(n, s, seed=k) for n, row in enumerate(scores) for k, s in enumerate(row)]
    pairs[-1] = pair_of(3, None, seed=1, error="no")
    found = Results.of(pairs)
    assert [(one.number, one.rank, one.failed, one.undefined) for one in found.candidates()] == [
        (0, 1, 0, 0),
        (1, 2, 1, 1),
        (3, 3, 1, 0),
        (2, None, 2, 2),
    ]
    assert found.undefined() == 3
