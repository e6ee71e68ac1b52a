"""What each factor does, as rows of dots, scatters and tables of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from chainrule.report.curves import Panel
from chainrule.report.study import figures, words
from chainrule.report.study.dots import Dots, Scale
from chainrule.report.study.words import Format, name_of, value_of
from chainrule.study.effects import Effect, Effects, Observed, heat_map
from chainrule.study.results import Results

MOST_MAPS, CELLS = 3, 15  # pairs of factors, and values of each in one
LEVELS = 12  # of a factor with dots


@dataclass(frozen=True)
class LevelRow:
    """A value of a factor with what the candidates that have it reached."""

    label: str
    n: int
    dots: Dots
    mean: str


@dataclass(frozen=True)
class Factor:
    """A factor with its share and its figure: rows of dots, or a scatter."""

    name: str
    share: str
    p: str
    range: str
    rows: list[LevelRow]
    more: int
    scatter: Panel | None


@dataclass(frozen=True)
class HeatMap:
    """Mean scores by two factors; a cell is its text and its share of the way to the best."""

    row_factor: str
    column_factor: str
    columns: list[str]
    rows: list[tuple[str, list[tuple[str, float]]]]


def collect(
    results: Results, document: Mapping[str, Any], metric: str, written: Format
) -> dict[str, Any] | None:
    """Return what the section on factors shows; None where none was varied."""
    observed = results.observed()
    found = results.effects()
    if not found.factors:
        return None
    scale = Scale.over(mean for e in found.factors for level in e.levels for mean in level.means)
    return {
        "balanced": found.balanced,
        "n": found.n,
        "scale": scale,
        "budget": results.budgets[0] if results.budgets else None,
        "rows": [
            Factor(
                name_of(effect.factor),
                words.share_of(effect.share),
                words.p_value(effect.p),
                written(effect.range),
                _level_rows(effect, scale, written),
                max(0, len(effect.levels) - LEVELS),
                figures.points(observed, effect, metric, written),
            )
            for effect in found.factors
        ],
        "parts": _parts(found),
        "maps": heat_maps(observed, found, "grid" in document, written),
    }


def _level_rows(effect: Effect, scale: Scale, written: Format) -> list[LevelRow]:
    return [
        LevelRow(
            _label(level.low, level.high),
            len(level.means),
            scale.dots(level.spread.mean, level.spread.low, level.spread.high, level.means),
            written(level.spread.mean),
        )
        for level in effect.levels[:LEVELS]
    ]


def _parts(found: Effects) -> list[tuple[str, str]]:
    """Return the shares of a balanced analysis that belong to no single factor."""
    if not found.balanced:
        return []
    parts = [
        (f"{name_of(a)} together with {name_of(b)}", words.share_of(share))
        for (a, b), share in sorted(found.pairs.items(), key=lambda pair: -(pair[1] or 0))
    ]
    if len(found.factors) > 2:
        parts.append(("more than two factors together", words.share_of(found.rest)))
    if found.noise is not None:
        parts.append(("seeds", words.share_of(found.noise)))
    return parts


def heat_maps(
    observed: Sequence[Observed], found: Effects, is_grid: bool, written: Format
) -> list[HeatMap]:
    """Return the mean scores by pairs of factors of a grid, the strongest interactions first.

    Where candidates are missing, means over other factors would not be comparable: then only a grid
    of two factors has one.
    """
    names = [effect.factor for effect in found.factors]
    if not is_grid or not (found.balanced or len(names) == 2):
        return []
    pairs = sorted(found.pairs or combinations(names, 2), key=lambda p: -(found.pairs.get(p) or 0))
    return [
        shaded
        for pair in pairs[:MOST_MAPS]
        if (shaded := _heat_map(observed, pair, written)) is not None
    ]


def _heat_map(
    observed: Sequence[Observed], pair: tuple[str, str], written: Format
) -> HeatMap | None:
    rows, columns, cells = heat_map(observed, *pair)
    if len(columns) > len(rows):  # a tall table fits a phone
        pair = pair[::-1]
        rows, columns, cells = heat_map(observed, *pair)
    if len(rows) > CELLS:
        return None
    known = [cell for row in cells for cell in row if cell is not None]
    low, size = min(known), max(known) - min(known)

    def shown(cell: float | None) -> tuple[str, float]:
        if cell is None:
            return "–", 0.0
        return written(cell), round((cell - low) / size, 3) if size else 0.0

    return HeatMap(
        name_of(pair[0]),
        name_of(pair[1]),
        [value_of(value) for value in columns],
        [
            (value_of(row), [shown(cell) for cell in line])
            for row, line in zip(rows, cells, strict=True)
        ],
    )


def _label(low: Any, high: Any) -> str:
    return value_of(low) if low == high else f"{low:.3g} to {high:.3g}"
