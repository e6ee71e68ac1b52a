"""Whether the slope of leaky ReLU for negative inputs does harm."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel, draw_losses, ends, line, panel
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    agreement,
    always,
    as_dicts,
    named,
    per_seed,
    points,
    side,
)
from chainrule.reproduction.losses import losses_of, turning_share, turning_shares
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import STEEPER, UNEQUAL
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, UNSTABLE
from chainrule.study.statistics import Spread

SLOPES = {"0": "relu", "0.01": "leaky_relu", **STEEPER}  # to the activations


def judge_worse(claim: Claim, results: Results) -> Judgement:
    """Compare ReLU with a leaky ReLU that has its true derivative, in pairs of the same seed."""
    gaps = {
        init: Spread.of(
            results.differences("test_accuracy", ("relu", init), less=("leaky_relu", init))
        )
        for init in UNEQUAL
    }
    worse = [init for init, gap in gaps.items() if gap.mean > ACCURACY_TOLERANCE]
    pairs = ", ".join(
        f"with {init} {points(gap.mean)} {side(-gap.mean)} ReLU's" for init, gap in gaps.items()
    )
    columns = {
        f"{name}_{init}": results.values("test_accuracy", name, init)
        for init in UNEQUAL
        for name in ("relu", "leaky_relu")
    }
    found = {0: "worse with neither", 1: f"worse with {' '.join(worse)} alone"}
    return claim.judgement(
        agreement(len(worse) == len(gaps)),
        f"Its test accuracy is {pairs}.",
        {"relu_less_leaky_share": as_dicts(gaps)},
        per_seed(results.seeds, **columns),
        f"With its true derivative, leaky ReLU's test accuracy is {pairs}: "
        f"{found.get(len(worse), 'worse with both')}.",
    )


def judge_unstable(claim: Claim, results: Results) -> Judgement:
    """Ask how much more often the validation loss turns with a slope than without."""
    turning = {
        slope: Spread.of(known)
        for slope, name in SLOPES.items()
        if (known := turning_shares(results, name, "normal"))
    }
    unstable = turning["0.01"].mean - turning["0"].mean >= UNSTABLE
    shares = named({f"slope {slope}": s.mean for slope, s in turning.items()}, digits=0)
    diverged = _diverged(results)
    steeper = named({slope: turning[slope].mean for slope in STEEPER if slope in turning}, digits=0)
    answer = (
        f"The validation loss turns at {turning['0'].mean:.0%} of the epochs with ReLU and at "
        f"{turning['0.01'].mean:.0%} with slope 0.01; steeper: {steeper or 'none to compare'}. "
        f"{f'{diverged} ' if diverged else ''}"
        f"{'So the slope makes' if unstable else 'So the slope does not make'} it less stable."
    )
    return claim.judgement(
        agreement(unstable),
        f"It turns at this share of the epochs: {shares}. "
        f"{diverged or 'None of the trainings diverged.'}",
        {
            "loss_turning_share": as_dicts({f"slope {slope}": s for slope, s in turning.items()}),
        },
        per_seed(results.seeds, **_turning_by_seed(results)),
        answer,
    )


def _turning_by_seed(results: Results) -> dict[str, list[Any]]:
    return {  # null where a training diverged
        f"loss_turning_share_{slope}": [
            None if run.error else turning_share(losses_of(run))
            for run in results.runs(name, "normal")
        ]
        for slope, name in SLOPES.items()
    }


def _diverged(results: Results) -> str:
    runs = [run for name in SLOPES.values() for run in results.runs(name, "normal")]
    failed = [f"{run.configuration} (seed {run.seed})" for run in runs if run.error]
    return f"Diverged: {'; '.join(failed)}." if failed else ""


def draw(results: Results) -> Sequence[Drawing]:
    """Draw the loss, how often it turns, and what each slope costs in accuracy."""
    panels = (
        _losses(results, "normal"),
        _losses(results, "random"),
        _accuracies(results),
        _turning(results),
    )
    return [Drawing.of(*panels, legend=[f"slope {slope}" for slope in SLOPES])]


def _losses(results: Results, init: str) -> Panel | None:
    lines = [
        line(runs, "validation_loss", f"slope {slope}", series, dashed=False)
        for series, (slope, name) in enumerate(SLOPES.items())
        if (runs := [run for run in results.runs(name, init) if run.epochs])
    ]
    return panel(
        f"Validation cross-entropy, {init}",
        lines,
        draw_losses,
        f"Last values: {ends(lines, '.3f')}. A slope that made learning unstable would give a "
        "line that shakes; lines that lie on each other have the same loss.",
    )


def _turning(results: Results) -> Panel | None:
    bars = [
        Bars.of(f"slope {slope}", series, [turning_shares(results, name, "normal")])
        for series, (slope, name) in enumerate(SLOPES.items())
        if results.trained(name, "normal")
    ]
    relu = turning_shares(results, "relu", "normal")
    if not relu:  # nothing to compare with
        return None
    return bar_panel(
        "Share of epochs at which the validation loss turns",
        ["normal"],
        bars,
        "No bar: it never turns, or the training diverged. The dashed line lies "
        f"{points(UNSTABLE)} above slope 0, which is ReLU: a bar that reaches it is called less "
        "stable.",
        share=True,
        marked=fmean(relu) + UNSTABLE,
    )


def _accuracies(results: Results) -> Panel | None:
    bars = [
        Bars.of(
            f"slope {slope}",
            series,
            [
                results.differences("test_accuracy", (name, init), less=("relu", init))
                for init in UNEQUAL
            ],
        )
        for series, (slope, name) in enumerate(SLOPES.items())
        if name != "relu"
    ]
    return bar_panel(
        "Test accuracy of each slope less that of ReLU",
        UNEQUAL,
        bars,
        "Above 0 a slope is better than ReLU; below the dashed line we call it worse. "
        "With random only slope 0.01 was trained.",
        share=True,
        marked=-ACCURACY_TOLERANCE,
    )


CLAIMS = (
    Claim(
        "B.leaky_relu.worse",
        "Leaky ReLU performs worse than ReLU.",
        {"statement": "worse than ReLU"},
        always(*((name, init) for init in UNEQUAL for name in ("relu", "leaky_relu"))),
        judge_worse,
        rule=(
            "Worse: with its true derivative, more than "
            f"{points(ACCURACY_TOLERANCE)} of test accuracy behind ReLU, a mean over pairs of the "
            "same seed, with normal and with random."
        ),
    ),
    Claim(
        "B.leaky_relu.unstable",
        "The slope for negative inputs makes leaky ReLU unstable.",
        {"statement": "the slope makes it unstable"},
        always(("relu", "normal"), ("leaky_relu", "normal")),
        judge_unstable,
        also=always(*((name, "normal") for name in STEEPER.values())),
        rule=(
            f"Unstable: with slope 0.01 the validation loss turns at {points(UNSTABLE)} more of "
            "the epochs than with slope 0; normal initialisation. Steeper slopes show the "
            "trend and do not decide."
        ),
    ),
)

THEME = Theme(
    "slopes",
    "Does the slope of leaky ReLU hurt?",
    CLAIMS,
    draw,
    sentences(
        {
            "B.leaky_relu.worse": {
                Verdict.REPRODUCED: "With the right derivative, leaky ReLU is worse than ReLU.",
                Verdict.DIFFERS: (
                    "With the right derivative, leaky ReLU is not worse than ReLU, or not with "
                    "both initialisations: check a surprising result against the code before you "
                    "explain it."
                ),
            },
            "B.leaky_relu.unstable": {
                Verdict.REPRODUCED: "Its slope does make the loss turn more often.",
                Verdict.DIFFERS: "Its slope does not make training unstable.",
            },
        }
    ),
)
