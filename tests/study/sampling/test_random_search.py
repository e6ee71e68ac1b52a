import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from chainrule.errors import InvalidValueError
from chainrule.study.sampling import SAMPLERS, LogUniform, Random, key_of

DISCRETE = {"a": ["x", None, [1]], "b": {"low": 1, "high": 4, "integer": True}}
MIXED = {**DISCRETE, "rate": {"low": 1e-5, "high": 0.1, "log": True}}


@given(st.integers(1, 12), st.integers(0, 2**40))
def test_of_finitely_many_candidates_none_comes_twice(n, seed):
    found = Random(n, DISCRETE, seed).candidates()
    assert [candidate.number for candidate in found] == list(range(n))
    assert len({candidate.name for candidate in found}) == n


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([DISCRETE, MIXED]))
def test_more_candidates_begin_with_the_same(n, more, space):
    few, many = (Random(size, space, 3).candidates() for size in sorted((n, more)))
    assert many[: len(few)] == few


def test_another_seed_gives_others_and_the_same_the_same():
    assert Random(5, MIXED, 1).candidates() == Random(5, MIXED, 1).candidates()
    assert Random(5, MIXED, 1).candidates() != Random(5, MIXED, 2).candidates()


def test_the_order_in_which_factors_are_written_is_of_no_effect():
    backwards = dict(reversed(MIXED.items()))
    assert Random(5, backwards).candidates() == Random(5, MIXED).candidates()


def test_draws_have_their_distributions():
    found = Random(2000, {**MIXED, "c": [1, 2]}, seed=0).candidates()
    rates = [candidate.values["rate"] for candidate in found]
    assert scipy.stats.kstest(rates, scipy.stats.loguniform(1e-5, 0.1).cdf).pvalue > 0.01
    pairs = [(c.values["b"], c.values["c"]) for c in found]
    counts = [pairs.count((b, c)) for b in (1, 2, 3, 4) for c in (1, 2)]
    assert scipy.stats.chisquare(counts).pvalue > 0.01  # independent, too


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"n": 13, **DISCRETE},
            "n in random must be at most 12, the number of different candidates, got 13: lower it, "
            "or use a grid",
        ),
        ({"n": 0, **DISCRETE}, "n in random must be an integer of at least 1, got 0: change it"),
        (
            {"n": 1.5, **DISCRETE},
            "n in random must be an integer of at least 1, got 1.5: change it",
        ),
        (
            {"n": 2, "seed": -1, **DISCRETE},
            "seed in random must be an integer of at least 0, got -1: change it",
        ),
        (DISCRETE, "random must say how many candidates there are, got none: add n = 20"),
        (
            {"n": 3},
            "random must have at least one parameter, got none: add one, such as "
            'activation = ["relu", "tanh"]',
        ),
        (7, "random must be a table, got 7: write [random]"),
    ],
)
def test_what_is_refused(table, message):
    with pytest.raises(InvalidValueError) as caught:
        Random.from_toml(table)
    assert str(caught.value) == message


def test_from_its_table_and_back():
    sampler = Random(4, {**MIXED, "l": LogUniform(1, np.float64(2))}, seed=5)
    assert SAMPLERS[key_of(sampler)].from_toml(sampler.to_toml()) == sampler
