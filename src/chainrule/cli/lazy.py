"""Command groups that import a command only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from chainrule.cli.command import write_examples
from chainrule.registry import Registry

Home = tuple[str, str, str]


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for.

    Parameters
    ----------
    homes : mapping from str to (str, str, str)
        Each command's name, with the module that has it, its name there, and what the list of
        commands says of it.
    examples : sequence of str
        Command lines that the help shows.
    """

    def __init__(
        self,
        *args: Any,
        homes: Mapping[str, Home],
        examples: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.homes = Registry("command", homes)
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.homes)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.homes:
            return None
        module, attribute, _ = self.homes[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-"):
            self.homes[args[0]]  # an unknown one gets the closest
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, home[2]) for name, home in self.homes.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(self.examples, formatter)


def group(
    homes: Mapping[str, Home], *examples: str, **settings: Any
) -> Callable[[Callable[..., Any]], LazyGroup]:
    """Make a function a group of commands.

    Parameters
    ----------
    homes : mapping
        Its commands, as :class:`LazyGroup` has them.
    *examples : str
        Command lines that its help shows.
    **settings : object
        More of click's.
    """
    return click.group(cls=LazyGroup, homes=homes, examples=examples, **settings)
