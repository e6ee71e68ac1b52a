"""The figures of section B: what each shows is collected here, and drawn by ``report.figures``.

What the vertical axis shows is in the heading above the figure, where a narrow screen has room.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from chainrule.report.figures import Line, draw_lines
from chainrule.reproduction.claims import Spread
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.section_b import FAULTY, INITIALISATIONS, STUDIED
from chainrule.study.trial import TrialResult


def curve(runs: Sequence[TrialResult], column: str) -> tuple[list[int], list[Spread]]:
    """Return epochs and the spread over seeds at each, of the seeds that trained so far."""
    longest = max((len(run.epochs) for run in runs), default=0)
    spreads = [
        Spread.of(
            [
                value
                for run in runs
                if len(run.epochs) > i and (value := run.epochs[i].value(column)) is not None
            ]
        )
        for i in range(longest)
    ]
    return list(range(1, longest + 1)), spreads


def line(runs: Sequence[TrialResult], column: str, label: str, series: int, dashed: bool) -> Line:
    """Return one curve of some runs."""
    x, spreads = curve(runs, column)
    means, lows, highs = zip(*((s.mean, s.low, s.high) for s in spreads), strict=True)
    return Line(label, series, dashed, x, means, lows, highs)


def collect_losses(results: Results, activation: str) -> list[Line]:
    """Return training and validation loss of an activation with each initialisation."""
    return [
        line(runs, column, f"{init}, {word}", series, dashed)
        for series, init in enumerate(INITIALISATIONS)
        if (runs := _with_epochs(results, activation, init))
        for column, word, dashed in (
            ("train_loss", "training", True),
            ("validation_loss", "validation", False),
        )
    ]


def collect_accuracies(results: Results, activation: str) -> list[Line]:
    """Return the validation accuracy of an activation with each initialisation."""
    return [
        line(runs, "validation_accuracy", init, series, dashed=False)
        for series, init in enumerate(INITIALISATIONS)
        if (runs := _with_epochs(results, activation, init))
    ]


def collect_zero(results: Results) -> list[Line]:
    """Return the validation loss from zero weights, one seed of each activation."""
    return [
        line(runs[:1], "validation_loss", activation, series, dashed=False)
        for series, activation in enumerate(STUDIED)
        if (runs := _with_epochs(results, activation, "zero"))
    ]


def collect_ablation(results: Results) -> list[Line]:
    """Return the validation accuracy of leaky ReLU, right and faulty, random and normal."""
    return [
        line(runs, "validation_accuracy", f"{name}, {init}", series, dashed=name == FAULTY.name)
        for series, init in enumerate(INITIALISATIONS)
        if init != "zero"
        for name in ("leaky_relu", FAULTY.name)
        if (runs := _with_epochs(results, name, init))
    ]


def draw_losses(lines: Sequence[Line], axes: Axes) -> None:
    """Draw losses over epochs, from 0."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", ylim=(0, None))


def draw_zero(lines: Sequence[Line], axes: Axes) -> None:
    """Draw losses over epochs, magnified."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch")
    axes.ticklabel_format(axis="y", useOffset=False)


def draw_accuracies(lines: Sequence[Line], axes: Axes) -> None:
    """Draw accuracies over epochs, from 0 to 1."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", ylim=(0, 1))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")


def _with_epochs(results: Results, activation: str, init: str) -> list[TrialResult]:
    runs = results.runs(activation, init)
    return [run for run in runs if run.epochs]
