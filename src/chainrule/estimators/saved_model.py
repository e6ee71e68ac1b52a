"""A model file's document: what is in it, and what it must be.

:class:`Contents` is the document with every value checked and every name looked up, and without
the weights. :func:`to_document` and :func:`from_document` go there and back, :func:`blocks` says
which tensors belong to it. docs/model-files.md has the same for people.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from chainrule.engine.losses import (
    Absolute,
    GroupedSoftmaxCrossEntropy,
    Huber,
    Loss,
    Poisson,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    Squared,
)
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Clock
from chainrule.engine.spec import DTYPES, NetworkSpec
from chainrule.errors import DataFormatError
from chainrule.estimators.autoencoder import ItsInput, MLPAutoencoder
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.neural_network import NeuralNetwork
from chainrule.estimators.parameters import SETTLED
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.saved_values import (
    from_labels,
    from_parameter,
    from_part,
    to_labels,
    to_parameter,
    to_part,
)
from chainrule.estimators.targets import (
    Binary,
    Multiclass,
    Multilabel,
    Multioutput,
    Numbers,
    Targets,
)
from chainrule.persist import checks
from chainrule.persist.model_file import Block
from chainrule.training.history import Epoch, History

ESTIMATORS: dict[str, type] = {
    kind.__name__: kind for kind in (MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork)
}
# A path in a file from elsewhere would be written to by the next fit; callbacks are code.
NOT_SAVED = ("checkpoint", "callbacks")
TENSOR_DTYPES = {"float32": "F32", "float64": "F64"}

_OF_NUMBERS = (Squared, Absolute, Huber, Quantile, Poisson)
# kind of target -> (whose, its losses)
TARGETS: dict[type[Targets], tuple[str, tuple[type[Loss], ...]]] = {
    Binary: ("MLPClassifier", (SigmoidCrossEntropy,)),
    Multiclass: ("MLPClassifier", (SoftmaxCrossEntropy,)),
    Multilabel: ("MLPClassifier", (SigmoidCrossEntropy,)),
    Multioutput: ("MLPClassifier", (GroupedSoftmaxCrossEntropy,)),
    Numbers: ("MLPRegressor", _OF_NUMBERS),
    ItsInput: ("MLPAutoencoder", (*_OF_NUMBERS, SigmoidCrossEntropy)),
}
_TARGET_NAMES = {kind.__name__.lower(): kind for kind in TARGETS}

_MAYBE_NUMBER = partial(checks.optional, check=checks.number)
_MAYBE_INTEGER = partial(checks.optional, check=checks.integer)
# What fitting leaves behind beside the network; an attribute that is not there is left out.
LEARNT: dict[str, Callable[[Any, str], Any]] = {
    "n_iter_": checks.integer,
    "t_": checks.integer,
    "loss_": checks.number,
    "best_loss_": _MAYBE_NUMBER,
    "best_validation_score_": _MAYBE_NUMBER,
    "best_epoch_": _MAYBE_INTEGER,
}
CURVES = ("loss_curve_", "validation_scores_")


@dataclass
class Watch:
    """Where the rule stands that stops a training: see Convergence."""

    score: str | None
    best: float
    stale: int
    epoch: int | None
    has_snapshot: bool


@dataclass
class Training:
    """What a training goes on with."""

    optimizer: Optimizer | None
    t: int
    clock: Clock
    watch: Watch | None


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
        Attributes in :data:`LEARNT` and :data:`CURVES`.
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
        "targets": _from_targets(contents.targets),
        "feature_names": contents.feature_names,
        "dtype_in": contents.dtype_in,
        "scaled": contents.scaled,
        "settled": {k: from_parameter(k, v) for k, v in contents.settled.items()},
        "learnt": {k: from_parameter(k, v) for k, v in contents.learnt.items()},
        "history": _from_history(contents.history),
        "training": _from_training(contents.training),
    }


def _from_targets(targets: Targets | None) -> dict[str, Any] | None:
    if targets is None:
        return None
    document: dict[str, Any] = {"kind": type(targets).__name__.lower()}
    if isinstance(targets, Multioutput):
        document["classes"] = [from_labels(classes) for classes in targets.classes]
    elif isinstance(targets, Binary | Multiclass | Multilabel):
        document["classes"] = from_labels(targets.classes)
    if isinstance(targets, Multilabel):
        document["sparse"] = bool(targets.sparse)
    if isinstance(targets, Numbers):
        document["n_columns"] = int(targets.n_columns)
    return document


def _from_history(history: History | None) -> dict[str, Any] | None:
    if history is None:
        return None
    columns = [name for name in Epoch._fields if name != "scores"]
    return {
        "best_epoch": history.best_epoch,
        "columns": {name: from_parameter(name, history.column(name)) for name in columns},
        "scores": {
            name: from_parameter(name, history.column(name)) for name in history.score_names
        },
    }


def _from_training(training: Training | None) -> dict[str, Any] | None:
    if training is None:
        return None
    watch, optimizer = training.watch, training.optimizer
    return {
        "optimizer": None if optimizer is None else from_part(optimizer),
        "t": training.t,
        "clock": list(training.clock),
        "watch": None
        if watch is None
        else {**vars(watch), "best": from_parameter("best", watch.best)},
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
        learnt=_to_learnt(document["learnt"]),
        history=checks.optional(document["history"], "history", _to_history),
        training=checks.optional(document["training"], "training", _to_training),
    )
    _check_together(contents)
    return contents


def _check_together(contents: Contents) -> None:
    spec, is_report_s = contents.spec, contents.estimator == "NeuralNetwork"
    if is_report_s:
        if type(spec.loss) is not SoftmaxCrossEntropy or contents.scaled or contents.training:
            raise DataFormatError("NeuralNetwork must have a softmax, no scaling and no training")
        with checks.refusing("dtype_in"):
            kind = np.dtype(contents.dtype_in or "").kind
        if kind not in "buif":
            raise checks.wrong("dtype_in", "of numbers", contents.dtype_in)
    elif contents.dtype_in is not None:
        raise checks.wrong("dtype_in", f"null for {contents.estimator}", contents.dtype_in)


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
    if estimator == "NeuralNetwork":
        if value is not None:
            raise checks.wrong("targets", "null for NeuralNetwork", value)
        return None
    if not isinstance(value, dict):
        raise checks.wrong("targets", "an object", value)
    kind = _TARGET_NAMES[checks.one_of(value.get("kind"), "targets.kind", _TARGET_NAMES)]
    owner, losses = TARGETS[kind]
    if owner != estimator or not isinstance(spec.loss, losses):
        raise DataFormatError(f"targets and loss must be {estimator}'s, and of the same kind")
    targets = _KINDS[kind](value, spec.loss, spec)
    if targets.n_outputs != spec.layer_sizes[-1]:
        rule = f"{targets.n_outputs} for these targets"
        raise checks.wrong("the width of the last layer", rule, spec.layer_sizes[-1])
    return targets


def _to_classes(value: Mapping[str, Any], low: int, high: float) -> Any:
    classes = to_labels(value["classes"], "targets.classes")
    if not low <= len(classes) <= high:
        raise checks.wrong("the number of classes", f"in [{low}, {high}]", len(classes))
    return classes


def _binary(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    return Binary(_to_classes(value, 1, 2), loss)


def _multiclass(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    return Multiclass(_to_classes(value, 3, float("inf")), loss)


def _multilabel(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes", "sparse"))
    sparse = checks.boolean(value["sparse"], "targets.sparse")
    return Multilabel(_to_classes(value, 1, float("inf")), loss, sparse)


def _multioutput(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    classes = checks.listed(value["classes"], "targets.classes", to_labels)
    if tuple(len(column) for column in classes) != loss.sizes:
        raise checks.wrong("the numbers of classes", "the loss's sizes", loss.sizes)
    return Multioutput(classes, loss)


def _numbers(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "n_columns"))
    return Numbers(loss, checks.integer(value["n_columns"], "targets.n_columns", 1))


def _its_input(value: Any, loss: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind",))
    if len(spec.layer_sizes) < 3:
        raise checks.wrong("network.layer_sizes", "with a hidden layer", spec.layer_sizes)
    return ItsInput(loss, spec.layer_sizes[0])


_KINDS = {
    Binary: _binary,
    Multiclass: _multiclass,
    Multilabel: _multilabel,
    Multioutput: _multioutput,
    Numbers: _numbers,
    ItsInput: _its_input,
}


def _to_feature_names(value: Any, n_features: int) -> list[str] | None:
    if value is None:
        return None
    names = checks.listed(value, "feature_names", checks.text)
    if len(names) != n_features:
        raise checks.wrong("feature_names", f"{n_features} texts", names)
    return names


def _to_learnt(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise checks.wrong("learnt", "an object", value)
    learnt: dict[str, Any] = {}
    for name, item in value.items():
        place = f"learnt.{checks.one_of(name, 'a key of learnt', [*LEARNT, *CURVES])}"
        if name in LEARNT:
            learnt[name] = LEARNT[name](item, place)
        else:
            learnt[name] = checks.optional(item, place, partial(checks.listed, check=checks.number))
    return learnt


def _to_history(value: Any, place: str) -> History:
    history = checks.record(value, place, ("best_epoch", "columns", "scores"))
    names = [name for name in Epoch._fields if name != "scores"]
    given = checks.record(history["columns"], f"{place}.columns", names)
    if not isinstance(history["scores"], dict):
        raise checks.wrong(f"{place}.scores", "an object", history["scores"])
    columns = {
        name: checks.listed(column, f"{place}.columns.{name}", _COLUMNS.get(name, checks.number))
        for name, column in given.items()
    }
    scores = {
        name: checks.listed(column, f"{place}.scores", _MAYBE_NUMBER)
        for name, column in history["scores"].items()
    }
    if len({len(column) for column in [*columns.values(), *scores.values()]}) > 1:
        raise DataFormatError(f"all columns of {place} must have the same length")
    rows = [
        Epoch(
            scores={
                name: score for name, score in zip(scores, found, strict=True) if score is not None
            },
            **dict(zip(columns, row, strict=True)),
        )
        for row, found in zip(
            zip(*columns.values(), strict=True), _rows(scores, len(columns["epoch"])), strict=True
        )
    ]
    return History(rows, _MAYBE_INTEGER(history["best_epoch"], f"{place}.best_epoch"))


_COLUMNS: dict[str, Any] = {"epoch": checks.integer, "validation_loss": _MAYBE_NUMBER}


def _rows(scores: Mapping[str, list[Any]], n: int) -> Sequence[tuple[Any, ...]]:
    return list(zip(*scores.values(), strict=True)) if scores else [()] * n


def _to_training(value: Any, place: str) -> Training:
    training = checks.record(value, place, ("optimizer", "t", "clock", "watch"))
    clock = checks.listed(training["clock"], f"{place}.clock", checks.integer)
    if len(clock) != len(Clock._fields):
        raise checks.wrong(f"{place}.clock", f"{len(Clock._fields)} integers", clock)
    return Training(
        optimizer=checks.optional(
            training["optimizer"], place, lambda item, place: to_part("optimizer", item)
        ),
        t=checks.integer(training["t"], f"{place}.t"),
        clock=Clock(*clock),
        watch=checks.optional(training["watch"], f"{place}.watch", _to_watch),
    )


def _to_watch(value: Any, place: str) -> Watch:
    watch = checks.record(value, place, Watch.__dataclass_fields__)
    return Watch(
        score=checks.optional(watch["score"], f"{place}.score", checks.text),
        best=checks.number(watch["best"], f"{place}.best"),
        stale=checks.integer(watch["stale"], f"{place}.stale"),
        epoch=_MAYBE_INTEGER(watch["epoch"], f"{place}.epoch"),
        has_snapshot=checks.boolean(watch["has_snapshot"], f"{place}.has_snapshot"),
    )
