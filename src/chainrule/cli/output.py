"""What commands print: results by ``print``, summaries and progress unless ``--quiet`` is given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chainrule._text import printable

if TYPE_CHECKING:
    from rich.console import Console

_QUIET = "chainrule.quiet"


def be_quiet(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Note for the running command whether it is to be quiet."""
    context.meta[_QUIET] = value


def is_quiet() -> bool:
    """Return whether the running command was given ``--quiet``."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def say(text: str) -> None:
    """Print a line of a summary, which may quote a file's name."""
    if not is_quiet():
        print(printable(text))


def print_json(value: Any) -> None:
    """Print a result as strict JSON, quiet or not; names from elsewhere cannot move the cursor."""
    from chainrule.report.files import to_json

    print(to_json(value, ascii_only=True), end="")


def warn(text: str) -> None:
    """Print a line on standard error, quiet or not."""
    print(text, file=sys.stderr)


def progress_console() -> Console:
    """Return the console for progress, on standard error; it swallows all if it is to be quiet."""
    from rich.console import Console

    return Console(stderr=True, quiet=is_quiet())
