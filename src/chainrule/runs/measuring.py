"""How well a model does on rows, and a constant guess on the same rows; a piece at a time.

The baseline is as good as a constant can be, in accuracy or squared error: the most frequent class,
or the mean, *of the very rows that are measured*. A model whose R² is above 0 beats it. Whether a
difference is more than luck says an exact sign test: on how many rows is the model nearer to the
truth, on how many the baseline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import (
    mean_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from chainrule._types import Array
from chainrule.datasets.tables import Piece, Table
from chainrule.estimators.log_loss import log_likelihood
from chainrule.preparation import Notes
from chainrule.preparation.cells import to_texts
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.writing import finite_predictions

CHANCE = 0.025  # a model that is better by luck alone passes for better as rarely as this
CONFIDENCE = 0.95  # of the interval of the accuracy

Figures = dict[str, Any]  # by name: numbers, texts, lists of such


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a model makes of some rows.

    Attributes
    ----------
    piece : Piece
        The rows as they are in the file.
    X : array of shape (n, n_features)
        The same prepared.
    truth : array of shape (n,) or None
        What is to be predicted: the number of the class, or a number in the target's units.
    found : array of shape (n, n_classes), (n,) or (n, n_features)
        Probabilities; numbers in the target's units; an autoencoder's reconstruction of X.
    log_likelihood : array of shape (n,) or None
        The logarithm of the probability of each row's true class; None where there are no classes.
    """

    piece: Piece
    X: Array
    truth: Any
    found: Array
    log_likelihood: Array | None = None

    def of(self, rows: Array) -> Outputs:
        """Return some of the rows, by their numbers."""
        columns = {name: values[rows] for name, values in self.piece.columns.items()}
        truth, likelihood = (
            None if values is None else values[rows] for values in (self.truth, self.log_likelihood)
        )
        return Outputs(Piece(columns, 0), self.X[rows], truth, self.found[rows], likelihood)


def outputs(model: BaseTableModel, table: Table, notes: Notes) -> Iterator[Outputs]:
    """Yield what a model makes of a table with its truth, a piece at a time.

    Raises
    ------
    InvalidValueError
        If a number of the model's is not finite.
    """
    preparation = model.preparation_
    for piece in preparation.pieces(table):
        X = preparation.transform(piece, notes)
        with finite_predictions(table.name) as check:
            some = Outputs(piece, X, *_predicted(model, piece, X, notes))
            check({"found": some.found})
        yield some


def _predicted(model: BaseTableModel, piece: Piece, X: Array, notes: Notes) -> tuple[Any, ...]:
    preparation, estimator = model.preparation_, model.network_
    if model.task == "autoencoder":
        return None, estimator.predict(X)
    truth = preparation.truth(piece, notes)
    if model.task == "regression":
        return truth, preparation.in_units(estimator.predict(X))
    codes = np.searchsorted(model.classes_, truth)
    likelihood = log_likelihood(codes, estimator.predict_log_proba(X))
    return codes, estimator.predict_proba(X), likelihood


class Measures(Protocol):
    """Collects what it needs of each piece, and works out figures at the end."""

    def add(self, some: Outputs) -> None:
        """Take the next rows."""

    def figures(self) -> Figures:
        """Return what is known of all of them."""


class ClassMeasures:
    """Of a classifier.

    Parameters
    ----------
    model : BaseTableModel
        It knows its classes.
    """

    def __init__(self, model: BaseTableModel) -> None:
        self.classes = [str(text) for text in to_texts(np.asarray(model.classes_))]
        self._truth: list[Array] = []
        self._said: list[Array] = []
        self._of_last: list[Array] = []
        self._loss = 0.0

    def add(self, some: Outputs) -> None:
        assert some.log_likelihood is not None
        self._truth.append(some.truth.astype(np.int32))
        self._said.append(some.found.argmax(axis=1).astype(np.int32))
        self._of_last.append(some.found[:, -1].astype(np.float32))
        self._loss -= float(some.log_likelihood.sum())

    def figures(self) -> Figures:
        truth, said = np.concatenate(self._truth), np.concatenate(self._said)
        n, k = len(truth), len(self.classes)
        counts = np.bincount(truth, minlength=k)
        frequent, hits = int(counts.argmax()), truth == said
        constant = truth == frequent
        there = counts[counts > 0] / n
        interval = binomtest(int(hits.sum()), n).proportion_ci(CONFIDENCE, method="wilson")
        precision, recall, f1, _ = precision_recall_fscore_support(
            truth, said, labels=np.arange(k), zero_division=np.nan
        )
        return {
            "n": n,
            "accuracy": float(hits.mean()),
            "interval": [float(interval.low), float(interval.high)],
            "balanced_accuracy": float(recall[counts > 0].mean()),
            "macro_f1": float(np.nanmean(f1)),
            "log_loss": self._loss / n,
            **({"roc_auc": self._area(truth)} if k == 2 else {}),
            "baseline": {
                "class": self.classes[frequent],
                "accuracy": float(constant.mean()),
                "log_loss": float((there * np.log(1 / there)).sum()),
            },
            "verdict": verdict(
                wins=int((hits & ~constant).sum()), losses=int((constant & ~hits).sum())
            ),
            "classes": [
                {
                    "name": name,
                    "n": int(counts[i]),
                    "precision": _defined(precision[i]),
                    "recall": _defined(recall[i]),
                    "f1": _defined(f1[i]),
                }
                for i, name in enumerate(self.classes)
            ],
            "confusion": np.bincount(truth * k + said, minlength=k * k).reshape(k, k).tolist(),
        }

    def _area(self, truth: Array) -> float | None:
        if len(np.unique(truth)) < 2:
            return None
        return float(roc_auc_score(truth, np.concatenate(self._of_last)))


