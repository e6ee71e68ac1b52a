"""``chainrule reproduce``: the course report's experiments, and one page about them."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from chainrule.cli.command import repeating
from chainrule.cli.progress import listen
from chainrule.reproduction.run import QUICK_SEEDS, SEEDS, Outcome, Reproduction
from chainrule.reproduction.run import reproduce as run
from chainrule.reproduction.sections import SECTIONS, chosen
from chainrule.reproduction.settings import parse
from chainrule.reproduction.words import claim_text
from chainrule.study.pools.trying import count_jobs

PEERS = {"sklearn": "scikit-learn"}
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
@click.option(
    "--peer",
    "peers",
    type=click.Choice(list(PEERS)),
    multiple=True,
    help="Another library that runs section C's experiments too, to compare figures and times.",
)
@click.option(
    "--data-dir",
    help="Folder with MNIST's files, in place of the bundled ones, and with all of Fashion-MNIST.",
)
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
    help="Change a setting: --set C3.learning_rate=0.001, or --set patience=5 where no other "
    "experiment of the run has one. The page lists all; a wrong name does too.",
)
def reproduce(
    sections: str,
    seeds: int | None,
    quick: bool,
    jobs: int,
    peers: tuple[str, ...],
    data_dir: str | None,
    out: Path,
    resume: bool,
    overrides: tuple[str, ...],
) -> None:
    """Run the report's experiments again and set its figures beside ours.

    Writes index.html, results.json, history.csv, and a page that opens section B's best network.
    Ctrl-C stops, writes what is finished, and --resume goes on from there.
    """
    parts = chosen(sections)
    count_jobs(jobs)  # a wrong number shows before anything is loaded
    table = {name: group for section in parts for name, group in section.settings.items()}
    plan = Reproduction(
        out=out,
        sections=parts,
        seeds=tuple(range(seeds or (QUICK_SEEDS if quick else SEEDS))),
        quick=quick,
        overrides=dict(parse(table, text) for text in overrides),
        command=repeating(click.get_current_context(), without=("resume",)),
        peers=tuple(PEERS[name] for name in dict.fromkeys(peers)),
    )
    try:
        with listen() as listener:
            outcome = run(plan, jobs=jobs, listener=listener, data_dir=data_dir, resume=resume)
    except KeyboardInterrupt:
        click.echo(f"stopped; what is finished is in {out}. To go on:", err=True)
        click.echo(f"  {plan.command} --resume", err=True)
        raise
    show(outcome)


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
