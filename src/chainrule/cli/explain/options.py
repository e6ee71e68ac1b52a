"""What every ``explain`` command takes, and how its document is shown or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from chainrule._output import refuse_inputs
from chainrule.errors import InvalidValueError
from chainrule.report.files import write_text
from chainrule.worked.document import Document, Layout
from chainrule.worked.numbers import DIGITS, MAX_DIGITS
from chainrule.worked.render import FORMATS

_OPTIONS = [
    click.option(
        "--example", metavar="NAME", help='A built-in example; "report" is the course report\'s.'
    ),
    click.option(
        "--format",
        "format_name",
        metavar="FORMAT",
        help=f"One of {', '.join(FORMATS)}.  [default: the output file's, or terminal]",
    ),
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        help="File to write; its ending may say the format.",
    ),
    click.option(
        "--digits",
        type=click.IntRange(1, MAX_DIGITS),
        default=DIGITS,
        show_default=True,
        help="Digits after the point.",
    ),
]


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--example``, ``--format``, ``--output`` and ``--digits``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def base_settings(
    file: Path | None,
    example: str | None,
    examples: Mapping[str, Mapping[str, Any]],
    read: Callable[[Path], Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the settings of a file or of a built-in example, not of both."""
    if file and example:
        raise InvalidValueError(
            "an example must come from a file or from --example, not both",
            f"{file} and {example}",
            "leave one out",
        )
    if file:
        return dict(read(file))
    return dict(examples[example]) if example else {}


def show(
    document: Document,
    format_name: str | None,
    output: Path | None,
    digits: int,
    *,
    file: Path | None,
) -> None:
    """Print a document, or write it to a file; never to the one it is made from."""
    refuse_inputs([] if output is None else [output], [file])
    name = format_name or _format_of(output)
    console = Console()
    color = name == "terminal" and output is None and console.is_terminal
    layout = Layout(digits, width=console.width, color=color and not console.no_color)
    text = FORMATS[name].render(document, layout)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"written: {output}")


def _format_of(output: Path | None) -> str:
    if output is None:
        return "terminal"
    endings = {suffix: name for name, entry in FORMATS.items() for suffix in entry.suffixes}
    if output.suffix.lower() not in endings:
        raise InvalidValueError(
            f"the output file must end in one of {', '.join(endings)}",
            str(output),
            "or say the format with --format",
        )
    return endings[output.suffix.lower()]
