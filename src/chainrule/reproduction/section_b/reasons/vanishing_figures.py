"""The pictures of what gradient reaches the first layers, and of what lets sigmoid learn."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel, draw_magnitudes, draw_shares, line, panel
from chainrule.report.figures import INK, Line
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import (
    ADAM,
    BIPOLAR,
    LAYERS,
    SHIFTED,
    WIDE,
    WIDE_IN_WORDS,
)
from chainrule.reproduction.section_b.figures import moments_line
from chainrule.reproduction.themes import Drawing
from chainrule.reproduction.thresholds import KEPT, VANISHED

SHOWN = {
    "sigmoid": ("sigmoid", "normal"),
    "tanh": ("tanh", "normal"),
    "ReLU": ("relu", "normal"),
    f"sigmoid, {WIDE_IN_WORDS}": ("sigmoid", WIDE),
}
SIGMOIDS = {  # (colour, dashed) -> what is trained
    (0, False): ("sigmoid", "normal"),
    (0, True): ("sigmoid", WIDE),
    (1, False): (SHIFTED.name, "normal"),
    (1, True): (SHIFTED.name, WIDE),
    (2, False): (BIPOLAR.name, "normal"),
    (3, False): ("sigmoid", "normal", ADAM),
}


def first_layer_shares(results: Results, *names: object) -> list[list[float]]:
    """Return the first layer's mean |dW| as a share of the last layer's: by seed and moment.

    It is 0 where the last layer has no gradient either.
    """
    return [
        [first / last if last else 0.0 for first, *_, last in moments]
        for moments in results.values("gradient_sizes", *names)
    ]


def draw(results: Results) -> Sequence[Drawing]:
    """Draw the gradient by layer and over the epochs, then which sigmoids learn."""
    gradients = Drawing.of(_by_layer(results), _over_epochs(results), legend=list(SHOWN))
    learning = Drawing.of(
        _learning(results),
        legend=("σ", SHIFTED.name, BIPOLAR.name, "σ with adam"),
        dashed=WIDE_IN_WORDS,
        solid="normal weights",
    )
    return [gradients, learning]


def _by_layer(results: Results) -> Panel | None:
    bars = []
    for series, (label, names) in enumerate(SHOWN.items()):
        first = [moments[0] for moments in results.values("gradient_sizes", *names)]
        if first:
            bars.append(Bars.of(label, series, list(zip(*first, strict=True))))
    return bar_panel(
        "Mean size of the gradient before training",
        LAYERS,
        bars,
        "The scale is logarithmic; layer 1 is next to the pixels. Read the sigmoid from right to "
        "left: on the way down each layer multiplies the gradient by σ’, which is ¼ at most, and "
        "by weights that do not make up for that.",
        log=True,
    )


def _over_epochs(results: Results) -> Panel | None:
    lines = [
        moments_line(label, series, shares)
        for series, (label, names) in enumerate(SHOWN.items())
        if (shares := first_layer_shares(results, *names))
    ]
    return panel(
        "The first layer’s gradient as a share of the last layer’s",
        lines,
        _draw_thresholds,
        f"Below the lower dashed line, {VANISHED:g}, we say that gradients vanish; above the upper "
        f"one, {KEPT:g}, that they do not. Epoch 0 is before training.",
    )


def _draw_thresholds(lines: Sequence[Line], axes: Axes) -> None:
    draw_magnitudes(lines, axes)
    for threshold in (VANISHED, KEPT):
        axes.axhline(threshold, color=INK, linewidth=1, linestyle="--")


def _learning(results: Results) -> Panel | None:
    lines = [
        line(runs, "validation_accuracy", ", ".join(names), series, dashed)
        for (series, dashed), names in SIGMOIDS.items()
        if (runs := [run for run in results.runs(*names) if run.epochs])
    ]
    return panel(
        "Validation accuracy",
        lines,
        draw_shares,
        "σ with normal weights lies on σ(x) − ½, at the bottom. σ(x) − ½ differs from σ in where "
        "its outputs are centred, 2σ(x) − 1 is steeper too; dashed lines start from wider weights "
        "in every layer; adam changes how a gradient becomes a step.",
    )
