"""The command line: each command parses, calls one function, prints.

Bad input is one line on standard error and exit status 2; Ctrl-C is exit status 130.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from chainrule._text import printable
from chainrule._version import __version__
from chainrule.cli.lazy import LazyGroup
from chainrule.errors import ChainruleError

COMMANDS = {
    "train": ("chainrule.cli.train", "train"),
    "predict": ("chainrule.cli.predict", "predict"),
    "evaluate": ("chainrule.cli.evaluate", "evaluate"),
    "explore": ("chainrule.cli.explore", "explore"),
    "study": ("chainrule.cli.study", "study"),
    "reproduce": ("chainrule.cli.reproduce", "reproduce"),
    "explain": ("chainrule.cli.explain", "explain"),
    "data": ("chainrule.cli.data", "data"),
    "info": ("chainrule.cli.info", "info"),
    "export": ("chainrule.cli.export", "export"),
}


@click.command(
    cls=LazyGroup, homes=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="chainrule", message="%(prog)s %(version)s")
def cli() -> None:
    """Multilayer perceptrons from scratch on NumPy: for your data, and for a course report."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status: 0, 2 for bad input, 130 for Ctrl-C."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    try:
        cli.main(args=list(arguments), prog_name="chainrule", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as request:
        click.echo(request.format_message())
        return 2
    except click.ClickException as error:
        return _refuse(_with_help(error))
    except (ChainruleError, OSError) as error:
        return _refuse(str(error))
    except MemoryError as error:
        return _refuse(": ".join(filter(None, ["not enough memory", str(error)])))
    except (KeyboardInterrupt, click.Abort):
        return 130
    return 0


def _with_help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    return " ".join(error.format_message().split()) + hint


def _refuse(message: str) -> int:
    click.echo(f"error: {printable(message)}", err=True)  # it may quote a file
    return 2
