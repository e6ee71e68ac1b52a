"""Fitted estimators as ONNX models: one line of operators an activation, one function a target.

Outputs have the names that scikit-learn's converter gives them: ``label`` and ``probabilities`` of
a classifier (plain tables, as with its option ``zipmap=False``), ``variable`` of a regressor.
Activations are put together from operators that runtimes have in float32 and float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.activations import (
    Activation,
    Elu,
    Gelu,
    Identity,
    LeakyRelu,
    Mish,
    Relu,
    Selu,
    Sigmoid,
    Silu,
    Softplus,
    Tanh,
    exponent_limit,
)
from chainrule.engine.params import Parameters
from chainrule.errors import InvalidValueError
from chainrule.estimators.autoencoder import ItsInput
from chainrule.estimators.mlp import BaseMLP
from chainrule.estimators.neural_network import NeuralNetwork
from chainrule.estimators.scaling import Scaling
from chainrule.estimators.targets import Binary, Multiclass, Multilabel, Multioutput, Numbers
from chainrule.estimators.validation import PIXEL_SCALE, check_is_fitted
from chainrule.persist.onnx_graph import Graph


def to_onnx(model: Any) -> Any:
    """Return a fitted estimator as an ONNX model, its weights and input scaling inside.

    The input is ``X``, of shape (n, n_features), in the network's dtype; uint8 where a
    NeuralNetwork was trained on pixels. Outputs by estimator:

    - classifiers: ``label``, with the labels' own values, and ``probabilities``; a sequence of
      tables where several columns have classes of their own;
    - MLPRegressor: ``variable``, of shape (n, n_outputs);
    - MLPAutoencoder: ``variable``, the reconstruction, and ``transformed``, the bottleneck.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, MLPAutoencoder or NeuralNetwork
        Fitted.

    Returns
    -------
    onnx.ModelProto
        ``onnx.save(to_onnx(model), "digits.onnx")`` writes it.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    InvalidValueError
        If the onnx package is missing, an activation is a function of the user's, or labels of
        several columns are of several kinds.
    """
    if isinstance(model, NeuralNetwork):
        return _from_report_s(model)
    if not isinstance(model, BaseMLP):
        raise InvalidValueError(
            "model must be an estimator of chainrule to be exported",
            type(model).__name__,
            "pass the estimator itself, out of its pipeline or search",
        )
    fitted = model._known_state()
    graph = Graph(fitted.params.spec.np_dtype)
    x = graph.input("X", graph.dtype, ["n", fitted.params.spec.layer_sizes[0]])
    layers = _layers(graph, _scaled(graph, x, fitted.scaling), fitted.params)
    raw = layers[-1]
    if isinstance(fitted.targets, ItsInput):
        _reconstruction(graph, raw, fitted.params, fitted.scaling)
        bottleneck = layers[model.bottleneck_]
        graph.add("Identity", bottleneck, out="transformed")
        graph.output("transformed", graph.dtype, ["n", model._n_features_out])
    else:
        _OUTPUTS[type(fitted.targets)](graph, raw, fitted.targets)
    return graph.model(type(model).__name__)


def _from_report_s(model: NeuralNetwork) -> Any:
    check_is_fitted(model, "params_")
    params = model.params_
    graph = Graph(params.spec.np_dtype)
    pixels = model.dtype_in_ == np.uint8
    x = graph.input("X", np.uint8 if pixels else graph.dtype, ["n", params.spec.layer_sizes[0]])
    if pixels:
        x = graph.add("Mul", graph.cast(x, graph.dtype), graph.constant(PIXEL_SCALE))
    raw = _layers(graph, x, params)[-1]
    _multiclass(graph, raw, Multiclass(model.classes_, params.spec.loss))
    return graph.model("NeuralNetwork")


def _scaled(graph: Graph, x: str, scaling: Scaling | None) -> str:
    if scaling is None:
        return x
    # In float64, as in training: differences of large numbers are lost in less.
    wide = graph.cast(x, np.float64)
    moved = graph.add("Sub", wide, graph.constant(scaling.shift, "shift", np.float64))
    scaled = graph.add("Mul", moved, graph.constant(scaling.scale, "scale", np.float64))
    return graph.cast(scaled, graph.dtype)


def _layers(graph: Graph, x: str, params: Parameters) -> list[str]:
    """Add all layers and return what each puts out, the last one without its output function."""
    found: list[str] = []
    activations = [*params.spec.activations, Identity()]
    for i, (W, b, activation) in enumerate(zip(params.W, params.b, activations, strict=True)):
        if type(activation) not in _ACTIVATIONS:
            raise InvalidValueError(
                "every activation must be one of the library's own to be exported",
                activation,
                "functions of your own have no operators in ONNX",
            )
        product = graph.add("MatMul", x, graph.constant(W, f"coefs_{i}"))
        z = graph.add("Add", product, graph.constant(b, f"intercepts_{i}"))
        x = _ACTIVATIONS[type(activation)](graph, z, activation)
        found.append(x)
    return found


# -- activations -----------------------------------------------------------------------------------


def _leaky_relu(graph: Graph, z: str, activation: Any) -> str:
    return graph.add("Max", z, graph.add("Mul", z, graph.constant(activation.slope)))


def _exponential_part(graph: Graph, z: str) -> str:  # exp(min(z, 0)) - 1
    exponential = graph.add("Exp", graph.add("Min", z, graph.constant(0)))
    return graph.add("Sub", exponential, graph.constant(1))


def _elu(graph: Graph, z: str, activation: Any) -> str:
    return graph.add("Add", graph.add("Relu", z), _exponential_part(graph, z))


def _selu(graph: Graph, z: str, activation: Any) -> str:
    factor = graph.constant(activation.alpha * activation.scale)
    negative = graph.add("Mul", _exponential_part(graph, z), factor)
    largest = graph.constant(np.finfo(graph.dtype).max / 2)  # the largest numbers saturate
    positive = graph.add("Min", graph.add("Relu", z), largest)
    positive = graph.add("Mul", positive, graph.constant(activation.scale))
    return graph.add("Add", positive, negative)


def _gelu(graph: Graph, z: str, activation: Any) -> str:
    # ONNX Runtime has erf in float32 only; it is bounded, so that seven digits are left.
    scaled = graph.cast(graph.add("Mul", z, graph.constant(math.sqrt(0.5))), np.float32)
    erf = graph.cast(graph.add("Erf", scaled), graph.dtype)
    half = graph.add("Mul", z, graph.constant(0.5))
    return graph.add("Mul", half, graph.add("Add", erf, graph.constant(1)))


def _silu(graph: Graph, z: str, activation: Any) -> str:
    return graph.add("Mul", z, graph.add("Sigmoid", z))


def _softplus(graph: Graph, z: str, activation: Any) -> str:
    small = graph.add("Exp", graph.add("Neg", graph.add("Abs", z)))
    log = graph.add("Log", graph.add("Add", small, graph.constant(1)))
    return graph.add("Add", graph.add("Relu", z), log)


def _mish(graph: Graph, z: str, activation: Any) -> str:
    return graph.add("Mul", z, graph.add("Tanh", _softplus(graph, z, activation)))


_ACTIVATIONS: dict[type[Activation], Callable[[Graph, str, Any], str]] = {
    Identity: lambda graph, z, activation: z,
    Sigmoid: lambda graph, z, activation: graph.add("Sigmoid", z),
    Tanh: lambda graph, z, activation: graph.add("Tanh", z),
    Relu: lambda graph, z, activation: graph.add("Relu", z),
    LeakyRelu: _leaky_relu,
    Elu: _elu,
    Selu: _selu,
    Gelu: _gelu,
    Silu: _silu,
    Softplus: _softplus,
    Mish: _mish,
}


# -- targets ---------------------------------------------------------------------------------------


def _labels(classes: Array) -> Array:
    """Return class labels as ONNX has them: texts, int64, bools, floats."""
    if classes.dtype.kind == "O" and len({type(label) for label in classes}) == 1:
        classes = np.array(classes.tolist())
    if classes.dtype.kind == "U":
        return classes.astype(object)
    if classes.dtype.kind in "iu" and int(classes.max()) <= np.iinfo(np.int64).max:
        return classes.astype(np.int64)
    if classes.dtype.kind in "buf":
        return classes.astype(np.float32) if classes.dtype == np.float16 else classes
    raise InvalidValueError(
        "labels must be all texts or all of one kind of number to be exported",
        classes.tolist(),
        "encode them before the fit",
    )


def _class_of(graph: Graph, probabilities: str, classes: Array, out: str = "") -> str:
    best = graph.add("ArgMax", probabilities, axis=1, keepdims=0)
    return graph.add("Gather", graph.constant(classes, dtype=classes.dtype), best, out=out)


def _multiclass(graph: Graph, raw: str, targets: Any) -> None:
    labels = _labels(targets.classes)
    graph.add("Softmax", raw, out="probabilities", axis=1)
    _class_of(graph, "probabilities", labels, "label")
    _declare(graph, labels, ["n"], len(labels))


def _binary(graph: Graph, raw: str, targets: Any) -> None:
    labels = _labels(targets.classes)
    second = graph.add("Sigmoid", raw)
    is_second = graph.add("Greater", second, graph.constant(0.5))
    if len(labels) == 1:  # there is nothing else to answer, whatever the output is
        certain = graph.add("Mul", second, graph.constant(0))
        graph.add("Add", certain, graph.constant(1), out="probabilities")
        is_second = graph.add("Less", second, graph.constant(0))
    else:
        first = graph.add("Sub", graph.constant(1), second)
        graph.add("Concat", first, second, out="probabilities", axis=1)
    number = graph.add(
        "Reshape", graph.cast(is_second, np.int64), graph.constant([-1], dtype=np.int64)
    )
    constant = graph.constant(labels, dtype=labels.dtype)
    graph.add("Gather", constant, number, out="label")
    _declare(graph, labels, ["n"], len(labels))


def _multilabel(graph: Graph, raw: str, targets: Any) -> None:
    graph.add("Sigmoid", raw, out="probabilities")
    is_there = graph.add("Greater", "probabilities", graph.constant(0.5))
    graph.cast(is_there, np.int64, out="label")
    n = targets.n_outputs
    _declare(graph, np.zeros(0, np.int64), ["n", n], n)


def _multioutput(graph: Graph, raw: str, targets: Any) -> None:
    labels = [_labels(classes) for classes in targets.classes]
    if len({column.dtype for column in labels}) > 1:
        raise InvalidValueError(
            "the labels of all columns must be of one kind to be exported",
            [str(column.dtype) for column in labels],
            "encode them before the fit",
        )
    sizes = graph.constant([len(column) for column in labels], dtype=np.int64)
    parts = [f"part_{i}" for i in range(len(labels))]
    graph.add_with_outputs("Split", [raw, sizes], parts, axis=1)
    tables = [graph.add("Softmax", part, axis=1) for part in parts]
    axis = graph.constant([1], dtype=np.int64)
    columns = [
        graph.add("Unsqueeze", _class_of(graph, table, column), axis)
        for table, column in zip(tables, labels, strict=True)
    ]
    graph.add("Concat", *columns, out="label", axis=1)
    graph.add("SequenceConstruct", *tables, out="probabilities")
    graph.output("label", labels[0].dtype, ["n", len(labels)])
    graph.output_sequence("probabilities")


def _declare(graph: Graph, labels: Array, shape: list[Any], n_probabilities: int) -> None:
    graph.output("label", labels.dtype, shape)
    graph.output("probabilities", graph.dtype, ["n", n_probabilities])


def _numbers(graph: Graph, raw: str, targets: Any) -> None:
    shape: list[Any] = ["n", targets.n_outputs]
    value = _of_loss(graph, raw, targets.loss.output_activation)
    if len(targets.levels) > 1:
        if targets.n_columns > 1:
            shape = ["n", targets.n_columns, len(targets.levels)]
            value = graph.add("Reshape", value, graph.constant([-1, *shape[1:]], dtype=np.int64))
        value = _ascending(graph, value, len(targets.levels))
    graph.add("Identity", value, out="variable")
    graph.output("variable", graph.dtype, shape)


def _ascending(graph: Graph, quantiles: str, n: int) -> str:
    inputs = [quantiles, graph.constant([n], dtype=np.int64)]
    outputs = ["quantiles", "places"]
    return graph.add_with_outputs("TopK", inputs, outputs, axis=-1, largest=0, sorted=1)[0]


def _of_loss(graph: Graph, raw: str, name: str) -> str:
    """Add the output function of a loss of numbers."""
    if name == "exp":
        limit = graph.constant(exponent_limit(graph.dtype))
        return graph.add("Exp", graph.add("Min", raw, limit))
    return graph.add("Sigmoid", raw) if name == "sigmoid" else raw


def _reconstruction(graph: Graph, raw: str, params: Parameters, scaling: Scaling | None) -> None:
    value = _of_loss(graph, raw, params.spec.loss.output_activation)
    if scaling is not None:
        value = graph.add("Div", value, graph.constant(scaling.scale))
        value = graph.add("Add", value, graph.constant(scaling.shift))
    graph.add("Identity", value, out="variable")
    graph.output("variable", graph.dtype, ["n", params.spec.layer_sizes[0]])


_OUTPUTS: dict[type, Callable[[Graph, str, Any], None]] = {
    Binary: _binary,
    Multiclass: _multiclass,
    Multilabel: _multilabel,
    Multioutput: _multioutput,
    Numbers: _numbers,
}
