"""What every initialiser must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from chainrule.engine.initializers import INITIALIZERS, Orthogonal, VarianceScaling

SHAPES = [(1, 1), (7, 3), (3, 7), (20, 20)]


@pytest.fixture(params=list(INITIALIZERS))
def rule(request):
    return INITIALIZERS[request.param]


def fill(rule, shape, seed=0, dtype="float64"):
    W = np.full(shape, np.nan, dtype)
    rule.fill(W, np.random.default_rng(seed))
    return W


def test_its_docstring_is_of_substance(rule):
    assert len(inspect.getdoc(type(rule))) > 40


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fills_every_entry_with_a_finite_number(rule, shape, dtype):
    assert np.isfinite(fill(rule, shape, dtype=dtype)).all()


def test_fills_a_view_in_place(rule):
    flat = np.full(40, np.nan, np.float32)
    rule.fill(flat[10:31].reshape(7, 3), np.random.default_rng(0))
    np.testing.assert_array_equal(flat[10:31].reshape(7, 3), fill(rule, (7, 3), dtype="float32"))
    assert np.isnan(flat[:10]).all()
    assert np.isnan(flat[31:]).all()


def test_one_seed_gives_the_same_numbers_in_both_dtypes(rule):
    np.testing.assert_array_equal(
        fill(rule, (7, 3), 5, "float32"), fill(rule, (7, 3), 5, "float64").astype(np.float32)
    )


def test_another_seed_gives_other_numbers(rule):
    same = np.array_equal(fill(rule, (7, 3), 5), fill(rule, (7, 3), 6))
    assert same == (rule == INITIALIZERS["zero"])


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
