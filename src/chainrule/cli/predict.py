"""``chainrule predict``: a saved model on raw data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chainrule._text import counted
from chainrule.cli.command import command
from chainrule.cli.model_and_data import in_order
from chainrule.cli.options import DATA, JSON, MODEL, QUIET, OutFile, may_write_over, out_file
from chainrule.cli.output import print_json, say
from chainrule.errors import InvalidValueError


@command(
    "chainrule predict penguins new.csv -o predictions.csv",
    "chainrule predict penguins new.csv --proba -o -",
)
@MODEL
@DATA
@out_file(
    "File to write: .csv, .tsv, .parquet or .jsonl; - prints CSV.",
    OutFile((".csv", ".tsv", ".parquet", ".jsonl"), stdout=True),
)
@click.option("--proba", is_flag=True, help="Write the probability of each class too.")
@click.option(
    "--escape-formulas/--no-escape-formulas",
    default=True,
    help="Put an apostrophe before texts in CSV and TSV that a spreadsheet would compute.  "
    "[default: on]",
)
@QUIET
@JSON
def predict(
    model: Path, data: str, out: Path, proba: bool, escape_formulas: bool, as_json: bool
) -> None:
    """Predict each row of DATA with MODEL, the folder of chainrule train or a model file.

    DATA is raw, as it was for training; the target may be missing.
    """
    from chainrule.cli.run_display import paragraph
    from chainrule.cli.run_progress import run_listener
    from chainrule.runs.predicting import predict as run
    from chainrule.runs.words import met

    to_screen = str(out) == "-"
    if to_screen and as_json:
        raise InvalidValueError(
            "--json must not be given with -o -, as both print", "both", "name a file"
        )
    target = sys.stdout.buffer if to_screen else out
    with in_order(model, data), run_listener(lambda _: None) as listener:
        done = run(
            model,
            data,
            target,
            proba=proba,
            force=may_write_over(),
            escape_formulas=escape_formulas,
            listener=listener,
        )
    facts = done.facts()
    if as_json:
        print_json({**facts, "file": str(out)})
        return
    if (text := met(facts)) is not None:
        paragraph(text, err=True)
    if not to_screen:
        say(f"{counted(done.n_rows, 'prediction')} written: {out}")
