import math
from dataclasses import replace

import pytest

from chainrule.study.plan import Design, SamplerPlan, score
from chainrule.study.sampling import Candidate, Grid
from chainrule.study.sampling.sampler import Sampler
from chainrule.study.trial import TrialResult

SETTINGS = {"estimator": "MLPClassifier", "fixed": {}, "metrics": ["accuracy"]}


def design(**changes):
    return Design(**{"section": "s", "settings": SETTINGS, "data": "d", "seeds": (0, 1), **changes})


def result(trial, **metrics):
    return TrialResult(trial.id, trial.configuration, trial.seed, metrics)


class UpByUp(Sampler):
    """Knows the next candidate when the last one has a score."""

    adapts = True

    def candidates(self, scores=None):
        return [Candidate(n, {"x": n}) for n in range(min(len(scores or {}) + 1, 4))]

    @classmethod
    def from_toml(cls, given):
        return cls()

    def to_toml(self):
        return {}


def test_a_trial_for_each_candidate_seed_and_fold_in_this_order():
    plan = SamplerPlan(Grid({"x": [1, 2]}), design(folds=2), "accuracy")
    trials = plan({})
    assert [
        (t.configuration, t.settings["number"], t.seed, t.settings["fold"]) for t in trials
    ] == [(f"x={n + 1}", n, seed, k) for n in (0, 1) for seed in (0, 1) for k in (0, 1)]
    assert trials[0].settings == {**SETTINGS, "candidate": {"x": 1}, "number": 0, "fold": 0}
    assert (trials[0].section, trials[0].data) == ("s", "d")
    assert len({trial.id for trial in trials}) == 8


def test_without_folds_no_trial_has_one():
    (trial,) = SamplerPlan(Grid({"x": [1]}), design(seeds=(3,)), "accuracy")({})
    assert "fold" not in trial.settings
    assert "epochs" not in trial.settings


def test_results_do_not_change_a_grids_trials():
    plan = SamplerPlan(Grid({"x": [1, 2]}), design(), "accuracy")
    trials = plan({})
    assert plan({trial.id: result(trial, accuracy=0.5) for trial in trials}) == trials


def test_a_sampler_that_learns_hears_of_a_candidate_when_all_its_trials_are_finished():
    plan = SamplerPlan(UpByUp(), design(), "accuracy")
    finished = {}
    counts = []
    while waiting := [trial for trial in plan(finished) if trial.id not in finished]:
        finished[waiting[0].id] = result(waiting[0], accuracy=0.5)
        counts.append(len(plan(finished)))
    assert counts == [2, 4, 4, 6, 6, 8, 8, 8]
    # A study that goes on asks a new plan once, with all that is finished.
    assert [trial.id for trial in SamplerPlan(UpByUp(), design(), "accuracy")(finished)] == [
        *finished
    ]


def test_a_score_is_the_mean_over_seeds_and_folds():
    trials = design(folds=2).trials(Candidate(0, {"x": 1}))
    results = {
        trial.id: result(trial, accuracy=value)
        for trial, value in zip(trials.values(), [0.1, 0.2, 0.4, 0.9], strict=True)
    }
    assert score(trials, results, "accuracy") == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("metrics", "error"),
    [
        ({}, None),
        ({"accuracy": math.nan}, None),
        ({"accuracy": None}, None),
        ({"r2": 1.0}, None),
        ({"accuracy": 0.5}, "DivergenceError: training diverged"),
    ],
)
def test_a_candidate_with_a_failed_trial_has_no_score(metrics, error):
    trials = design().trials(Candidate(0, {"x": 1}))
    first, second = trials.values()
    failed = replace(result(second, **metrics), error=error)
    results = {first.id: result(first, accuracy=0.5), second.id: failed}
    assert score(trials, results, "accuracy") is None
