"""``chainrule study report``: the page of a study, and its tables as files."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from chainrule._output import refuse_inputs
from chainrule.cli.command import command
from chainrule.cli.options import QUIET
from chainrule.cli.output import say
from chainrule.cli.study.options import OUT


@command("chainrule study report -o activations", "chainrule study report -o activations --parquet")
@OUT
@QUIET
@click.option("--parquet", is_flag=True, help="Write the tables as Parquet too (an extra).")
def report(out: Path, parquet: bool) -> None:
    """Write the page of a study into its folder, and the tables behind it.

    index.html is one file and works offline; trials.csv has a row for each trial, history.csv one
    for each epoch. A run that is going on is not disturbed.
    """
    from chainrule.report.files import write_text
    from chainrule.report.study import render
    from chainrule.study.environment import environment
    from chainrule.study.folder import StudyFolder

    folder = StudyFolder.open(out)
    results = folder.results
    tables = {"trials": results.trials, "history": results.history}
    page = render(
        results,
        document=folder.document,
        planned=folder.planned,
        command=f"chainrule study report --out {shlex.quote(str(out))}",
        environment=environment(),
        running=folder.writer is not None,
    )
    csv, parquets = [f"{name}.csv" for name in tables], [f"{name}.parquet" for name in tables]
    written = [*csv, *(parquets if parquet else [])]
    refuse_inputs([out / name for name in ("index.html", *written)], folder.data_files)
    for name, table in tables.items():
        table.write_csv(out / f"{name}.csv")
        if parquet:
            table.write_parquet(out / f"{name}.parquet")
    write_text(out / "index.html", page)
    say(f"written: {out / 'index.html'}, {', '.join(written)}")
