import pytest

from chainrule.report.study import words
from chainrule.study.effects import Effect, Effects
from chainrule.study.results import Results
from chainrule.study.statistics import Estimate


def lead(results):
    written = words.number_format(
        one.metrics["accuracy"] for one in results.candidates() if one.metrics
    )
    return words.lead(results.against_best(), written)


def of(std, *means):
    return [Estimate(mean, std, None, None, 2, "seeds", ()) for mean in means]


@pytest.mark.parametrize(
    ("estimates", "value", "text"),
    [
        (of(0.012, 0.9), 0.912345, "0.912"),
        (of(0.3, 20.0), -20.456, "−20.46"),
        (of(None, 0.5, 0.5003), 0.50031, "0.50031"),
        (of(None, 0.5), 0.5, "0.5000"),
        ([], 0.5, "0.5000"),
        (of(0.1, 1.0), 1234567.0, "1.23e+06"),
        (of(0.1, 1.0), 1e-9, "1e−09"),
    ],
)
def test_scores_have_two_digits_of_what_they_vary_by(estimates, value, text):
    assert words.number_format(estimates)(value) == text


def test_a_clear_lead(results_of):
    results = results_of([0.9, 0.91, 0.92, 0.9], [0.5, 0.52, 0.51, 0.49])
    assert lead(results) == (
        "It is 0.403 ahead of the next, activation=a1: more than the seeds’ noise."
    )


def test_a_lead_that_is_noise(results_of):
    results = results_of([0.9, 0.85, 0.88, 0.9], [0.9, 0.87, 0.84, 0.91], [0.1, 0.12, 0.11, 0.1])
    (first, second) = results.against_best()
    assert lead(results) == (
        "It is 0.003 ahead of the next, activation=a1: not more than the seeds’ noise; "
        f"{first.comparison.needed:,} seeds would tell. "
        "It is better than 1 of the next 2 by more than noise."
    )
    assert words.answer(second) == "yes"
    assert words.answer(first) == f"no; {first.comparison.needed:,} seeds would tell"


def test_identical_scores(results_of):
    assert lead(results_of([0.5, 0.6], [0.5, 0.6])) == (
        "The next, activation=a1, is as good: not more than the seeds’ noise; "
        "the scores are identical."
    )


def test_one_seed(results_of):
    assert lead(results_of([0.7], [0.5])) == (
        "It is 0.20 ahead of the next, activation=a1: "
        "one pair of scores cannot tell, more seeds could."
    )


def test_folds_where_more_seeds_would_hardly_tell(pair_of):
    scores = [(0.7, 0.4, 0.6), (0.5, 0.6, 0.5)]
    pairs = [pair_of(n, s, fold=k) for n, row in enumerate(scores) for k, s in enumerate(row)]
    assert lead(Results.of(pairs)).endswith(
        "not more than the folds’ noise; more seeds would hardly tell."
    )


def test_nothing_to_compare_with(results_of):
    assert lead(results_of([0.7])) == "There is no other candidate with a score to compare it with."


def test_no_common_seed(results_of):
    assert lead(results_of([0.9, None], [None, 0.5])) == (
        "The next, activation=a1, has no seed and fold in common with it."
    )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            {"grid": {}, "evaluation": {"folds": 5}, "seeds": [0]},
            "2 candidates from a grid of activation. "
            "Each is trained with 1 seed on 5 folds of cross-validation.",
        ),
        (
            {"random": {}, "evaluation": {"fraction": 0.25}, "seeds": [0, 1]},
            "2 candidates drawn at random: activation. "
            "Each is trained with 2 seeds; 25\u202f% of the rows, the same for all, judge.",
        ),
        (
            {"candidates": [], "evaluation": {"data": "v.csv"}, "seeds": [0, 1]},
            "2 candidates from a list that sets activation. "
            "Each is trained with 2 seeds; rows of their own judge.",
        ),
    ],
)
def test_the_design_in_words(results_of, document, sentence):
    assert words.design(document, results_of([0.5], [0.6])) == sentence


def test_progress(pair_of):
    results = Results.of([pair_of(0, 0.5), pair_of(1, None, error="no")])
    assert words.progress(results, 2) == (
        "All 2 trials finished, 1 of which failed; 2.0\u202fs of training."
    )
    assert words.progress(results, 5) == (
        "2 of 5 trials finished, 1 of which failed; 2.0\u202fs of training."
    )


