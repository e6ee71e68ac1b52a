"""``chainrule explain classifier``: what a given hyperplane says of samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule.cli.command import command
from chainrule.cli.explain.options import base_settings, output_options, show
from chainrule.cli.options import AnyPath


@command(
    "chainrule explain classifier --example report",
    'chainrule explain classifier --w 1,1/2 --b -3 --x "1,2; 4,2" --y "no,yes" --positive yes',
)
@click.argument("file", required=False, type=AnyPath())
@click.option("--w", metavar="NUMBERS", help="The weights.")
@click.option("--b", metavar="NUMBER", help="The constant.")
@click.option("--x", metavar="POINTS", help="Numbers, sample by sample.")
@click.option("--y", metavar="LABELS", help="A label for each sample, if they have any.")
@click.option(
    "--positive",
    metavar="LABEL",
    help="Which label is +1.  [default: the greater number, or the first text]",
)
@click.option("--predict", metavar="POINTS", help="Points whose class is asked for.")
@click.option("--title", help="Heading of the page.")
@output_options
def classifier(
    file: Path | None,
    example: str | None,
    format_name: str | None,
    out: Path | None,
    digits: int,
    **options: str | None,
) -> None:
    """Work out what the classifier f(x) = w.x + b says of samples.

    The value, class and distance of each, which of them are support vectors, the margin by both
    its definitions, and predictions, all in exact arithmetic.

    POINTS are decimals (0.1) or fractions (1/3); a semicolon may end each. FILE is TOML with the
    same names, or CSV with a sample on each line and perhaps its label; options change what it
    says.
    """
    from chainrule.worked.margin.classification import explain_classifier
    from chainrule.worked.margin.reading import (
        CLASSIFIER_EXAMPLES,
        CLASSIFIER_KEYS,
        check_complete,
        parse_labels,
        parse_points,
        parse_vector,
        read_file,
    )

    given = {name: value for name, value in options.items() if value is not None}
    w = {"w": parse_vector("w", given.pop("w"))} if "w" in given else {}
    settings: dict[str, Any] = base_settings(
        file,
        example,
        CLASSIFIER_EXAMPLES,
        lambda path: read_file(path, CLASSIFIER_KEYS, len(w["w"]) if w else None),
    )
    settings |= w
    if "y" in given:
        settings["y"] = parse_labels(given.pop("y"))
    width = len(settings["w"]) if isinstance(settings.get("w"), list) else None
    for option, name in (("x", "X"), ("predict", "predict")):
        if option in given:
            settings[name] = parse_points(option, given.pop(option), width=width)
    settings |= given
    check_complete(settings, ("w", "b", "X"))
    show(explain_classifier(**settings), format_name, out, digits, file=file)
