from dataclasses import replace

import numpy as np
import pytest

from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c import figures, page
from chainrule.reproduction.section_c.peers import compare


@pytest.fixture(scope="module")
def results(done, planned, scope, data):
    return Results.of(done, planned, scope.settings, data)


def test_losses_have_a_line_for_each_activation(results):
    lines = figures.collect_activations(results, "train_loss")
    assert [line.label for line in lines] == ["logistic", "tanh", "relu", "identity"]
    tanh = [run.epochs[0].train_loss for run in results.runs("C2", "tanh")]
    assert lines[1].mean[0] == pytest.approx(sum(tanh) / 2)
    assert (lines[1].low[0], lines[1].high[0]) == (min(tanh), max(tanh))


def test_autoencoders_have_training_and_validation(results):
    lines = figures.collect_autoencoders(results)
    assert [(line.label, line.dashed) for line in lines] == [
        ("relu, training", True),
        ("relu, validation", False),
        ("identity, training", True),
        ("identity, validation", False),
    ]


def test_features_have_a_line_for_each_input(results):
    lines = figures.collect_features(results, "0.001")
    assert [line.label for line in lines] == ["relu", "identity", "pixels"]
    runs = results.runs("C5", "pixels", "0.001")
    last = [run.metrics["test_accuracy"] for run in runs]
    assert lines[2].mean[-1] == pytest.approx(sum(last) / 2)


def test_candidates_are_ranked_by_their_mean_score(results):
    rows = page.candidates(results)
    assert [row.rank for row in rows] == list(range(1, 7))
    assert [row.score.mean for row in rows] == sorted((r.score.mean for r in rows), reverse=True)
    assert rows[0].score.n == 3
    assert not any(row.is_claimed for row in rows)  # 256 is not in this grid


def test_a_grid_of_which_a_fit_diverged_is_shown_without_its_candidate(done, planned, scope, data):
    failed = "C3, adam, 64, 0.0001, fold 2"
    runs = [
        replace(run, metrics={}, epochs=[], error="training diverged")
        if run.configuration in (failed, f"{failed}, scikit-learn")
        else run
        for run in done
    ]
    results = Results.of(runs, planned, scope.settings, data)
    rows = page.candidates(results)
    assert [row.rank for row in rows] == list(range(1, 6))
    assert (64, "0.0001") not in [(row.batch_size, row.learning_rate) for row in rows]
    search = next(row for row in compare(results) if row.configuration == "C3, grid search")
    assert np.isfinite(search.ours["best_score"]["mean"])


def test_a_grid_of_which_all_fits_diverged_is_compared_with_nothing(done, planned, scope, data):
    runs = [
        replace(run, metrics={}, epochs=[], error="training diverged")
        if run.configuration.startswith("C3, ")
        else run
        for run in done
    ]
    results = Results.of(runs, planned, scope.settings, data)
    assert page.candidates(results) == []
    assert "C3, grid search" not in [row.configuration for row in compare(results)]


def test_a_page_that_is_complete_has_pictures_and_one_that_is_not_has_none(
    results, planned, scope, data
):
    part = page.part(results)
    assert len(part["samples"]) == 10
    assert [name for name, _ in part["strips"]] == [
        "original",
        "relu",
        "identity",
        "tanh",
        "relu 135-32-135",
    ]
    assert part["looks"].name.startswith("C2, ")
    assert {group: len(panels) for group, panels in part["figures"].items()} == {
        "activations": 2,
        "autoencoders": 1,
        "features": 2,
    }
    nothing = page.part(Results.of([], planned, scope.settings, data))
    assert not any(nothing[name] for name in ("samples", "strips", "looks", "figures"))
    assert nothing["candidates"] == []


def test_peers_are_compared_where_both_have_run(results, planned, scope, data):
    rows = {row.configuration: row for row in compare(results)}
    assert {row.library for row in rows.values()} == {"scikit-learn"}
    assert {"C2, tanh", "C4, relu", "C5, pixels, 0.001", "C3, grid search"} <= rows.keys()
    tanh = rows["C2, tanh"]
    assert tanh.ours["test_loss"]["n"] == 2
    assert tanh.theirs["test_loss"]["mean"] == pytest.approx(tanh.ours["test_loss"]["mean"], 0.05)
    assert tanh.our_seconds > 0
    assert tanh.their_seconds > 0
    search = rows["C3, grid search"]
    assert search.theirs["best_score"]["mean"] == pytest.approx(
        search.ours["best_score"]["mean"], rel=0.05
    )
    alone = [run for runs in results.by_configuration.values() for run in runs]
    alone = [run for run in alone if "scikit-learn" not in run.configuration]
    assert compare(Results.of(alone, planned, scope.settings, data)) == []
