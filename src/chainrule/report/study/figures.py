"""The figures of a study: what each shows is collected here, and drawn from that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from matplotlib.axes import Axes

from chainrule._text import counted
from chainrule.report.curves import Panel, draw_losses, draw_magnitudes, ends, line, panel
from chainrule.report.figures import FAINT, INK, SERIES, Line, draw_lines, to_svg
from chainrule.report.study.parallel import WIDE
from chainrule.report.study.words import Format, name_of
from chainrule.study.effects import Effect, Observed, is_number
from chainrule.study.results import CandidateResult, Results

TOGETHER = len(SERIES)  # curves in a figure
STEEP = 50.0  # where losses get a logarithmic axis
LOSSES = {"train_loss": "training", "validation_loss": "validation"}


@dataclass(frozen=True)
class Curves:
    """The learning curves of a few candidates.

    Attributes
    ----------
    names : list of str
        The candidates', in the order of the colours.
    panels : list of Panel
        Losses, then each score.
    dashed : bool
        Whether there are both training (dashed) and validation losses.
    """

    names: list[str]
    panels: list[Panel]
    dashed: bool


def curves(
    results: Results, candidates: Sequence[CandidateResult], first: int = 1
) -> Curves | None:
    """Draw the learning curves of at most five candidates; None where none has a history.

    They are numbered from ``first`` on: ranks may be shared.
    """
    losses = collect_curves(results, candidates, LOSSES, first)
    scores = {
        name: collect_curves(results, candidates, {name: ""}, first) for name in _scores(results)
    }
    panels = [
        panel("Loss", losses, _loss_drawing(losses), f"Last values: {ends(losses, '.3g')}."),
        *(
            panel(name_of(name), lines, draw_scores, f"Last values: {ends(lines, '.3g')}.")
            for name, lines in scores.items()
        ),
    ]
    drawn = [one for one in panels if one is not None]
    names = [f"{place}. {name_of(one.name)}" for place, one in enumerate(candidates, first)]
    dashed = any(one.dashed for one in losses)
    return Curves(names, drawn, dashed) if drawn else None


def collect_curves(
    results: Results, candidates: Sequence[CandidateResult], columns: dict[str, str], first: int = 1
) -> list[Line]:
    """Return a line for each candidate and column of the history that it has.

    Parameters
    ----------
    results : Results
        The study.
    candidates : sequence of CandidateResult
        One for each colour.
    columns : mapping from str to str
        Column to the word that tells it from others. Where there are several, the first is dashed.
    first : int
        The number of the first candidate, in the lines' labels.
    """
    lines = []
    for series, one in enumerate(candidates):
        runs = results.histories(one.number)
        having = [
            (column, word)
            for column, word in columns.items()
            if any(epoch.value(column) is not None for run in runs for epoch in run.epochs)
        ]
        for i, (column, word) in enumerate(having):
            complete = [run for run in runs if all(e.value(column) is not None for e in run.epochs)]
            label = f"{first + series}. {word}".strip().rstrip(".")
            dashed = i < len(having) - 1
            if complete:
                lines.append(line(complete, column, label, series, dashed))
    return lines


def _scores(results: Results) -> list[str]:
    names = (n for _, result in results.pairs for epoch in result.epochs for n in epoch.scores)
    return list(dict.fromkeys(names))


def _loss_drawing(lines: Sequence[Line]) -> Any:
    numbers = [value for one in lines for value in one.mean]
    steep = numbers and min(numbers) > 0 and max(numbers) > STEEP * min(numbers)
    return draw_magnitudes if steep else draw_losses


def draw_scores(lines: Sequence[Line], axes: Axes) -> None:
    """Draw scores over epochs."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch")


@dataclass(frozen=True)
class Points:
    """Candidates' mean scores over the values of a factor, and the mean of each group.

    Attributes
    ----------
    x, y : list of float
        A point for each candidate.
    log : bool
        Whether the values have a logarithmic axis.
    groups : list of (float, float, float)
        First and last value of each group, and its mean score.
    """

    x: list[float]
    y: list[float]
    log: bool
    groups: list[tuple[float, float, float]]


def collect_points(observed: Sequence[Observed], effect: Effect) -> Points | None:
    """Return the points of a factor of numbers with groups; None for any other."""
    if not any(level.low != level.high for level in effect.levels):
        return None
    having = [one for one in observed if effect.factor in one.values]
    x = [float(one.values[effect.factor]) for one in having]
    log = min(x) > 0 and max(x) >= WIDE * min(x)
    groups = [(level.low, level.high, level.spread.mean) for level in effect.levels]
    return Points(x, [one.mean for one in having], log, groups)


