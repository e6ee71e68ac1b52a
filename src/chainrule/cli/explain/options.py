"""What every ``explain`` command takes, and how its document is shown or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainrule._output import refuse_inputs
from chainrule.cli.options import QUIET, Decorator, OutFile, may_write_over, out_file
from chainrule.cli.output import say
from chainrule.errors import InvalidValueError
from chainrule.worked.numbers import DIGITS, MAX_DIGITS

if TYPE_CHECKING:
    from chainrule.worked.document import Document

# As the table of renderers has them, which takes long to import; a test compares.
NAMES = ("terminal", "markdown", "latex", "html", "json")
SUFFIXES = (".txt", ".md", ".markdown", ".tex", ".html", ".htm", ".json")


class DocumentFile(OutFile):
    """A file whose ending says the format, unless ``--format`` does."""

    remedy = "rename it, or say the format with --format"

    def check_suffix(self, path: Path, ctx: click.Context | None) -> None:
        if ctx is None or ctx.params.get("format_name") is None:
            super().check_suffix(path, ctx)


def _known(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and value not in NAMES:
        from chainrule.worked.render import FORMATS

        FORMATS[value]  # refuses it, and says what is close
    return value


_OPTIONS: list[Decorator] = [
    click.option(
        "--example", metavar="NAME", help='A built-in example; "report" is the course report\'s.'
    ),
    click.option(
        "--format",
        "format_name",
        metavar="FORMAT",
        is_eager=True,  # known when the file's name is looked at
        callback=_known,
        help=f"One of {', '.join(NAMES)}.  [default: the output file's, or terminal]",
    ),
    out_file(
        "File to write; its ending may say the format.", DocumentFile(SUFFIXES), required=False
    ),
    click.option(
        "--digits",
        type=click.IntRange(1, MAX_DIGITS),
        default=DIGITS,
        show_default=True,
        help="Digits after the point.",
    ),
    QUIET,
]


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--example``, ``--format``, ``--out``, ``--digits`` and ``--quiet``."""
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
    out: Path | None,
    digits: int,
    *,
    file: Path | None,
) -> None:
    """Print a document, or write it to a file; never to the one it is made from."""
    from rich.console import Console

    from chainrule.report.files import write_text
    from chainrule.worked.document import Layout
    from chainrule.worked.render import FORMATS

    refuse_inputs([] if out is None else [out], [file])
    name = format_name or _format_of(out)
    console = Console()
    color = name == "terminal" and out is None and console.is_terminal
    layout = Layout(digits, width=console.width, color=color and not console.no_color)
    text = FORMATS[name].render(document, layout)
    if out is None:
        print(text, end="")
    else:
        write_text(out, text, over=may_write_over())
        say(f"written: {out}")


def _format_of(out: Path | None) -> str:
    from chainrule.worked.render import FORMATS

    suffix = ".txt" if out is None else out.suffix.lower()
    return next(name for name, entry in FORMATS.items() if suffix in entry.suffixes)
