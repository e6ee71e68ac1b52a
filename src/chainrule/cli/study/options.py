"""What several ``study`` commands take."""

from __future__ import annotations

from pathlib import Path

import click

OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("study"),
    help="The study's folder.",
    show_default=True,
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
