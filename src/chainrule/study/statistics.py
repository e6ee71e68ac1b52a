"""Means with their intervals, and whether two candidates differ by more than noise.

Scores are by seed and fold. Seeds of one split have the same rows, and are as independent as their
seeds are. Folds are not: they are judged on different rows, but trained on rows that overlap, and
the plain variance of their mean is too small. Nadeau and Bengio's correction adds to 1/n the ratio
of rows that judge to rows that train, 1/(k - 1) for k folds.

References
----------
C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003.
S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statistics 6, 1979.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
from scipy import stats

Scores = Mapping[tuple[int, int | None], float]  # by seed and fold

LEVEL = 0.95  # of intervals
POWER = 0.8  # with which "enough seeds" would find a difference
MOST_SEEDS = 10_000
_ROUNDING = 1e-12  # relative to the scores: what is spread by less is not spread


@dataclass(frozen=True)
class Spread:
    """Mean and range of one figure over seeds.

    Attributes
    ----------
    mean, std, low, high : float
        Mean, standard deviation (n - 1; 0 for one seed), smallest and largest.
    n : int
        The number of seeds.
    """

    mean: float
    std: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        std = stdev(values) if len(values) > 1 else 0.0
        return cls(fmean(values), std, min(values), max(values), len(values))

    def contains(self, value: float) -> bool:
        """Whether a value lies between the smallest and the largest."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Estimate:
    """A mean with what it varies by.

    Attributes
    ----------
    mean : float
        Over seeds of the mean over a seed's folds.
    std : float or None
        The sample standard deviation of :attr:`values`; None for one value.
    low, high : float or None
        The 95 % confidence interval of the mean; None for one value.
    n : int
        How many values.
    over : {"seeds", "folds"}
        What the values belong to.
    values : tuple of float
        The mean of each seed; where there is one seed, the score of each fold.
    """

    mean: float
    std: float | None
    low: float | None
    high: float | None
    n: int
    over: str
    values: tuple[float, ...]

    @classmethod
    def of(cls, scores: Scores, ratio: float) -> Estimate | None:
        """Summarise the scores of a candidate; None if there are none.

        Several seeds: folds of a seed are averaged, and the interval is Student's t over the n
        seeds, ``mean ± t(n - 1) std / √n``. One seed with several folds: the interval is over the
        n folds, with Nadeau and Bengio's variance, ``mean ± t(n - 1) std √(1/n + ratio)``.

        Parameters
        ----------
        scores : mapping from (int, int or None) to float
            By seed and fold.
        ratio : float
            Rows that judge a fold to rows that train.
        """
        by_seed: dict[int, list[float]] = {}
        for (seed, _), score in scores.items():
            by_seed.setdefault(seed, []).append(score)
        if not by_seed:
            return None
        folds = next(iter(by_seed.values()))
        if len(by_seed) == 1 and len(folds) > 1:
            return cls._over("folds", folds, ratio)
        return cls._over("seeds", [fmean(values) for values in by_seed.values()], 0.0)

    @classmethod
    def _over(cls, over: str, values: Sequence[float], ratio: float) -> Estimate:
        n, mean = len(values), fmean(values)
        if n == 1:
            return cls(mean, None, None, None, n, over, tuple(values))
        std = _resolved(stdev(values), values)
        half = _quantile(n) * std * math.sqrt(1 / n + ratio)
        return cls(mean, std, mean - half, mean + half, n, over, tuple(values))


