"""What each factor of a study does to the score.

Two ways, by the design. Where every combination of the levels was tried equally often, a balanced
analysis of variance divides the sum of squares between factors, pairs of factors, the rest of the
combinations, and seeds; the parts add up to all of it. Anything else (random samples, lists, a
grid of which candidates failed) has no such division, so each factor is looked at alone: by the
Kruskal-Wallis test, on the ranks of the candidates' mean scores, which neither a few very bad
candidates nor the scale of the metric can bend. Numbers that take many values are cut into groups
of equal size, so that a best value in the middle is seen too. A share is eta squared: in the
analysis of variance the factor's sum of squares over all of it; by ranks η² = (H - k + 1) / (n - k)
for k groups of n candidates, at least 0, which leaves out what k - 1 groups explain by chance.

References
----------
D. C. Montgomery, "Design and Analysis of Experiments", 8th ed., sections 5.3 and 5.4.
W. H. Kruskal and W. A. Wallis, "Use of Ranks in One-Criterion Variance Analysis", JASA 47, 1952.
M. Tomczak and E. Tomczak, "The Need to Report Effect Size Estimates Revisited", 2014: this η², and
ε² = H / (n - 1), which does not leave chance out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from chainrule._types import Array
from chainrule.study.statistics import Spread

MOST_GROUPS = 5  # numbers that take more values are cut into groups
CUTS = 4
PER_GROUP = 3  # with fewer candidates in each, there are fewer groups


@dataclass(frozen=True)
class Observed:
    """A candidate as the analysis sees it.

    Attributes
    ----------
    values : mapping from str to value
        By factor.
    scores : tuple of float
        One a seed.
    """

    values: Mapping[str, Any]
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Of the scores."""
        return sum(self.scores) / len(self.scores)


@dataclass(frozen=True)
class Level:
    """A value of a factor, or a range of them.

    Attributes
    ----------
    low, high : value
        The value twice, or the ends of the range.
    means : tuple of float
        The mean score of each candidate that has it.
    """

    low: Any
    high: Any
    means: tuple[float, ...]

    @property
    def spread(self) -> Spread:
        """Mean and range of the candidates' means."""
        return Spread.of(self.means)


@dataclass(frozen=True)
class Effect:
    """What a factor does.

    Attributes
    ----------
    factor : str
        Its name.
    levels : list of Level
        In the order of the values.
    share : float or None
        Of the variance of scores (or of their ranks) that goes with the factor; in [0, 1]. None if
        all scores are the same, or there are too few.
    p : float or None
        Of the F-test or the Kruskal-Wallis test that it does nothing.
    """

    factor: str
    levels: list[Level]
    share: float | None
    p: float | None

    @property
    def range(self) -> float:
        """The mean of the best level less that of the worst."""
        means = [level.spread.mean for level in self.levels]
        return max(means) - min(means)


@dataclass(frozen=True)
class Effects:
    """The effects of all factors that take more than one value.

    Attributes
    ----------
    balanced : bool
        Whether they are from a balanced analysis of variance; else each factor is alone, by ranks.
    factors : list of Effect
        The largest share first.
    pairs : mapping from (str, str) to float or None
        With a balanced analysis, the share of each pair's interaction.
    rest, noise : float or None
        With a balanced analysis, the shares of what more than two factors do together, and of the
        seeds; the last is None for one seed.
    n : int
        How many candidates it is about.
    """

    balanced: bool
    factors: list[Effect]
    n: int
    pairs: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    rest: float | None = None
    noise: float | None = None


def effects(observed: Sequence[Observed]) -> Effects:
    """Return what each factor does; no factors where fewer than two candidates have scores."""
    names = dict.fromkeys(name for one in observed for name in one.values)
    levels = {name: values for name in names if len(values := _values(observed, name)) > 1}
    if not levels:
        return Effects(False, [], len(observed))
    if _is_balanced(observed, levels):
        return _analysis_of_variance(observed, levels)
    found = [_by_ranks(observed, name) for name in levels]
    found.sort(key=lambda effect: -(effect.share or 0))
    return Effects(False, found, len(observed))


def heat_map(
    observed: Sequence[Observed], a: str, b: str
) -> tuple[list[Any], list[Any], list[list[float | None]]]:
    """Return two factors' values and the mean score of each pair, a row for each value of ``a``.

    Means are over the candidates that have the pair; None where there are none.
    """
    rows, columns = _values(observed, a), _values(observed, b)
    cells: dict[tuple[str, str], list[float]] = {}
    for one in observed:
        if a in one.values and b in one.values:
            cells.setdefault((_key(one.values[a]), _key(one.values[b])), []).append(one.mean)
    means = [[cells.get((_key(row), _key(column))) for column in columns] for row in rows]
    return rows, columns, [[sum(c) / len(c) if c else None for c in row] for row in means]


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and so has a place on an axis."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def in_order(values: Sequence[Any]) -> list[Any]:
    """Return the different values: numbers ascending, others in the order in which they come."""
    different = list({_key(value): value for value in values}.values())
    return sorted(different) if all(map(is_number, different)) else different


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _values(observed: Sequence[Observed], name: str) -> list[Any]:
    return in_order([one.values[name] for one in observed if name in one.values])


