"""A claim of the report, how a run judges it, and the words for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chainrule.reproduction.results import Results
from chainrule.reproduction.settings import Values
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult


class Verdict(StrEnum):
    """What a run says about a claim."""

    REPRODUCED = "reproduced"  # our figure agrees within the stated tolerance
    DIFFERS = "differs"  # it does not; the note says by how much and, where known, why
    UNDECIDED = "undecided"  # the experiment cannot tell; the note says what it lacks
    ERRATUM = "erratum"  # the report contradicts itself or mathematics; the note shows how
    NOT_JUDGED = "not judged"  # the run is not at the report's scale; the note says what differs


@dataclass(frozen=True)
class Judgement:
    """A claim beside its measurement.

    Attributes
    ----------
    id : str
        The claim's id, for programs.
    title : str
        What the report says, as a sentence, for readers.
    claimed : dict
        The report's figures by name, accuracies and shares between 0 and 1; or its statement.
    measured : dict
        Ours, by the same names where there is a counterpart; a mean has its spread beside it.
    per_seed : list of dict
        Ours, seed by seed.
    verdict : Verdict or None
        None where trials that it needs are not finished.
    note : str
        The tolerance, and what there is to know, in words; or why nothing is judged.
    answer : str
        Of a reason: what was found, in a sentence for a student.
    """

    id: str
    title: str
    claimed: dict[str, Any]
    measured: dict[str, Any]
    per_seed: list[dict[str, Any]]
    verdict: Verdict | None
    note: str
    answer: str = ""


Names = tuple[object, ...]  # of a configuration: ("relu", "normal")


@dataclass(frozen=True)
class Claim:
    """A claim of the report.

    Attributes
    ----------
    id : str
        Its id.
    title : str
        What the report says, as a sentence.
    claimed : dict
        The report's figures.
    needs : callable
        (settings) -> names of the configurations that decide it; see :func:`always`.
    judge : callable
        (claim, results) -> Judgement; called once all runs that it needs are there, none diverged.
    also : callable
        (settings) -> names of configurations that it needs too, but which may diverge.
    rule : str
        How a reason is judged: the measure and its threshold, in words. Every note begins with it.
    """

    id: str
    title: str
    claimed: dict[str, Any]
    needs: Callable[[Values], Sequence[Names]]
    judge: Callable[[Claim, Results], Judgement]
    also: Callable[[Values], Sequence[Names]] = lambda _: ()
    rule: str = ""

    @property
    def experiment(self) -> str:
        """What its id begins with: ``C5`` of ``C5.shapes``."""
        return self.id.partition(".")[0]

    def judgement(
        self,
        verdict: Verdict | None,
        note: str,
        measured: dict[str, Any] | None = None,
        per_seed: list[dict[str, Any]] | None = None,
        answer: str = "",
    ) -> Judgement:
        """Return a judgement on this claim."""
        note = f"{self.rule} {note}".strip()
        return Judgement(
            self.id, self.title, self.claimed, measured or {}, per_seed or [], verdict, note, answer
        )


def always(*names: Names) -> Callable[[Values], Sequence[Names]]:
    """Return a need for the same configurations whatever the settings are; none for no training."""
    return lambda _: names


def judge(
    claims: Sequence[Claim],
    results: Results,
    off_scale: Mapping[str, Sequence[str]] | None = None,
) -> list[Judgement]:
    """Return a judgement on every claim; those whose trials are not all there have no verdict.

    A claim of which a run diverged is not reproduced, whatever the others gave; a reason is
    undecided then.

    Parameters
    ----------
    claims : sequence of Claim
        The claims.
    results : Results
        Of their section.
    off_scale : mapping, optional
        Experiment -> where it is not as the report has it, in words. What such an experiment
        decides is measured, and not judged.
    """
    return [_judge(claim, results, off_scale or {}) for claim in claims]


def _judge(claim: Claim, results: Results, off_scale: Mapping[str, Sequence[str]]) -> Judgement:
    needs, also = claim.needs(results.settings), claim.also(results.settings)
    if any(results.lacks(*names) for names in [*needs, *also]):
        missing = "Not all of the runs that this claim needs are finished."
        return claim.judgement(None, missing)
    runs = [run for names in needs for run in results.runs(*names)]
    judgement = _diverged(claim, runs) or claim.judge(claim, results)
    differences = off_scale.get(claim.experiment)
    if not differences:
        return judgement
    note = f"The report's scale decides, and this run has {', '.join(differences)}."
    return replace(judgement, verdict=Verdict.NOT_JUDGED, note=note, answer="")


def _diverged(claim: Claim, runs: Sequence[TrialResult]) -> Judgement | None:
    diverged = [run for run in runs if run.error]
    if not diverged:
        return None
    note = (
        f"{len(diverged)} of the {len(runs)} runs that this claim needs diverged: "
        f"{'; '.join(sorted({run.configuration for run in diverged}))}."
    )
    # A figure that is not reached differs; a reason needs figures to compare.
    return claim.judgement(Verdict.UNDECIDED if claim.rule else Verdict.DIFFERS, note)


def agreement(holds: bool) -> Verdict:
    """Return the verdict on what either holds or does not."""
    return Verdict.REPRODUCED if holds else Verdict.DIFFERS


def per_seed(seeds: Sequence[int], **columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Return one dictionary a seed from columns of the same length."""
    rows = zip(seeds, *columns.values(), strict=True)
    return [{"seed": seed, **dict(zip(columns, row, strict=True))} for seed, *row in rows]


def points(difference: float) -> str:
    """Return a difference of two shares in words, without its sign."""
    return f"{100 * abs(difference):.2f} percentage points"


def side(difference: float) -> str:
    """Return on which side of a claim a measurement lies."""
    return "above" if difference > 0 else "below"


def named(shares: Mapping[str, float], digits: int = 2) -> str:
    """Return shares by name in words: ``relu 94.37%, tanh 92.80%``."""
    return ", ".join(f"{name} {share:.{digits}%}" for name, share in shares.items())


def inside(claimed: float, spread: Spread) -> str:
    """Return in words whether a claimed accuracy lies within the seeds' range."""
    if spread.n == 1:
        return "One seed has no spread to compare with."
    where = "inside" if spread.contains(claimed) else "outside"
    return f"The claimed accuracy lies {where} the range of our {spread.n} seeds."
