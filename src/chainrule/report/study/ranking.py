"""Candidates as rows: the ranking, the best beside the next, and the table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.report.study import words
from chainrule.report.study.dots import Dots, Scale
from chainrule.report.study.words import Format, name_of, value_of
from chainrule.study.results import AgainstBest, CandidateResult, Results
from chainrule.study.statistics import Estimate

COMPARED = 10  # with the best
LISTED = 500  # in the table of all


@dataclass(frozen=True)
class Ranked:
    """A row of the ranking."""

    rank: int
    name: str
    dots: Dots
    score: str
    interval: str
    n: int
    shortfall: str
    budget: int | None


@dataclass(frozen=True)
class Beside:
    """A row of the comparisons: the best less a candidate."""

    rank: int
    name: str
    dots: Dots | None
    difference: str
    interval: str
    p: str
    pairs: int
    answer: str
    clear: bool
    budget: int | None


def ranking(
    shown: Sequence[CandidateResult], metric: str, written: Format
) -> tuple[Scale, list[Ranked]] | None:
    """Return the ranking's scale and rows; None without any score."""
    if not shown:
        return None
    found = [one.metrics[metric] for one in shown]
    scale = Scale.over(
        [value for one in found for value in one.values], [(one.low, one.high) for one in found]
    )
    return scale, [
        Ranked(
            one.rank or 0,
            name_of(one.name),
            scale.dots(e.mean, e.low, e.high, e.values if e.n > 1 else ()),
            with_std(e, written),
            words.interval(e, written),
            e.n,
            words.shortfall(one.failed - one.undefined, one.undefined, metric),
            one.budget,
        )
        for one, e in zip(shown, found, strict=True)
    ]


def with_std(estimate: Estimate, written: Format) -> str:
    """Return a mean with its standard deviation."""
    std = "" if estimate.std is None else f" ± {written(estimate.std)}"
    return f"{written(estimate.mean)}{std}"


def comparison(results: Results, written: Format) -> tuple[Scale, list[Beside]] | None:
    """Return the scale and the rows of the best beside the next; None if there is no next."""
    found = results.against_best(COMPARED)
    known = [one.comparison for one in found if one.comparison]
    if not known:
        return None
    scale = Scale.over([0.0, *(c.difference for c in known)], [(c.low, c.high) for c in known])
    return scale, [_beside(one, scale, written) for one in found]


def _beside(one: AgainstBest, scale: Scale, written: Format) -> Beside:
    found = one.comparison
    return Beside(
        one.candidate.rank or 0,
        name_of(one.candidate.name),
        scale.dots(found.difference, found.low, found.high) if found else None,
        written(found.difference) if found else "–",
        words.interval(found, written) if found else "–",
        words.p_value(one.p),
        found.n if found else 0,
        words.answer(one),
        words.is_clear(one),
        one.budget,
    )


def everything(results: Results, ranked: Sequence[CandidateResult]) -> dict[str, Any]:
    """Return the table of all candidates: each factor, each metric, trials, time."""
    shown = ranked[:LISTED]
    names = list(dict.fromkeys([*results.metrics, *(n for one in shown for n in one.metrics)]))
    formats = {
        name: words.number_format(one.metrics[name] for one in shown if name in one.metrics)
        for name in names
    }
    return {
        "factors": [name_of(name) for name in results.factors],
        "metrics": [name_of(name) for name in names],
        "rows": [
            (
                one,
                [value_of(one.values[f]) if f in one.values else "–" for f in results.factors],
                [
                    with_std(one.metrics[name], formats[name]) if name in one.metrics else "–"
                    for name in names
                ],
            )
            for one in shown
        ],
        "more": len(ranked) - len(shown),
    }
