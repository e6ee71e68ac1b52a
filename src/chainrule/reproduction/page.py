"""The page: the verdicts of all sections, then each section's part, then the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chainrule.report.page import render as fill_in
from chainrule.reproduction.claims import Judgement, Verdict
from chainrule.reproduction.section import Section
from chainrule.reproduction.settings import Row
from chainrule.reproduction.themes import lesson
from chainrule.reproduction.words import claim_text, words


@dataclass(frozen=True)
class Running:
    """That a run is still going on, for who reads its page meanwhile.

    Attributes
    ----------
    at : datetime
        When the page was written.
    left : float or None
        Seconds that the rest will take, as far as it is known.
    """

    at: datetime
    left: float | None


def render(
    *,
    parts: Sequence[tuple[Section, Sequence[Judgement], Mapping[str, Any]]],
    document: Mapping[str, Any],
    settings: Sequence[Row],
    changed: Sequence[str],
    command: str,
    finished: int,
    planned: int,
    running: Running | None = None,
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    parts : sequence of (Section, judgements, mapping)
        Each section with its judgements and what its template needs.
    document : mapping
        What ``results.json`` holds.
    settings : sequence of Row
        Every setting in words.
    changed : sequence of str
        The names of those that the caller has changed.
    command : str
        The command that repeats the run.
    finished, planned : int
        Trials.
    running : Running, optional
        Given while the run goes on: the page then says so, and renews itself.
    """
    verdicts = [judgement.verdict for _, judgements, _ in parts for judgement in judgements]
    return fill_in(
        "chainrule.reproduction",
        "index.html",
        sections=[
            {
                "name": section.name,
                "title": section.title,
                "template": f"page/{section.template}",
                "judgements": [(judgement, claim_text(judgement)) for judgement in judgements],
                "part": part,
            }
            for section, judgements, part in parts
        ],
        peers=[(row, words(row["ours"]), words(row["theirs"])) for row in document["peers"]],
        lessons=[
            lesson(theme, judgements)
            for section, judgements, _ in parts
            for theme in section.themes
        ],
        counts={str(verdict): verdicts.count(verdict) for verdict in Verdict},
        unfinished=verdicts.count(None),
        document=document,
        settings=settings,
        changed=changed,
        command=command,
        finished=finished,
        planned=planned,
        running=running,
    )
