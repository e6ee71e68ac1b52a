import pytest
from matplotlib.figure import Figure

from chainrule.report.study import figures
from chainrule.report.study.figures import (
    LOSSES,
    collect_curves,
    collect_points,
    collect_rungs,
    draw_points,
    draw_rungs,
)
from chainrule.study.effects import Observed, effects
from chainrule.study.results import Results

written = "{:.2f}".format


def test_curves_are_means_with_the_range_of_seeds(pair_of):
    pairs = [pair_of(0, 0.5, seed=s, losses=[1.0 + s, 0.5 + s]) for s in range(2)]
    results = Results.of(pairs)
    training, validation = collect_curves(results, results.candidates(), LOSSES)
    assert (training.label, training.dashed, training.x) == ("1. training", True, [1, 2])
    assert (training.mean, training.low, training.high) == ((1.5, 1.0), (1.0, 0.5), (2.0, 1.5))
    assert (validation.dashed, validation.mean) == (False, pytest.approx((1.6, 1.1)))


def test_a_figure_for_losses_and_one_for_each_score(pair_of):
    results = Results.of([pair_of(0, 0.5, losses=[1.0, 0.5]), pair_of(1, 0.6)])
    found = figures.curves(results, results.candidates())
    assert [panel.title for panel in found.panels] == ["Loss", "validation_accuracy"]
    assert found.names == ["1. activation=a1", "2. activation=a0"]
    assert found.panels[1].caption == "Last values: 2 0.875."


def test_without_histories_there_are_no_curves(results_of):
    results = results_of([0.5])
    assert figures.curves(results, results.candidates()) is None


def test_points_of_many_numbers():
    observed = [Observed({"rate": 10.0**-k, "word": "ab"[k % 2]}, (float(k),)) for k in range(8)]
    by_name = {effect.factor: effect for effect in effects(observed).factors}
    points = collect_points(observed, by_name["rate"])
    assert points.log
    assert points.groups == [(1e-7, 1e-4, 5.5), (1e-3, 1.0, 1.5)]
    assert collect_points(observed, by_name["word"]) is None
    axes = Figure().add_subplot()
    draw_points(points, axes)
    assert axes.get_xscale() == "log"


@pytest.fixture
def halving(pair_of):
    rungs = {0: {5: 0.6, 15: 0.8}, 1: {5: 0.7}, 2: {5: None}}
    return Results.of(
        [
            pair_of(n, score, budget=budget, error="no" if score is None else None)
            for n, scores in rungs.items()
            for budget, score in scores.items()
        ]
    )


def test_rungs_have_the_best_last(halving):
    climbs = collect_rungs(halving, halving.candidates())
    assert [(c.rank, c.budgets, c.means) for c in climbs] == [
        (2, [5], [0.7]),
        (1, [5, 15], [0.6, 0.8]),
    ]
    axes = Figure().add_subplot()
    draw_rungs(climbs, axes)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["5", "15"]


def test_the_numbers_behind_the_rungs(halving):
    panel = figures.rungs(halving, halving.candidates(), written)
    assert panel.rows == [
        ["5", "2", "1", "0.70", "0.65", "0.60"],
        ["15", "1", "–", "0.80", "0.80", "0.80"],
    ]


def test_without_halving_there_are_no_rungs(results_of):
    results = results_of([0.5])
    assert figures.rungs(results, results.candidates(), written) is None


def test_lines_of_candidates_that_share_a_rank_have_numbers_of_their_own(pair_of):
    results = Results.of([pair_of(n, 0.5, losses=[1.0, 0.5]) for n in range(3)])
    found = figures.curves(results, results.candidates(), first=6)
    assert [name.split()[0] for name in found.names] == ["6.", "7.", "8."]
