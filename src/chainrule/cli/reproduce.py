"""``chainrule reproduce``: the course report's experiments, and one page about them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainrule._text import counted
from chainrule.cli.command import command, repeating
from chainrule.cli.options import QUIET, AnyPath, force, out_folder
from chainrule.cli.output import is_quiet, say, warn

if TYPE_CHECKING:
    from chainrule.reproduction.output import Outcome
    from chainrule.reproduction.run import Prepared

PEERS = {"sklearn": "scikit-learn"}
SEEDS, QUICK_SEEDS, MOST_SEEDS = 5, 2, 1000
SECTIONS = "A,B,C"  # as the report's table has them, which takes long to import; a test compares
_COLORS = {
    "reproduced": "green",
    "differs": "yellow",
    "erratum": "magenta",
    "undecided": "cyan",
    "not judged": "dim",
    "not finished": "dim",
}


@command(
    "chainrule reproduce --seeds 1",
    "chainrule reproduce --quick -o quick",
    "chainrule reproduce --sections C --set C3.learning_rate=0.001,0.0001 -o rates",
)
@click.option("--sections", default=SECTIONS, help="Sections to run.", show_default=True)
@click.option(
    "--seeds",
    type=click.IntRange(1, MOST_SEEDS),
    help=f"Trainings of each configuration.  [default: {SEEDS}, with --quick {QUICK_SEEDS}]",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Train on less, for a look in a minute: what needs the full scale is not judged.",
)
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
    type=AnyPath(str),
    help="Folder with MNIST's files, in place of the bundled ones, and with all of Fashion-MNIST.",
)
@out_folder("Folder for the results.", Path("reproduction"))
@click.option("--resume", is_flag=True, help="Go on from what the folder already has.")
@force("Replace the run that the folder already has.")
@QUIET
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
    force: bool,
    overrides: tuple[str, ...],
) -> None:
    """Run the report's experiments again and set its figures beside ours.

    Writes index.html, results.json, history.csv, and a page that opens section B's best network.
    The page is there at once and is renewed as experiments finish. Ctrl-C stops, writes what is
    finished, and --resume goes on from there.
    """
    from chainrule.cli.progress import listen
    from chainrule.reproduction.plan import Reproduction, table_of
    from chainrule.reproduction.run import prepare
    from chainrule.reproduction.run import reproduce as run
    from chainrule.reproduction.sections import chosen
    from chainrule.reproduction.settings import parse_all

    parts = chosen(sections)
    plan = Reproduction(
        out=out,
        sections=parts,
        seeds=tuple(range(seeds or (QUICK_SEEDS if quick else SEEDS))),
        quick=quick,
        overrides=parse_all(table_of(parts), overrides),
        command=repeating(click.get_current_context(), without=("resume", "force")),
        peers=tuple(PEERS[name] for name in dict.fromkeys(peers)),
        resume=resume,
        force=force,
    )
    prepared = prepare(plan, jobs=jobs, data_dir=data_dir)
    if not is_quiet():
        announce(prepared)
    try:
        with listen(pace=prepared.pace) as listener:
            outcome = run(prepared, listener=listener)
    except KeyboardInterrupt:
        done = counted(prepared.pace.trials_done, "training")
        warn(f"stopped; {done} finished, in {out}. To go on:")
        warn(f"  {plan.command} --resume")
        raise
    if not is_quiet():
        show(outcome)


def announce(prepared: Prepared) -> None:
    """Say what will be run, how long it will take, where the page is, and how to stop."""
    from chainrule.report.page import roughly
    from chainrule.reproduction.plan import PAGE

    plan, kept = prepared.plan, prepared.kept
    changed = "with changed settings" if plan.overrides else "at its full scale"
    scale = "in its quick form" if plan.quick else changed
    trains = any(prepared.trials.values())
    how = f" {scale}, {counted(len(plan.seeds), 'seed')}" if trains else ""
    lines = [f"The course report{how}:"]
    for section in plan.sections:
        n = len(prepared.trials[section.name])
        what = counted(n, "training") if n else "nothing to train"
        lines.append(f"  {section.name}  {section.title}: {what}")
    if prepared.new:
        lines.append(
            f"{prepared.jobs} at a time, it should take about {roughly(prepared.seconds)} on this "
            "machine. Ctrl-C stops and keeps what is done."
        )
    if kept:
        there = f"{counted(len(kept), 'training')} {'is' if len(kept) == 1 else 'are'} there"
        lines.append(f"{there} from an earlier run; --force runs all again.")
    lines.append(f"Page, renewed as experiments finish: {plan.out / PAGE}")
    for line in lines:
        warn(line.replace("\u202f", " "))


def show(outcome: Outcome) -> None:
    """Print the verdicts, and where the page is."""
    from rich.console import Console
    from rich.table import Table

    from chainrule.reproduction.words import claim_text

    table = Table("claim", "the report", "measured", "verdict", title=None)
    for judgement in outcome.judgements:
        claimed, measured = claim_text(judgement)
        verdict = judgement.verdict or "not finished"
        table.add_row(judgement.title, claimed, measured, f"[{_COLORS[verdict]}]{verdict}[/]")
    Console().print(table)
    counts = Counter(judgement.verdict or "not finished" for judgement in outcome.judgements)
    say(", ".join(f"{counts[name]} {name}" for name in _COLORS if counts[name]))
    reasons = {
        j.note: j.id.partition(".")[0] for j in outcome.judgements if j.verdict == "not judged"
    }
    for reason, experiment in reasons.items():
        say(f"{experiment} is not judged. {reason}")
    say(f"page: {outcome.page}")
