"""Targets in a model file: one entry of a table a kind.

An entry says whose targets they are, which losses go with them, and how they are read. To add a
kind of target: one line in :data:`TARGETS`, one function, and the page docs/model-files.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import DataFormatError
from chainrule.estimators.autoencoder import ItsInput
from chainrule.estimators.saved_values import from_labels, to_labels
from chainrule.estimators.targets import (
    Binary,
    Multiclass,
    Multilabel,
    Multioutput,
    Numbers,
    Targets,
)
from chainrule.persist import checks


def from_targets(targets: Targets) -> dict[str, Any]:
    """Return targets as JSON has them."""
    document: dict[str, Any] = {"kind": _NAMES[type(targets)]}
    if isinstance(targets, Multioutput):
        document["classes"] = [from_labels(classes) for classes in targets.classes]
    elif isinstance(targets, Binary | Multiclass | Multilabel):
        document["classes"] = from_labels(targets.classes)
    if isinstance(targets, Multilabel):
        document["sparse"] = bool(targets.sparse)
    if isinstance(targets, Numbers):
        document["n_columns"] = int(targets.n_columns)
    return document


def to_targets(value: Any, estimator: str, spec: NetworkSpec) -> Targets:
    """Return the targets of an estimator with this network, or raise DataFormatError."""
    if not isinstance(value, dict):
        raise checks.wrong("targets", "an object", value)
    kind = TARGETS[checks.one_of(value.get("kind"), "targets.kind", TARGETS)]
    if kind.estimator != estimator or not isinstance(spec.loss, kind.losses):
        raise DataFormatError(f"targets and loss must be {estimator}'s, and of the same kind")
    targets = kind.read(value, spec)
    if targets.n_outputs != spec.layer_sizes[-1]:
        rule = f"{targets.n_outputs} for these targets"
        raise checks.wrong("the width of the last layer", rule, spec.layer_sizes[-1])
    return targets


def _to_classes(value: Mapping[str, Any], low: int, high: float) -> Any:
    classes = to_labels(value["classes"], "targets.classes")
    if not low <= len(classes) <= high:
        raise checks.wrong("the number of classes", f"in [{low}, {high}]", len(classes))
    return classes


def _binary(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    return Binary(_to_classes(value, 1, 2), spec.loss)


def _multiclass(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    return Multiclass(_to_classes(value, 3, math.inf), spec.loss)


def _multilabel(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes", "sparse"))
    sparse = checks.boolean(value["sparse"], "targets.sparse")
    return Multilabel(_to_classes(value, 1, math.inf), spec.loss, sparse)


def _multioutput(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "classes"))
    classes = checks.listed(value["classes"], "targets.classes", to_labels)
    sizes = getattr(spec.loss, "sizes", ())
    if tuple(len(column) for column in classes) != sizes:
        raise checks.wrong("the numbers of classes", "the loss's sizes", sizes)
    return Multioutput(classes, spec.loss)


def _numbers(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind", "n_columns"))
    return Numbers(spec.loss, checks.integer(value["n_columns"], "targets.n_columns", 1))


def _its_input(value: Any, spec: NetworkSpec) -> Targets:
    checks.record(value, "targets", ("kind",))
    if len(spec.layer_sizes) < 3:
        raise checks.wrong("network.layer_sizes", "with a hidden layer", spec.layer_sizes)
    return ItsInput(spec.loss, spec.layer_sizes[0])


@dataclass(frozen=True)
class Kind:
    """A kind of target in a file.

    Parameters
    ----------
    targets : type
        What it becomes.
    estimator : str
        Whose it is.
    losses : tuple of types
        What its network may lower.
    read : callable
        From what the file has, and the network.
    """

    targets: type[Targets]
    estimator: str
    losses: tuple[type[Loss], ...]
    read: Callable[[Mapping[str, Any], NetworkSpec], Targets]


_OF_NUMBERS = (Squared, Absolute, Huber, Quantile, Poisson)

TARGETS = {
    "binary": Kind(Binary, "MLPClassifier", (SigmoidCrossEntropy,), _binary),
    "multiclass": Kind(Multiclass, "MLPClassifier", (SoftmaxCrossEntropy,), _multiclass),
    "multilabel": Kind(Multilabel, "MLPClassifier", (SigmoidCrossEntropy,), _multilabel),
    "multioutput": Kind(Multioutput, "MLPClassifier", (GroupedSoftmaxCrossEntropy,), _multioutput),
    "numbers": Kind(Numbers, "MLPRegressor", _OF_NUMBERS, _numbers),
    "its_input": Kind(ItsInput, "MLPAutoencoder", (*_OF_NUMBERS, SigmoidCrossEntropy), _its_input),
}
_NAMES = {kind.targets: name for name, kind in TARGETS.items()}
