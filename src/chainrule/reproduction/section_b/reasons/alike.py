"""Whether tanh and ReLU perform alike."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import draw_shares, line, panel
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    always,
    as_dicts,
    named,
    per_seed,
    points,
)
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.claims import CLAIMED_ACCURACIES
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, WELL
from chainrule.study.statistics import Spread

RELU, TANH = ("relu", "normal"), ("tanh", "normal")
CLAIMED_GAP = CLAIMED_ACCURACIES[RELU] - CLAIMED_ACCURACIES[TANH]


def judge_alike(claim: Claim, results: Results) -> Judgement:
    """Ask whether both do well, and how far apart they are, seed by seed."""
    accuracies = {names[0]: results.values("test_accuracy", *names) for names in (RELU, TANH)}
    spreads = {name: Spread.of(values) for name, values in accuracies.items()}
    gap = Spread.of(results.differences("test_accuracy", RELU, less=TANH))
    well = all(spread.mean >= WELL for spread in spreads.values())
    alike = abs(gap.mean) <= ACCURACY_TOLERANCE
    means = named({name: spread.mean for name, spread in spreads.items()})
    note = (
        f"Ours: {means}; {points(gap.mean)} apart, {'ReLU' if gap.mean > 0 else 'tanh'} first. "
        f"The report's own figures are {points(CLAIMED_GAP)} apart."
    )
    answer = (
        f"{'Both do well' if well else 'They do not both do well'} ({means}), and "
        f"{_apart(gap, alike)}{_report_s_own(well, alike)}."
    )
    measured = {
        "test_accuracy": as_dicts(spreads),
        **as_dicts({"relu_less_tanh_share": gap}),
    }
    return claim.judgement(
        _verdict(well, alike), note, measured, per_seed(results.seeds, **accuracies), answer
    )


def _verdict(well: bool, alike: bool) -> Verdict:
    if not well:
        return Verdict.DIFFERS
    # The report's own figures are further apart than what it calls identical.
    return Verdict.REPRODUCED if alike else Verdict.ERRATUM


def _apart(gap: Spread, alike: bool) -> str:
    if alike:
        return f"the {points(gap.mean)} between them are within the tolerance"
    return f"{'ReLU' if gap.mean > 0 else 'tanh'} is ahead by {points(gap.mean)}"


def _report_s_own(well: bool, alike: bool) -> str:
    if well and not alike:
        return f"; the report's own two figures are {points(CLAIMED_GAP)} apart too"
    return ""


def draw(results: Results) -> Sequence[Drawing]:
    """Draw both curves, and the difference seed by seed."""
    runs = {names: results.trained(*names) for names in (RELU, TANH)}
    if not all(runs.values()):
        return []
    tanh = {run.seed: run.metrics["test_accuracy"] for run in runs[TANH]}
    gaps = {
        f"seed {run.seed}": run.metrics["test_accuracy"] - tanh[run.seed]
        for run in runs[RELU]
        if run.seed in tanh
    } | {"the report": CLAIMED_GAP}
    curves = panel(
        "Validation accuracy",
        [
            line(runs[names], "validation_accuracy", names[0], series, dashed=False)
            for series, names in enumerate((RELU, TANH))
        ],
        draw_shares,
        "Both with normal initialisation. Two curves that end side by side still differ by what "
        "the other picture magnifies.",
    )
    differences = bar_panel(
        "Test accuracy of ReLU less that of tanh",
        list(gaps),
        [Bars.of("ReLU less tanh", 2, [[gap] for gap in gaps.values()])],
        f"Up to the dashed line, {points(ACCURACY_TOLERANCE)}, we call them alike.",
        share=True,
        marked=ACCURACY_TOLERANCE,
    )
    return [Drawing.of(curves, differences, legend=("ReLU", "tanh"))]


CLAIM = Claim(
    "B.tanh_relu_alike",
    "tanh and ReLU perform identically, and both well.",
    {"statement": "identical, both well"},
    always(RELU, TANH),
    judge_alike,
    rule=(
        f"Alike: at most {points(ACCURACY_TOLERANCE)} of test accuracy between them, a mean over "
        f"pairs of the same seed. Well: {WELL:.0%} at least."
    ),
)

THEME = Theme(
    "alike",
    "Do tanh and ReLU perform alike?",
    (CLAIM,),
    draw,
    sentences(
        {
            CLAIM.id: {
                Verdict.REPRODUCED: (
                    "tanh and ReLU do equally well in this network: the choice between them is "
                    "not what decides."
                ),
                Verdict.DIFFERS: (
                    "tanh and ReLU do not do equally well in this network: compare figures over "
                    "several seeds before you call two results identical."
                ),
                Verdict.ERRATUM: (
                    "tanh and ReLU both do well, but not identically, as the report's own figures "
                    "say: look at the numbers before you call two results the same."
                ),
            }
        }
    ),
)
