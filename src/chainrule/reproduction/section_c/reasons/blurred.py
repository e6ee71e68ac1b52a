"""Whether C4's regenerations are blurred, and whether they can be made better."""

from __future__ import annotations

from dataclasses import asdict

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.page import percent
from chainrule.reproduction.claims import Claim, Judgement, Verdict, agreement, always, per_seed
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.claims import BOTH_AUTOENCODERS
from chainrule.reproduction.section_c.settings import AUTOENCODERS, OTHER_AUTOENCODERS
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import BLURRED, IMPROVED
from chainrule.study.statistics import Spread

EVERY = (*AUTOENCODERS, *OTHER_AUTOENCODERS)


def spreads(results: Results, metric: str, names: tuple[str, ...]) -> dict[str, Spread]:
    """Return a metric of some of the autoencoders."""
    return {name: Spread.of(results.values(metric, "C4", name)) for name in names}


def verdict_blurred(sharpness: float, edges: float) -> Verdict:
    """Judge relu's images; where only noise makes them sharp, the word cannot be judged."""
    if sharpness <= BLURRED:
        return Verdict.REPRODUCED
    return Verdict.UNDECIDED if edges <= BLURRED else Verdict.DIFFERS


def judge_blurred(claim: Claim, results: Results) -> Judgement:
    """Compare the sharpness of relu's images with the originals'."""
    sharp, edges = (
        spreads(results, f"{measure}_share", AUTOENCODERS) for measure in ("sharpness", "edges")
    )
    columns = {name: results.values("sharpness_share", "C4", name) for name in AUTOENCODERS}
    return claim.judgement(
        verdict_blurred(sharp["relu"].mean, edges["relu"].mean),
        "Strong edges suffer most, so less of them comes back than of the mean sharpness.",
        {
            "sharpness_share": {name: asdict(spread) for name, spread in sharp.items()},
            "edges_share": {name: asdict(spread) for name, spread in edges.items()},
        },
        per_seed(results.seeds, **columns),
        f"ReLU's images have {percent(sharp['relu'].mean, 0)} of the originals' sharpness, "
        f"identity's {percent(sharp['identity'].mean, 0)}; of the strength of the originals' edges "
        f"{percent(edges['relu'].mean, 0)} and {percent(edges['identity'].mean, 0)} come back.",
    )


def judge_improvable(claim: Claim, results: Results) -> Judgement:
    """Compare the errors of the two other networks with the better of the report's two."""
    found = spreads(results, "test_mse", EVERY)
    better = min(AUTOENCODERS, key=lambda name: found[name].mean)
    ratios = {name: found[name].mean / found[better].mean for name in OTHER_AUTOENCODERS}
    best = min(ratios, key=lambda name: ratios[name])
    listed = " and ".join(f"with {name} {ratio:.2f} times that" for name, ratio in ratios.items())
    return claim.judgement(
        agreement(ratios[best] <= IMPROVED),
        "Both networks were chosen before any was trained.",
        {"test_mse": {name: asdict(spread) for name, spread in found.items()}},
        per_seed(results.seeds, **{n: results.values("test_mse", "C4", n) for n in EVERY}),
        f"The error on test images is {found[better].mean:.4f} with {better}, the better of the "
        f"report's two; {listed}.",
    )


# --- the picture ----------------------------------------------------------------------------------


def draw(results: Results) -> list[Drawing]:
    """Draw sharpness and errors of all four networks."""
    return [
        Drawing.of(
            bar_panel(
                "Sharpness and edges as shares of the originals'",
                LABELS,
                [_bars(results, "sharpness_share"), _bars(results, "edges_share", 1, "edges")],
                "Dashed: what is blurred is at or below. Noise counts as sharpness, but brings no "
                "edge of the original back.",
                share=True,
                marked=BLURRED,
            ),
            bar_panel(
                "Mean squared error on the test images",
                LABELS,
                [_bars(results, "test_mse", PLAIN)],
                "Lower is better. The first two are the report's, the others have about as many "
                "weights and are trained as long.",
            ),
            legend=("sharpness: difference of neighbouring pixels", "strength of the edges"),
        )
    ]


PLAIN = 4  # no word of the legend
LABELS = [name.replace(" ", "\n") for name in EVERY]  # narrow


def _bars(results: Results, metric: str, series: int = 0, label: str = "mean") -> Bars:
    return Bars.of(label, series, [results.values(metric, "C4", name) for name in EVERY])


# --- what to take home ----------------------------------------------------------------------------

_BLURRED = {
    Verdict.REPRODUCED: "Through 32 numbers an image comes back blurred: its neighbouring pixels "
    "differ less than the original's.",
    Verdict.DIFFERS: "ReLU's regenerations are not blurred by our measure: they keep more of the "
    "originals' sharpness than we call blurred.",
    Verdict.UNDECIDED: "Whether ReLU's regenerations are blurred stays open: a measure of "
    "sharpness takes noise for detail, so it counts only where the originals' edges come back too.",
}
_IMPROVABLE = {
    Verdict.REPRODUCED: "Another activation or other layers do lower the error, with as many "
    "weights and as long a training.",
    Verdict.DIFFERS: "Neither tanh nor other layers with as many weights lower the error by "
    f"{1 - IMPROVED:.0%} in as long a training: that something could be better has to be tried.",
}


CLAIMS = (
    Claim(
        "C4.blurred",
        "ReLU's regenerations are blurred.",
        {"statement": "relu's regenerations are blurred"},
        BOTH_AUTOENCODERS,
        judge_blurred,
        rule="Sharpness is the mean size of the spatial gradient, by differences to the next "
        "pixels, of the regenerated test images as they are shown, cut to 0-1. Blurred is at most "
        f"{BLURRED:.0%} of the originals', in the mean over seeds. Noise is sharp too: where "
        f"relu's images are sharper, but at most {BLURRED:.0%} of the strength of the originals' "
        "edges comes back (the slope of one gradient by the other), it is undecided.",
    ),
    Claim(
        "C4.improvable",
        "Other architectures or activations could improve the regenerations.",
        {"statement": "other architectures or activations could improve them"},
        always(*[("C4", name) for name in EVERY]),
        judge_improvable,
        rule="Two networks beside the report's two, trained as they are: tanh in the same layers; "
        "relu in layers of 135, 32 and 135 units, with about as many weights. Reproduced where the "
        f"test images' mean squared error of one is at most {IMPROVED:.0%} of the better of the "
        "report's two, in the mean over seeds.",
    ),
)

THEME = Theme(
    "blurred",
    "Are the regenerated images blurred, and can it be done better?",
    CLAIMS,
    draw,
    sentences({"C4.blurred": _BLURRED, "C4.improvable": _IMPROVABLE}),
)
