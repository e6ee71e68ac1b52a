"""``chainrule info``: what chainrule runs on, or what is inside a model file."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule.cli.command import command
from chainrule.cli.options import JSON, AnyPath
from chainrule.cli.output import print_json


@command("chainrule info penguins", "chainrule info digits.safetensors --json", "chainrule info")
@click.argument("model", type=AnyPath(), required=False)
@JSON
def info(model: Path | None, as_json: bool) -> None:
    """Show what is inside MODEL, the folder of chainrule train or a model file.

    The model is not built for it. Without MODEL: versions, and the backend that trains networks,
    with the reason.
    """
    from chainrule.cli.info_facts import installation, of_model, shown

    facts = installation() if model is None else of_model(model)
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        if value is not None:
            print(f"{name.replace('_', ' '):{width}}  {shown(value)}")
