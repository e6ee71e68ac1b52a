"""Multilayer perceptrons from scratch on NumPy.

The public names, imported when they are first used, so that ``import chainrule`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chainrule._version import __version__

if TYPE_CHECKING:
    from chainrule.datasets import Dataset, load_fashion_mnist, load_mnist
    from chainrule.estimators import (
        LossCurveDisplay,
        MLPAutoencoder,
        MLPClassifier,
        MLPRegressor,
        NeuralNetwork,
        WeightsDisplay,
    )
    from chainrule.estimators.onnx_export import to_onnx
    from chainrule.estimators.sklearn_models import from_sklearn, to_sklearn
    from chainrule.preparation import TableAutoencoder, TableClassifier, TableRegressor
    from chainrule.preparation.saving import load, save
    from chainrule.worked.backprop.explanation import explain_backprop
    from chainrule.worked.margin.classification import explain_classifier
    from chainrule.worked.margin.explanation import explain_max_margin

_HOMES = {
    "Dataset": "chainrule.datasets",
    "LossCurveDisplay": "chainrule.estimators",
    "MLPAutoencoder": "chainrule.estimators",
    "MLPClassifier": "chainrule.estimators",
    "MLPRegressor": "chainrule.estimators",
    "NeuralNetwork": "chainrule.estimators",
    "TableAutoencoder": "chainrule.preparation",
    "TableClassifier": "chainrule.preparation",
    "TableRegressor": "chainrule.preparation",
    "WeightsDisplay": "chainrule.estimators",
    "explain_backprop": "chainrule.worked.backprop.explanation",
    "explain_classifier": "chainrule.worked.margin.classification",
    "explain_max_margin": "chainrule.worked.margin.explanation",
    "from_sklearn": "chainrule.estimators.sklearn_models",
    "load": "chainrule.preparation.saving",
    "load_fashion_mnist": "chainrule.datasets",
    "load_mnist": "chainrule.datasets",
    "save": "chainrule.preparation.saving",
    "to_onnx": "chainrule.estimators.onnx_export",
    "to_sklearn": "chainrule.estimators.sklearn_models",
}

__all__ = [
    "Dataset",
    "LossCurveDisplay",
    "MLPAutoencoder",
    "MLPClassifier",
    "MLPRegressor",
    "NeuralNetwork",
    "TableAutoencoder",
    "TableClassifier",
    "TableRegressor",
    "WeightsDisplay",
    "__version__",
    "explain_backprop",
    "explain_classifier",
    "explain_max_margin",
    "from_sklearn",
    "load",
    "load_fashion_mnist",
    "load_mnist",
    "save",
    "to_onnx",
    "to_sklearn",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
