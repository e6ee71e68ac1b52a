"""``chainrule export``: a model file in another format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chainrule._files import replace_file
from chainrule._output import refuse_inputs
from chainrule.cli.command import command
from chainrule.cli.options import MODEL, QUIET, OutFile, may_write_over, out_file
from chainrule.cli.output import say

if TYPE_CHECKING:
    from chainrule.preparation.table_base import BaseTableModel


@command("chainrule export digits.safetensors -o digits.onnx")
@MODEL
@out_file("The ONNX file to write.", OutFile((".onnx",)), earlier=("--onnx",))
@QUIET
def export(model: Path, out: Path) -> None:
    """Write MODEL, the folder of chainrule train or a model file, as ONNX.

    ONNX needs the onnx package: pip install onnx. Of a model that was trained on the
    columns of a table the network alone is written, not the preparation of these columns.
    """
    from chainrule.estimators.onnx_export import to_onnx
    from chainrule.persist.model_file import find_model
    from chainrule.preparation.saving import load
    from chainrule.preparation.table_base import BaseTableModel

    path = find_model(model)
    refuse_inputs([out], [path])
    found = load(path)
    content = to_onnx(found.network_ if isinstance(found, BaseTableModel) else found)
    replace_file(out, lambda file: file.write(content.SerializeToString()), over=may_write_over())
    outputs = ", ".join(output.name for output in content.graph.output)
    say(f"{out}: input X, outputs {outputs}")
    if isinstance(found, BaseTableModel):
        say(_without(found))


def _without(model: BaseTableModel) -> str:
    """Return what is not in the ONNX file, in a sentence."""
    is_regression = model.task == "regression"
    units = " Its output is not in the target's units yet." if is_regression else ""
    return (
        f"The preparation of columns is not in it: X is the {model.preparation_.n_features} "
        f"prepared columns, which load(…).prepare(…) makes.{units}"
    )
