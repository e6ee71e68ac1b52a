"""``chainrule explore``: a page that opens a trained network."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.command import command
from chainrule.cli.options import MODEL, QUIET, AnyPath, OutFile, may_write_over, out_file
from chainrule.cli.output import say, warn


@command(
    "chainrule explore penguins -o penguins.html",
    "chainrule explore digits.safetensors --data mnist -o digits.html",
)
@MODEL
@click.option(
    "--data",
    type=AnyPath(str),
    metavar="NAME|FILE",
    help="Data to measure and to take samples from.  [default: what the folder was trained on]",
)
@out_file("HTML file to write.", OutFile((".html", ".htm")))
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="Rows of the data in the page, at most.",
)
@QUIET
def explore(model: Path, data: str | None, out: Path, samples: int) -> None:
    """Write a page that shows MODEL from inside, and runs it in the browser.

    MODEL is the folder of chainrule train or a model file. The page is one file that works without
    a server: draw or choose an input, see every unit, follow the chain rule.
    """
    from chainrule.cli.run_progress import run_listener
    from chainrule.explore import explore as run

    with run_listener(lambda _: None) as listener:
        content = run(model, data, out, samples=samples, force=may_write_over(), listener=listener)
    for note in content.notes:
        warn(note)
    say(f"page: {out} ({out.stat().st_size / 1e6:.1f} MB)")
