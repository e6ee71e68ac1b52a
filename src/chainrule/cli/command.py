"""What all commands are made with: examples in the help, no option given twice, the same again.

The modules of the commands import at the top what is quick to import, and the rest when a command
runs. So help and refusals come at once.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Sequence
from typing import Any

import click


class Command(click.Command):
    """A command whose help ends in examples, and that refuses an option given twice.

    Parameters
    ----------
    examples : sequence of str
        Command lines, as somebody would type them.
    instead : callable, optional
        From an option that it lacks, and its value, to what to give in its place; None where
        nothing is known.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        instead: Callable[[str, str], str | None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples, self.instead = examples, instead

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _refuse_one_dash(self, ctx, args)
        try:
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        except click.NoSuchOption as error:
            self._answer(error.option_name, args)
            raise
        for one in order:
            # A flag says the same twice; of two values one would be dropped in silence.
            takes_one = isinstance(one, click.Option) and not (one.is_flag or one.multiple)
            if takes_one and order.count(one) > 1:
                raise click.BadOptionUsage(one.opts[-1], _twice(one.opts[-1]), ctx)
        return super().parse_args(ctx, args)

    def _answer(self, option: str, args: Sequence[str]) -> None:
        """Raise an error that says what to give in place of an option, where that is known."""
        name, value = option.lstrip("-").replace("-", "_"), _value_of(option, args)
        instead = None if self.instead is None else self.instead(name, value)
        if instead is not None:
            raise click.UsageError(f"No such option '{option}': {instead}.")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(self.examples, formatter)


def command(
    *examples: str,
    name: str | None = None,
    instead: Callable[[str, str], str | None] | None = None,
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command.

    Parameters
    ----------
    *examples : str
        Command lines that its help shows.
    name : str, optional
        The command's, where it is not the function's.
    instead : callable, optional
        As :class:`Command` takes it.
    """
    return click.command(name, cls=Command, examples=examples, instead=instead)


def write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    """Write the examples into a help text, a line each, so that they can be copied."""
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def _value_of(option: str, args: Sequence[str]) -> str:
    """Return what follows an option, "VALUE" where nothing does."""
    for arg, following in zip(args, [*args[1:], ""], strict=True):
        name, equals, value = arg.partition("=")
        if name == option:
            return value if equals else following or "VALUE"
    return "VALUE"


def _twice(option: str) -> str:
    return f"Option '{option}' must be given once, got it again: leave one out."


def _refuse_one_dash(command: click.Command, ctx: click.Context, args: Sequence[str]) -> None:
    """Refuse -out, which would be taken for -o with the value "ut"."""
    long = {opt for one in command.get_params(ctx) for opt in one.opts if opt.startswith("--")}
    for arg in args:
        name = arg.partition("=")[0]
        if name == "--":
            return
        if f"-{name}" in long:
            raise click.NoSuchOption(name, possibilities=[f"-{name}"], ctx=ctx)


def repeating(
    context: click.Context,
    *,
    without: Collection[str] = (),
    arguments: Sequence[str] | None = None,
) -> str:
    """Return the command line of a command: its arguments, and options that are not the defaults.

    It is made from what was parsed, so a call from a script or a test gives the command as well.

    Parameters
    ----------
    context : click.Context
        Of the running command.
    without : collection of str
        Parameters that are left out.
    arguments : sequence of str, optional
        What stands in the place of its arguments.
    """
    given, options = [], []
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if value == parameter.default or not value or parameter.name in without:
            continue
        if isinstance(parameter, click.Argument):
            given.append(str(value))
            continue
        option = max(parameter.opts, key=len)
        for item in value if isinstance(value, tuple) else (value,):
            options += [option] if item is True else [option, str(item)]
    words = given if arguments is None else arguments
    return shlex.join([*context.command_path.split(), *words, *options])
