"""Section C's part of the page: what its template needs, from results."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.datasets import Dataset
from chainrule.report.curves import Panel, draw_losses, draw_magnitudes, draw_shares, panel
from chainrule.report.images import png, sheet
from chainrule.reproduction.looks import Looks, labelled, unpack
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.figures import (
    collect_activations,
    collect_autoencoders,
    collect_features,
)
from chainrule.reproduction.section_c.grid_search import cv_results, fold_scores
from chainrule.reproduction.section_c.settings import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    BEST,
    OTHER_AUTOENCODERS,
    SHOWN,
    rate_names,
)
from chainrule.study.statistics import Spread

BAND = "Lines are means over seeds, bands run from the lowest seed to the highest."


@dataclass(frozen=True)
class Candidate:
    """A row of the grid search's table."""

    rank: int
    solver: str
    batch_size: int
    learning_rate: str
    score: Spread
    training: float
    seconds: float
    is_claimed: bool


def part(results: Results) -> dict[str, Any]:
    """Return what the section's template needs."""
    data: Dataset = results.data.images
    rates = rate_names(results.settings)
    # Drawing takes most of a second, which somebody who stops a run should not wait for.
    shown = results.complete
    return {
        "settings": results.settings,
        "rates": rates,
        "activations": ACTIVATIONS_COMPARED,
        "autoencoders": AUTOENCODERS,
        "samples": labelled(data, SHOWN) if shown else [],
        "strips": strips(results, data) if shown else [],
        "looks": best_looks(results, data) if shown else None,
        "figures": defaultdict(list, figures(results, rates) if shown else {}),
        "candidates": candidates(results) if shown else [],
        "fits": fits(results.settings["C3"]),
        "failures": [
            run for runs in results.by_configuration.values() for run in runs if run.error
        ],
    }


def figures(results: Results, rates: Sequence[str]) -> dict[str, list[Panel]]:
    """Draw every figure: the panels of each group."""
    groups = {
        "activations": [
            panel("Training loss", collect_activations(results, "train_loss"), draw_losses, BAND),
            panel(
                "Loss on the test images",
                collect_activations(results, "validation_loss"),
                draw_losses,
                "Where a curve rises again while the training loss falls, the network learns its "
                "training images by heart.",
            ),
        ],
        "autoencoders": [
            panel(
                "Half the mean squared error",
                collect_autoencoders(results),
                draw_magnitudes,
                "The scale is logarithmic, so that the last differences show. Training and "
                "validation curves lie on each other where nothing is learnt by heart.",
            )
        ],
        "features": [
            panel(
                f"Accuracy on the test images, learning rate {rate}",
                collect_features(results, rate),
                draw_shares,
                "A curve ends where the training loss no longer improves.",
            )
            for rate in rates
        ],
    }
    return {group: [one for one in panels if one] for group, panels in groups.items()}


def strips(results: Results, data: Dataset) -> list[tuple[str, str]]:
    """Return rows of images: the originals, then what each autoencoder makes of them."""
    rows = [("original", data.X_test[:SHOWN].reshape(-1, *data.image_shape))]
    rows += [
        (name, unpack(run.metrics["regenerated"], np.uint8, data.image_shape))
        for name in (*AUTOENCODERS, *OTHER_AUTOENCODERS)
        for run in results.trained("C4", name)[:1]
    ]
    return [(name, png(sheet(images, len(images), gap=128))) for name, images in rows]


def best_looks(results: Results, data: Dataset) -> Looks | None:
    """Return the looks of C2's best run."""
    return Looks.of_best([results.trained("C2", name) for name in ACTIVATIONS_COMPARED], data)


def fits(settings: Mapping[str, Any]) -> int:
    """Return how many fits a search of the grid takes."""
    factors = ("solver", "batch_size", "learning_rate")
    return math.prod(len(settings[name]) for name in factors) * int(settings["folds"])


def candidates(results: Results) -> list[Candidate]:
    """Return the grid search's candidates, best first; means over seeds and folds.

    One of which a fit diverged is left out: the page says so above.
    """
    tables = list(cv_results(results).values())
    scores = [fold_scores(table) for table in tables]
    rows = []
    for i, params in enumerate(tables[0]["params"] if tables else ()):
        mean = float(np.mean([table["mean_test_score"][i] for table in tables]))
        if math.isfinite(mean):
            rows.append((mean, i, params))
    rows.sort(key=lambda row: -row[0])
    return [
        Candidate(
            rank=rank,
            solver=params["solver"],
            batch_size=params["batch_size"],
            learning_rate=f"{params['learning_rate_init']:g}",
            score=Spread.of([value for by_fold in scores for value in by_fold[i].tolist()]),
            training=Spread.of([float(table["mean_train_score"][i]) for table in tables]).mean,
            seconds=Spread.of([float(table["mean_fit_time"][i]) for table in tables]).mean,
            is_claimed=params == BEST,
        )
        for rank, (_, i, params) in enumerate(rows, 1)
    ]
