"""``chainrule study report``: the page of a study, and its trials as a table."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from chainrule.cli.study.options import OUT
from chainrule.errors import InvalidValueError
from chainrule.report.files import write_text
from chainrule.report.study.page import render
from chainrule.study.environment import environment
from chainrule.study.folder import StudyFolder

PAGE = "report.html"


@click.command()
@OUT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The page to write.  [default: {PAGE} in the study's folder]",
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the trials too, one a row; ends in .csv or .parquet.",
)
def report(out: Path, output: Path | None, table: Path | None) -> None:
    """Write the page of a study: one HTML file that needs nothing else.

    A study that is not finished, or runs now, has a page of what is there.
    """
    folder = StudyFolder.open(out)
    writers = {".csv": folder.results.write_csv, ".parquet": folder.results.write_parquet}
    if table is not None and table.suffix not in writers:
        raise InvalidValueError(
            f"the table's file must end in {' or '.join(writers)}", str(table), "rename it"
        )
    page = output or out / PAGE
    text = render(
        folder.results,
        document=folder.document,
        planned=folder.planned,
        command=f"chainrule study report --out {shlex.quote(str(out))}",
        environment=environment(),
        running=folder.writer is not None,
    )
    write_text(page, text)
    click.echo(f"page: {page}")
    if table is not None:
        writers[table.suffix](table)
        click.echo(f"table: {table}")
