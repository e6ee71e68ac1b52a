import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from chainrule.errors import InvalidValueError
from chainrule.study.sampling import Choice, Integer, LogInteger, LogUniform, Uniform
from chainrule.study.sampling.distributions import read_distributions

SHARES = st.floats(0, 1, exclude_max=True)
FINITE = st.floats(-1e300, 1e300)


def read(given):
    return read_distributions({"x": given}, "random")["x"]


@pytest.mark.parametrize(
    ("table", "distribution"),
    [
        ({"low": 0.0, "high": 1}, Uniform(0.0, 1.0)),
        ({"low": 0, "high": 1, "integer": False}, Uniform(0.0, 1.0)),
        ({"low": 1e-5, "high": 0.1, "log": True}, LogUniform(1e-5, 0.1)),
        ({"low": 16, "high": 256, "integer": True}, Integer(16, 256)),
        ({"low": 16, "high": 256, "integer": True, "log": True}, LogInteger(16, 256)),
        ({"choice": [[64], [64, 32]]}, Choice([[64], [64, 32]])),
        (["relu", None], Choice(["relu", None])),
        (Uniform(0, 1), Uniform(0, 1)),
    ],
)
def test_a_table_and_back(table, distribution):
    assert read(table) == distribution
    assert read(distribution.to_toml()) == distribution


@pytest.mark.parametrize(
    ("distribution", "oracle"),
    [
        (Uniform(-2, 5), scipy.stats.uniform(-2, 7)),
        (LogUniform(1e-5, 0.1), scipy.stats.loguniform(1e-5, 0.1)),
        (Integer(3, 9), scipy.stats.randint(3, 10)),
    ],
)
def test_quantiles_are_scipys(distribution, oracle):
    shares = np.linspace(0.001, 0.999, 50)
    found = [distribution.at(share) for share in shares]
    np.testing.assert_allclose(found, oracle.ppf(shares), rtol=1e-4, atol=1e-4)


def test_whole_numbers_on_a_log_scale_are_rounded_floats_of_one():
    shares = np.linspace(0.001, 0.999, 50)
    oracle = np.rint(scipy.stats.loguniform(0.5, 100.5).ppf(shares))
    assert [LogInteger(1, 100).at(share) for share in shares] == oracle.tolist()


@given(SHARES, FINITE, FINITE)
def test_floats_stay_within_their_bounds(share, low, high):
    assume(low < high)
    assert low <= Uniform(low, high).at(share) <= high


@given(SHARES, st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))
def test_log_floats_stay_within_their_bounds(share, low, high):
    assume(low < high)
    assert low <= LogUniform(low, high).at(share) <= high


@given(SHARES, st.integers(1, 2**60), st.integers(1, 2**60))
def test_integers_stay_within_their_bounds(share, low, high):
    assume(low < high)
    for kind in (Integer, LogInteger):
        found = kind(low, high).at(share)
        assert low <= found <= high
        assert type(found) is int


def test_floats_have_digits_that_people_can_read():
    assert LogUniform(1e-5, 1).at(1 / 3) == 0.00046416
    assert Uniform(0, 1).at(1 / 3) == 0.3333
    assert Uniform(0.9, 0.99).at(1 / 3) == 0.93
    assert Uniform(0.9, 0.99).at(0.12345) == 0.911111  # 0.9111105


def test_the_number_of_values():
    assert [d.size for d in (Choice([1, 2]), Integer(3, 9), LogInteger(3, 9))] == [2, 7, 7]
    assert Uniform(0, 1).size == LogUniform(1, 2).size == math.inf


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            3,
            "x in random must be a distribution or a list of values, got 3: such as "
            "{low = 1e-4, high = 0.1, log = true} or [16, 64], or set it in fixed",
        ),
        (
            "relu",
            "x in random must be a distribution or a list of values, got 'relu': such as "
            "{low = 1e-4, high = 0.1, log = true} or [16, 64], or set it in fixed",
        ),
        (
            {"lo": 1},
            "x in random: a distribution's key must be one of low, high, log, integer, choice, got "
            "'lo': did you mean \"low\"?",
        ),
        ({"low": 1.0}, "x in random: a range must have low and high, got low: add high = …"),
        (
            {"low": 1, "high": 4},
            "x in random: a range must say whether it is of integers, got low = 1, high = 4: add "
            "integer = true or integer = false, or write low = 1.0",
        ),
        (
            {"low": 1.0, "high": 4, "integer": True},
            "x in random: low and high must be integers, got 1.0: change low",
        ),
        (
            {"low": 1.0, "high": math.inf},
            "x in random: low and high must be finite numbers, got inf: change high",
        ),
        (
            {"low": 1.0, "high": "2"},
            "x in random: low and high must be finite numbers, got '2': change high",
        ),
        (
            {"low": 2.0, "high": 2.0},
            "x in random: low must be below high, got low = 2.0, high = 2.0: change one of them",
        ),
        (
            {"low": -1e308, "high": 1e308},
            "x in random: high - low must be finite, got inf: bring them closer",
        ),
        (
            {"low": 0.0, "high": 2.0, "log": True},
            "x in random: low must be above 0 with log, got 0.0: raise it",
        ),
        (
            {"low": 1.0, "high": 2.0, "log": 1},
            "x in random: log must be true or false, got 1: change it",
        ),
        (
            {"choice": [1], "low": 1},
            "x in random: choice must be the only key, got choice, low: drop the others",
        ),
        (
            {"choice": "relu"},
            "x in random: choice in a distribution must be a list of values, got 'relu': write it "
            "in brackets, or set it in fixed",
        ),
        (
            [],
            "x in random: choice in a distribution must have at least one value, got []: add one",
        ),
    ],
)
def test_what_is_refused(given, message):
    with pytest.raises(InvalidValueError) as caught:
        read(given)
    assert str(caught.value) == message
