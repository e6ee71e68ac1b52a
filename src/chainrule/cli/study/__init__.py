"""``chainrule study``: many trainings and what they say, one file a command."""

from __future__ import annotations

import click

from chainrule.cli.lazy import LazyGroup

COMMANDS = {
    "run": ("chainrule.cli.study.run", "run"),
    "status": ("chainrule.cli.study.status", "status"),
    "show": ("chainrule.cli.study.show", "show"),
    "report": ("chainrule.cli.study.report", "report"),
    "best": ("chainrule.cli.study.best", "best"),
}


@click.group(cls=LazyGroup, homes=COMMANDS)
def study() -> None:
    """Train many candidates with several seeds, and compare them."""
