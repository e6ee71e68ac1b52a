"""Whether ReLU's plateaus in C2 come from dead units.

Two questions, as a share that goes with the plateaus need not be their cause: whether more units
are dead on a plateau than elsewhere, and whether a network with the same weights at the start whose
units cannot die, that of leaky ReLU, has fewer plateaus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes

from chainrule.report.curves import Panel, draw_magnitudes, draw_shares, line, panel
from chainrule.report.figures import SERIES, Line
from chainrule.report.page import percent
from chainrule.reproduction.claims import Claim, Judgement, Verdict, always, per_seed, points
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.curves import curve, on_plateau, plateaus
from chainrule.reproduction.section_c.settings import LOOKED_AT, NEVER_DEAD
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import MORE_DEAD, PLATEAU_EPOCHS, PLATEAU_FALL
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult


@dataclass(frozen=True)
class DeadShares:
    """The share of units that are dead: on plateaus, and at the other epochs; means."""

    on: float
    outside: float


def dead_shares(run: TrialResult) -> DeadShares | None:
    """Divide a run's epochs; None where all of them are on plateaus, or none."""
    flat = on_plateau(curve(run, "validation_loss"))
    parts: dict[bool, list[float]] = {True: [], False: []}
    for is_flat, share in zip(flat, run.metrics["dead_share"], strict=True):
        parts[is_flat].append(share)
    return DeadShares(fmean(parts[True]), fmean(parts[False])) if all(parts.values()) else None


def _counts(runs: Sequence[TrialResult]) -> list[int]:
    return [plateaus(curve(run, "validation_loss")) for run in runs]


def judge(claim: Claim, results: Results) -> Judgement:
    """Ask both questions."""
    runs = results.runs("C2", "relu")
    counts, ablated = _counts(runs), _counts(results.runs("C2", NEVER_DEAD))
    shares = [dead_shares(run) for run in runs]
    compared = [share for share in shares if share]
    fewer = fmean(ablated) < fmean(counts)
    more = fmean([s.on - s.outside for s in compared]) if compared else None
    note = (
        f"Plateaus a seed: relu {fmean(counts):g}, leaky_relu {fmean(ablated):g}. "
        f"{_in_words(compared)} {_at_the_end(runs)}"
    )
    measured = {
        "dead_on_plateaus_share": fmean([s.on for s in compared]) if compared else None,
        "dead_outside_share": fmean([s.outside for s in compared]) if compared else None,
        "plateaus": asdict(Spread.of(counts)),
        "plateaus_of_leaky_relu": asdict(Spread.of(ablated)),
    }
    columns: dict[str, list[Any]] = {
        "plateaus": counts,
        "plateaus_of_leaky_relu": ablated,
        "dead_on_plateaus_share": [share and share.on for share in shares],
        "dead_outside_share": [share and share.outside for share in shares],
    }
    return claim.judgement(
        _verdict(more, fewer),
        note,
        measured,
        per_seed(results.seeds, **columns),
        _answer(compared, counts, ablated),
    )


def _at_the_end(runs: Sequence[TrialResult]) -> str:
    layers = zip(*(run.metrics["dead_share_by_layer"] for run in runs), strict=True)
    dead = {
        f"layer {i}": fmean([by_epoch[-1] for by_epoch in seeds])
        for i, seeds in enumerate(layers, 1)
    }
    zeros = fmean([run.metrics["zero_share"][-1] for run in runs])
    listed = ", ".join(f"{name} {percent(share)}" for name, share in dead.items())
    return (
        f"Dead units after the last epoch: {listed}; {percent(zeros)} of all hidden outputs are 0 "
        "then."
    )


def _verdict(more: float | None, fewer: bool) -> Verdict:
    if more is None:
        return Verdict.UNDECIDED
    agree = (more >= MORE_DEAD) + fewer
    return (Verdict.DIFFERS, Verdict.UNDECIDED, Verdict.REPRODUCED)[agree]


def _in_words(compared: Sequence[DeadShares]) -> str:
    if not compared:
        return "No seed has both epochs on a plateau and epochs elsewhere to compare."
    on, outside = fmean([s.on for s in compared]), fmean([s.outside for s in compared])
    way = "more" if on > outside else "fewer"
    return (
        f"Of relu's hidden units {percent(on)} are dead on plateaus and {percent(outside)} at "
        f"other epochs, {points(on - outside)} {way}."
    )


def _answer(compared: Sequence[DeadShares], counts: list[int], ablated: list[int]) -> str:
    if not sum(counts):
        return "ReLU's validation loss has no plateau here, so there is nothing to explain."
    return (
        f"{_in_words(compared)} Where no unit can die, with leaky ReLU, the loss has "
        f"{fmean(ablated):g} plateaus a seed, with ReLU {fmean(counts):g}."
    )


