"""What all trainings of section C share: names, an estimator's parameters, the images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.reproduction.section_c.data import Data
from chainrule.reproduction.section_c.libraries import OURS, Samples
from chainrule.study.trial import Trial


def ending(library: str) -> tuple[str, ...]:
    """Return how names of configurations end: a peer's have its name."""
    return () if library == OURS else (library,)


def parameters(settings: Mapping[str, Any], seed: int, **more: Any) -> dict[str, Any]:
    """Return estimators' parameters for a trial: its epochs, and when to stop before."""
    return {
        "max_iter": settings["epochs"],
        "random_state": seed,
        # Without a tolerance every epoch is run, as curves over all of them show.
        "tol": settings.get("tol", 0),
        "n_iter_no_change": 10 if "tol" in settings else np.inf,
        **more,
    }


def steps(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return estimators' parameters for the steps of a trial without a choice of solver."""
    return {
        "solver": "adam",
        "batch_size": settings["batch_size"],
        "learning_rate_init": settings["learning_rate"],
    }


def samples_of(trial: Trial, data: Data, *, validation: bool) -> Samples:
    """Return a trial's training images, with the test images as validation data or without."""
    n, y_test = trial.settings["train_samples"], data.images.y_test
    held_out = (data.X_test, y_test) if validation else (None, None)
    return Samples(data.X_train[:n], data.images.y_train[:n], *held_out)
