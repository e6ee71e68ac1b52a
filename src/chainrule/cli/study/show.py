"""``chainrule study show``: a study's candidates, best first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainrule._text import printable
from chainrule.cli.command import command
from chainrule.cli.options import JSON
from chainrule.cli.output import print_json
from chainrule.cli.study.options import OUT

if TYPE_CHECKING:
    from rich.table import Table

    from chainrule.study.results import CandidateResult, Results
    from chainrule.study.statistics import Estimate

_WIDEST = 12  # characters of a line in a heading


@command(
    "chainrule study show -o activations", "chainrule study show -o activations --sort neg_log_loss"
)
@OUT
@click.option("--sort", "metric", metavar="METRIC", help="A metric.  [default: the study's first]")
@JSON
def show(out: Path, metric: str | None, as_json: bool) -> None:
    """Show the candidates of a study, best first."""
    from chainrule.study.folder import StudyFolder

    results = StudyFolder.open(out).results
    decisive = results.metric(metric)
    if as_json:
        rows = [document(one, results) for one in results.candidates(decisive)]
        print_json(rows)
        return
    print_table(table(results, decisive))


def print_table(drawn: Table) -> None:
    """Print a table; as wide as it needs to be where it is not for a terminal."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False)
    if not console.is_terminal:
        needed = Measurement.get(console, console.options.update(max_width=10_000), drawn).maximum
        console.width = max(console.width, needed)
    console.print(drawn)


def table(results: Results, decisive: str, n: int | None = None) -> Table:
    """Return the best ``n`` candidates, or all, as a table."""
    from rich.table import Table
    from rich.text import Text

    from chainrule.report.page import duration

    metrics = list(dict.fromkeys([decisive, *results.metrics]))
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("rank", justify="right")
    for heading in results.factors:
        lines = _folded(heading)
        drawn.add_column("\n".join(lines), overflow="fold", min_width=max(map(len, lines)))
    for name in metrics:
        drawn.add_column("\n".join(_folded(name)), justify="right", no_wrap=True)
    for heading in ("trials", *(["epochs"] if results.budgets else []), "each"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    notes = any(one.failed for one in results.candidates(decisive)[:n])
    if notes:
        drawn.add_column("errors", overflow="fold")
    for one in results.candidates(decisive)[:n]:
        cells = [
            str(one.rank or "-"),
            *(_value(one.values, name) for name in results.factors),
            *(_figure(one.metrics.get(name)) for name in metrics),
            str(one.trials),
            *([str(one.budget)] if results.budgets else []),
            duration(one.seconds),
            *([_errors(one, results, decisive)] if notes else []),
        ]
        drawn.add_row(*(Text(cell) for cell in cells))
    return drawn


def _folded(heading: str) -> list[str]:
    """Return a heading's lines, which end at underscores, as tables are wide."""
    words = heading.replace("_", "_ ").split()
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > _WIDEST and lines[-1]:
            lines.append("")
        lines[-1] += word
    return lines


def document(one: CandidateResult, results: Results) -> dict[str, Any]:
    """Return a candidate as JSON has it."""
    return {
        "rank": one.rank,
        "number": one.number,
        "candidate": one.name,
        "values": dict(one.values),
        "metrics": {
            name: {
                "mean": found.mean,
                "std": found.std,
                "low": found.low,
                "high": found.high,
                "n": found.n,
                "over": found.over,
            }
            for name, found in one.metrics.items()
        },
        "trials": one.trials,
        "failed": one.failed,
        "undefined": one.undefined,
        "epochs": one.budget,
        "seconds": one.seconds,
        "errors": errors(one, results),
    }


def errors(one: CandidateResult, results: Results) -> list[str]:
    """Return the different errors of a candidate's trials, in their order."""
    found = [
        result.error
        for trial, result in results.pairs
        if trial.settings["number"] == one.number and result.error
    ]
    return list(dict.fromkeys(found))


def _errors(one: CandidateResult, results: Results, metric: str) -> str:
    from chainrule.report.study.words import shortfall

    said = shortfall(one.failed - one.undefined, one.undefined, results.metric(metric))
    return ": ".join(filter(None, [said, "; ".join(errors(one, results))]))


def _value(values: Any, name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    return printable(value) if isinstance(value, str) else json.dumps(value)


def _figure(found: Estimate | None) -> str:
    if found is None:
        return "-"
    spread = "" if found.std is None else f" ± {found.std:.4f}"
    return f"{found.mean:z.4f}{spread}"
