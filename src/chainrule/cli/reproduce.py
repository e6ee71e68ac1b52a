"""``chainrule reproduce``: the course report's experiments, and one page about them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chainrule.cli.progress import listen
from chainrule.errors import InvalidValueError
from chainrule.reproduction.page_b import claim_text
from chainrule.reproduction.run import (
    QUICK_SEEDS,
    SECTIONS,
    SEEDS,
    Outcome,
    Reproduction,
)
from chainrule.reproduction.run import (
    reproduce as run,
)
from chainrule.reproduction.section_b import N_CONFIGURATIONS, SETTINGS

_COLORS = {"reproduced": "green", "differs": "yellow", "erratum": "magenta"}


@click.command()
@click.option("--sections", default=",".join(SECTIONS), help="Sections to run.", show_default=True)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    help=f"Trainings of each configuration.  [default: {SEEDS}, with --quick {QUICK_SEEDS}]",
)
@click.option("--quick", is_flag=True, help="Train on less, to see that everything works.")
@click.option(
    "--jobs",
    type=int,
    default=-1,
    help="Models trained at a time; -1 means one for each core.",
    show_default=True,
)
@click.option("--data-dir", help="Folder with MNIST's files, in place of the bundled ones.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reproduction"),
    help="Folder for the results.",
    show_default=True,
)
@click.option("--resume", is_flag=True, help="Go on from what the folder already has.")
@click.option(
    "--set",
    "overrides",
    metavar="NAME=VALUE",
    multiple=True,
    help=f"Change a setting of section B: {', '.join(SETTINGS)}.",
)
def reproduce(
    sections: str,
    seeds: int | None,
    quick: bool,
    jobs: int,
    data_dir: str | None,
    out: Path,
    resume: bool,
    overrides: tuple[str, ...],
) -> None:
    """Run the report's experiments again and set its figures beside ours.

    Writes index.html, results.json and history.csv. Ctrl-C stops, writes what is finished, and
    --resume goes on from there.
    """
    check_sections(sections)
    if jobs < 1 and jobs != -1:
        raise InvalidValueError("jobs must be at least 1, or -1", jobs, "-1 uses every core")
    n_seeds = seeds or (QUICK_SEEDS if quick else SEEDS)
    plan = Reproduction(
        out=out,
        seeds=tuple(range(n_seeds)),
        quick=quick,
        overrides=dict(parse_setting(text) for text in overrides),
        command=_command(click.get_current_context()),
    )
    try:
        with listen(len(plan.seeds) * N_CONFIGURATIONS) as listener:
            outcome = run(plan, jobs=jobs, listener=listener, data_dir=data_dir, resume=resume)
    except KeyboardInterrupt:
        click.echo(f"stopped; what is finished is in {out}. To go on:", err=True)
        click.echo(f"  {plan.command}{'' if resume else ' --resume'}", err=True)
        raise
    show(outcome)


def check_sections(text: str) -> None:
    """Raise unless every section of a comma-separated list is one of the report's."""
    for section in text.split(","):
        if section.strip().upper() not in SECTIONS:
            raise InvalidValueError(
                f"sections must be a comma-separated list out of {', '.join(SECTIONS)}",
                text,
                "leave it out to run all",
            )


def parse_setting(text: str) -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``, the value in the setting's own type."""
    name, equals, value = text.partition("=")
    if not equals or name not in SETTINGS:
        raise InvalidValueError(
            f"set takes NAME=VALUE with one of the names {', '.join(SETTINGS)}",
            text,
            "such as --set patience=5",
        )
    kind = type(SETTINGS[name].full)
    try:
        return name, kind(value)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise InvalidValueError(f"{name} must be {what}", value, "change it") from None


def show(outcome: Outcome) -> None:
    """Print the verdicts, and where the page is."""
    table = Table("claim", "the report", "measured", "verdict", title=None)
    for judgement in outcome.judgements:
        claimed, measured = claim_text(judgement)
        verdict = judgement.verdict or "not finished"
        color = _COLORS.get(verdict, "dim")
        table.add_row(judgement.id, claimed, measured, f"[{color}]{verdict}[/]")
    Console().print(table)
    click.echo(f"page: {outcome.page}")


def _command(context: click.Context) -> str:
    # From what was parsed, so that a call from a script or a test gives the command as well.
    words = ["chainrule", "reproduce"]
    for option in context.command.params:
        value = context.params[option.name or ""]
        if value == option.default or not value:
            continue
        for item in value if isinstance(value, tuple) else (value,):
            words += [option.opts[0]] if item is True else [option.opts[0], str(item)]
    return shlex.join(words)
