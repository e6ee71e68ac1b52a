"""Writes small model files to tests/formats, with what they predict; those that are there stay.

Run it when the format has a new version and :data:`MODELS` a model that needs it, and commit what
is new.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork, TableClassifier
from chainrule.datasets.tables import table_of
from chainrule.preparation import Preparation, inspect

FOLDER = Path(__file__).parents[1] / "tests" / "formats"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
CLASSES = np.array(["ape", "bee", "cat"])[np.arange(40) % 3]
FEW: dict[str, Any] = {"max_iter": 3, "random_state": 0}

CELLS = [
    (f"{x[0]:.2f}", "NA" if x[1] > 1 else str(x[1]), "red" if x[2] > 0 else "blue", label)
    for x, label in zip(X, CLASSES, strict=True)
]
ROWS = np.array(CELLS, [("size", "U8"), ("weight", "U24"), ("colour", "U4"), ("animal", "U3")])


def prepared() -> TableClassifier:
    """Return a model of rows of texts."""
    table = table_of(ROWS)
    preparation = Preparation.learn(inspect(table, target="animal"))
    network = MLPClassifier((4,), **FEW).fit(*preparation.rows(table))
    return TableClassifier.of(network, preparation)


# file -> what gives its model, fitted, and the data to predict and train on.
MODELS: dict[str, Callable[[], tuple[Any, Any, Any]]] = {
    "v1-classifier": lambda: fitted(MLPClassifier((6,), input_scaling="standard", **FEW), CLASSES),
    "v1-labels": lambda: fitted(
        MLPClassifier((5,), "gelu", dtype="float64", **FEW), (X[:, :3] > 0).astype(int)
    ),
    "v1-quantiles": lambda: fitted(
        MLPRegressor("quantile", (5,), quantile=(0.1, 0.9), **FEW), X[:, 0]
    ),
    "v1-autoencoder": lambda: fitted(MLPAutoencoder((3, 2), solver="sgd", **FEW), None),
    "v1-network": lambda: fitted(
        NeuralNetwork(3, [4, 5, 3], 0.1, "mish", "normal", 2, 8, random_state=0),
        np.arange(40) % 3,
    ),
    "v2-prepared": lambda: (prepared(), ROWS, None),
}


def fitted(model: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return a fitted estimator and its data."""
    return model.fit(X, y), X, y


def main() -> None:
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    for name, make in MODELS.items():
        path = FOLDER / f"{name}.safetensors"
        if path.exists():
            continue
        model, data, y = make()
        if isinstance(model, NeuralNetwork):
            model.save(path)
        else:
            model.save(path, optimizer=True)
        predict = getattr(model, "predict_proba", model.predict)
        targets = np.zeros(0) if y is None else y
        np.savez(path.with_suffix(".npz"), X=data, y=targets, outputs=predict(data))


if __name__ == "__main__":
    main()