def test_the_best_in_words(results_of):
    (first,) = results_of([0.5, 0.6]).candidates()
    written = words.number_format(first.metrics.values())
    assert words.best(first, "accuracy", written) == (
        "accuracy 0.550 (95\u202f% interval −0.085 to 1.185, over 2 seeds)."
    )
    (alone,) = results_of([0.5], budget=15).candidates()
    assert words.best(alone, "accuracy", written) == (
        "accuracy 0.500 after 15 epochs, from one seed."
    )


def test_names_from_elsewhere_can_be_seen():
    assert words.name_of("a\x1b[2J\u202e") == "a\\x1b[2J\\u202e"
    assert len(words.name_of("x" * 1000)) == words.LONGEST + 1
    assert words.value_of([64, "relu"]) == '[64, "relu"]'


@pytest.mark.parametrize(
    ("p", "text"), [(None, "–"), (1e-9, "< 0.001"), (0.0123, "0.012"), (0.5, "0.50")]
)
def test_p_values(p, text):
    assert words.p_value(p) == text


def test_no_negative_zero():
    written = words.number_format(of(0.01, -0.5))
    assert [written(value) for value in (-0.0, 0.0, -1e-30)] == ["0.000", "0.000", "−1e−30"]


def test_a_tie_is_no_lead(results_of):
    # The means of the first two pairs differ by rounding: 0.15000000000000002 and 0.15.
    assert lead(results_of([0.1, 0.2], [0.15, 0.15])) == (
        "The next, activation=a1, is as good: not more than the seeds’ noise; "
        "more seeds would hardly tell."
    )


def test_what_is_clearly_behind_is_not_better(pair_of):
    pairs = [pair_of(0, 0.5 + s / 1000, seed=s) for s in range(6)]
    pairs += [pair_of(1, 0.9 - s / 1000, seed=s) for s in range(5)]
    pairs += [pair_of(1, None, seed=5, error="no"), *(pair_of(2, 0.1, seed=s) for s in range(6))]
    # Candidate 1, of which a trial failed, is last, whatever the others reached.
    assert lead(Results.of(pairs)).endswith("It is better than 1 of the next 2 by more than noise.")


def test_a_trial_without_a_finite_score_is_said(pair_of):
    results = Results.of([pair_of(0, 0.5), pair_of(1, None)])
    assert words.progress(results, 2) == (
        "All 2 trials finished, 1 without a finite accuracy; 2.0\u202fs of training."
    )
    assert words.shortfall(2, 1, "r2") == "2 failed, 1 without a finite r2"
    assert words.shortfall(0, 0, "r2") == ""


def test_a_study_of_which_nothing_is_finished_claims_nothing(results_of):
    document = {"grid": {}, "evaluation": {"folds": 5}, "seeds": [0]}
    assert words.design(document, results_of(), 8) == (
        "Each is trained with 1 seed on 5 folds of cross-validation."
    )
    assert words.design(document, results_of([0.5]), 8).startswith("1 candidate by now from a grid")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (-0.0, "0 %"),
        (1e-5, "< 1 %"),
        (0.426, "43 %"),
        (0.999, "> 99 %"),
        (1.0, "100 %"),
    ],
)
def test_shares_of_little_and_of_nearly_all(share, text):
    assert words.share_of(share) == text.replace(" %", "\u202f%")


def effect(share, p, factor="a"):
    return Effect(factor, [], share, p)


@pytest.mark.parametrize(
    ("factors", "sentence"),
    [
        ([], ""),
        ([effect(None, None)], ""),
        ([effect(0.0, 1.0), effect(0.0, 1.0)], ""),
        ([effect(0.5, 0.01), effect(0.2, 0.2)], "a matters most: it goes with {}."),
        ([effect(0.5, 0.01)], "a goes with {}."),
        ([effect(0.5, 0.01), effect(0.5, 0.01, "b")], "a goes with {}."),
        ([effect(0.5, 0.3), effect(0.1, 0.9)], "a goes with {}, not more than noise (p = 0.30)."),
        ([effect(0.5, None)], "a goes with {}; one seed cannot tell that from noise."),
    ],
)
def test_a_factor_matters_most_where_that_is_known(factors, sentence):
    shown = "50\u202f% of the scores’ variance"
    assert words.influence(Effects(True, factors, 4)) == sentence.format(shown)
