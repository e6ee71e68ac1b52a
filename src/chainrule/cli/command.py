"""The command that repeats a run, from what was parsed.

So a call from a script or a test gives the command as well.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection

import click


def repeating(context: click.Context, *, without: Collection[str] = ()) -> str:
    """Return the command line of a command: its arguments, and options that are not the defaults.

    Parameters
    ----------
    context : click.Context
        Of the running command.
    without : collection of str
        Parameters that are left out.
    """
    words = context.command_path.split()
    for parameter in context.command.params:
        value = context.params[parameter.name or ""]
        if value == parameter.default or not value or parameter.name in without:
            continue
        if isinstance(parameter, click.Argument):
            words.append(str(value))
            continue
        for item in value if isinstance(value, tuple) else (value,):
            words += [parameter.opts[0]] if item is True else [parameter.opts[0], str(item)]
    return shlex.join(words)
