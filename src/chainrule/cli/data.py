"""``chainrule data``: which data sets there are, what is in them, and how to get them."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule._text import counted
from chainrule.cli.command import command
from chainrule.cli.lazy import group
from chainrule.cli.options import JSON, QUIET, AnyPath
from chainrule.cli.output import print_json, progress_console, say

COMMANDS = {
    "list": ("chainrule.cli.data", "list_", "List the data sets that chainrule knows."),
    "show": ("chainrule.cli.data", "show", "Show what is in one, with pictures."),
    "fetch": ("chainrule.cli.data", "fetch_", "Download one into the cache and check it."),
}


@group(COMMANDS, "chainrule data list", "chainrule data show mnist")
def data() -> None:
    """List, show and fetch data sets."""


@command("chainrule data list", "chainrule data list --json", name="list")
@JSON
def list_(as_json: bool) -> None:
    """List the data sets that chainrule knows."""
    from chainrule.cli.data_display import show_list, summary
    from chainrule.datasets.catalogue import CATALOGUE

    rows = [summary(entry) for entry in CATALOGUE.values()]
    if as_json:
        print_json(rows)
    else:
        show_list(rows)


@command(
    "chainrule data show mnist", "chainrule data show fashion-mnist --data-dir downloads --json"
)
@click.argument("name")
@click.option(
    "--data-dir", type=AnyPath(), metavar="DIR", help="The folder to read the files from."
)
@JSON
def show(name: str, data_dir: Path | None, as_json: bool) -> None:
    """Show what is in the data set NAME, with a picture of each class."""
    from chainrule.cli.data_display import facts_of, show_dataset
    from chainrule.datasets.catalogue import CATALOGUE
    from chainrule.datasets.load import load

    entry = CATALOGUE[name]
    dataset = load(entry, data_dir=data_dir)
    facts = facts_of(entry, dataset)
    if as_json:
        print_json(facts)
    else:
        show_dataset(facts, dataset)


@command("chainrule data fetch fashion-mnist", name="fetch")
@click.argument("name")
@QUIET
def fetch_(name: str) -> None:
    """Download the data set NAME into the cache and check it."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from chainrule.datasets.catalogue import CATALOGUE
    from chainrule.datasets.fetch import fetch

    entry = CATALOGUE[name]
    if entry.url is None:
        say(f"{entry.name} is bundled with chainrule: nothing to fetch")
        return
    console = progress_console()
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        tasks = {
            f"{file.name}.gz": bar.add_task(f"{file.name}.gz", total=file.gz_size)
            for file in entry.files
        }
        folder = fetch(
            entry, progress=lambda file, done, _: bar.update(tasks[file], completed=done)
        )
    n_bytes = sum(file.gz_size for file in entry.files)
    n_files = len(entry.files)
    say(f"{entry.name}: {counted(n_files, 'file')}, {n_bytes / 1e6:.1f} MB, checked, in {folder}")
