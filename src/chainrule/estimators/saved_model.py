"""A model file's document: what is in it, and what it must be.

:class:`Contents` is the document with every value checked and every name looked up, and without
the weights. :func:`to_document` and :func:`from_document` go there and back, :func:`blocks` says
which tensors belong to it. docs/model-files.md has the same for people.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chainrule.engine.losses import SoftmaxCrossEntropy
from chainrule.engine.spec import DTYPES, NetworkSpec
from chainrule.errors import DataFormatError
from chainrule.estimators.autoencoder import MLPAutoencoder
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.neural_network import NeuralNetwork
from chainrule.estimators.parameters import SETTLED
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.saved_targets import from_targets, to_targets
from chainrule.estimators.saved_training import (
    Training,
    from_history,
    from_training,
    to_history,
    to_learnt,
    to_training,
)
from chainrule.estimators.saved_values import (
    NUMBERS,
    from_parameter,
    from_part,
    to_parameter,
    to_part,
)
from chainrule.estimators.targets import Targets
from chainrule.persist import checks
from chainrule.persist.model_file import Block
from chainrule.training.history import History

ESTIMATORS: dict[str, type] = {
    kind.__name__: kind for kind in (MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork)
}
# A path in a file from elsewhere would be written to by the next fit; callbacks are code.
NOT_SAVED = ("checkpoint", "callbacks")
TENSOR_DTYPES = {"float32": "F32", "float64": "F64"}


@dataclass
class Contents:
    """What is in a model file, weights left out.

    Attributes
    ----------
    estimator : str
        A name in :data:`ESTIMATORS`.
    library : str
        The version that wrote it.
    parameters : dict
        Of the constructor.
    spec : NetworkSpec
        The network.
    targets : Targets or None
        Labels to outputs and back; None for NeuralNetwork, whose classes are numbers.
    feature_names : list of str or None
        Where X had some.
    dtype_in : str or None
        Of NeuralNetwork's training data.
    scaled : bool
        Whether there is input scaling.
    settled : dict
        Parameters that belong to the weights, as they were when these were drawn.
    learnt : dict
        Attributes in :data:`~chainrule.estimators.saved_training.LEARNT`, and curves.
    history : History or None
        None where it was left out.
    training : Training or None
        None where it was left out.
    """

    estimator: str
    library: str
    parameters: dict[str, Any]
    spec: NetworkSpec
    targets: Targets | None
    feature_names: list[str] | None
    dtype_in: str | None
    scaled: bool
    settled: dict[str, Any]
    learnt: dict[str, Any]
    history: History | None
    training: Training | None


def blocks(contents: Contents) -> list[Block]:
    """Return the tensors that belong to a document, in their order."""
    spec = contents.spec
    dtype, n = TENSOR_DTYPES[spec.dtype], spec.n_parameters
    weights = {f"coefs.{i}": shape for i, shape in enumerate(spec.shapes)}
    biases = {f"intercepts.{i}": (size,) for i, size in enumerate(spec.layer_sizes[1:])}
    found = [Block(dtype, {**weights, **biases})]
    if contents.scaled:
        shape = (spec.layer_sizes[0],)
        found.append(Block("F64", {"scaling.shift": shape, "scaling.scale": shape}))
    training = contents.training
    if training is not None and training.optimizer is not None and training.optimizer.slots:
        slots = training.optimizer.slots
        found.append(Block(dtype, {f"optimizer.{slot}": (n,) for slot in slots}))
    if training is not None and training.watch is not None and training.watch.has_snapshot:
        found.append(Block(dtype, {"best": (n,)}))
    return found


# -- to the document -------------------------------------------------------------------------------


def to_document(contents: Contents) -> dict[str, Any]:
    """Return what the file's header has, made of JSON's values.

    Raises
    ------
    InvalidValueError
        If a parameter or a part of the network is not data.
    """
    spec = contents.spec
    return {
        "estimator": contents.estimator,
        "library": contents.library,
        "parameters": {k: from_parameter(k, v) for k, v in contents.parameters.items()},
        "network": {
            "layer_sizes": list(spec.layer_sizes),
            "activations": [from_part(activation) for activation in spec.activations],
            "loss": from_part(spec.loss),
            "dropout": list(spec.dropout),
            "dtype": spec.dtype,
        },
        "targets": None if contents.targets is None else from_targets(contents.targets),
        "feature_names": contents.feature_names,
        "dtype_in": contents.dtype_in,
        "scaled": contents.scaled,
        "settled": {k: from_parameter(k, v) for k, v in contents.settled.items()},
        "learnt": {k: from_parameter(k, v) for k, v in contents.learnt.items()},
        "history": None if contents.history is None else from_history(contents.history),
        "training": None if contents.training is None else from_training(contents.training),
    }


# -- from the document -----------------------------------------------------------------------------


def from_document(document: Any) -> Contents:
    """Return what a document says, or raise DataFormatError if anything in it is not as it must be.

    Parameters
    ----------
    document : object
        From a file that nobody vouches for.
    """
    keys = [name for name in Contents.__dataclass_fields__ if name != "spec"]
    document = checks.record(document, "the document", [*keys, "network"])
    name = checks.one_of(document["estimator"], "estimator", ESTIMATORS)
    spec = _to_spec(document["network"])
    contents = Contents(
        estimator=name,
        library=checks.text(document["library"], "library"),
        parameters=_to_parameters(document["parameters"], "parameters", _saved_parameters(name)),
        spec=spec,
        targets=_to_targets(document["targets"], name, spec),
        feature_names=_to_feature_names(document["feature_names"], spec.layer_sizes[0]),
        dtype_in=checks.optional(document["dtype_in"], "dtype_in", checks.text),
        scaled=checks.boolean(document["scaled"], "scaled"),
        settled=_to_parameters(document["settled"], "settled", SETTLED),
        learnt=to_learnt(document["learnt"]),
        history=checks.optional(document["history"], "history", to_history),
        training=checks.optional(document["training"], "training", to_training),
    )
    _check_together(contents)
    return contents


def _check_together(contents: Contents) -> None:
    spec, is_report_s = contents.spec, contents.estimator == "NeuralNetwork"
    if is_report_s:
        if type(spec.loss) is not SoftmaxCrossEntropy or contents.scaled or contents.training:
            raise DataFormatError("NeuralNetwork must have a softmax, no scaling and no training")
        checks.one_of(contents.dtype_in, "dtype_in", NUMBERS)  # NumPy would parse any text
    elif contents.dtype_in is not None:
        raise checks.wrong("dtype_in", f"null for {contents.estimator}", contents.dtype_in)
    _check_settled(contents)


def _check_settled(contents: Contents) -> None:
    # A fit that goes on compares each of them, and takes what belongs to it from the file.
    names = () if contents.estimator == "NeuralNetwork" else SETTLED
    settled = checks.record(contents.settled, "settled", names)
    if names and (settled["input_scaling"] is None) == contents.scaled:
        rule = "null where scaled is false, else a name"
        raise checks.wrong("settled.input_scaling", rule, settled["input_scaling"])
    if names and settled["dtype"] not in ("auto", contents.spec.dtype):
        rule = f"auto or {contents.spec.dtype}, the network's"
        raise checks.wrong("settled.dtype", rule, settled["dtype"])


def _to_spec(value: Any) -> NetworkSpec:
    keys = ("layer_sizes", "activations", "loss", "dropout", "dtype")
    network = checks.record(value, "network", keys)
    with checks.refusing("network"):
        return NetworkSpec(
            layer_sizes=tuple(
                checks.listed(network["layer_sizes"], "network.layer_sizes", checks.integer)
            ),
            activations=tuple(
                checks.listed(
                    network["activations"],
                    "network.activations",
                    lambda item, place: to_part("activation", item),
                )
            ),
            loss=to_part("loss", network["loss"]),
            dropout=tuple(checks.listed(network["dropout"], "network.dropout", checks.number)),
            dtype=checks.one_of(network["dtype"], "network.dtype", DTYPES),  # type: ignore[arg-type]
        )


def _saved_parameters(estimator: str) -> list[str]:
    names = inspect.signature(ESTIMATORS[estimator]).parameters
    return [name for name in names if name not in NOT_SAVED]


def _to_parameters(value: Any, place: str, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise checks.wrong(place, "an object", value)
    parameters = {}
    for name, parameter in value.items():
        checks.one_of(name, f"a key of {place}", known)
        with checks.refusing(f"{place}.{name}"):
            parameters[name] = to_parameter(parameter)
    return parameters


def _to_targets(value: Any, estimator: str, spec: NetworkSpec) -> Targets | None:
    if estimator != "NeuralNetwork":
        return to_targets(value, estimator, spec)
    if value is not None:
        raise checks.wrong("targets", "null for NeuralNetwork", value)
    return None


def _to_feature_names(value: Any, n_features: int) -> list[str] | None:
    if value is None:
        return None
    names = checks.listed(value, "feature_names", checks.text)
    if len(names) != n_features:
        raise checks.wrong("feature_names", f"{n_features} texts", names)
    return names
