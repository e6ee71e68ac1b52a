"""``chainrule predict``: a saved model on raw data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chainrule.cli.run_display import paragraph
from chainrule.cli.run_progress import run_listener
from chainrule.errors import InvalidValueError
from chainrule.report.files import to_json


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="File to write: .csv, .tsv, .parquet or .jsonl; - prints CSV.",
)
@click.option("--proba", is_flag=True, help="Write the probability of each class too.")
@click.option(
    "--escape-formulas/--no-escape-formulas",
    default=True,
    help="Put an apostrophe before texts in CSV and TSV that a spreadsheet would compute.  "
    "[default: on]",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def predict(
    model: Path,
    data: str,
    output: str,
    proba: bool,
    escape_formulas: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Predict each row of DATA with MODEL, the folder of chainrule train or a model file.

    DATA is raw, as it was for training; the target may be missing.
    """
    from chainrule.runs.predicting import predict as run
    from chainrule.runs.words import met

    if output == "-" and as_json:
        raise InvalidValueError(
            "--json must not be given with -o -, as both print", "both", "name a file"
        )
    to_screen = output == "-"
    out = sys.stdout.buffer if to_screen else Path(output)
    with run_listener(lambda _: None) as listener:
        done = run(
            model,
            data,
            out,
            proba=proba,
            force=force,
            escape_formulas=escape_formulas,
            listener=listener,
        )
    facts = done.facts()
    if as_json:
        click.echo(to_json({**facts, "file": output}), nl=False)
        return
    if (text := met(facts)) is not None:
        paragraph(text, err=True)
    if not to_screen:
        n = done.n_rows
        click.echo(f"{n:,} prediction{'s' * (n != 1)} written: {output}")
