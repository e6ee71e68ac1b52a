"""The figures of section C: what each shows is collected here."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from chainrule.report.figures import Line, draw_lines
from chainrule.reproduction.curves import line
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.experiments import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    INPUTS,
)


def collect_activations(results: Results, column: str) -> list[Line]:
    """Return a loss of C2's classifiers."""
    return [
        line(runs, column, name, series, dashed=False)
        for series, name in enumerate(ACTIVATIONS_COMPARED)
        if (runs := results.trained("C2", name))
    ]


def collect_autoencoders(results: Results) -> list[Line]:
    """Return training and validation loss of C4's autoencoders."""
    return [
        line(runs, column, f"{name}, {word}", series, dashed)
        for series, name in enumerate(AUTOENCODERS)
        if (runs := results.trained("C4", name))
        for column, word, dashed in (
            ("train_loss", "training", True),
            ("validation_loss", "validation", False),
        )
    ]


def collect_features(results: Results, rate: str) -> list[Line]:
    """Return the accuracy on test images of C5's classifiers at one learning rate."""
    return [
        line(runs, "validation_accuracy", name, series, dashed=False)
        for series, name in enumerate(INPUTS)
        if (runs := results.trained("C5", name, rate))
    ]


def draw_small_losses(lines: Sequence[Line], axes: Axes) -> None:
    """Draw losses over epochs on a logarithmic scale, where the last differences show."""
    draw_lines(lines, axes)
    axes.set(xlabel="epoch", yscale="log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: "")
