from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from chainrule.study.effects import Observed, effects, heat_map
from chainrule.study.results import Results


def grid(scores, **levels):
    """Return observed candidates: every combination, and the scores by seed of each."""
    combinations = [dict(zip(levels, values, strict=True)) for values in product(*levels.values())]
    return [Observed(v, tuple(s)) for v, s in zip(combinations, scores, strict=True)]


def test_two_factors_by_hand():
    found = effects(grid([[1.0], [2.0], [3.0], [6.0]], a=["x", "y"], b=[10, 20]))
    # Means: 3; a 1.5 and 4.5, b 2 and 4. Squares: a 4·1.5², b 4·1², all 4+1+0+9.
    assert found.balanced
    assert [(one.factor, one.share) for one in found.factors] == [("a", 9 / 14), ("b", 4 / 14)]
    assert found.pairs[("a", "b")] == pytest.approx(1 / 14)
    assert found.rest == pytest.approx(0)
    assert (found.noise, found.factors[0].p) == (None, None)  # one seed
    assert found.factors[0].range == 3
    assert [(level.low, level.means) for level in found.factors[1].levels] == [
        (10, (1.0, 3.0)),
        (20, (2.0, 6.0)),
    ]


@given(
    st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=2, max_size=5).filter(
        lambda groups: all(len(set(group)) > 1 for group in groups)
    )
)
def test_one_factor_is_the_one_way_analysis(groups):
    found = effects(grid(groups, a=list(range(len(groups)))))
    (effect,) = found.factors
    expected = stats.f_oneway(*groups)
    assert effect.p == pytest.approx(expected.pvalue)
    assert effect.share + found.noise == pytest.approx(1)


@given(st.lists(st.integers(0, 9), min_size=24, max_size=24).filter(lambda x: len(set(x)) > 1))
def test_the_shares_add_up(numbers):
    scores = np.reshape(numbers, (12, 2))
    found = effects(grid(scores, a=[1, 2], b=["x", "y", "z"], c=[False, True]))
    shares = [one.share for one in found.factors]
    assert sum(shares) + sum(found.pairs.values()) + found.rest + found.noise == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)


def test_an_additive_grid_has_no_interaction():
    scores = [[a + b + seed for seed in range(2)] for a in (0, 5) for b in (0, 1, 4)]
    found = effects(grid(scores, a=[0, 1], b=[0, 1, 2]))
    assert found.pairs[("a", "b")] == pytest.approx(0, abs=1e-12)
    assert found.factors[0].factor == "a"


def test_identical_scores_have_no_shares():
    found = effects(grid([[0.1, 0.1]] * 4, a=[1, 2], b=[1, 2]))
    assert [(one.share, one.p) for one in found.factors] == [(None, None)] * 2
    assert found.noise is None


def test_scores_without_noise_are_certain():
    found = effects(grid([[1.0, 1.0], [2.0, 2.0]], a=[1, 2]))
    assert (found.factors[0].share, found.factors[0].p, found.noise) == (1.0, 0.0, 0.0)


def test_a_grid_with_a_gap_goes_by_ranks():
    found = effects(grid([[1.0], [2.0], [3.0], [6.0]], a=[1, 2], b=[1, 2])[:-1])
    assert not found.balanced
    assert (found.noise, dict(found.pairs)) == (None, {})


def test_ranks_are_kruskal_and_wallis_s(rng):
    observed = [
        Observed({"word": word, "none": 1}, (score,))
        for word, score in zip("aabbbccaab", rng.random(10), strict=True)
    ]
    (effect,) = effects(observed).factors  # a factor of one value does nothing
    groups = [[o.mean for o in observed if o.values["word"] == word] for word in "abc"]
    h, p = stats.kruskal(*groups)
    assert effect.p == pytest.approx(p)
    assert effect.share == pytest.approx(max(0, (h - 3 + 1) / (10 - 3)))


def test_a_best_value_in_the_middle_is_seen(rng):
    rates = 10 ** rng.uniform(-5, -1, 40)
    observed = [
        Observed({"rate": r, "other": rng.random()}, (-((np.log10(r) + 3) ** 2),)) for r in rates
    ]
    first, second = effects(observed).factors
    assert (first.factor, second.factor) == ("rate", "other")
    assert first.share > 0.5 > second.share
    assert first.p < 0.001
    assert [len(level.means) for level in first.levels] == [10] * 4
    assert all(a.high < b.low for a, b in zip(first.levels, first.levels[1:], strict=False))


def test_equal_values_stay_in_one_group():
    observed = [Observed({"x": x}, (float(i),)) for i, x in enumerate([1] * 9 + [2, 3, 4, 5, 6, 7])]
    (effect,) = effects(observed).factors
    assert [(level.low, level.high, len(level.means)) for level in effect.levels] == [
        (1, 1, 9),
        (2, 5, 4),
        (6, 7, 2),
    ]


