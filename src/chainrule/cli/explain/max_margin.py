"""``chainrule explain max-margin``: can points be separated, and with which margin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule.cli.command import command
from chainrule.cli.explain.options import base_settings, output_options, show
from chainrule.cli.options import AnyPath


@command(
    "chainrule explain max-margin --example report",
    'chainrule explain max-margin --x "0,0; 1,0; 3,1; 1/2,4" --y "a,a,b,b"',
    "chainrule explain max-margin points.csv -o margin.html",
    name="max-margin",
)
@click.argument("file", required=False, type=AnyPath())
@click.option("--x", metavar="POINTS", help="Numbers, with a semicolon after each point.")
@click.option("--y", metavar="LABELS", help="A label for each point, two that differ.")
@click.option(
    "--positive",
    metavar="LABEL",
    help="Which label is +1.  [default: the greater number, or the first text]",
)
@click.option("-C", "C", metavar="NUMBER", help="Price of violating a soft margin.  [default: 1]")
@click.option("--title", help="Heading of the page.")
@output_options
def max_margin(
    file: Path | None,
    example: str | None,
    format_name: str | None,
    out: Path | None,
    digits: int,
    x: str | None,
    y: str | None,
    **options: str | None,
) -> None:
    """Find out whether points can be separated, and the hyperplane with the widest margin.

    A separating hyperplane or the proof that there is none, the widest margin, its support vectors
    and multipliers, and the conditions of optimality, all in exact arithmetic. Points that cannot
    be separated get a soft margin.

    POINTS are decimals (0.1) or fractions (1/3). FILE is CSV, with a point on each line and its
    label last, or TOML with the same names; options change what it says.
    """
    from chainrule.worked.margin.explanation import explain_max_margin
    from chainrule.worked.margin.reading import (
        MARGIN_EXAMPLES,
        MARGIN_KEYS,
        check_complete,
        parse_labels,
        parse_points,
        read_file,
    )

    settings: dict[str, Any] = base_settings(
        file, example, MARGIN_EXAMPLES, lambda path: read_file(path, MARGIN_KEYS)
    )
    settings |= {name: value for name, value in options.items() if value is not None}
    if y is not None:
        settings["y"] = parse_labels(y)
    if x is not None:
        labels = settings.get("y")
        settings["X"] = parse_points("x", x, n=len(labels) if isinstance(labels, list) else None)
    check_complete(settings, ("X", "y"))
    show(explain_max_margin(**settings), format_name, out, digits, file=file)
