"""``chainrule explain``: worked examples, one file a command; options they share in ``options``."""

from __future__ import annotations

import click

from chainrule.cli.lazy import LazyGroup

COMMANDS = {
    "backprop": ("chainrule.cli.explain.backprop", "backprop"),
    "max-margin": ("chainrule.cli.explain.max_margin", "max_margin"),
    "classifier": ("chainrule.cli.explain.classifier", "classifier"),
}


@click.group(cls=LazyGroup, homes=COMMANDS)
def explain() -> None:
    """Write a small calculation out, number by number."""
