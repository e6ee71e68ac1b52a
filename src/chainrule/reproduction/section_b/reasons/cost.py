"""Whether ReLU is cheap, and what that is worth in a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.curves import Panel
from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    agreement,
    always,
    as_dicts,
    per_seed,
)
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import COST, STUDIED
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import CHEAP
from chainrule.study.statistics import Spread

OTHERS = ("tanh", "sigmoid")


def judge_cheap(claim: Claim, results: Results) -> Judgement:
    """Compare what ReLU takes for an element with what tanh and sigmoid take."""
    element, epoch = (
        {name: [by_name[name] for by_name in results.values(metric, *COST)] for name in OTHERS}
        for metric in ("element_ratios", "epoch_ratios")
    )
    if any(None in ratios for ratios in [*element.values(), *epoch.values()]):
        return claim.judgement(Verdict.UNDECIDED, "The clock of this machine is too coarse for it.")
    elements = {name: Spread.of(ratios) for name, ratios in element.items()}
    epochs = {name: Spread.of(ratios) for name, ratios in epoch.items()}
    verdict = _verdict(element)
    unsure = f" The seeds do not agree on {CHEAP:.0%}." if verdict is Verdict.UNDECIDED else ""
    return claim.judgement(
        verdict,
        f"For an element ReLU takes {_of(elements)}; for an epoch of the whole network "
        f"{_of(epochs)}. Medians over rounds in which all take turns.",
        {"element_time_share": as_dicts(elements), "epoch_time_share": as_dicts(epochs)},
        per_seed(
            results.seeds,
            **{f"element_time_share_{name}": ratios for name, ratios in element.items()},
            **{f"epoch_time_share_{name}": ratios for name, ratios in epoch.items()},
        ),
        f"For one number, ReLU takes {_of(elements)}. A whole epoch with ReLU takes {_of(epochs)}: "
        f"there, matrix products do most of the work.{unsure}",
    )


def _verdict(element: Mapping[str, Sequence[float]]) -> Verdict:
    cheap = {max(ratios) <= CHEAP for ratios in zip(*element.values(), strict=True)}
    return agreement(cheap.pop()) if len(cheap) == 1 else Verdict.UNDECIDED


def _of(spreads: Mapping[str, Spread]) -> str:
    return " and ".join(f"{one.mean:.0%} of {name}'s time" for name, one in spreads.items())


def draw(results: Results) -> Sequence[Drawing]:
    """Draw the time of an element and of an epoch."""
    if not results.trained(*COST):
        return []
    return [
        Drawing.of(
            _times(
                results,
                "element_seconds",
                1e9,
                "Nanoseconds for a number, forward and backward",
                "The activation alone, in NumPy, as a student’s own code has it.",
            ),
            _times(
                results,
                "epoch_seconds",
                1e3,
                "Milliseconds for an epoch of the whole network",
                "Of a few thousand images, on this library’s engine. What the other picture shows "
                "is a small part of it.",
            ),
        )
    ]


def _times(results: Results, metric: str, unit: float, title: str, caption: str) -> Panel | None:
    measured = results.values(metric, *COST)
    times = [[unit * by_name[name] for by_name in measured] for name in STUDIED]
    return bar_panel(title, list(STUDIED), [Bars.of("time", 0, times)], caption)


CLAIM = Claim(
    "B.relu.cheap",
    "ReLU is computationally efficient.",
    {"statement": "cheap to compute"},
    always(COST),
    judge_cheap,
    rule=(
        f"Cheap: for an element, forward and backward, in NumPy, at most {CHEAP:.0%} of the time "
        "that tanh takes, and of that of sigmoid. Times are this machine's, so where the seeds do "
        "not agree nothing is decided."
    ),
)

THEME = Theme(
    "cost",
    "Is ReLU cheap?",
    (CLAIM,),
    draw,
    sentences(
        {
            CLAIM.id: {
                Verdict.REPRODUCED: (
                    "ReLU is cheap to compute; but look at the whole before you choose for speed, "
                    "as most of a training is matrix products."
                ),
                Verdict.UNDECIDED: (
                    "Whether ReLU is much cheaper than tanh, these times do not say; of a whole "
                    "training it is a small part, as most of that is matrix products."
                ),
                Verdict.DIFFERS: (
                    "ReLU is hardly cheaper than the others where their functions are well "
                    "written: measure before you choose for speed."
                ),
            }
        }
    ),
)
