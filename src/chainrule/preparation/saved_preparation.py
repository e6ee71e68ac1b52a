"""A preparation in a model file: its entry in the document, and its numbers.

Names, kinds and categories are in the document; the moments of numbers are a tensor, as there may
be many. What is read is refused unless it is known, as in
:mod:`~chainrule.estimators.saved_model`; docs/model-files.md has the same for people.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.errors import DataFormatError
from chainrule.estimators.saved_model import Contents
from chainrule.estimators.saved_values import from_labels, to_labels
from chainrule.estimators.targets import Targets
from chainrule.persist import checks
from chainrule.persist.model_file import Block
from chainrule.preparation.kinds import LEFT_OUT, USED
from chainrule.preparation.preparation import LearntTarget, Preparation
from chainrule.preparation.prepared import Prepared
from chainrule.preparation.tally import LONGEST_VALUE, MOST_DISTINCT

TASKS = {
    "classification": "MLPClassifier",
    "regression": "MLPRegressor",
    "autoencoder": "MLPAutoencoder",
}


def blocks(preparation: Preparation) -> list[Block]:
    """Return the tensors that belong to a preparation: none where it has no numbers."""
    n = sum(column.width for column in preparation.columns if column.is_numbers)
    shapes = {"preparation.mean": (n,), "preparation.scale": (n,)}
    return [Block("F64", shapes)] if n else []


# -- to the document -------------------------------------------------------------------------------


def to_document(preparation: Preparation) -> dict[str, Any]:
    """Return a preparation's entry in a document, its moments left out."""
    target = preparation.target
    return {
        "task": preparation.task,
        "columns": [_from_column(column) for column in preparation.columns],
        "left_out": dict(preparation.left_out),
        "target": None if target is None else _from_target(target),
    }


def numbers(preparation: Preparation) -> list[Array]:
    """Return the numbers of each of :func:`blocks`."""
    columns = [column for column in preparation.columns if column.is_numbers]
    moments = [*(column.mean for column in columns), *(column.scale for column in columns)]
    return [np.concatenate(moments)] if columns else []


def _from_column(column: Prepared) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": column.kind,
        "shape": list(column.shape),
        "missing": list(column.missing),
        "categories": list(column.categories),
    }


def _from_target(target: LearntTarget) -> dict[str, Any]:
    return {
        "name": target.name,
        "classes": None if target.classes is None else from_labels(target.classes),
        "mean": target.mean,
        "scale": target.scale,
    }


# -- from the document -----------------------------------------------------------------------------


def from_document(value: Any, contents: Contents) -> Preparation:
    """Return the preparation that a document has, its moments 0 and 1, or raise DataFormatError.

    Parameters
    ----------
    value : object
        From a file that nobody vouches for.
    contents : Contents
        What the same file says of the estimator.
    """
    entry = checks.record(value, "preparation", ("task", "columns", "left_out", "target"))
    preparation = Preparation(
        columns=tuple(checks.listed(entry["columns"], "preparation.columns", _to_column)),
        left_out=_to_left_out(entry["left_out"]),
        task=checks.one_of(entry["task"], "preparation.task", TASKS),
        target=checks.optional(entry["target"], "preparation.target", _to_target),
    )
    _check_names(preparation)
    _check_together(preparation, contents)
    return preparation


def with_numbers(preparation: Preparation, moments: Array) -> Preparation:
    """Return a preparation with the numbers of its block."""
    mean, scale = moments.reshape(2, -1)
    if not (scale > 0).all():
        raise DataFormatError("every number of preparation.scale must be above 0")
    columns, begin = [], 0
    for column in preparation.columns:
        end = begin + (column.width if column.is_numbers else 0)
        columns.append(replace(column, mean=mean[begin:end], scale=scale[begin:end]))
        begin = end
    return replace(preparation, columns=tuple(columns))


