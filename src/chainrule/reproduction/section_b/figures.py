"""The figures of section B: what each shows is collected here.

What the vertical axis shows is in the heading above the figure, where a narrow screen has room.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from chainrule.report.curves import line
from chainrule.report.figures import Line, draw_lines
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import FAULTY, INITIALISATIONS, STUDIED
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult


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


def collect_statistics(
    results: Results, metric: str, activation: str, weight_init: str
) -> list[Line]:
    """Return what the probe saw of each layer, from before training (epoch 0) on.

    Layers where it is always exactly 0 have no line.
    """
    measured = results.values(metric, activation, weight_init)
    layers = range(len(measured[0][0])) if measured else range(0)
    lines = [
        moments_line(
            f"layer {layer + 1}",
            layer,
            [[moment[layer] for moment in moments] for moments in measured],
        )
        for layer in layers
    ]
    return [line for line in lines if any(line.high)]


def moments_line(label: str, series: int, by_seed: Sequence[Sequence[float]]) -> Line:
    """Return a curve of one number a moment: before training (epoch 0), and after every epoch."""
    epochs = list(range(max(map(len, by_seed))))
    spreads = [Spread.of([moments[i] for moments in by_seed if len(moments) > i]) for i in epochs]
    means, lows, highs = zip(*((s.mean, s.low, s.high) for s in spreads), strict=True)
    return Line(label, series, False, epochs, means, lows, highs)


def draw_zero(lines: Sequence[Line], axes: Axes) -> None:
    """Draw losses over epochs, magnified."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch")
    axes.ticklabel_format(axis="y", useOffset=False)


def _with_epochs(results: Results, activation: str, init: str) -> list[TrialResult]:
    runs = results.runs(activation, init)
    return [run for run in runs if run.epochs]
