"""Whether many outputs of ReLU are zero."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    agreement,
    always,
    as_dicts,
    named,
    per_seed,
)
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import HIDDEN_LAYERS, LAYER_SIZES
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import MANY_ZEROS
from chainrule.study.statistics import Spread

BEFORE, AFTER = 0, -1  # training
# What is shown: a label, the configuration, and when.
MOMENTS = {
    "ReLU, before training": (("relu", "normal"), BEFORE),
    "ReLU, after": (("relu", "normal"), AFTER),
    "ReLU with random, after": (("relu", "random"), AFTER),
    "tanh, after": (("tanh", "normal"), AFTER),
}
DECIDES = "ReLU, after"


def judge_sparsity(claim: Claim, results: Results) -> Judgement:
    """Compare the share of zeros among ReLU's hidden outputs with what we call many."""
    zeros, dead = (_shares(results, metric) for metric in ("zero_shares", "dead_shares"))
    means = {label: Spread.of(by_seed) for label, by_seed in zeros.items()}
    dead_mean = fmean(dead[DECIDES])
    share = means[DECIDES].mean
    before = means["ReLU, before training"].mean
    return claim.judgement(
        agreement(share >= MANY_ZEROS),
        f"Of all hidden outputs: {named({label: one.mean for label, one in means.items()})}. Units "
        f"that are 0 for every test image: {named({n: fmean(d) for n, d in dead.items()})}.",
        as_dicts({"zero_share": means[DECIDES], "dead_share": Spread.of(dead[DECIDES])}),
        per_seed(results.seeds, zero_share=zeros[DECIDES], dead_share=dead[DECIDES]),
        f"{share:.1%} of ReLU's hidden outputs are 0 on the test images; before training it was "
        f"{before:.1%}, as a weighted sum of random weights is negative about half of the time. "
        f"{dead_mean:.1%} of the units are 0 for every image.",
    )


def _shares(results: Results, metric: str) -> dict[str, list[float]]:
    """Return the share of all hidden layers together by label, seed by seed."""
    return {
        label: [
            fmean(moments[moment], weights=LAYER_SIZES[1:-1])
            for moments in results.values(metric, *names)
        ]
        for label, (names, moment) in MOMENTS.items()
    }


def draw(results: Results) -> Sequence[Drawing]:
    """Draw zeros, and units that are always zero, by layer."""
    panels = (
        _by_layer(
            results,
            "zero_shares",
            "Share of zeros among a layer’s outputs",
            f"On the test images. From the dashed line on, {MANY_ZEROS:.1%}, we say many. tanh is "
            "never exactly 0, so it has no bars.",
            MANY_ZEROS,
        ),
        _by_layer(
            results,
            "dead_shares",
            "Share of units that are 0 for every test image",
            "Such a unit says nothing, and no gradient passes it. Where there is no bar, there is "
            "none.",
        ),
    )
    return [Drawing.of(*panels, legend=list(MOMENTS))]


def _by_layer(
    results: Results, metric: str, title: str, caption: str, marked: float | None = None
) -> Panel | None:
    bars = []
    for series, (label, (names, moment)) in enumerate(MOMENTS.items()):
        measured = [moments[moment] for moments in results.values(metric, *names)]
        if measured:
            bars.append(Bars.of(label, series, list(zip(*measured, strict=True))))
    return bar_panel(title, HIDDEN_LAYERS, bars, caption, share=True, marked=marked)


CLAIM = Claim(
    "B.relu.sparsity",
    "Many outputs of ReLU are 0.",
    {"statement": "many are 0"},
    always(*{names: None for names, _ in MOMENTS.values()}),
    judge_sparsity,
    rule=(
        f"Many: {MANY_ZEROS:.1%} at least of all hidden outputs on the test images; "
        "ReLU with normal initialisation, after training."
    ),
)

THEME = Theme(
    "sparsity",
    "Are many outputs of ReLU zero?",
    (CLAIM,),
    draw,
    sentences(
        {
            CLAIM.id: {
                Verdict.REPRODUCED: (
                    f"A ReLU network is sparse: at least {MANY_ZEROS:.1%} of its hidden outputs "
                    "are 0."
                ),
                Verdict.DIFFERS: (
                    "ReLU is less sparse than one may expect: after training, fewer than "
                    f"{MANY_ZEROS:.1%} of its hidden outputs are 0."
                ),
            }
        }
    ),
)