def draw_points(points: Points, axes: Axes) -> None:
    """Draw the points, and the mean of each group as a step."""
    axes.plot(points.x, points.y, "o", color=SERIES[1], markersize=4, alpha=0.6, linewidth=0)
    for low, high, mean in points.groups:
        axes.plot([low, high], [mean, mean], color=INK, linewidth=2.2)
    if points.log:
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    if points.log and max(points.x) < 1e3 * min(points.x):
        axes.xaxis.set_minor_formatter(lambda value, _: "")


@dataclass(frozen=True)
class Climb:
    """A candidate's mean score at each rung that it reached."""

    budgets: list[int]
    means: list[float]
    rank: int


def collect_rungs(results: Results, ranked: Sequence[CandidateResult]) -> list[Climb]:
    """Return each candidate's scores from rung to rung, the best last."""
    climbs = []
    for one in reversed(ranked):
        reached = {b: s for b in results.budgets if (s := results.scores(one.number, budget=b))}
        if reached and one.rank is not None:
            means = [sum(scores.values()) / len(scores) for scores in reached.values()]
            climbs.append(Climb(list(reached), means, one.rank))
    return climbs


def draw_rungs(climbs: Sequence[Climb], axes: Axes) -> None:
    """Draw scores over epochs; whoever reached the last rung in colour, the best on top."""
    budgets = sorted({budget for climb in climbs for budget in climb.budgets})
    places = {budget: place for place, budget in enumerate(budgets)}
    for climb in climbs:
        last = climb.budgets[-1] == budgets[-1]
        style: dict[str, Any] = {"color": SERIES[0 if climb.rank == 1 else 1] if last else FAINT}
        style |= {"alpha": 1.0 if last else 0.45, "linewidth": 1.8 if last else 1.0}
        x = [places[budget] for budget in climb.budgets]
        axes.plot(x, climb.means, marker="o", markersize=3.5, **style)
    axes.set(xlabel="epochs", xticks=list(places.values()))
    axes.set_xticklabels([f"{budget:,}" for budget in budgets])
    axes.set_xlim(-0.2, len(budgets) - 0.8)


def rungs(results: Results, ranked: Sequence[CandidateResult], written: Format) -> Panel | None:
    """Draw what came of each candidate at each rung; None without halving."""
    climbs = collect_rungs(results, ranked)
    if not climbs:
        return None
    rows = []
    for i, budget in enumerate(results.budgets):
        there = [c.means[c.budgets.index(budget)] for c in climbs if budget in c.budgets]
        after = results.budgets[i + 1] if i + 1 < len(results.budgets) else None
        on = sum(after in climb.budgets for climb in climbs) if after else None
        row = [f"{budget:,}", f"{len(there):,}", "–" if on is None else f"{on:,}"]
        rows.append([*row, written(max(there)), written(median(there)), written(min(there))])
    metric = name_of(results.metric())
    most = counted(len(climbs), "candidate")
    return Panel(
        f"{metric} from rung to rung",
        f"A line is one of {most}; its dots are mean scores. Grey ones were dropped, coloured ones "
        "reached the last rung; the best is brown.",
        to_svg(draw_rungs, climbs, description=f"{metric} of {most} at each rung"),
        ["epochs", "candidates", "went on", "best", "median", "worst"],
        rows,
    )


def points(
    observed: Sequence[Observed], effect: Effect, metric: str, written: Format
) -> Panel | None:
    """Draw scores over a factor's values; None if it is not of many numbers."""
    found = collect_points(observed, effect)
    if found is None:
        return None
    title = f"{name_of(effect.factor)}"
    rows = [
        [
            f"{level.low:g} to {level.high:g}" if is_number(level.low) else str(level.low),
            str(len(level.means)),
            written(level.spread.mean),
            written(level.spread.low),
            written(level.spread.high),
        ]
        for level in effect.levels
    ]
    return Panel(
        title,
        f"A dot is a candidate’s mean {name_of(metric)}; a line is the mean of the candidates "
        "above and below it.",
        to_svg(draw_points, found, description=f"{name_of(metric)} over {title}"),
        ["values", "candidates", "mean", "lowest", "highest"],
        rows,
    )
