import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chainrule.study.statistics import MOST_SEEDS, POWER, Comparison, Estimate, Spread, holm

scores = st.floats(-10, 10, allow_nan=False).map(lambda x: round(x, 4))


def by_seed(*values):
    return {(seed, None): value for seed, value in enumerate(values)}


def test_the_range_of_values():
    spread = Spread.of([1.0, 2.0, 6.0])
    assert (spread.mean, spread.low, spread.high, spread.n) == (3.0, 1.0, 6.0, 3)
    assert spread.std == pytest.approx(math.sqrt(7))
    assert spread.contains(6.0)
    assert not spread.contains(6.1)


def test_the_range_of_one_value_is_itself():
    assert Spread.of([0.5]) == Spread(0.5, 0.0, 0.5, 0.5, 1)


def test_one_value_has_no_spread():
    assert Estimate.of(by_seed(0.5), 0.25) == Estimate(0.5, None, None, None, 1, "seeds", (0.5,))
    assert Estimate.of({}, 0.0) is None


@given(st.lists(scores, min_size=2, max_size=20).filter(lambda values: len(set(values)) > 1))
def test_the_interval_over_seeds_is_student_s(values):
    estimate = Estimate.of(by_seed(*values), 0.25)
    n, std = len(values), np.std(values, ddof=1)
    low, high = stats.t.interval(0.95, n - 1, np.mean(values), std / math.sqrt(n))
    assert (estimate.over, estimate.n) == ("seeds", n)
    assert estimate.std == pytest.approx(std)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


def test_folds_of_a_seed_are_averaged_first():
    folds = {(0, 0): 1.0, (0, 1): 3.0, (1, 0): 5.0, (1, 1): 7.0}
    estimate = Estimate.of(folds, 1.0)
    assert estimate.values == (2.0, 6.0)
    assert estimate == Estimate.of(by_seed(2.0, 6.0), 0.0)
    # By hand: the quantile of one degree of freedom is the tangent of 0.475 π.
    half = math.tan(0.475 * math.pi) * math.sqrt(8) / math.sqrt(2)
    assert (estimate.mean, estimate.low) == pytest.approx((4.0, 4.0 - half))


def test_one_seed_s_folds_have_the_corrected_variance():
    folds = {(7, fold): value for fold, value in enumerate([1.0, 2.0, 3.0, 4.0, 5.0])}
    estimate = Estimate.of(folds, 1 / 4)
    # The variance is 10 / 4, and 1/5 + 1/4 = 9/20 of it is 9/8.
    error = math.sqrt(Fraction(10, 4) * (Fraction(1, 5) + Fraction(1, 4)))
    assert estimate.over == "folds"
    assert estimate.high - 3 == pytest.approx(stats.t.ppf(0.975, 4) * error)


@given(st.lists(st.tuples(scores, scores), min_size=2, max_size=20))
def test_with_the_same_rows_for_all_it_is_the_paired_t_test(pairs):
    a, b = (np.array(column) for column in zip(*pairs, strict=True))
    if np.std(a - b) < 1e-9:
        return
    comparison = Comparison.of(by_seed(*a), by_seed(*b), 0.0)
    expected = stats.ttest_rel(a, b)
    assert comparison.p == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval(0.95)
    assert (comparison.low, comparison.high) == pytest.approx(tuple(interval), abs=1e-9)


def test_the_corrected_t_of_a_case_by_hand():
    a = {(0, fold): value for fold, value in enumerate([4.0, 5.0, 6.0, 5.0])}
    b = {(0, fold): 3.0 for fold in range(4)}
    comparison = Comparison.of(a, b, 1 / 3)
    # Differences 1, 2, 3, 2: mean 2, variance 2/3; 1/4 + 1/3 = 7/12, so t = 2 / sqrt(7/18).
    assert comparison.p == pytest.approx(2 * stats.t.sf(2 / math.sqrt(7 / 18), 3))
    assert comparison.p > stats.ttest_rel(list(a.values()), list(b.values())).pvalue


def test_only_pairs_that_both_have_count():
    comparison = Comparison.of(by_seed(1.0, 2.0, 3.0), {(1, None): 1.0, (2, None): 1.5}, 0.0)
    assert (comparison.n, comparison.seeds, comparison.difference) == (2, 2, 1.25)
    assert Comparison.of(by_seed(1.0), {(5, None): 1.0}, 0.0) is None


def test_one_pair_has_a_difference_and_no_test():
    comparison = Comparison.of(by_seed(1.0), by_seed(0.5), 0.25)
    assert comparison == Comparison(0.5, None, None, None, None, 1, 1, None)


def test_identical_scores_do_not_differ():
    comparison = Comparison.of(by_seed(0.1, 0.2), by_seed(0.1, 0.2), 0.25)
    assert (comparison.difference, comparison.std, comparison.p) == (0.0, 0.0, 1.0)
    assert comparison.needed is None


@pytest.mark.parametrize("n", [2, 5, 6])
def test_the_same_difference_everywhere_is_judged_by_its_sign(n):
    a, b = by_seed(*np.arange(n) + 0.2), by_seed(*np.arange(n))
    comparison = Comparison.of(a, b, 0.25)
    assert comparison.std == 0
    assert comparison.p == pytest.approx(stats.binomtest(n, n).pvalue)
    assert comparison.needed == 6  # 2 / 2⁶ < 0.05 < 2 / 2⁵
    assert comparison.low == comparison.high == pytest.approx(0.2)


def test_so_many_seeds_give_the_power_and_one_fewer_does_not(rng):
    # The plain paired t-test; its power by simulation.
    noise = np.array([-1.0, 1.0, 0.5, -0.5])
    comparison = Comparison.of(by_seed(*(0.8 + noise)), by_seed(0, 0, 0, 0), 0.0)
    size = comparison.difference / comparison.std

    def power(n):
        draws = rng.normal(size, 1, (100_000, n))
        return np.mean(stats.ttest_1samp(draws, 0, axis=1).pvalue < 0.05)

    assert power(comparison.needed) > POWER - 0.005
    assert power(comparison.needed - 1) < POWER + 0.005


def test_where_rows_are_drawn_again_no_number_of_seeds_may_be_enough():
    a, b = by_seed(0.1, -0.1, 0.2), by_seed(0.0, 0.0, 0.0)
    assert Comparison.of(a, b, 0.25).needed is None
    assert 3 < Comparison.of(a, b, 0.0).needed < MOST_SEEDS


def test_a_tiny_noise_needs_few_seeds():
    assert Comparison.of(by_seed(1.0, 1.0 + 1e-9), by_seed(0.0, 0.0), 0.0).needed == 2


def test_holm_by_hand():
    assert holm([0.01, 0.04, None, 0.03]) == [0.03, 0.06, None, 0.06]
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_lies_between_none_and_bonferroni(ps):
    for p, corrected in zip(ps, holm(ps), strict=True):
        assert p <= corrected <= min(1, len(ps) * p)


def test_a_difference_that_is_rounding_is_none():
    a = {(seed, None): score for seed, score in enumerate([0.1 + 0.2, 0.7, 0.8])}
    b = {(seed, None): score for seed, score in enumerate([0.3, 0.7, 0.8])}
    found = Comparison.of(a, b, 0.0)
    assert (found.difference, found.std, found.p, found.needed) == (0.0, 0.0, 1.0, None)
    first = Comparison.of({(0, None): 0.1 + 0.2}, {(0, None): 0.3}, 0.0)
    assert first.difference == 0.0
