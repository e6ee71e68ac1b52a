"""``chainrule explore``: a page that opens a trained network."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.run_progress import run_listener


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--data",
    metavar="NAME|FILE",
    help="Data to measure and to take samples from.  [default: what the folder was trained on]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="HTML file to write.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="Rows of the data in the page, at most.",
)
def explore(model: Path, data: str | None, output: Path, samples: int) -> None:
    """Write a page that shows MODEL from inside, and runs it in the browser.

    MODEL is the folder of chainrule train or a model file. The page is one file that works without
    a server: draw or choose an input, see every unit, follow the chain rule.
    """
    from chainrule.explore import explore as run

    with run_listener(lambda _: None) as listener:
        content = run(model, data, output, samples=samples, listener=listener)
    for note in content.notes:
        click.echo(note, err=True)
    click.echo(f"page: {output} ({output.stat().st_size / 1e6:.1f} MB)")
