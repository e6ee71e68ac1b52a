"""What a run prints: what was found in the data, the summary, what to try, where the files are."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chainrule._text import counted, printable
from chainrule.runs.columns import kind_words, missing_words, range_words, target_words
from chainrule.runs.words import file_name, name

if TYPE_CHECKING:
    from chainrule.runs.found import Found

MOST_COLUMNS = 40  # of a table in the terminal
WIDTH = 88  # characters of a line of text, at most


def show_found(found: Found) -> None:
    """Print a table of the columns, the task, and how rows are used."""
    show_data(found.facts())


def show_data(data: Mapping[str, Any]) -> None:
    """Print the same from data as JSON has it."""
    print(f"{file_name(data['name'])}: {counted(data['n_rows'], 'row')}")
    table = Table(box=None, pad_edge=False)
    for heading in ("column", "kind", "missing", "values"):
        table.add_column(heading, justify="right" if heading == "missing" else "left")
    for column in data["columns"][:MOST_COLUMNS]:
        table.add_row(
            Text(name(column["name"])),
            Text(kind_words(column)),
            missing_words(column, data["n_rows"]),
            Text(range_words(column)),
            style=None if column["used"] else "dim",
        )
    Console(highlight=False).print(table)
    more = len(data["columns"]) - MOST_COLUMNS
    if more > 0:
        print(f"… and {counted(more, 'more column')}; the report has all")
    paragraph(target_words(data))
    rows = data["rows"]
    held_out = (
        f"{rows['held_out']:,} {'is' if rows['held_out'] == 1 else 'are'} held out"
        if not data["val"]
        else (f"the rows of {file_name(data['val'])} are to measure on")
    )
    stopping = f"{rows['stopping']:,} decide when to stop, " if rows["stopping"] else ""
    paragraph(f"{rows['learnt_from']:,} rows are learnt from, {stopping}{held_out}.")
    print()


def show_run(document: Mapping[str, Any]) -> None:
    """Print the summary of a run, what to try, its files, and how to predict with it."""
    for text in document["summary"]:
        paragraph(text)
    if document["advice"]:
        print("\nTo try next:")
        for text in document["advice"]:
            paragraph(text, first="- ", others="  ")
    print("\nFiles:")
    for path in document["files"]:
        print(f"  {printable(path)}")
    print("\nTo predict:")
    print(f"  {printable(shlex.join(document['predict']))}")


def paragraph(text: str, first: str = "", others: str = "", *, err: bool = False) -> None:
    """Print a text, wrapped; its narrow spaces become ordinary ones after that."""
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns)
    lines = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )
    for line in lines:
        print(line.replace("\u202f", " "), file=sys.stderr if err else sys.stdout)


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are numbers."""
    table = Table(box=None, pad_edge=False)
    for i, heading in enumerate(header):
        table.add_column(heading, justify="right" if i else "left")
    for row in rows:
        table.add_row(*(Text(cell.replace("\u202f", " ")) for cell in row))
    Console(highlight=False).print(table)
