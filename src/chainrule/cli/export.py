"""``chainrule export``: a model file in another format."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule._files import replace_file
from chainrule._text import printable
from chainrule.estimators.onnx_export import to_onnx
from chainrule.estimators.saving import load


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--onnx",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="The ONNX file to write; one that is there is replaced.",
)
def export(model: Path, target: Path) -> None:
    """Write the model in the file MODEL in another format.

    ONNX needs the onnx package: pip install "chainrule[onnx]".
    """
    content = to_onnx(load(model))
    replace_file(target, lambda file: file.write(content.SerializeToString()))
    outputs = ", ".join(output.name for output in content.graph.output)
    click.echo(f"{printable(str(target))}: input X, outputs {outputs}")
