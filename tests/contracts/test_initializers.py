"""What every initialiser must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from chainrule.engine.initializers import (
    INITIALIZERS,
    Orthogonal,
    UniformWithBiases,
    VarianceScaling,
)

SHAPES = [(1, 1), (7, 3), (3, 7), (20, 20)]

# The table, and what no table has: scikit-learn's rule with its two numerators.
RULES = {**INITIALIZERS, "with biases": UniformWithBiases(), "logistic": UniformWithBiases(2.0)}


@pytest.fixture(params=list(RULES))
def rule(request):
    return RULES[request.param]


def fill(rule, shape, seed=0, dtype="float64", source=np.random.default_rng):
    W = np.full(shape, np.nan, dtype)
    rule.fill(W, source(seed))
    return W


def fill_bias(rule, shape, seed=0, dtype="float64", source=np.random.default_rng):
    b = np.full(shape[1], np.nan, dtype)
    rule.fill_bias(b, shape[0], source(seed))
    return b


@pytest.fixture(params=[fill, fill_bias])
def part(request):
    return request.param


def test_its_docstring_is_of_substance(rule):
    assert len(inspect.getdoc(type(rule))) > 40


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fills_every_entry_with_a_finite_number(rule, part, shape, dtype):
    assert np.isfinite(part(rule, shape, dtype=dtype)).all()


def test_fills_a_view_in_place(rule):
    flat = np.full(40, np.nan, np.float32)
    rule.fill(flat[10:31].reshape(7, 3), np.random.default_rng(0))
    np.testing.assert_array_equal(flat[10:31].reshape(7, 3), fill(rule, (7, 3), dtype="float32"))
    assert np.isnan(flat[:10]).all()
    assert np.isnan(flat[31:]).all()
    rule.fill_bias(flat[31:34], 7, np.random.default_rng(0))
    np.testing.assert_array_equal(flat[31:34], fill_bias(rule, (7, 3), dtype="float32"))
    assert np.isnan(flat[34:]).all()


def test_one_seed_gives_the_same_numbers_in_both_dtypes(rule, part):
    np.testing.assert_array_equal(
        part(rule, (7, 3), 5, "float32"), part(rule, (7, 3), 5, "float64").astype(np.float32)
    )


def test_another_seed_gives_other_numbers(rule):
    same = np.array_equal(fill(rule, (7, 3), 5), fill(rule, (7, 3), 6))
    assert same == (rule == INITIALIZERS["zero"])


def test_biases_are_0_unless_the_rule_draws_them(rule):
    draws = isinstance(rule, UniformWithBiases)
    assert fill_bias(rule, (7, 3)).any() == draws
    assert np.array_equal(fill_bias(rule, (7, 3), 5), fill_bias(rule, (7, 3), 6)) == (not draws)


def test_draws_from_a_random_state_too(rule, part):
    seeds = (5, 5, 6)
    one, same, other = (part(rule, (7, 3), n, source=np.random.RandomState) for n in seeds)
    np.testing.assert_array_equal(one, same)
    assert np.isfinite(one).all()
    assert np.array_equal(one, other) == (not one.any())


def test_the_mean_is_zero(rule):
    W = fill(rule, (200, 100))
    assert abs(W.mean()) <= 5 * W.std() / math.sqrt(W.size)


@pytest.mark.parametrize("name", [k for k, v in INITIALIZERS.items() if hasattr(v, "scale")])
@pytest.mark.parametrize("shape", [(300, 100), (100, 300)])
def test_variance_is_scale_over_fan(name, shape):
    rule = INITIALIZERS[name]
    W = fill(rule, shape, seed=1)
    variance = rule.scale / (shape[0] if rule.fan == "in" else sum(shape) / 2)
    # The variance of a sample variance is (kurtosis - 1) / n: five of its deviations.
    kurtosis = 3 if rule.distribution == "normal" else 9 / 5
    bound = 5 * math.sqrt((kurtosis - 1) / W.size)
    assert abs((W**2).mean() / variance - 1) < bound
    if rule.distribution == "uniform":
        edge = math.sqrt(3 * variance)
        assert 0.99 * edge < np.abs(W).max() <= edge


@pytest.mark.parametrize("numerator", [6.0, 2.0])
def test_scikit_learn_s_rule_is_uniform_up_to_its_bound(numerator):
    rule, bound = UniformWithBiases(numerator), math.sqrt(numerator / (3 + 2000))
    b = fill_bias(rule, (3, 2000))
    for drawn in (fill(rule, (3, 2000)), fill(rule, (2000, 3)), b):
        assert 0.99 * bound < np.abs(drawn).max() <= bound
        assert abs((drawn**2).mean() / (bound**2 / 3) - 1) < 5 * math.sqrt(0.8 / drawn.size)
    assert abs(b.mean()) <= 5 * b.std() / math.sqrt(b.size)


def drawn_from(rule, method):
    """Return the arguments with which a rule draws a (8, 24) matrix."""
    seen = []

    class Spy:
        def __getattr__(self, name):
            def draw(*args):
                seen.append((name, *args[:2]))
                return np.zeros(args[2])

            return draw

    rule.fill(np.empty((8, 24)), Spy())
    assert seen[0][0] == method
    return seen[0][1:]


def test_the_report_s_random_is_uniform_in_root_of_two_over_fan_in():
    low, high = drawn_from(INITIALIZERS["random"], "uniform")
    assert -low == high
    assert math.isclose(high, math.sqrt(2 / 8), rel_tol=1e-15)


def test_the_report_s_normal_has_variance_two_over_fan_in_plus_fan_out():
    mean, deviation = drawn_from(INITIALIZERS["normal"], "normal")
    assert mean == 0
    assert math.isclose(deviation, math.sqrt(2 / (8 + 24)), rel_tol=1e-15)


def test_zero_is_zero():
    assert not fill(INITIALIZERS["zero"], (7, 3)).any()


@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_has_orthonormal_rows_or_columns(shape):
    W = fill(Orthogonal(), shape)
    product = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_prefers_no_sign():
    # Without the fix of signs, LAPACK's first diagonal entry of Q is never positive.
    signs = [np.sign(fill(Orthogonal(), (3, 3), seed)[0, 0]) for seed in range(40)]
    assert 8 < signs.count(1.0) < 32


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_glorot_is_he_on_a_square_matrix_at_twice_the_scale(dtype):
    glorot = VarianceScaling(2, "average", "normal")
    np.testing.assert_array_equal(
        fill(glorot, (9, 9), 3, dtype), fill(INITIALIZERS["he_normal"], (9, 9), 3, dtype)
    )
