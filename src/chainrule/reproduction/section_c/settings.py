"""With what section C trains: the report's networks, a few of ours, and every setting.

A few trainings more judge the report's reasons; other libraries leave these out:

- C2, leaky ReLU: the ReLU network with units that cannot die;
- C4, two networks that may regenerate better, both chosen before either was trained: another
  activation (tanh) in the report's layers, and other layers (135, 32, 135: 220,320 weights where
  the report's have 221,184) with ReLU. Whichever of the report's two is better had no say in it;
- C5, the classifier of the features on pixels, and on as many principal components as there are
  features.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engine.activations import ACTIVATIONS
from chainrule.errors import InvalidValueError
from chainrule.reproduction.settings import NOT_STATED, REPORT, Setting, Values
from chainrule.study.sampling.candidate import check_distinct

SECTION = "C"
HIDDEN = (128, 64, 32)
MIRRORED = (128, 64, 32, 64, 128)
FEATURE_HIDDEN = (32, 32)
ACTIVATIONS_COMPARED = ("logistic", "tanh", "relu", "identity")
AUTOENCODERS = ("relu", "identity")
INPUTS = (*AUTOENCODERS, "pixels")  # of C5's classifiers
# Beside the report's: see above.
NEVER_DEAD = "leaky_relu"  # in C2
OTHER_LAYERS = "relu 135-32-135"
OTHER_AUTOENCODERS: dict[str, dict[str, Any]] = {  # in C4
    "tanh": {"activation": "tanh"},
    OTHER_LAYERS: {"activation": "relu", "hidden_layer_sizes": [135, 32, 135]},
}
SMALL_ON_PIXELS, COMPONENTS = "pixels in the small classifier", "principal components"  # in C5
BEST: dict[str, Any] = {"solver": "adam", "batch_size": 256, "learning_rate_init": 1e-4}  # C3's
SCORE = "neg_log_loss"  # C3's
SHOWN = 10  # test images that the page shows
LOOKED_AT = 1000  # training images that say which units are dead

SETTINGS: dict[str, dict[str, Setting]] = {
    "C": {"train_samples": Setting(8000, 2000, REPORT)},
    "C2": {
        "learning_rate": Setting(2e-5, 2e-5, REPORT),
        "batch_size": Setting(128, 128, REPORT),
        "epochs": Setting(100, 20, REPORT),
    },
    "C3": {
        "solver": Setting(("adam", "sgd"), ("adam", "sgd"), REPORT),
        "batch_size": Setting((64, 128, 256), (64, 128, 256), REPORT),
        "learning_rate": Setting((1e-4, 2e-5, 1e-5), (1e-4, 2e-5, 1e-5), REPORT),
        "folds": Setting(3, 3, REPORT),
        "epochs": Setting(100, 8, REPORT),
        "tol": Setting(1e-4, 1e-4, NOT_STATED),
        "complete_samples": Setting(60_000, 6_000, "ours: for its best, where all images are here"),
        "seeds": Setting(1, 1, "ours: how many of the seeds search the grid; each costs 54 fits"),
    },
    "C4": {
        "learning_rate": Setting(2e-5, 2e-5, REPORT),
        "batch_size": Setting(200, 200, NOT_STATED),
        "epochs": Setting(100, 20, REPORT),
    },
    "C5": {
        "learning_rate": Setting((1e-3, 2e-5), (1e-3, 2e-5), f"{NOT_STATED} first, then C2's rate"),
        "batch_size": Setting(200, 200, NOT_STATED),
        "epochs": Setting(200, 30, REPORT),
        "activation": Setting("relu", "relu", NOT_STATED),
        "tol": Setting(1e-4, 1e-4, NOT_STATED),
    },
}
# What decides an experiment beside its own settings: the images, and the autoencoder of features.
BUILDS_ON = {"C2": ("C",), "C3": ("C",), "C4": ("C",), "C5": ("C", "C4")}


def rate_names(settings: Values) -> list[str]:
    """Return the learning rates of C5, as configurations have them."""
    return [f"{rate:g}" for rate in settings["C5"]["learning_rate"]]


def check(settings: Values) -> None:
    """Raise for settings that cannot be trained with."""
    for experiment, values in settings.items():
        for name, value in values.items():
            if experiment in SETTINGS:
                _check_value(f"{experiment}.{name}", value)
    check_distinct(rate_names(settings), "the values of C5.learning_rate")
    samples, available = settings["C"]["train_samples"], SETTINGS["C"]["train_samples"].full
    folds, least = settings["C3"]["folds"], _least_samples(settings)
    if folds < 2:
        raise InvalidValueError("C3.folds must be at least 2", folds, "raise it")
    if not least <= samples <= available:
        raise InvalidValueError(
            f"C.train_samples must be in [{least}, {available}], so that all folds but one fill "
            "the largest batch",
            samples,
            "change it",
        )


def _least_samples(settings: Values) -> int:
    batches = [*settings["C3"]["batch_size"], BEST["batch_size"]]
    largest = int(max(batches + [settings[name]["batch_size"] for name in ("C2", "C4", "C5")]))
    folds = max(2, int(settings["C3"]["folds"]))
    return max(50 * folds, 10 + largest * folds // (folds - 1))  # every class in every fold


_NAMES = {"solver": ("adam", "sgd"), "activation": (*ACTIVATIONS, "logistic")}


def _check_value(name: str, value: Any) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, str):
            known = _NAMES[name.partition(".")[2]]
            allowed, rule = item in known, f"one of {', '.join(known)}"
        elif isinstance(item, int):
            allowed, rule = item >= 1, "an integer of at least 1"
        else:
            allowed, rule = 0 < item < np.inf, "a positive number"
        if not allowed:
            raise InvalidValueError(f"{name} must be {rule}", item, "change it")
