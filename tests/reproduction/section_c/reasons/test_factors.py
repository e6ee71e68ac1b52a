import numpy as np
import pytest

from chainrule.reproduction.section_c.experiments import OURS, search_trials
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


def rows(score):
    return {
        trial.configuration: [({SCORE: score(trial.settings["candidate"], trial.settings["fold"]),
                                f"train_{SCORE}": -0.1}, [2.0, 1.0])]
        for trial in GRID
    }  # fmt: skip


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
    assert list(within["solver"]) == ["adam"]
    assert within["solver"]["adam"].mean == 0
    assert list(within["learning_rate_init"]) == [1e-5, 2e-5, 1e-4]


def test_one_factor_that_decides_has_all_of_the_variance(scores):
    by_fold = np.array([[1.0] * 3 if p["solver"] == "adam" else [0.0] * 3 for p in scores.params])
    alone = Scores(scores.params, by_fold)
    assert variance_shares(alone)["solver"] == pytest.approx(1)
    assert best_levels(main_effects(alone))["solver"] == "adam"


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