@pytest.mark.parametrize("observed", [[], [Observed({"a": 1}, (0.5,))]])
def test_fewer_than_two_candidates_have_no_effects(observed):
    assert effects(observed).factors == []


def test_two_candidates_of_a_list_are_too_few_to_tell():
    observed = [Observed({"a": 1, "b": "x"}, (0.5,)), Observed({"a": 2, "b": "y"}, (0.6,))]
    assert [(one.share, one.p) for one in effects(observed).factors] == [(None, None)] * 2


def test_values_that_are_lists_and_truths_are_levels():
    found = effects(grid([[1.0], [2.0], [3.0], [4.0]], sizes=[[64], [64, 32]], flag=[True, False]))
    assert [level.low for level in found.factors[0].levels] == [[64], [64, 32]]


def test_the_heat_map_has_means_over_all_else():
    observed = grid([[float(i)] for i in range(8)], a=[2, 1], b=["x", "y"], c=[0, 1])
    rows, columns, cells = heat_map(observed, "a", "b")
    assert (rows, columns) == ([1, 2], ["x", "y"])
    assert cells == [[4.5, 6.5], [0.5, 2.5]]
    assert heat_map(observed[:2], "a", "b")[2] == [[0.5]]
    assert heat_map([observed[0], observed[-1]], "a", "b")[2] == [[None, 7.0], [0.0, None]]


def test_candidates_of_which_a_trial_failed_are_left_out(pair_of):
    pairs = [pair_of(n, n / 10, seed=s, values={"a": n}) for n in range(3) for s in range(2)]
    pairs[1] = pair_of(0, None, seed=1, values={"a": 0}, error="no")
    results = Results.of(pairs)
    assert [one.values for one in results.observed()] == [{"a": 1}, {"a": 2}]
    assert results.effects().n == 2


def test_with_halving_the_effects_are_those_of_the_first_rung(pair_of):
    pairs = [pair_of(n, n / 10, budget=5, values={"a": n}) for n in range(3)]
    pairs.append(pair_of(2, 0.9, budget=15, values={"a": 2}))
    assert [one.scores for one in Results.of(pairs).observed()] == [(0.0,), (0.1,), (0.2,)]


def test_one_seed_s_folds_are_one_score(pair_of):
    pairs = [pair_of(n, n + f, fold=f, values={"a": n}) for n in range(2) for f in range(2)]
    assert [one.scores for one in Results.of(pairs).observed()] == [(0.5,), (1.5,)]


def test_a_training_that_went_on_is_one_history(pair_of):
    pairs = [
        pair_of(0, 0.5, budget=2, losses=[4.0, 3.0]),
        pair_of(0, 0.6, budget=4, losses=[4.0, 3.0, 2.0, 1.0]),
        pair_of(0, 0.6, seed=1, budget=2),
    ]
    (history,) = Results.of(pairs).histories(0)
    assert [epoch.train_loss for epoch in history.epochs] == [4.0, 3.0, 2.0, 1.0]


def test_many_factors_of_many_values_take_no_longer(rng):
    names = "abcdefgh"
    observed = [
        Observed(dict(zip(names, rng.random(8), strict=True)), (rng.random(),)) for _ in range(100)
    ]
    assert not effects(observed).balanced  # of 100⁸ combinations


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), min_size=4, max_size=15))
def test_by_ranks_the_share_is_eta_squared_of_h(drawn):
    # Tomczak and Tomczak's η² from an analysis of variance of the ranks: it is what the groups
    # explain, adjusted for their number. Their ε² is what they explain, as it is.
    words, scores = zip(*drawn, strict=True)
    assume(1 < len(set(words)) < len(words) and len(set(scores)) > 1)
    observed = [Observed({"word": w}, (float(s),)) for w, s in drawn]
    assume(not effects(observed).balanced)
    (effect,) = effects(observed).factors
    ranks, n, k = stats.rankdata(scores), len(words), len(set(words))
    of_word = {w: np.mean([r for v, r in zip(words, ranks, strict=True) if v == w]) for w in words}
    between = sum((of_word[w] - ranks.mean()) ** 2 for w in words)
    explained = between / np.sum((ranks - ranks.mean()) ** 2)
    assert effect.share == pytest.approx(max(0, 1 - (1 - explained) * (n - 1) / (n - k)), abs=1e-9)


def test_seeds_that_change_nothing_have_no_share():
    found = effects(grid([[0.1 + 0.2, 0.3], [0.7, 0.7]], a=[1, 2]))
    assert (found.noise, found.factors[0].p) == (0.0, 0.0)
    assert found.factors[0].share == pytest.approx(1)
