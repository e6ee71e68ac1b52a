"""``chainrule export``: a model file in another format."""

from __future__ import annotations

from pathlib import Path

import click

from chainrule._files import replace_file
from chainrule._output import refuse_inputs
from chainrule._text import printable
from chainrule.estimators.onnx_export import to_onnx
from chainrule.preparation import PreparedModel
from chainrule.preparation.saving import load


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

    ONNX needs the onnx package: pip install "chainrule[onnx]". Of a model that was trained on the
    columns of a table the network alone is written, not the preparation of these columns.
    """
    refuse_inputs([target], [model])
    found = load(model)
    content = to_onnx(found.estimator if isinstance(found, PreparedModel) else found)
    replace_file(target, lambda file: file.write(content.SerializeToString()))
    outputs = ", ".join(output.name for output in content.graph.output)
    click.echo(f"{printable(str(target))}: input X, outputs {outputs}")
    if isinstance(found, PreparedModel):
        click.echo(_without(found))


def _without(model: PreparedModel) -> str:
    """Return what is not in the ONNX file, in a sentence."""
    is_regression = model.task == "regression"
    units = " Its output is not in the target's units yet." if is_regression else ""
    return (
        f"The preparation of columns is not in it: X is the {model.preparation.n_features} "
        f"prepared columns, which load(…).prepare(…) makes.{units}"
    )