def _to_column(value: Any, place: str) -> Prepared:
    column = checks.record(value, place, ("name", "kind", "shape", "missing", "categories"))
    kind = checks.one_of(column["kind"], f"{place}.kind", USED)
    size = partial(checks.integer, low=1)
    shape = tuple(checks.listed(column["shape"], f"{place}.shape", size))
    if bool(shape) != (kind in ("block", "pixels")):
        raise checks.wrong(f"{place}.shape", f"that of a {kind}", column["shape"])
    width = 0 if kind == "pixels" else math.prod(shape)  # of what may be missing
    nothing = np.empty(0)
    return Prepared(
        name=checks.text(column["name"], f"{place}.name"),
        kind=kind,
        shape=shape,
        missing=_to_missing(column["missing"], f"{place}.missing", width),
        categories=_to_categories(column["categories"], f"{place}.categories", kind),
        mean=nothing,
        scale=nothing,
    )


def _to_missing(value: Any, place: str, width: int) -> tuple[int, ...]:
    places = checks.listed(value, place, partial(checks.integer, high=width - 1))
    if places != sorted(set(places)):
        raise checks.wrong(place, "sorted, and each there once", places)
    return tuple(places)


def _to_categories(value: Any, place: str, kind: str) -> tuple[str, ...]:
    texts = checks.listed(value, place, checks.text)
    low, high = (1, MOST_DISTINCT) if kind == "category" else (0, 0)
    if not low <= len(texts) <= high:
        raise checks.wrong(f"the number of {place}", f"in [{low}, {high}]", len(texts))
    if texts != sorted(set(texts)) or any(len(text) > LONGEST_VALUE for text in texts):
        rule = f"sorted, each there once, of at most {LONGEST_VALUE} characters"
        raise checks.wrong(place, rule, texts)
    return tuple(texts)


def _to_left_out(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise checks.wrong("preparation.left_out", "an object", value)
    return {
        name: checks.one_of(kind, "a kind in preparation.left_out", LEFT_OUT)
        for name, kind in value.items()
    }


def _to_target(value: Any, place: str) -> LearntTarget:
    target = checks.record(value, place, ("name", "classes", "mean", "scale"))
    mean, scale = (checks.number(target[key], f"{place}.{key}") for key in ("mean", "scale"))
    if not (math.isfinite(mean) and 0 < scale < math.inf):
        raise checks.wrong(place, "of finite mean and scale above 0", (mean, scale))
    return LearntTarget(
        name=checks.text(target["name"], f"{place}.name"),
        classes=checks.optional(target["classes"], f"{place}.classes", to_labels),
        mean=mean,
        scale=scale,
    )


def _check_names(preparation: Preparation) -> None:
    target = [] if preparation.target is None else [preparation.target.name]
    names = [*(column.name for column in preparation.columns), *preparation.left_out, *target]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise checks.wrong("every column of preparation", "there once", twice[0])


def _check_together(preparation: Preparation, contents: Contents) -> None:
    task, target = preparation.task, preparation.target
    if contents.estimator != TASKS[task]:
        raise checks.wrong("estimator", f"{TASKS[task]} for {task}", contents.estimator)
    n_features = contents.spec.layer_sizes[0]
    if preparation.n_features != n_features:
        rule = f"{preparation.n_features} wide, as preparation is"
        raise checks.wrong("the first layer", rule, n_features)
    if (target is None) != (task == "autoencoder"):
        raise checks.wrong("preparation.target", f"that of {task}", target)
    classes = None if target is None else target.classes
    if (classes is None) != (task != "classification"):
        raise checks.wrong("preparation.target.classes", f"those of {task}", classes)
    if classes is not None and not _has_all(classes, contents.targets):
        rule = "among preparation's classes"
        raise checks.wrong("every class of targets", rule, classes.tolist())


def _has_all(classes: Array, targets: Targets | None) -> bool:
    known = getattr(targets, "classes", None)
    return isinstance(known, np.ndarray) and set(known.tolist()) <= set(classes.tolist())
