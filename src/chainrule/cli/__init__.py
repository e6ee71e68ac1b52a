"""The command line: each command parses, calls one function, prints.

Bad input is one line on standard error and exit status 2; Ctrl-C is exit status 130.
docs/command-line.md has the options that commands share.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from chainrule._text import printable
from chainrule._version import __version__
from chainrule.cli.errors import TOLD, in_words
from chainrule.cli.lazy import group
from chainrule.cli.output import warn
from chainrule.cli.streams import lasting_streams

COMMANDS = {
    "train": ("chainrule.cli.train", "train", "Learn from your own data."),
    "predict": ("chainrule.cli.predict", "predict", "Predict each row of a file with a model."),
    "evaluate": ("chainrule.cli.evaluate", "evaluate", "Measure a model on data with the target."),
    "explore": ("chainrule.cli.explore", "explore", "Open a trained network in a page."),
    "study": ("chainrule.cli.study", "study", "Train many candidates and compare them."),
    "reproduce": (
        "chainrule.cli.reproduce",
        "reproduce",
        "Run a course report's experiments again.",
    ),
    "explain": ("chainrule.cli.explain", "explain", "Write a small calculation out."),
    "data": ("chainrule.cli.data", "data", "List, show and fetch data sets."),
    "info": ("chainrule.cli.info", "info", "Show what is in a model, or what runs here."),
    "export": ("chainrule.cli.export", "export", "Write a model as ONNX."),
}


@group(
    COMMANDS,
    "chainrule train penguins.csv --target species -o penguins",
    "chainrule predict penguins new.csv -o predictions.csv",
    "chainrule reproduce --quick",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="chainrule", message="%(prog)s %(version)s")
def cli() -> None:
    """Multilayer perceptrons from scratch on NumPy: for your data, and for a course report."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status: 0, 2 for bad input, 130 for Ctrl-C."""
    with lasting_streams() as lost:
        status = run(sys.argv[1:] if arguments is None else arguments)
        if status == 0 and (error := lost()) is not None:
            status = _refuse(
                f"standard output must take what is printed, got {error.strerror!r}: send it "
                "elsewhere; files that were to be written are there"
            )
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    try:
        cli.main(args=list(arguments), prog_name="chainrule", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as request:
        print(request.format_message())
        return 2
    except click.ClickException as error:
        return _refuse(_with_help(error))
    except TOLD as error:
        return _refuse(in_words(error))
    except (KeyboardInterrupt, click.Abort):
        return 130
    return 0


def _with_help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    return " ".join(error.format_message().split()) + hint


def _refuse(message: str) -> int:
    warn(f"error: {printable(message)}")  # it may quote a file
    return 2
