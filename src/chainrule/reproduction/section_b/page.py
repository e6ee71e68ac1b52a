"""Section B's part of the page: what its template needs, from results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.report.curves import (
    Panel,
    draw_losses,
    draw_magnitudes,
    draw_shares,
    ends,
    panel,
)
from chainrule.report.page import percent
from chainrule.reproduction.claims import points
from chainrule.reproduction.looks import Looks, best_of
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.claims import CLAIMED_ACCURACIES, CLAIMS
from chainrule.reproduction.section_b.experiments import (
    FAULTY,
    INITIALISATIONS,
    LAYER_SIZES,
    STUDIED,
    TWELVE,
    majority_share,
)
from chainrule.reproduction.section_b.figures import (
    collect_ablation,
    collect_accuracies,
    collect_losses,
    collect_statistics,
    collect_zero,
    draw_zero,
)
from chainrule.reproduction.section_b.stopping_variants import endings as endings_near
from chainrule.reproduction.section_b.stopping_variants import how_many_fit, passes
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult

# Whose layers the page watches over the epochs.
WATCHED = (
    *((name, "normal") for name in ("sigmoid", "tanh", "relu")),
    *((name, "zero") for name in ("sigmoid", "relu")),
)

CLAIMED_LEAKY = next(c for c in CLAIMS if c.id == "B.leaky_relu.best").claimed["test_accuracy"]
SHOWN_ENDINGS = 6


@dataclass(frozen=True)
class Ranked:
    """A row of the ranked table."""

    rank: int
    activation: str
    weight_init: str
    accuracy: Spread
    loss: Spread
    best_epochs: str
    claimed: float | None


def part(results: Results) -> dict[str, Any]:
    """Return what the section's template needs."""
    return {
        "ranking": ranking(results),
        "failures": [
            run for runs in results.by_configuration.values() for run in runs if run.error
        ],
        "layer_sizes": LAYER_SIZES,
        "majority": majority_share(results.data),
        # Drawing takes most of a second, which somebody who stops a run should not wait for.
        "figures": defaultdict(list, figures(results) if results.complete else {}),
        "looks": best_looks(results) if results.complete else None,
        "stopping": stopping(results) if results.complete else None,
    }


def stopping(results: Results) -> dict[str, Any]:
    """Return which variants of early stopping end nearest to the report's leaky ReLU."""
    endings = endings_near(results, CLAIMED_LEAKY)
    return {
        "claimed": CLAIMED_LEAKY,
        "relu_random": CLAIMED_ACCURACIES["relu", "random"],
        "found": how_many_fit(endings),
        "tolerance": points(ACCURACY_TOLERANCE),
        "nearest": endings[:SHOWN_ENDINGS],
        "passes": {
            init: epochs
            for init in INITIALISATIONS
            if any(epochs := passes(results, CLAIMED_LEAKY, init))
        },
    }


def best_looks(results: Results) -> Looks | None:
    """Return the looks of the best run of the report's twelve configurations."""
    return Looks.of_best(studied_runs(results), results.data)


def best_run(results: Results) -> TrialResult | None:
    """Return the best run of the report's twelve configurations."""
    return best_of(studied_runs(results))


def studied_runs(results: Results) -> list[Sequence[TrialResult]]:
    """Return the runs of the report's twelve configurations, those left out that diverged."""
    return [results.trained(*names) for names in TWELVE]


def ranking(results: Results) -> list[Ranked]:
    """Return the twelve configurations and the ablation, best mean accuracy first.

    Means are over the seeds that did not diverge; the page lists those that did.
    """
    rows = [
        (activation, init, runs)
        for activation in (*STUDIED, FAULTY.name)
        for init in INITIALISATIONS
        if (runs := results.trained(activation, init))
    ]
    rows.sort(key=lambda row: -Spread.of([r.metrics["test_accuracy"] for r in row[2]]).mean)
    return [
        Ranked(
            rank=rank,
            activation=activation,
            weight_init=init,
            accuracy=Spread.of([run.metrics["test_accuracy"] for run in runs]),
            loss=Spread.of([run.metrics["test_loss"] for run in runs]),
            best_epochs=_range([run.metrics["best_epoch"] for run in runs]),
            claimed=CLAIMED_ACCURACIES.get((activation, init)),
        )
        for rank, (activation, init, runs) in enumerate(rows, 1)
    ]


def _range(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}–{high}"


def figures(results: Results) -> dict[str, list[Panel]]:
    """Draw every figure: the panels of each group; those without data are left out."""
    groups = {
        "losses": [_losses(results, name) for name in STUDIED],
        "accuracies": [_accuracies(results, name) for name in STUDIED],
        "gradients": [_watched(results, _GRADIENT, name, init) for name, init in WATCHED],
        "stds": [_watched(results, _SPREAD, name, init) for name, init in WATCHED],
        "zero": [_zero(results)],
        "ablation": [_ablation(results)],
    }
    return {group: [one for one in panels if one] for group, panels in groups.items()}


def _losses(results: Results, name: str) -> Panel | None:
    lines = collect_losses(results, name)
    return panel(
        f"{name}: cross-entropy",
        lines,
        draw_losses,
        f"Last values: {ends(lines, '.2f')}. Guessing costs 2.30, so a line that stays there has "
        "learnt nothing.",
    )


def _accuracies(results: Results, name: str) -> Panel | None:
    lines = collect_accuracies(results, name)
    return panel(
        f"{name}: validation accuracy",
        lines,
        draw_shares,
        f"Last values: {ends(lines, '.0%')}. A line near {percent(majority_share(results.data))} "
        "is a network that guesses the most frequent class.",
    )


# What is watched of each layer: the probe's name for it, what it is, what to see in it.
_GRADIENT = (
    "gradient_norms",
    "norm of the gradient",
    "A norm is larger where a layer has more weights; compare a line with itself and with the "
    "same layer's in the other figures.",
)
_SPREAD = (
    "activation_stds",
    "spread of activations",
    "The lower a line, the more alike all images look to the layers above it.",
)


def _watched(results: Results, what: tuple[str, str, str], name: str, init: str) -> Panel | None:
    metric, title, caption = what
    lines = collect_statistics(results, metric, name, init)
    words = f"Last values: {ends(lines, '.1g')}. {caption}"
    return panel(f"{name}, {init}: {title}", lines, draw_magnitudes, words)


def _zero(results: Results) -> Panel | None:
    return panel(
        "Validation cross-entropy from zero weights, magnified",
        collect_zero(results),
        draw_zero,
        "One seed. The loss moves toward that of guessing by the classes' frequencies, and no "
        "further. Tanh, ReLU and leaky ReLU do exactly the same, so their lines lie on each other.",
    )


def _ablation(results: Results) -> Panel | None:
    return panel(
        "Validation accuracy",
        collect_ablation(results),
        draw_shares,
        "Always guessing the most frequent class would reach "
        f"{percent(majority_share(results.data))} of the test images.",
    )
