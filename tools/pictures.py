"""Draws the displays' pictures for docs/images: tools/pictures.py FOLDER."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import matplotlib as mpl
from sklearn.exceptions import ConvergenceWarning

from chainrule import LossCurveDisplay, MLPClassifier, WeightsDisplay, load_mnist


def main(folder: str) -> None:
    mpl.use("Agg")
    mnist = load_mnist()
    X, y = mnist.X_train[:10000], mnist.y_train[:10000]
    net = MLPClassifier(
        (64,), alpha=1.0, input_scaling="minmax", max_iter=60, early_stopping=True, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        net.fit(X[:8000], y[:8000], X_val=X[8000:], y_val=y[8000:])
    curves = LossCurveDisplay.from_estimator(net)
    curves.figure_.savefig(Path(folder, "loss-curve.png"), dpi=110)
    weights = WeightsDisplay.from_estimator(net)
    weights.figure_.savefig(Path(folder, "weights.png"), dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:])
