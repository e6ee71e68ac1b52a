"""Whether a network without non-linearity keeps up with those of C2 that have one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from chainrule.report.bars import Bars, bar_panel
from chainrule.report.page import percent
from chainrule.reproduction.claims import Claim, Judgement, Verdict, per_seed
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.claims import ALL_ACTIVATIONS, ranked_losses
from chainrule.reproduction.section_c.settings import ACTIVATIONS_COMPARED
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.study.statistics import Spread

RIVALS = ("tanh", "relu")
DRAWN = (*RIVALS, "identity")  # beside logistic's bars nobody could compare theirs


def means(results: Results, metric: str) -> dict[str, float]:
    """Return a metric of each of the four, after the last epoch."""
    return {
        name: Spread.of(results.values(metric, "C2", name)).mean for name in ACTIVATIONS_COMPARED
    }


def rank(of: str, figures: Mapping[str, float], *, highest_first: bool = False) -> int:
    """Return the place of one figure, from 1; equal ones share the better place."""
    if highest_first:
        return 1 + sum(figure > figures[of] for figure in figures.values())
    return 1 + sum(figure < figures[of] for figure in figures.values())


def verdict(losses: Mapping[str, float], accuracies: Mapping[str, float]) -> Verdict:
    """Compare identity with tanh and relu in both measures."""
    loss, accuracy = losses["identity"], accuracies["identity"]
    if all(loss > losses[name] and accuracy < accuracies[name] for name in RIVALS):
        return Verdict.REPRODUCED
    if any(loss < losses[name] and accuracy > accuracies[name] for name in RIVALS):
        return Verdict.DIFFERS
    return Verdict.UNDECIDED


def judge(claim: Claim, results: Results) -> Judgement:
    """Rank identity among the four."""
    losses, accuracies = means(results, "test_loss"), means(results, "test_accuracy")
    by_loss = rank("identity", losses)
    by_accuracy = rank("identity", accuracies, highest_first=True)
    measures = ("test_accuracy", "test_loss")
    columns = {name: results.values(name, "C2", "identity") for name in measures}
    note = (
        f"By loss identity is number {by_loss} of {len(losses)}, by accuracy number "
        f"{by_accuracy}. Loss: {ranked_losses(losses)}. Accuracy: "
        + ", ".join(f"{name} {percent(share)}" for name, share in accuracies.items())
        + "."
    )
    return claim.judgement(
        verdict(losses, accuracies),
        note,
        {
            **{name: asdict(Spread.of(values)) for name, values in columns.items()},
            "rank_by_loss": by_loss,
            "rank_by_accuracy": by_accuracy,
        },
        per_seed(results.seeds, **columns),
        _answer(losses, accuracies),
    )


_PLACES = {
    Verdict.REPRODUCED: "identity is behind tanh and relu in both measures",
    Verdict.DIFFERS: "identity is before tanh or relu in both measures",
    Verdict.UNDECIDED: "identity is neither behind both of them, nor before one of them, in both "
    "measures",
}


def _answer(losses: Mapping[str, float], accuracies: Mapping[str, float]) -> str:
    found = [
        f"{name} {percent(accuracies[name], 1)} at a loss of {losses[name]:.3f}"
        for name in ("identity", *RIVALS)
    ]
    place = _PLACES[verdict(losses, accuracies)]
    return f"Of the test images {', '.join(found)} are right: {place}."


def draw(results: Results) -> list[Drawing]:
    """Draw loss and errors of those that learn."""
    losses = [results.values("test_loss", "C2", name) for name in DRAWN]
    shares = [results.values("test_accuracy", "C2", name) for name in DRAWN]
    errors = [[1 - share for share in seeds] for seeds in shares]
    return [
        Drawing.of(
            bar_panel(
                "Loss on the test images after the last epoch",
                DRAWN,
                [Bars.of("mean", PLAIN, losses)],
                "Lower is better. A network with identity is one linear map, whatever its depth. "
                "The curves above have logistic too.",
            ),
            bar_panel(
                "Share of test images that are taken for another class",
                DRAWN,
                [Bars.of("mean", PLAIN, errors)],
                "Lower is better. Lines run from the lowest seed to the highest.",
                share=True,
            ),
        )
    ]


PLAIN = 4  # a colour that no curve of the section has


_LESSONS = {
    Verdict.REPRODUCED: "A network without non-linearity is one linear map. Here it falls behind "
    "tanh and ReLU in loss and in accuracy: depth pays only with a non-linear activation.",
    Verdict.DIFFERS: "A network without non-linearity is one linear map, yet here it does better "
    "than a non-linear one in loss and in accuracy: this training, on these images, does not show "
    "what non-linearity is for.",
    Verdict.UNDECIDED: "A network without non-linearity is one linear map. That it falls behind "
    "tanh and ReLU, or does better than one of them, does not show in both loss and accuracy here, "
    "so this training does not tell what non-linearity is for.",
}


CLAIMS = (
    Claim(
        "C2.identity",
        "Without non-linearity (identity) a network is less suitable for complex patterns.",
        {"statement": "less suitable for complex patterns"},
        ALL_ACTIVATIONS,
        judge,
        rule="Loss and accuracy on the test images after the last epoch, means over seeds: "
        "reproduced where identity is worse than tanh and than relu in both, differs where it is "
        "better than one of them in both, otherwise undecided.",
    ),
)

THEME = Theme(
    "identity",
    "Can a network without non-linearity keep up?",
    CLAIMS,
    draw,
    sentences({"C2.identity": _LESSONS}),
)