# --- the picture ----------------------------------------------------------------------------------


def draw(results: Results) -> list[Drawing]:
    """Draw one seed's losses with their plateaus, and its dead units."""
    runs, ablated = results.trained("C2", "relu"), results.trained("C2", NEVER_DEAD)
    pairs = [(a, b) for a in runs for b in ablated if a.seed == b.seed]
    if not pairs:
        return []
    # The first seed that has something to explain.
    relu, leaky = next((pair for pair in pairs if _counts(pair[:1])[0]), pairs[0])
    return [
        Drawing.of(
            _losses(relu, leaky),
            _dead(relu),
            legend=("relu", "leaky_relu"),
            solid="thick: on a plateau",
        )
    ]


def _losses(relu: TrialResult, leaky: TrialResult) -> Panel | None:
    lines = [
        line([run], "validation_loss", name, series, dashed=False)
        for series, (name, run) in enumerate((("relu", relu), ("leaky_relu", leaky)))
    ]
    flat = [on_plateau(one.mean) for one in lines]
    caption = (
        f"Seed {relu.seed}. Thick: {PLATEAU_EPOCHS} epochs in which the loss falls by less than "
        f"{PLATEAU_FALL:.0%} in all. The scale is logarithmic."
    )
    return panel("Loss on the test images", lines, partial(_draw_losses, flat), caption)


def _dead(relu: TrialResult) -> Panel | None:
    shares = relu.metrics["dead_share"]
    one = Line("relu", 0, False, range(1, 1 + len(shares)), shares, shares, shares)
    caption = (
        f"0 for all of {LOOKED_AT:,} training images. If dead units made the plateaus, the curve "
        "would rise where it is thick. Leaky ReLU has none."
    )
    flat = [on_plateau(curve(relu, "validation_loss"))]
    return panel("Share of hidden units that are dead", [one], partial(_draw_shares, flat), caption)


def _draw_losses(flat: Sequence[Sequence[bool]], lines: Sequence[Line], axes: Axes) -> None:
    draw_magnitudes(lines, axes)
    _mark(flat, lines, axes)


def _draw_shares(flat: Sequence[Sequence[bool]], lines: Sequence[Line], axes: Axes) -> None:
    draw_shares(lines, axes)
    highest = max(max(one.mean) for one in lines)
    axes.set_ylim(0, max(1.1 * highest, 2 * MORE_DEAD))  # mostly far from all units
    _mark(flat, lines, axes)


def _mark(flat: Sequence[Sequence[bool]], lines: Sequence[Line], axes: Axes) -> None:
    for one, marks in zip(lines, flat, strict=True):
        thick = [y if mark else float("nan") for y, mark in zip(one.mean, marks, strict=True)]
        axes.plot(one.x, thick, color=SERIES[one.series], linewidth=6, alpha=0.45)


# --- what to take home ----------------------------------------------------------------------------

_LESSONS = {
    Verdict.REPRODUCED: "Dead units do hold ReLU up here: more of them are dead on plateaus, and "
    "leaky ReLU, whose units cannot die, has fewer plateaus.",
    Verdict.DIFFERS: "ReLU's plateaus here do not come from dead units: hardly more of them are "
    "dead on a plateau than elsewhere, and leaky ReLU, whose units cannot die, has no fewer "
    "plateaus. That ReLU can have dead units does not make them the cause.",
    Verdict.UNDECIDED: "Whether dead units make ReLU's plateaus stays open: that can be told only "
    "of trainings that have plateaus, and a cause has to show both on them and where it is taken "
    "away.",
}


CLAIMS = (
    Claim(
        "C2.relu.dead",
        "ReLU's plateaus come from units that are zero.",
        {"statement": "plateaus come from units that are zero"},
        always(("C2", "relu"), ("C2", NEVER_DEAD)),
        judge,
        rule=f"A hidden unit is dead where it is 0 for all of the first {LOOKED_AT:,} training "
        f"images; a plateau is {PLATEAU_EPOCHS} epochs in which the validation loss falls by less "
        f"than {PLATEAU_FALL:.0%} in all. Reproduced where the share of dead units is at least "
        f"{points(MORE_DEAD)} higher on plateaus than at other epochs and leaky_relu, the same "
        "network with units that cannot be 0, has fewer plateaus; differs where neither is so; "
        "undecided where one is, or where relu has no plateau.",
    ),
)

THEME = Theme(
    "plateaus",
    "Do ReLU's plateaus come from dead units?",
    CLAIMS,
    draw,
    sentences({"C2.relu.dead": _LESSONS}),
)