@dataclass(frozen=True)
class Comparison:
    """A candidate less another, in pairs of the same seed and fold.

    Attributes
    ----------
    difference : float
        The mean over pairs; 0 where it is no more than rounding.
    std : float or None
        The sample standard deviation of the pairs' differences; None for one pair.
    low, high : float or None
        The 95 % confidence interval of the difference, of this comparison alone.
    p : float or None
        Of a two-sided t-test that there is no difference; None for fewer than two pairs.
    n : int
        How many pairs.
    seeds : int
        How many seeds they are from.
    needed : int or None
        With how many seeds a test at the 5 % level would find a difference of this size four times
        out of five; None if 10,000 would not, or if there is none.
    """

    difference: float
    std: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    seeds: int
    needed: int | None

    @classmethod
    def of(cls, a: Scores, b: Scores, ratio: float, alpha: float = 1 - LEVEL) -> Comparison | None:
        """Compare two candidates' scores; None if no pair has both.

        The corrected resampled t-test: ``t = difference / (std √(1/n + ratio))`` with n - 1 degrees
        of freedom; with ``ratio`` 0 it is the plain paired t-test. Where every pair has the same
        difference, as accuracies on few rows can have by chance, t says nothing: p is then the sign
        test's, 2 / 2ⁿ, or 1 if there is no difference.

        Parameters
        ----------
        a, b : mapping from (int, int or None) to float
            By seed and fold.
        ratio : float
            Rows that judge to rows that train, where these differ between folds; 0 where they are
            always the same.
        alpha : float
            The level for :attr:`needed`.
        """
        pairs = [pair for pair in a if pair in b]
        if not pairs:
            return None
        differences = [a[pair] - b[pair] for pair in pairs]
        n, seeds, scores = len(pairs), len({seed for seed, _ in pairs}), [*a.values(), *b.values()]
        difference = _resolved(fmean(differences), scores)
        if n == 1:
            return cls(difference, None, None, None, None, n, seeds, None)
        std = _resolved(stdev(differences), scores)
        error = std * math.sqrt(1 / n + ratio)
        half = _quantile(n) * error
        same = _sign_test(n) if difference else 1.0
        p = float(2 * stats.t.sf(abs(difference) / error, n - 1)) if error else same
        needed = (
            _seeds_needed(abs(difference), std, ratio, n / seeds, alpha) if difference else None
        )
        return cls(difference, std, difference - half, difference + half, p, n, seeds, needed)


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for how many there are, by Holm's procedure; None stays.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none becomes smaller than
    one before it, nor larger than 1.
    """
    order = sorted((p, i) for i, p in enumerate(ps) if p is not None)
    corrected: list[float | None] = [None] * len(ps)
    largest = 0.0
    for rank, (p, i) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        corrected[i] = largest
    return corrected


def rounded(score: float) -> float:
    """Return a score without the digits that are rounding, so that equal ones are equal."""
    return float(f"{score:.12g}")


def _resolved(value: float, scores: Sequence[float]) -> float:
    """Return a difference or spread of scores; 0 if it is no more than rounding."""
    return 0.0 if abs(value) <= _ROUNDING * max(map(abs, scores)) else value


def _quantile(n: int) -> float:
    return float(stats.t.ppf((1 + LEVEL) / 2, n - 1))


def _sign_test(n: float) -> float:
    """Return the p-value of n differences that all have the same sign."""
    return float(2.0 ** (1 - n))


def _seeds_needed(
    difference: float, std: float, ratio: float, per_seed: float, alpha: float
) -> int | None:
    """Return the smallest number of seeds that has the power, by the noncentral t distribution."""

    def enough(seeds: int) -> bool:
        n = per_seed * seeds
        if n < 2:
            return False
        if std == 0:
            return _sign_test(n) < alpha
        shift = difference / (std * math.sqrt(1 / n + ratio))
        critical = stats.t.ppf(1 - alpha / 2, n - 1)
        return float(_power(critical, n - 1, shift)) >= POWER

    if not enough(MOST_SEEDS):
        return None
    low, high = 0, MOST_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _power(critical: float, df: float, shift: float) -> float:
    # Far out, where SciPy's distribution gives NaN, the test finds the difference for certain.
    with np.errstate(all="ignore"):
        power = stats.nct.sf(critical, df, shift)
    return 1.0 if np.isnan(power) else float(power)
