from dataclasses import replace

import numpy as np
import pytest

from chainrule.reproduction.claims import judge
from chainrule.reproduction.section_c.grid_search import OURS, search_trials
from chainrule.reproduction.section_c.reasons.factors import (
    THEME,
    Scores,
    best_levels,
    main_effects,
    variance_shares,
)
from chainrule.reproduction.section_c.settings import SCORE, SETTINGS
from chainrule.reproduction.settings import values

GRID = search_trials(values(SETTINGS, False, {}), OURS, 0, "")["grid"]


def additive(candidate, fold, batch=1.0):
    """A score to which each factor adds its part; folds differ."""
    added = 0.5 * (candidate["solver"] == "adam") + 1000 * candidate["learning_rate_init"]
    return -2 + added + batch * candidate["batch_size"] / 2560 + 0.01 * fold


def rows(score, grid=GRID):
    of = {
        trial.configuration: score(trial.settings["candidate"], trial.settings["fold"])
        for trial in grid
    }
    return {name: [({SCORE: s, f"train_{SCORE}": -0.1}, [2.0, 1.0])] for name, s in of.items()}


def test_the_report_s_three_choices_must_be_the_best_on_average(judged):
    one = judged(THEME, rows(additive))["C3.factors"]
    assert one.verdict == "reproduced"
    assert one.measured["best"] == ["adam", "256", "0.0001"]
    assert one.measured["effects"]["adam"]["mean"] == pytest.approx(0.25)
    assert one.answer.startswith("Better on average: adam and a larger batch and a higher rate. ")


def test_a_smaller_batch_that_is_better_differs(judged):
    one = judged(THEME, rows(lambda *of: additive(*of, batch=-1.0)))["C3.factors"]
    assert one.verdict == "differs"
    assert one.measured["best"] == ["adam", "64", "0.0001"]
    assert one.measured["best_within_adam"] == ["64", "0.0001"]
    assert one.answer.startswith(
        "Better on average: adam and a higher rate; not a larger batch, as batch 64 is best. "
    )
    assert one.per_seed == [{"seed": 0, "best": ["adam", "64", "0.0001"]}]


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(0)
    params = [trial.settings["candidate"] for trial in GRID[::3]]
    return Scores(params, rng.normal(size=(18, 3)))


def test_main_effects_are_those_of_least_squares(scores):
    """In a balanced grid they are the coefficients of a linear model with effect coding."""
    main = main_effects(scores)
    columns = {(f, v): [float(p[f] == v) for p in scores.params] for f in main for v in main[f]}
    design = np.column_stack([np.ones(18), *columns.values()])
    for y in scores.by_fold.T:
        fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
        for (factor, level), chosen in columns.items():
            effect = fitted[np.array(chosen) == 1].mean() - y.mean()
            assert main[factor][level].low <= effect + 1e-12
            assert effect - 1e-12 <= main[factor][level].high
    effects = [spread.mean for spread in main["batch_size"].values()]
    assert sum(effects) == pytest.approx(0)


def test_levels_are_told_with_their_range_over_folds(scores):
    adam = np.array([p["solver"] == "adam" for p in scores.params])
    wanted = scores.by_fold[adam].mean(axis=0) - scores.by_fold.mean(axis=0)
    found = main_effects(scores)["solver"]["adam"]
    assert (found.low, found.high) == pytest.approx((wanted.min(), wanted.max()))
    assert found.mean == pytest.approx(wanted.mean())


def test_within_adam_there_is_no_effect_of_the_solver(scores):
    within = main_effects(scores.only("solver", "adam"))
    assert "solver" not in within
    assert list(within["learning_rate_init"]) == [1e-5, 2e-5, 1e-4]


def test_one_factor_that_decides_has_all_of_the_variance(scores):
    by_fold = np.array([[1.0] * 3 if p["solver"] == "adam" else [0.0] * 3 for p in scores.params])
    alone = Scores(scores.params, by_fold)
    assert variance_shares(alone)["solver"] == pytest.approx(1)
    assert best_levels(main_effects(alone))["solver"] == "adam"


@pytest.fixture
def of_grid(results_of):
    """Make results of another grid."""

    def make(**levels):
        used = values(SETTINGS, False, {f"C3.{name}": of for name, of in levels.items()})
        grid = search_trials(used, OURS, 0, "")["grid"]
        return replace(results_of(rows(additive, grid)), settings=used)

    return make


def test_a_grid_without_adam_tells_nothing_of_it(of_grid):
    results = of_grid(solver=("sgd",))
    (one,) = judge(THEME.claims, results)
    assert one.verdict == "undecided"  # one solver has no better one
    assert one.measured["best"] == ["256", "0.0001"]
    assert one.measured["best_within_adam"] == []
    assert "adam" not in one.answer + one.note.removeprefix(THEME.claims[0].rule)
    (drawing,) = THEME.draw(results)
    assert drawing.legend == ["all candidates"]
    assert len(drawing.panels[0].rows) == 3 + 3


def test_a_grid_of_one_candidate_compares_nothing(of_grid):
    results = of_grid(solver=("adam",), batch_size=(256,), learning_rate=(1e-4,))
    (one,) = judge(THEME.claims, results)
    assert (one.verdict, one.measured["best"]) == ("undecided", [])
    assert one.answer == "The grid has one candidate, so there is nothing to compare."
    assert [drawing.panels for drawing in THEME.draw(results)] == [[]]


def test_a_factor_without_effect_has_none_of_rounding(scores):
    of = {
        (p["batch_size"], p["learning_rate_init"]): row
        for p, row in zip(scores.params, scores.by_fold, strict=True)
    }
    rows = [of[p["batch_size"], p["learning_rate_init"]] for p in scores.params]
    effects = main_effects(Scores(scores.params, np.array(rows)))["solver"]
    assert [(e.low, e.mean, e.high) for e in effects.values()] == [(0, 0, 0)] * 2


def test_the_picture_has_a_group_for_each_level(results_of):
    (drawing,) = THEME.draw(results_of(rows(additive)))
    table = {row[0]: row[1:] for row in drawing.panels[0].rows}
    assert table["adam"] == ["0.25", "–"]  # within adam the solver has no effect
    assert len(table) == 2 + 3 + 3
    assert THEME.draw(results_of({})) == []


def test_a_grid_of_which_a_fit_diverged_has_no_picture(results_of):
    found = rows(additive)
    found[GRID[0].configuration] = [({}, [])]  # as a trial that failed has it
    assert THEME.draw(results_of(found)) == []
