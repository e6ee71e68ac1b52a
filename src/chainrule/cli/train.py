"""``chainrule train``: one's own data to a model and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule._synonyms import SYNONYMS
from chainrule._text import printable
from chainrule.cli.command import command, repeating
from chainrule.cli.options import DATA, JSON, QUIET, AnyPath, force, out_folder, seed
from chainrule.cli.output import is_quiet, print_json, warn


def _instead(name: str, value: str) -> str | None:
    if not any(name in line for line in SYNONYMS):  # which takes no imports to say
        return None
    from chainrule.runs.settings import in_place_of_option

    return in_place_of_option(name, value)


@command(
    "chainrule train penguins.csv --target species -o penguins",
    "chainrule train penguins.csv --target species -o other --set max_iter=50 --seed 1",
    "chainrule train mnist -o digits",
    instead=_instead,
)
@DATA
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option(
    "--task",
    metavar="TASK",
    help="classification, regression, autoencoder, or auto, which looks at the target.  "
    "[default: auto]",
)
@click.option(
    "--config",
    type=AnyPath(),
    metavar="FILE.toml",
    help="A file with these options, and with [model] and [columns].",
)
@click.option(
    "--set",
    "sets",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter of the estimator, or what a column is: --set max_iter=50, "
    "--set columns.zip=category. May be given several times.",
)
@click.option(
    "--val", type=AnyPath(str), metavar="FILE", help="Rows to measure on, in a file of their own."
)
@click.option(
    "--val-fraction",
    type=float,
    metavar="SHARE",
    help="The share of rows that is held out to measure on.  [default: 0.2, of at most 100,000 "
    "rows]",
)
@seed("Of held-out rows, weights and order.  [default: 0]")
@out_folder("Folder for model, report and figures.")
@force("Write over a run that the folder has.")
@click.option(
    "--resume", is_flag=True, help="Go on with a run that was interrupted, if the folder has one."
)
@QUIET
@JSON
def train(
    data: str,
    config: Path | None,
    sets: tuple[str, ...],
    out: Path,
    force: bool,
    resume: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Train on DATA: a CSV, TSV, Parquet, NPZ, NPY or IDX file, a folder of images by class, or a
    bundled data set's name.

    Finds out what the columns are, holds rows out, trains, measures on the rows held out, and
    writes model.safetensors, report.html, run.json, history.csv and training_rows.npy. After
    Ctrl-C they have the best epoch so far, and --resume goes on.
    """  # noqa: D205 - click shows the first paragraph as it is
    from chainrule.cli.run_display import show_found, show_run
    from chainrule.cli.run_progress import run_listener
    from chainrule.runs.endings import interrupted
    from chainrule.runs.files import CHECKPOINT
    from chainrule.runs.settings import TrainSettings, combined, read_config
    from chainrule.runs.training import train as run

    context = click.get_current_context()
    goes_on = f"{repeating(context, without=('as_json', 'resume', 'force'))} --resume"
    settings = TrainSettings(
        data=data,
        out=out,
        force=force,
        resume=resume,
        command=repeating(context, without=("as_json", "resume")),
        **combined({} if config is None else read_config(config), given, sets),
    )
    try:
        with run_listener((lambda _: None) if as_json or is_quiet() else show_found) as listener:
            finished = run(settings, listener)
    except KeyboardInterrupt:
        kept = (out / CHECKPOINT).exists()
        said = f"interrupted; to go on: {goes_on}" if kept else "stopped; nothing was written"
        warn(printable(said))
        raise
    if as_json:
        print_json(finished.document)
    elif not is_quiet():
        show_run(finished.document)
    if finished.interrupted:
        warn(printable(interrupted(finished.document, goes_on)))
        raise KeyboardInterrupt
