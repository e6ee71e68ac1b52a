"""What ``chainrule info`` says: what chainrule runs on, or what is inside a model file.

Names of classes and features come from whoever made the file: they are printed with control
characters as escapes, and cut where they are long.
"""

from __future__ import annotations

import hashlib
import inspect
import math
from pathlib import Path
from typing import Any

from chainrule._text import counted, printable
from chainrule.engine.backends import LEVEL, MISSING, in_use
from chainrule.engine.backends.blas import one_thread
from chainrule.estimators.saved_model import ESTIMATORS, Contents
from chainrule.estimators.targets import Binary, ClassTargets, Multilabel, Multioutput, Numbers
from chainrule.persist.model_file import Header, find_model
from chainrule.preparation import Preparation
from chainrule.preparation.saving import contents
from chainrule.study.environment import environment

SHOWN = 10  # items of a list
LONGEST = 40  # characters of an item


def installation() -> dict[str, Any]:
    """Return versions, and the backend that trains networks, with the reason."""
    backend, why = in_use()
    if MISSING:
        kernels = {}
    else:
        threads = f"at most {one_thread.threads()}"
        kernels = {"instructions": LEVEL, "threads for a batch": threads}
    return {"backend": f"{backend}: {why}", **kernels, **environment()}


def of_model(path: Path) -> dict[str, Any]:
    """Return what is inside a model file, or the one of a run's folder, numbers left out."""
    path = find_model(path)
    found, header = contents(path)
    own = {} if found.preparation is None else _prepared(found.preparation)
    return {**_facts(found.estimator), **own, **_file(path, header)}


def _prepared(preparation: Preparation) -> dict[str, Any]:
    target, columns = preparation.target, preparation.columns
    categories = {one.name: list(one.categories) for one in columns if one.categories}
    return {
        "target": None if target is None else target.name,
        "columns": {one.name: one.kind for one in columns},
        "categories": categories or None,
        "left_out": dict(preparation.left_out) or None,
    }


def _facts(found: Contents) -> dict[str, Any]:
    spec = found.spec
    return {
        "estimator": found.estimator,
        "task": _task(found),
        "layers": list(spec.layer_sizes),
        "activations": [activation.name for activation in spec.activations],
        "loss": spec.loss.name,
        "dtype": spec.dtype,
        "parameters": spec.n_parameters,
        "classes": _classes(found),
        "features": found.feature_names,
        "input_scaling": found.settled.get("input_scaling") if found.scaled else None,
        "settings": _settings(found),
        **_history(found),
        "training_state": None if found.training is None else "saved: training can go on",
        "chainrule": found.library,
    }


def _file(path: Path, header: Header) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"format": header.version, "bytes": header.size, "sha256": digest}


def _task(found: Contents) -> str:
    targets = found.targets
    if isinstance(targets, Numbers):
        return f"regression, {targets.n_columns} to a sample"
    if isinstance(targets, Multilabel):
        return f"classification, any of {counted(len(targets.classes), 'label')}"
    if isinstance(targets, Multioutput):
        return f"classification, {counted(len(targets.classes), 'column')} of classes"
    if isinstance(targets, Binary):
        return f"classification, {'two classes' if len(targets.classes) == 2 else 'one class'}"
    if found.estimator == "MLPAutoencoder":
        return "reconstruction"
    return f"classification, {found.spec.layer_sizes[-1]} classes"


def _classes(found: Contents) -> list[Any] | None:
    targets = found.targets
    if isinstance(targets, Multioutput):
        return [classes.tolist() for classes in targets.classes]
    if isinstance(targets, ClassTargets):
        labels: list[Any] = targets.classes.tolist()
        return labels
    return None


def _settings(found: Contents) -> dict[str, str]:
    """Return the parameters that are not at their default, as Python has them."""
    signature = inspect.signature(ESTIMATORS[found.estimator]).parameters
    return {
        name: repr(value)
        for name, value in found.parameters.items()
        if repr(value) != repr(signature[name].default)
    }


def _history(found: Contents) -> dict[str, Any]:
    history = found.history
    if history is None or not history.epochs:
        return {"epochs": None if history is None else 0}
    last = history.epochs[-1]
    return {
        "epochs": len(history),
        "best_epoch": found.learnt.get("best_epoch_", history.best_epoch),
        "seconds": _finite(sum(row.seconds for row in history)),
        "training_loss": _finite(last.train_loss),
        "validation_loss": _finite(last.validation_loss),
        "scores": {name: _finite(score) for name, score in last.scores.items()} or None,
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def shown(value: Any) -> str:
    """Return a fact for people, safe to print, and not too long."""
    if isinstance(value, dict):
        return _joined([f"{printable(str(k), LONGEST)}={shown(v)}" for k, v in value.items()], 99)
    if isinstance(value, list):
        return _joined([shown(item) for item in value[: SHOWN + 1]], SHOWN, len(value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if type(value) is int and value > 9999 else printable(str(value), 80)


def _joined(items: list[str], most: int, n: int | None = None) -> str:
    n = len(items) if n is None else n
    more = f", … ({n} in all)" if n > most else ""
    return ", ".join(items[:most]) + more
