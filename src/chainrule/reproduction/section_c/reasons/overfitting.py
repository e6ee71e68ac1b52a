"""Whether C5's few features keep a classifier from overfitting.

A classifier on features differs from C2's on pixels in two things: its inputs, and its size. So the
same small classifier is trained on pixels; and on principal components, which are as few numbers as
the features, with no autoencoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.page import percent
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    named,
    per_seed,
    points,
)
from chainrule.reproduction.results import Names, Results
from chainrule.reproduction.section_c.settings import (
    AUTOENCODERS,
    COMPONENTS,
    SMALL_ON_PIXELS,
    rate_names,
)
from chainrule.reproduction.settings import Values
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import OVERFITS
from chainrule.study.statistics import Spread

# Input -> what stands under its bars.
COMPARED = {
    "relu": "relu",
    "identity": "identity",
    COMPONENTS: "PCA",
    SMALL_ON_PIXELS: "pixels",
    "pixels": "pixels,\nlarge",
}

DECIDING = (*AUTOENCODERS, SMALL_ON_PIXELS)


def needs(settings: Values) -> Sequence[Names]:
    """Return the five classifiers at the learning rate that decides."""
    return [("C5", name, rate_names(settings)[0]) for name in COMPARED]


def accuracies(results: Results, part: str) -> dict[str, list[float]]:
    """Return the accuracy on training or test images by input, seed by seed."""
    rate = rate_names(results.settings)[0]
    return {name: results.values(f"{part}_accuracy", "C5", name, rate) for name in COMPARED}


def gaps(results: Results) -> dict[str, list[float]]:
    """Return training less test accuracy by input, seed by seed."""
    train, test = accuracies(results, "train"), accuracies(results, "test")
    return {
        name: [a - b for a, b in zip(train[name], test[name], strict=True)] for name in COMPARED
    }


def verdict(gap: Mapping[str, float]) -> Verdict:
    """Compare the gaps of the features with that of pixels in the same classifier."""
    smaller = [gap[SMALL_ON_PIXELS] - gap[name] >= OVERFITS for name in AUTOENCODERS]
    if all(smaller):
        return Verdict.REPRODUCED
    return Verdict.UNDECIDED if any(smaller) else Verdict.DIFFERS


def judge(claim: Claim, results: Results) -> Judgement:
    """Compare the gaps, and tell whether a smaller one helps."""
    by_seed = gaps(results)
    gap = {name: Spread.of(values).mean for name, values in by_seed.items()}
    test = {name: Spread.of(v).mean for name, v in accuracies(results, "test").items()}
    return claim.judgement(
        verdict(gap),
        f"Gaps: {named(gap)}. Test accuracy: {named(test)}. pixels alone are C2's tanh network.",
        {
            "gap_share": {name: asdict(Spread.of(by_seed[name])) for name in DECIDING},
            "gaps_of_others_share": {name: gap[name] for name in (COMPONENTS, "pixels")},
        },
        per_seed(results.seeds, **by_seed),
        _answer(gap, test),
    )


def _answer(gap: Mapping[str, float], test: Mapping[str, float]) -> str:
    relu, identity = AUTOENCODERS
    signed = {name: f"{100 * difference:+.2f}" for name, difference in gap.items()}
    return (
        f"Training less test accuracy is {signed[relu]} percentage points on ReLU's features, "
        f"{signed[identity]} on identity's, {signed[COMPONENTS]} on principal components, and "
        f"{signed[SMALL_ON_PIXELS]} where the same classifier gets the pixels. "
        f"Test images right: {percent(test[relu], 1)}, {percent(test[identity], 1)}, "
        f"{percent(test[COMPONENTS], 1)} and {percent(test[SMALL_ON_PIXELS], 1)}."
    )


# --- the picture ----------------------------------------------------------------------------------


def draw(results: Results) -> list[Drawing]:
    """Draw training and test accuracy of the five, and their gaps."""
    labels, gap = list(COMPARED.values()), gaps(results)
    parts = [
        Bars.of(words, series, list(accuracies(results, part).values()))
        for series, (part, words) in enumerate(
            (("train", "training images"), ("test", "test images"))
        )
    ]
    return [
        Drawing.of(
            bar_panel(
                "Accuracy on training and on test images",
                labels,
                parts,
                "Features of relu and of identity, 32 principal components (PCA), and pixels, into "
                "the same small classifier; large: C2's on pixels.",
                share=True,
            ),
            bar_panel(
                "Training less test accuracy",
                labels,
                [Bars.of("gap", PLAIN, list(gap.values()))],
                "The lower, the less is learnt by heart. Lines run from the lowest seed to the "
                "highest. Dashed: features must be at or below it.",
                share=True,
                marked=Spread.of(same).mean - OVERFITS if (same := gap[SMALL_ON_PIXELS]) else None,
            ),
            legend=[one.label for one in parts],
        ),
    ]


PLAIN = 4  # no word of the legend


# --- what to take home ----------------------------------------------------------------------------

_LESSONS = {
    Verdict.REPRODUCED: "Few features do keep a classifier from learning its training images by "
    "heart: in the same classifier, pixels leave a wider gap. A narrow gap alone is no better "
    "network: what counts is the accuracy on test images.",
    Verdict.DIFFERS: "On features the same classifier overfits no less than on pixels, or hardly "
    "less: fewer inputs alone do not keep it from learning its training images by heart.",
    Verdict.UNDECIDED: "Whether few features keep a classifier from overfitting stays open: for a "
    "yes those of both autoencoders must leave a clearly narrower gap than pixels, for a no "
    "neither's may.",
}


CLAIMS = (
    Claim(
        "C5.overfitting",
        "Compressed features help smaller classifiers avoid overfitting.",
        {"statement": "features help smaller classifiers avoid overfitting"},
        needs,
        judge,
        rule="The gap is training less test accuracy at the first learning rate, in the mean over "
        "seeds. Reproduced where it is, on the features of relu and on those of identity, at least "
        f"{points(OVERFITS)} smaller than on pixels in the same small classifier; undecided where "
        "it is so on one of them only.",
    ),
)

THEME = Theme(
    "overfitting",
    "Do few features avoid overfitting?",
    CLAIMS,
    draw,
    sentences({"C5.overfitting": _LESSONS}),
)
