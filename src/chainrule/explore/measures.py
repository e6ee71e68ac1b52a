"""What holds over all rows of the data: figures, confusions, and how reliable probabilities are.

Bins of probabilities are [low, high), and the last is [low, 1]. The page's scripts have the same
rule, so a row is in one and the same bin on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from chainrule._types import Array
from chainrule.estimators.log_loss import log_likelihood, log_softmax
from chainrule.explore.content import Bin, Figures

N_BINS = 10


def probabilities_of(outputs: Array) -> Array:
    """Return each class's probability, (n, n_classes); one output is the second of two classes'."""
    if outputs.shape[1] > 1:
        return outputs
    return np.hstack([1 - outputs, outputs])


def confusion(truth: Array, probabilities: Array) -> list[list[int]]:
    """Return how often each class (row) was taken for each class (column)."""
    n = probabilities.shape[1]
    cells = np.bincount(truth * n + probabilities.argmax(axis=1), minlength=n * n)
    counts: list[list[int]] = cells.reshape(n, n).tolist()
    return counts


def reliability(hits: Array, confidence: Array) -> list[Bin]:
    """Return the reliability curve: bins of equal width in [0, 1], those without rows left out.

    Parameters
    ----------
    hits : array of shape (n,) of bool
        Which predictions hold.
    confidence : array of shape (n,)
        The probability that each was given. Guo, Pleiss, Sun and Weinberger, "On calibration of
        modern neural networks", 2017, figure 1.
    """
    places = np.searchsorted(np.arange(1, N_BINS) / N_BINS, confidence, side="right")
    bins = []
    for place in np.unique(places).tolist():
        there = places == place
        bins.append(
            Bin(
                low=place / N_BINS,
                high=(place + 1) / N_BINS,
                n=int(there.sum()),
                confidence=float(confidence[there].mean(dtype=np.float64)),
                accuracy=float(hits[there].mean()),
            )
        )
    return bins


def _of_classes(truth: Array, outputs: Array, logits: Array) -> dict[str, float]:
    said = probabilities_of(outputs).argmax(axis=1)
    return {"accuracy": float((said == truth).mean()), "log_loss": _log_loss(truth, logits)}


def _of_labels(truth: Array, outputs: Array, logits: Array) -> dict[str, float]:
    there = truth > 0.5
    right = (outputs > 0.5) == there
    return {
        "accuracy": float(right.all(axis=1).mean()),
        "label_accuracy": float(right.mean()),
        "log_loss": _log_loss(there.ravel().astype(int), logits.reshape(-1, 1)),
    }


def _log_loss(truth: Array, logits: Array) -> float:
    if logits.shape[1] == 1:  # a logistic function is a softmax beside a logit of 0
        logits = np.hstack([np.zeros_like(logits), logits])
    return 0.0 - float(log_likelihood(truth, log_softmax(logits)).mean())


def _of_numbers(truth: Array, outputs: Array) -> dict[str, float]:
    # In float64, as squares of large numbers overflow in float32.
    truth, outputs = truth.astype(np.float64), outputs.astype(np.float64)
    return {
        "r2": float(r2_score(truth, outputs)) if len(truth) > 1 else math.nan,
        "rmse": float(root_mean_squared_error(truth, outputs)),
        "mae": float(mean_absolute_error(truth, outputs)),
    }


def _of_reconstructions(truth: Array, outputs: Array) -> dict[str, float]:
    lost = float((np.subtract(truth, outputs, dtype=np.float64) ** 2).sum())
    spread = float(((truth - truth.mean(axis=0, dtype=np.float64)) ** 2).sum())
    return {"r2": 1 - lost / spread if spread else math.nan, "mse": lost / truth.size}


_MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "classification": _of_classes,
    "multilabel": _of_labels,
    "regression": _of_numbers,
    "autoencoder": _of_reconstructions,
}


def figures(task: str, truth: Array, *outputs: Array) -> Figures:
    """Return how good outputs are, by name; None for what is not defined.

    Parameters
    ----------
    task : str
        What the model does.
    truth : array
        The numbers of classes, 0 and 1 for each label, or numbers in the target's units; of an
        autoencoder its input.
    *outputs : array of shape (n, n_outputs)
        Probabilities and the logits that they come from, or numbers in the same units.
    """
    found = _MEASURES[task](truth, *outputs)
    return {name: value if math.isfinite(value) else None for name, value in found.items()}
