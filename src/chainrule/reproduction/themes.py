"""Themes: the report's reasons that one picture decides, and what a student should take home.

A theme stands on the page where its figure is: what the report says, the picture, the answers. Its
line of the summary is computed from its verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chainrule.report.curves import Panel
from chainrule.reproduction.claims import Claim, Judgement, Verdict
from chainrule.reproduction.results import Results


@dataclass(frozen=True)
class Drawing:
    """Panels with one legend above them.

    Attributes
    ----------
    panels : sequence of Panel
        Side by side; one alone is as wide as the page.
    legend : sequence of str
        What the colours mean, in their order; none for panels of one colour.
    dashed, solid : str or None
        What the two kinds of lines mean, where there are two.
    """

    panels: Sequence[Panel]
    legend: Sequence[str] = ()
    dashed: str | None = None
    solid: str | None = None

    @classmethod
    def of(
        cls,
        *panels: Panel | None,
        legend: Sequence[str] = (),
        dashed: str | None = None,
        solid: str | None = None,
    ) -> Drawing:
        """Leave out panels that have nothing to show."""
        return cls([panel for panel in panels if panel], legend, dashed, solid)


@dataclass(frozen=True)
class Theme:
    """Reasons that belong together.

    Attributes
    ----------
    name : str
        Its place on the page: ``vanishing`` is reached by ``#vanishing``.
    question : str
        Its heading: what a reader would ask.
    claims : tuple of Claim
        The reasons, in the report's order.
    draw : callable
        (results) -> list of Drawing: the pictures that decide; called once a section is complete.
    lesson : callable
        (claim's id -> Judgement) -> what to take home, a sentence or two; asked where each is
        judged.
    """

    name: str
    question: str
    claims: tuple[Claim, ...]
    draw: Callable[[Results], Sequence[Drawing]]
    lesson: Callable[[Mapping[str, Judgement]], str]


def sentences(
    table: Mapping[str, Mapping[Verdict, str]],
) -> Callable[[Mapping[str, Judgement]], str]:
    """Return a lesson that is a sentence for each reason.

    Parameters
    ----------
    table : mapping
        Claim's id -> verdict -> what to take home. What it leaves out of "undecided" and
        "erratum" is said in general words; so is an "undecided" without an answer, as nothing was
        found that a sentence of the table could tell.
    """

    def text(judgements: Mapping[str, Judgement]) -> str:
        return " ".join(_sentence(judgements[name], table[name]) for name in table)

    return text


def _sentence(judgement: Judgement, by_verdict: Mapping[Verdict, str]) -> str:
    nothing_found = judgement.verdict is Verdict.UNDECIDED and not judgement.answer
    found = by_verdict.get(judgement.verdict) if judgement.verdict else None
    return found if found and not nothing_found else _in_general(judgement)


def _in_general(judgement: Judgement) -> str:
    is_erratum = judgement.verdict is Verdict.ERRATUM
    ending = "the report contradicts itself" if is_erratum else "this experiment cannot tell"
    return f"“{judgement.title}” – {ending}."


@dataclass(frozen=True)
class Shown:
    """A theme as the page's template takes it."""

    theme: Theme
    judgements: Sequence[Judgement]
    drawings: Sequence[Drawing]


def shown(theme: Theme, results: Results, judgements: Sequence[Judgement]) -> Shown:
    """Return a theme with its judgements and, of a complete section, its pictures."""
    own = {claim.id for claim in theme.claims}
    drawings = theme.draw(results) if results.complete else []
    drawings = [drawing for drawing in drawings if drawing.panels]
    return Shown(theme, [one for one in judgements if one.id in own], drawings)


@dataclass(frozen=True)
class Lesson:
    """A line of the summary.

    Attributes
    ----------
    place : str
        The theme's name, to which it links.
    question, text : str
        The theme's heading, and what was found.
    verdicts : sequence of (id, Verdict or None)
        The evidence.
    """

    place: str
    question: str
    text: str
    verdicts: Sequence[tuple[str, Verdict | None]]


def lesson(theme: Theme, judgements: Sequence[Judgement]) -> Lesson:
    """Return what to take home from a theme; or that this run does not say."""
    by_id = {one.id: one for one in judgements}
    own = [by_id[claim.id] for claim in theme.claims]
    verdicts = [one.verdict for one in own]
    if None in verdicts:
        text = "Its trainings are not finished."
    elif Verdict.NOT_JUDGED in verdicts:
        text = "This run is not at the report's scale, so it does not say."
    else:
        text = theme.lesson(by_id)
    return Lesson(theme.name, theme.question, text, [(one.id, one.verdict) for one in own])
