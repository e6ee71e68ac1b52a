"""The settings of ``chainrule train`` beside others, on scikit-learn's bundled data sets.

Each data set is split ten times: a fifth is held out, an eighth of the rest decides when to stop.
Inputs are standardised. The others learn from both parts: a linear model, scikit-learn's MLP as it
is, and with early stopping, which holds a tenth out. Prints means over the splits, on held-out
rows: accuracy and log loss, or R².
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from chainrule.preparation import defaults
from chainrule.runs.settings import ESTIMATORS
from chainrule.study.environment import environment

SPLITS = 10
DATA = ("iris", "wine", "breast_cancer", "digits", "diabetes")


def splits(X: Any, y: Any, *, classes: bool) -> Iterator[list[tuple[Any, Any]]]:
    """Yield the parts learnt from, stopping and held out of each split, as (X, y)."""
    for seed in range(SPLITS):
        by = y if classes else None
        rest, held_out = train_test_split(
            np.arange(len(y)), test_size=0.2, random_state=seed, stratify=by
        )
        learn, stop = train_test_split(
            rest, test_size=0.125, random_state=seed, stratify=y[rest] if classes else None
        )
        Z = StandardScaler().fit(X[learn]).transform(X)
        numbers = y if classes else (y - y[learn].mean()) / y[learn].std()
        yield [(Z[part], numbers[part]) for part in (learn, stop, held_out)]


def ours(task: str, learn: Any, stop: Any, seed: int) -> Any:
    """Fit as a run does."""
    (X, y), (X_val, y_val) = learn, stop
    chosen = defaults.settings(task, len(X), X.shape[1], stops=True, given={})
    return ESTIMATORS[task](**chosen, random_state=seed).fit(X, y, X_val=X_val, y_val=y_val)


def others(task: str) -> dict[str, Any]:
    """Return what is set beside it."""
    if task == "regression":
        linear, mlp = Ridge(), MLPRegressor
    else:
        linear, mlp = LogisticRegression(max_iter=1000), MLPClassifier
    return {
        "a linear model": linear,
        "scikit-learn's MLP": mlp(max_iter=500, random_state=0),
        "with early stopping": mlp(max_iter=500, early_stopping=True, random_state=0),
    }


def scores(model: Any, X: Any, y: Any, task: str) -> tuple[float, float]:
    """Return accuracy and log loss, or R² and NaN."""
    if task == "regression":
        return model.score(X, y), float("nan")
    shares = model.predict_proba(X).astype(float)
    return model.score(X, y), log_loss(y, shares / shares.sum(axis=1, keepdims=True))


def main() -> None:
    for name, value in environment().items():
        print(f"{name}: {value}")
    for data in DATA:
        X, y = getattr(datasets, f"load_{data}")(return_X_y=True)
        task = "regression" if data == "diabetes" else "classification"
        found: dict[str, list[tuple[float, float]]] = {}
        parts = splits(X, y, classes=task == "classification")
        for seed, (learn, stop, held_out) in enumerate(parts):
            fitted = {"chainrule train": ours(task, learn, stop, seed)}
            both = [np.concatenate(pair) for pair in zip(learn, stop, strict=True)]
            fitted |= {name: model.fit(*both) for name, model in others(task).items()}
            for name, model in fitted.items():
                found.setdefault(name, []).append(scores(model, *held_out, task))
        print(f"\n{data}, {len(y):,} rows")
        for name, pairs in found.items():
            score, loss = (statistics.fmean(column) for column in zip(*pairs, strict=True))
            print(f"  {name:20} {score:.4f}" + ("" if np.isnan(loss) else f"  log loss {loss:.4f}"))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
