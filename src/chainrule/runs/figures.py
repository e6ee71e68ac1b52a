"""The figures of a run's report: learning curves, predictions and the truth, small histograms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from chainrule.report.curves import Panel, draw_losses, draw_shares, panel
from chainrule.report.figures import FAINT, SERIES, Line, to_svg
from chainrule.runs.words import number

Document = Mapping[str, Any]
SPARK_WIDTH, SPARK_HEIGHT = 96, 24
N_BINS = 24  # of the histogram of errors


def learning_curves(document: Document) -> list[Panel]:
    """Return figures of the losses and of the accuracy over epochs."""
    training = document["training"]
    losses = [
        line
        for key, label, series, dashed in (
            ("train_loss", "learnt from", 0, True),
            ("validation_loss", "stopping rows", 1, False),
        )
        if (line := curve(training["history"], key, label, series, dashed=dashed)) is not None
    ]
    best = training["best_epoch"]
    kept = f" The weights of epoch {best} were kept." if training["stops"] else ""
    found = [panel("Loss", losses, draw_losses, f"Lower is better.{kept}")]
    shares = curve(training["history"], "validation_accuracy", "stopping rows", 1)
    if shares is not None:
        text = "The share of right answers on the stopping rows."
        found.append(panel("Accuracy", [shares], draw_shares, text))
    return [one for one in found if one is not None]


def curve(
    history: Mapping[str, Sequence[float | None]],
    key: str,
    label: str,
    series: int,
    *,
    dashed: bool = False,
) -> Line | None:
    """Return a column of a history as a curve; None where nothing was measured."""
    points = [
        (epoch, value)
        for epoch, value in enumerate(history.get(key, []), 1)
        if value is not None and math.isfinite(value)
    ]
    if not points:
        return None
    x, y = zip(*points, strict=True)
    return Line(label, series, dashed, x, y, y, y)


def predictions(document: Document) -> list[Panel]:
    """Return figures of predictions beside the truth, and of errors; none without numbers."""
    if not document["points"]:
        return []
    points = np.array(document["points"])
    errors = points[:, 1] - points[:, 0]
    counts, edges = np.histogram(errors, N_BINS)
    rows = [
        [f"{number(float(low))} to {number(float(high))}", f"{n}"]
        for n, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        if n
    ]
    truth = [[number(t), number(p)] for t, p in document["points"][:20]]
    several = f"{len(points):,} of the rows measured on"
    return [
        Panel(
            "Predicted, beside the truth",
            f"{several}, the truth across and the prediction upwards. On the line both are equal.",
            to_svg(draw_points, points, description="Predictions beside the truth"),
            ["truth", "predicted"],
            truth,
        ),
        Panel(
            "Errors",
            f"How far {several} are off, prediction minus truth. Best are errors around 0.",
            to_svg(draw_errors, (counts, edges), description="A histogram of errors"),
            ["error", "rows"],
            rows,
        ),
    ]


def draw_points(points: Any, axes: Axes) -> None:
    """Draw predictions against the truth, (n, 2)."""
    low, high = float(points.min()), float(points.max())
    axes.plot([low, high], [low, high], color=FAINT, linewidth=1)
    axes.scatter(points[:, 0], points[:, 1], s=12, color=SERIES[1], alpha=0.6, linewidths=0)
    axes.set(xlabel="truth", ylabel="")


def draw_errors(data: Any, axes: Axes) -> None:
    """Draw a histogram: counts and edges."""
    counts, edges = data
    axes.stairs(counts, edges, fill=True, color=SERIES[1], alpha=0.8)
    axes.axvline(0, color=FAINT, linewidth=1)
    axes.set(xlabel="prediction minus truth")


def spark(counts: Sequence[int], description: str) -> Markup:
    """Return a small histogram, for a cell of a table."""
    most, width = max(counts, default=0), SPARK_WIDTH / max(len(counts), 1)
    if not most:
        return Markup("")
    bars = Markup("").join(
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            i * width, SPARK_HEIGHT * (1 - n / most), max(width - 1, 1), SPARK_HEIGHT * n / most
        )
        for i, n in enumerate(counts)
        if n
    )
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(description, SPARK_WIDTH, SPARK_HEIGHT, bars)
