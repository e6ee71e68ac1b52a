"""A graph of ONNX operators, built one at a time, to a model that any runtime reads.

The operator set is that of 2020, which runtimes of all ages have, and only operators are used that
ONNX Runtime has for both number types. Weights are inside the file. The onnx package is imported
when a graph is begun: it is the extra ``onnx``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule._version import __version__
from chainrule.errors import InvalidValueError, Words

OPSET, IR_VERSION = 13, 7
LARGEST = 2**31 - 2**20  # bytes of a file, by the encoding's 2 GiB


def import_onnx() -> Any:
    """Return the onnx package, or raise an error that says how to install it."""
    try:
        import onnx
    except ImportError:
        raise InvalidValueError(
            "exporting needs the onnx package", Words("none"), "run pip install onnx"
        ) from None
    return onnx


class Graph:
    """Operators in the order in which they are added; a value is known by its name.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the arithmetic, float32 or float64.
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.onnx, self.dtype = import_onnx(), dtype
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.n_bytes = 0

    def kind(self, dtype: Any) -> int:
        """Return ONNX's number of a dtype."""
        number: int = self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return number

    def input(self, name: str, dtype: Any, shape: Sequence[Any]) -> str:
        """Add an input; a size that is a text is free."""
        info = self.onnx.helper.make_tensor_value_info(name, self.kind(dtype), list(shape))
        self.inputs.append(info)
        return name

    def constant(self, values: Any, name: str = "", dtype: Any = None) -> str:
        """Add numbers or texts, in the arithmetic's dtype unless another is given."""
        name = name or f"constant_{len(self.constants)}"
        array: Array = np.asarray(values, self.dtype if dtype is None else dtype)
        self.constants[name] = self.onnx.numpy_helper.from_array(array, name)
        self.n_bytes += array.nbytes
        return name

    def add(self, operator: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Add an operator with one output, and return the output's name."""
        out = out or f"{operator.lower()}_{len(self.nodes)}"
        return self.add_with_outputs(operator, inputs, [out], **attributes)[0]

    def add_with_outputs(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> list[str]:
        """Add an operator with several outputs, and return their names."""
        node = self.onnx.helper.make_node(operator, list(inputs), list(outputs), **attributes)
        self.nodes.append(node)
        return list(outputs)

    def cast(self, value: str, dtype: Any, out: str = "") -> str:
        """Add a conversion."""
        return self.add("Cast", value, out=out, to=self.kind(dtype))

    def output(self, name: str, dtype: Any, shape: Sequence[Any]) -> None:
        """Declare a value to be an output."""
        info = self.onnx.helper.make_tensor_value_info(name, self.kind(dtype), list(shape))
        self.outputs.append(info)

    def output_sequence(self, name: str) -> None:
        """Declare a sequence of tables to be an output."""
        helper = self.onnx.helper
        self.outputs.append(
            helper.make_tensor_sequence_value_info(name, self.kind(self.dtype), None)
        )

    def model(self, name: str) -> Any:
        """Return the whole, checked by the onnx package.

        Raises
        ------
        InvalidValueError
            If it is too large for one file.
        """
        if self.n_bytes > LARGEST:
            raise InvalidValueError(
                f"the weights must have at most {LARGEST:,} bytes to be in one ONNX file",
                self.n_bytes,
                "use a smaller network, or float32",
            )
        helper = self.onnx.helper
        graph = helper.make_graph(
            self.nodes, name, self.inputs, self.outputs, list(self.constants.values())
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="chainrule",
            producer_version=__version__,
        )
        self.onnx.checker.check_model(model, full_check=True)
        return model
