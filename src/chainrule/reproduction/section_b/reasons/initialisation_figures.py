"""The pictures of what the initial weights do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel, draw_losses, line, panel
from chainrule.reproduction.losses import turning_shares
from chainrule.reproduction.results import Results, configuration
from chainrule.reproduction.section_b.experiments import HIDDEN_LAYERS, LAYERS, STUDIED, UNEQUAL
from chainrule.reproduction.themes import Drawing
from chainrule.reproduction.thresholds import STABLE

COMPARED = ("relu", "tanh")


def draw(results: Results) -> Sequence[Drawing]:
    """Draw normal beside random, and what zero weights lack."""
    learning = Drawing.of(
        _losses(results),
        _turning(results),
        legend=("ReLU", "tanh"),
        dashed="random",
        solid="normal",
    )
    zero = Drawing.of(_gradients(results), _distinct(results), legend=_beside_zero())
    return [learning, zero]


def _losses(results: Results) -> Panel | None:
    lines = [
        line(runs, "validation_loss", f"{name}, {init}", series, dashed=init == "random")
        for series, name in enumerate(COMPARED)
        for init in UNEQUAL
        if (runs := results.trained(name, init))
    ]
    return panel(
        "Validation cross-entropy",
        lines,
        draw_losses,
        "A stable curve falls without turning, and its band, from the lowest seed to the highest, "
        "is narrow.",
    )


def _turning(results: Results) -> Panel | None:
    bars = [
        Bars.of(name, series, [turning_shares(results, name, init) for init in UNEQUAL])
        for series, name in enumerate(COMPARED)
    ]
    return bar_panel(
        "Share of epochs at which the validation loss turns",
        UNEQUAL,
        bars,
        "No bar: it never turns, or every training diverged. Up to the dashed line we call it "
        "stable.",
        share=True,
        marked=STABLE,
    )


def _beside_zero() -> list[str]:
    return [*(f"{name}, zero" for name in STUDIED), "relu, normal"]


def _gradients(results: Results) -> Panel | None:
    """Draw the largest gradient of each layer over the epochs; 0 has no bar."""
    return bar_panel(
        "Largest mean size of the gradient over the epochs",
        LAYERS,
        _bars(results, _largest_gradients),
        "The scale is logarithmic. No bar means exactly 0 in every epoch: from zero weights, "
        "only sigmoid has any gradient, and ever less of it below.",
        log=True,
    )


def _largest_gradients(results: Results, *names: object) -> list[list[float]]:
    measured = results.values("gradient_sizes", *names)
    return [
        [max(moment[layer] for moment in moments) for moments in measured]
        for layer in range(len(LAYERS))
    ]


def _distinct(results: Results) -> Panel | None:
    return bar_panel(
        "Different units after training",
        HIDDEN_LAYERS,
        _bars(results, _distinct_units),
        "Units with weights of their own. From zero weights each layer is one unit, many times: "
        "bars of height 1, hardly visible.",
    )


def _distinct_units(results: Results, *names: object) -> list[list[float]]:
    measured = results.values("distinct_units", *names)
    return [[layers[layer] for layers in measured] for layer in range(len(HIDDEN_LAYERS))]


def _bars(results: Results, measure: Callable[..., list[list[float]]]) -> list[Bars]:
    configurations = [*((name, "zero") for name in STUDIED), ("relu", "normal")]
    return [
        Bars.of(configuration(*pair), series, measure(results, *pair))
        for series, pair in enumerate(configurations)
    ]