def _is_balanced(observed: Sequence[Observed], levels: Mapping[str, list[Any]]) -> bool:
    """Whether each combination is there exactly once, with as many seeds as every other."""
    tried = {tuple(_key(one.values.get(name)) for name in levels) for one in observed}
    same_seeds = len({len(one.scores) for one in observed}) == 1
    # All are different combinations of the levels, so as many as there can be are each of them.
    return same_seeds and len(tried) == len(observed) == math.prod(map(len, levels.values()))


def _analysis_of_variance(observed: Sequence[Observed], levels: Mapping[str, list[Any]]) -> Effects:
    grid = _Scores.of(observed, levels)
    axes = {name: axis for axis, name in enumerate(levels)}
    main = {name: grid.marginal(axis) for name, axis in axes.items()}
    pairs = {(a, b): grid.interaction(axes[a], axes[b]) for a, b in combinations(axes, 2)}
    parts = [grid.squares(effect) for effect in (*main.values(), *pairs.values())]
    found = [
        Effect(
            name,
            _levels(observed, name),
            grid.share(grid.squares(effect)),
            grid.f_test(effect),
        )
        for name, effect in main.items()
    ]
    found.sort(key=lambda effect: -(effect.share or 0))
    return Effects(
        True,
        found,
        len(observed),
        {pair: grid.share(grid.squares(effect)) for pair, effect in pairs.items()},
        grid.share(max(0.0, grid.total - sum(parts) - grid.within)),
        grid.share(grid.within) if grid.freedom else None,
    )


@dataclass(frozen=True)
class _Scores:
    """The scores of a grid, an axis for each factor and the last for the seeds."""

    y: Array

    @classmethod
    def of(cls, observed: Sequence[Observed], levels: Mapping[str, list[Any]]) -> _Scores:
        places = {
            name: {_key(value): i for i, value in enumerate(values)}
            for name, values in levels.items()
        }
        y = np.empty([*map(len, levels.values()), len(observed[0].scores)])
        for one in observed:
            y[tuple(places[name][_key(one.values[name])] for name in levels)] = one.scores
        return cls(y)

    @property
    def total(self) -> float:
        return self._resolved(float(np.sum((self.y - self.y.mean()) ** 2)))

    @property
    def within(self) -> float:
        return self._resolved(float(np.sum((self.y - self.y.mean(axis=-1, keepdims=True)) ** 2)))

    def _resolved(self, squares: float) -> float:
        # Rounding leaves a little where scores are the same.
        return squares if squares > 1e-24 * float(np.sum(self.y**2)) else 0.0

    @property
    def freedom(self) -> int:
        """Degrees of freedom within the cells."""
        return int(self.y.size - self.y.size // self.y.shape[-1])

    def marginal(self, *axes: int) -> Array:
        """Return the means over all other axes, less the mean of all."""
        others = tuple(axis for axis in range(self.y.ndim) if axis not in axes)
        return np.asarray(self.y.mean(axis=others) - self.y.mean())

    def interaction(self, a: int, b: int) -> Array:
        """Return what a pair does beyond the sum of what its two factors do."""
        return self.marginal(a, b) - self.marginal(a)[:, None] - self.marginal(b)

    def squares(self, effect: Array) -> float:
        return self._resolved(float(np.sum(effect**2)) * self.y.size / effect.size)

    def share(self, squares: float) -> float | None:
        return squares / self.total if self.total else None

    def f_test(self, effect: Array) -> float | None:
        """Return the p-value of a factor against the noise of the seeds."""
        if not self.freedom or not self.total:
            return None
        if not self.within:
            return 0.0 if self.squares(effect) else 1.0
        between = self.squares(effect) / (effect.size - 1)
        f = between / (self.within / self.freedom)
        return float(stats.f.sf(f, effect.size - 1, self.freedom))


def _by_ranks(observed: Sequence[Observed], name: str) -> Effect:
    levels = _levels(observed, name)
    means = [mean for level in levels for mean in level.means]
    n, k = len(means), len(levels)
    if not 1 < k < n or len(set(means)) == 1:
        return Effect(name, levels, None, None)
    h, p = stats.kruskal(*(level.means for level in levels))
    return Effect(name, levels, max(0.0, float(h - k + 1) / (n - k)), float(p))


def _levels(observed: Sequence[Observed], name: str) -> list[Level]:
    """Return a factor's values with their candidates' means; many numbers in groups."""
    having = [one for one in observed if name in one.values]
    values = _values(observed, name)
    if len(values) > MOST_GROUPS and all(map(is_number, values)):
        having.sort(key=lambda one: one.values[name])
        groups = _cut(having, name)
    else:
        groups = [[one for one in having if _key(one.values[name]) == _key(v)] for v in values]
    return [
        Level(group[0].values[name], group[-1].values[name], tuple(one.mean for one in group))
        for group in groups
    ]


def _cut(having: Sequence[Observed], name: str) -> list[list[Observed]]:
    """Cut candidates into groups of nearly equal size; those with the same value stay together."""
    size = -(-len(having) // max(2, min(CUTS, len(having) // PER_GROUP)))
    groups = [[having[0]]]
    for one in having[1:]:
        if len(groups[-1]) >= size and groups[-1][-1].values[name] != one.values[name]:
            groups.append([])
        groups[-1].append(one)
    return groups
