"""Writes small model files of the current format to tests/formats, with what they predict.

Files of earlier formats stay: run it when the format's version was raised, and commit what is new.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.persist.model_file import FORMAT

FOLDER = Path(__file__).parents[1] / "tests" / "formats"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
CLASSES = np.array(["ape", "bee", "cat"])[np.arange(40) % 3]
FEW: dict[str, Any] = {"max_iter": 3, "random_state": 0}

MODELS: dict[str, tuple[Any, Any]] = {
    "classifier": (MLPClassifier((6,), input_scaling="standard", **FEW), CLASSES),
    "labels": (MLPClassifier((5,), "gelu", dtype="float64", **FEW), (X[:, :3] > 0).astype(int)),
    "quantiles": (MLPRegressor("quantile", (5,), quantile=(0.1, 0.9), **FEW), X[:, 0]),
    "autoencoder": (MLPAutoencoder((3, 2), solver="sgd", **FEW), None),
    "network": (NeuralNetwork(3, [4, 5, 3], 0.1, "mish", "normal", 2, 8, random_state=0), None),
}


def main() -> None:
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    for name, (model, y) in MODELS.items():
        if isinstance(model, NeuralNetwork):
            model.fit(X, np.arange(40) % 3).save(FOLDER / f"v{FORMAT}-{name}.safetensors")
        else:
            model.fit(X, y).save(FOLDER / f"v{FORMAT}-{name}.safetensors", optimizer=True)
        predict = getattr(model, "predict_proba", model.predict)
        targets = np.zeros(0) if y is None else y
        np.savez(FOLDER / f"v{FORMAT}-{name}.npz", X=X, y=targets, outputs=predict(X))


if __name__ == "__main__":
    main()
