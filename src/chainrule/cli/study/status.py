"""``chainrule study status``: how far a study is, also while it runs in another process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule._text import counted, printable
from chainrule.cli.command import command
from chainrule.cli.options import JSON
from chainrule.cli.output import print_json
from chainrule.cli.study.options import OUT

if TYPE_CHECKING:
    from chainrule.study.folder import StudyFolder


@command("chainrule study status -o activations", "chainrule study status -o activations --json")
@OUT
@JSON
def status(out: Path, as_json: bool) -> None:
    """Say how far a study is; a run that is going on is not disturbed."""
    from chainrule.study.folder import StudyFolder

    facts = facts_of(StudyFolder.open(out))
    if as_json:
        print_json(facts)
    else:
        print(in_words(facts))


def facts_of(folder: StudyFolder) -> dict[str, Any]:
    """Return what there is to say."""
    results = folder.results
    ranked = [one for one in results.candidates() if one.rank is not None]
    seconds = [result.seconds for _, result in results.pairs]
    best = ranked[0] if ranked else None
    return {
        "name": folder.document["name"],
        "planned": folder.planned,
        "finished": len(results.pairs),
        "failed": sum(result.error is not None for _, result in results.pairs),
        "undefined": results.undefined(),
        "running": folder.writer,
        "seconds": sum(seconds),
        "metric": results.metric(),
        "best": best and {"candidate": best.name, "mean": best.metrics[results.metric()].mean},
        "as_good": [one.name for one in ranked[1:] if one.rank == 1],
    }


def in_words(facts: dict[str, Any]) -> str:
    """Return the facts as a few lines."""
    from chainrule.report.page import duration
    from chainrule.report.study.words import shortfall, ties

    failed = shortfall(facts["failed"], facts["undefined"], facts["metric"])
    finished = f"  finished: {facts['finished']} of {counted(facts['planned'], 'trial')}"
    lines = [
        printable(facts["name"]),
        ", ".join(filter(None, [finished, failed])),
        f"  trained: {duration(facts['seconds'])} in all",
        f"  running: {facts['running'] or 'no'}",
    ]
    if facts["best"]:
        best = facts["best"]
        lines.append(
            f"  best: {printable(best['candidate'])}{ties(len(facts['as_good']))}, "
            f"{facts['metric']} {best['mean']:z.4f}"
        )
    return "\n".join(lines)
