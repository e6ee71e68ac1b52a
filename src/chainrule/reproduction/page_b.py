"""The page of section B: what its template needs, from results and judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from chainrule.report import page
from chainrule.report.figures import to_svg
from chainrule.reproduction import figures_b
from chainrule.reproduction.claims import Judgement, Spread, Verdict
from chainrule.reproduction.claims_b import CLAIMED_ACCURACIES
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.section_b import (
    FAULTY,
    INITIALISATIONS,
    LAYER_SIZES,
    SETTINGS,
    STUDIED,
)


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


@dataclass(frozen=True)
class Gradients:
    """A row of the table of first gradients: the mean norm at each layer."""

    activation: str
    weight_init: str
    norms: list[float]
    distinct: list[int]


def render(
    *,
    results: Results,
    judgements: Sequence[Judgement],
    document: Mapping[str, Any],
    settings: Sequence[tuple[str, str, str]],
    changed: Sequence[str],
    command: str,
    finished: int,
    planned: int,
) -> str:
    """Return the page as HTML."""
    return page.render(
        "chainrule.reproduction",
        "index.html",
        judgements=[(judgement, claim_text(judgement)) for judgement in judgements],
        counts={str(verdict): sum(j.verdict is verdict for j in judgements) for verdict in Verdict},
        ranking=ranking(results),
        failures=[run for runs in results.by_configuration.values() for run in runs if run.error],
        gradients=gradients(results),
        hidden=LAYER_SIZES[1:-1],
        layer_sizes=LAYER_SIZES,
        majority=results.majority,
        # Drawing takes most of a second, which somebody who stops a run should not wait for.
        figures=figures(results) if finished == planned else {},
        document=document,
        settings=settings,
        changed=changed,
        command=command,
        finished=finished,
        planned=planned,
    )


def claim_text(judgement: Judgement) -> tuple[str, str]:
    """Return claimed and measured as a reader of the table wants them."""
    return _words(judgement.claimed), _words(judgement.measured)


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


def gradients(results: Results) -> list[Gradients]:
    """Return the first gradients of the twelve configurations, means over seeds."""
    rows = []
    for activation in STUDIED:
        for init in INITIALISATIONS:
            runs = results.trained(activation, init)
            if runs:
                norms = zip(*(run.metrics["initial_gradients"] for run in runs), strict=True)
                means = [Spread.of(layer).mean for layer in norms]
                distinct = runs[0].metrics["distinct_units"]
                rows.append(Gradients(activation, init, means, distinct))
    return rows


def figures(results: Results) -> dict[str, dict[str, Markup]]:
    """Draw every figure: group, then name, then SVG; those without data are left out."""
    losses = {name: figures_b.collect_losses(results, name) for name in STUDIED}
    accuracies = {name: figures_b.collect_accuracies(results, name) for name in STUDIED}
    zero = {"all activations": figures_b.collect_zero(results)}
    ablation = {"leaky ReLU": figures_b.collect_ablation(results)}
    plans = (
        ("losses", losses, figures_b.draw_losses, "Training and validation loss over epochs"),
        ("accuracies", accuracies, figures_b.draw_accuracies, "Validation accuracy over epochs"),
        ("zero", zero, figures_b.draw_zero, "Validation loss from zero weights over epochs"),
        ("ablation", ablation, figures_b.draw_accuracies, "Validation accuracy over epochs"),
    )
    return {
        group: {
            name: to_svg(draw, lines, description=f"{what}: {name}")
            for name, lines in panels.items()
            if lines
        }
        for group, panels, draw, what in plans
    }


def setting_rows(settings: Mapping[str, Any], quick: bool) -> list[tuple[str, str, str]]:
    """Return name, value and origin of each setting."""
    rows = []
    for name, setting in SETTINGS.items():
        value = settings[name]
        default = setting.quick if quick else setting.full
        origin = setting.origin
        if value != default:
            origin = "changed for this run"
        elif default != setting.full:
            origin = f"quick mode; {_number(setting.full)} at full scale"
        rows.append((name, _number(value), origin))
    return rows


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


_LABELS = {
    "test_accuracy": "accuracy",
    "test_loss": "loss",
    "weight_init": "with",
    "ranking": "ranking",
    "normal_better_than_random": "normal better than random",
    "majority_share": "largest class",
    "faulty_test_accuracy": "faulty variant",
    "faulty_weight_init": "faulty with",
    "highest_test_accuracy": "accuracy at most",
    "learns": "learns",
    "oscillating": "oscillating",
}
_IN_THE_NOTE = {"best_accuracy", "turning_share"}


def _words(figures: Mapping[str, Any]) -> str:
    parts = [
        value if name == "statement" else f"{_LABELS[name]} {_value(name, value)}"
        for name, value in figures.items()
        if name not in _IN_THE_NOTE and value is not None
    ]
    return "; ".join(parts) or "–"


def _value(name: str, value: Any) -> str:
    if isinstance(value, Mapping) and "mean" in value:
        return _spread(name, value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(name, item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _loss(value) if name.endswith("loss") else page.percent(value)
    if isinstance(value, list):
        return ", then ".join(value) or "none"
    return str(value)


def _spread(name: str, value: Mapping[str, Any]) -> str:
    is_loss = name.endswith("loss")
    mean = _loss(value["mean"]) if is_loss else page.percent(value["mean"])
    if value["n"] == 1:
        return mean
    std = _loss(value["std"]) if is_loss else f"{100 * value['std']:.2f}"
    return f"{mean} ± {std}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 1e4 else page.scientific(value)
