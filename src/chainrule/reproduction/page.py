"""The page: the verdicts of all sections, then each section's part, then the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.report.page import render as fill_in
from chainrule.reproduction.claims import Judgement, Verdict
from chainrule.reproduction.section import Section
from chainrule.reproduction.settings import Row
from chainrule.reproduction.words import claim_text, words


def render(
    *,
    parts: Sequence[tuple[Section, Sequence[Judgement], Mapping[str, Any]]],
    document: Mapping[str, Any],
    settings: Sequence[Row],
    changed: Sequence[str],
    command: str,
    finished: int,
    planned: int,
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
        counts={str(verdict): verdicts.count(verdict) for verdict in Verdict},
        document=document,
        settings=settings,
        changed=changed,
        command=command,
        finished=finished,
        planned=planned,
    )
