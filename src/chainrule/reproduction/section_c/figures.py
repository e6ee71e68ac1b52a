"""The figures of section C: what each shows is collected here."""

from __future__ import annotations

from chainrule.report.curves import line
from chainrule.report.figures import Line
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.settings import (
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
