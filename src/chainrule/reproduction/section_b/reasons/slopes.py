"""Whether the slope of leaky ReLU for negative inputs does harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel, draw_losses, ends, line, panel
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    always,
    named,
    per_seed,
    points,
    side,
)
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.claims import turning_share, turning_shares
from chainrule.reproduction.section_b.experiments import STEEPER_SLOPES
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, UNSTABLE

LEARNING = ("normal", "random")  # the initialisations with which a network can learn
STEEPER = {f"{slope}": f"leaky_relu {slope}" for slope in STEEPER_SLOPES}
SLOPES = {"0": "relu", "0.01": "leaky_relu", **STEEPER}  # to the activations


def judge_worse(claim: Claim, results: Results) -> Judgement:
    """Compare ReLU with a leaky ReLU that has its true derivative, in pairs of the same seed."""
    gaps = {
        init: results.differences("test_accuracy", ("relu", init), less=("leaky_relu", init))
        for init in LEARNING
    }
    worse = all(gap.mean > ACCURACY_TOLERANCE for gap in gaps.values())
    pairs = ", ".join(
        f"with {init} {points(gap.mean)} {side(-gap.mean)} ReLU's" for init, gap in gaps.items()
    )
    verdict = Verdict.REPRODUCED if worse else Verdict.DIFFERS
    columns = {
        f"{name}_{init}": results.values("test_accuracy", name, init)
        for init in LEARNING
        for name in ("relu", "leaky_relu")
    }
    return claim.judgement(
        verdict,
        f"Its test accuracy is {pairs}.",
        {"relu_less_leaky_share": {init: asdict(gap) for init, gap in gaps.items()}},
        per_seed(results.seeds, **columns),
        f"With its true derivative, leaky ReLU's test accuracy is {pairs}: "
        f"{'worse with both' if worse else 'not worse with both'}.",
    )


def judge_unstable(claim: Claim, results: Results) -> Judgement:
    """Ask how much more often the validation loss turns with a slope than without."""
    turning = {slope: turning_shares(results, name, "normal") for slope, name in SLOPES.items()}
    more = turning["0.01"].mean - turning["0"].mean
    shares = named({f"slope {slope}": s.mean for slope, s in turning.items()}, digits=0)
    unstable = more >= UNSTABLE
    note = f"It turns at this share of the epochs: {shares}. {_diverged(results)}"
    answer = (
        f"The validation loss turns at {turning['0'].mean:.0%} of the epochs with ReLU and at "
        f"{turning['0.01'].mean:.0%} with slope 0.01; steeper: "
        f"{named({slope: turning[slope].mean for slope in STEEPER}, digits=0)}. "
        f"{'So the slope makes' if unstable else 'So the slope does not make'} it less stable."
    )
    return claim.judgement(
        Verdict.REPRODUCED if unstable else Verdict.DIFFERS,
        note,
        {"loss_turning_share": {f"slope {slope}": asdict(s) for slope, s in turning.items()}},
        per_seed(
            results.seeds,
            **{
                f"loss_turning_share_{slope}": [
                    turning_share([row.monitored_loss for row in run.epochs])
                    for run in results.runs(name, "normal")
                ]
                for slope, name in SLOPES.items()
            },
        ),
        answer,
    )


def _diverged(results: Results) -> str:
    failed = [
        run.configuration
        for name in SLOPES.values()
        for run in results.runs(name, "normal")
        if run.error
    ]
    return f"Diverged: {'; '.join(failed)}." if failed else "None of the trainings diverged."


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
        Bars(f"slope {slope}", series, [turning_shares(results, name, "normal")])
        for series, (slope, name) in enumerate(SLOPES.items())
        if results.runs(name, "normal")
    ]
    if not bars or bars[0].series:
        return None
    (relu,) = bars[0].values
    assert relu
    return bar_panel(
        "Share of epochs at which the validation loss turns",
        ["normal"],
        bars,
        f"No bar: it never turns. The dashed line lies {points(UNSTABLE)} above slope 0, which is "
        "ReLU: a bar that reaches it is called less stable.",
        share=True,
        marked=relu.mean + UNSTABLE,
    )


def _accuracies(results: Results) -> Panel | None:
    bars = [
        Bars(
            f"slope {slope}",
            series,
            [
                results.differences("test_accuracy", (name, init), less=("relu", init))
                if results.trained(name, init) and results.trained("relu", init)
                else None
                for init in LEARNING
            ],
        )
        for series, (slope, name) in enumerate(SLOPES.items())
        if name != "relu"
    ]
    return bar_panel(
        "Test accuracy of each slope less that of ReLU",
        LEARNING,
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
        always(*((name, init) for init in LEARNING for name in ("relu", "leaky_relu"))),
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
                    "With the right derivative, leaky ReLU is not worse than ReLU: check a "
                    "surprising result against the code before you explain it."
                ),
            },
            "B.leaky_relu.unstable": {
                Verdict.REPRODUCED: "Its slope does make the loss turn more often.",
                Verdict.DIFFERS: "Its slope does not make training unstable.",
            },
        }
    ),
)
