"""The options that commands share, and what a path of the command line must be.

The same word means the same everywhere: ``-o/--out`` is what is written, ``--force`` writes over
what is there, ``-q/--quiet`` leaves out progress and summary, ``--seed`` is of all that is drawn,
``--json`` prints for programs. docs/command-line.md has the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from chainrule._files import check_place
from chainrule.cli.output import be_quiet
from chainrule.errors import InvalidValueError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_OVER = "chainrule.over"  # whether the running command may write over a file


class AnyPath(click.Path):
    """A file or a folder, or what may stand for one: not an empty text."""

    def __init__(self, path_type: type | None = Path) -> None:
        super().__init__(path_type=path_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).strip():
            name = "a path" if param is None else param.human_readable_name
            raise InvalidValueError(f"{name} must have a name", value, "give one, or leave it out")
        return super().convert(value, param, ctx)


class OutFile(AnyPath):
    """A file to write, checked before anything is computed.

    Parameters
    ----------
    suffixes : sequence of str
        What its name may end in; anything if there are none.
    stdout : bool
        Whether ``-`` stands for standard output.
    """

    remedy = "rename it"

    def __init__(self, suffixes: Sequence[str] = (), *, stdout: bool = False) -> None:
        super().__init__()
        self.suffixes, self.stdout = suffixes, stdout

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        if self.stdout and str(path) == "-":
            return path
        check_place(path, over=ctx is not None and may_write_over(ctx))
        self.check_suffix(path, ctx)
        return path

    def check_suffix(self, path: Path, ctx: click.Context | None) -> None:
        """Raise InvalidValueError unless the name ends as it must."""
        if self.suffixes and path.suffix.lower() not in self.suffixes:
            one = "one of " * (len(self.suffixes) > 1) + ", ".join(self.suffixes)
            raise InvalidValueError(f"the output file must end in {one}", str(path), self.remedy)


class Renamed(click.Option):
    """An option that had other names, which still work and are not shown.

    Parameters
    ----------
    earlier : sequence of str
        The other names.
    """

    def __init__(self, *args: Any, earlier: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = earlier

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        super().add_to_parser(parser, ctx)
        parser.add_option(obj=self, opts=self.earlier, dest=self.name, action="store", nargs=1)


def out_file(
    text: str,
    kind: OutFile,
    *,
    required: bool = True,
    earlier: Sequence[str] = ("--output",),
) -> Decorator:
    """Give a command ``-o/--out``, a file that it writes, and ``--force``.

    Parameters
    ----------
    text : str
        What the file is.
    kind : OutFile
        What its name must be.
    required : bool
        Whether it must be given; without it the command prints.
    earlier : sequence of str
        What the option was called before.
    """
    out = click.option(
        "-o",
        "--out",
        cls=Renamed,
        earlier=earlier,
        type=kind,
        required=required,
        metavar="FILE",
        help=text,
    )
    return lambda command: out(over_file(command))


def may_write_over(context: click.Context | None = None) -> bool:
    """Return whether the running command, or that of a context, was given ``--force``."""
    return bool((context or click.get_current_context()).meta.get(_OVER))


def _write_over(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[_OVER] = value


over_file = click.option(
    "--force",
    is_flag=True,
    is_eager=True,  # known when the path is looked at
    expose_value=False,
    callback=_write_over,
    help="Write over a file that is there.",
)


def out_folder(text: str, default: Path | None = None) -> Decorator:
    """Give a command ``-o/--out``, a folder; it must be given where it has no default."""
    # A default of None would be one, and the option never missing.
    missing: dict[str, Any] = (
        {"required": True} if default is None else {"default": default, "show_default": True}
    )
    return click.option("-o", "--out", type=AnyPath(), metavar="DIR", help=text, **missing)


def force(text: str) -> Decorator:
    """Give a command that writes a folder ``--force``."""
    return click.option("--force", is_flag=True, help=text)


JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
QUIET = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=be_quiet,
    help="No progress and no summary.",
)


def seed(text: str) -> Decorator:
    """Give a command ``--seed``; it is None where it is left out, so that a file may have one."""
    return click.option("--seed", type=int, help=text)


MODEL = click.argument("model", type=AnyPath())
DATA = click.argument("data", type=AnyPath(str))