def _defined(value: float) -> float | None:
    """Return a score; None where rows that lack a class leave it undefined."""
    return None if math.isnan(value) else float(value)


class NumberMeasures:
    """Of a regressor."""

    def __init__(self, model: BaseTableModel) -> None:
        self._truth: list[Array] = []
        self._found: list[Array] = []

    def add(self, some: Outputs) -> None:
        self._truth.append(np.asarray(some.truth, np.float64))
        self._found.append(some.found)

    def figures(self) -> Figures:
        truth, found = np.concatenate(self._truth), np.concatenate(self._found)
        mean = np.full(len(truth), truth.mean())
        gain = (truth - mean) ** 2 - (truth - found) ** 2
        varies = len(truth) > 1 and bool(np.ptp(truth))
        return {
            "n": len(truth),
            "r2": float(r2_score(truth, found)) if varies else None,
            "rmse": float(root_mean_squared_error(truth, found)),
            "mae": float(mean_absolute_error(truth, found)),
            "baseline": {
                "mean": float(mean[0]),
                "rmse": float(root_mean_squared_error(truth, mean)),
                "mae": float(mean_absolute_error(truth, mean)),
            },
            "verdict": verdict(
                wins=int((gain > 0).sum()),
                losses=int((gain < 0).sum()),
                gain=float(gain.mean()),
            ),
        }


class ReconstructionMeasures:
    """Of an autoencoder: squared errors of the prepared columns, each sample's mean over them."""

    def __init__(self, model: BaseTableModel) -> None:
        self.names = model.preparation_.feature_names
        self._n = 0
        self._lost = self._sum = self._squares = np.zeros(len(self.names))

    def add(self, some: Outputs) -> None:
        X = some.X.astype(np.float64)
        self._n += len(X)
        self._lost = self._lost + ((X - some.found) ** 2).sum(axis=0)
        self._sum = self._sum + X.sum(axis=0)
        self._squares = self._squares + (X**2).sum(axis=0)

    def figures(self) -> Figures:
        variation = np.maximum(self._squares - self._sum**2 / self._n, 0)
        lost, total = float(self._lost.sum()), float(variation.sum())
        numbers = self._n * len(self.names)
        varies = variation > 1e-9 * np.maximum(self._squares, 1e-300)
        return {
            "n": self._n,
            "r2": 1 - lost / total if total else None,
            "mse": lost / numbers,
            "baseline": {"mse": total / numbers},
            "verdict": "better" if lost < total else "not better",
            "features": [
                {"name": name, "r2": float(1 - part / whole) if there else None}
                for name, part, whole, there in zip(
                    self.names, self._lost, variation, varies, strict=True
                )
            ],
        }


MEASURES: dict[str, Callable[[BaseTableModel], Measures]] = {
    "classification": ClassMeasures,
    "regression": NumberMeasures,
    "autoencoder": ReconstructionMeasures,
}


def verdict(*, wins: int, losses: int, gain: float | None = None) -> str:
    """Return what rows say about a model beside the baseline.

    Parameters
    ----------
    wins, losses : int
        Rows on which the model, or the baseline, is nearer to the truth.
    gain : float, optional
        By how much the model's error is smaller; that of wins and losses if left out.

    Returns
    -------
    {"better", "perhaps", "not better"}
        "perhaps": it is better on these rows, but that may be luck.
    """
    if (wins - losses if gain is None else gain) <= 0:
        return "not better"
    test = binomtest(wins, wins + losses, alternative="greater")
    return "better" if test.pvalue <= CHANCE else "perhaps"
