"""``chainrule explain backprop``: a gradient step of a small network, written out."""

from __future__ import annotations

import click


@click.command()
def backprop() -> None:
    """Write out a gradient step of a small network."""
