"""What chainrule's and scikit-learn's contenders share: estimators with the same parameters."""

from __future__ import annotations

from abc import abstractmethod
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.contenders.base import Contender, Timed
from benchmarks.workload import L2, RATE, Workload


class Estimators(Contender):
    """Times ``fit`` and ``predict_proba``."""

    dtype = np.dtype(np.float32)

    @abstractmethod
    def estimator(self, workload: Workload, parameters: dict[str, Any]) -> Any:
        """Return an estimator for a workload."""

    def train(self, workload: Workload) -> Timed:
        X = self.X.astype(self.dtype, copy=False)
        y = X if workload.reconstructs else self.y

        def timed(epochs: int) -> float:
            model = self._model(workload, epochs)
            begun = perf_counter()
            self.fit(model, X, y)
            return perf_counter() - begun

        return timed

    def fit(self, model: Any, X: Any, y: Any) -> Any:
        """Fit a model."""
        return model.fit(X, y)

    def predict(self, workload: Workload) -> Timed:
        X = self.X.astype(self.dtype, copy=False)
        model = self.fit(self._model(workload, 1), X, self.y)
        rows = np.resize(X, (workload.n_rows, workload.n_features))

        def timed(calls: int) -> float:
            begun = perf_counter()
            for _ in range(calls):
                model.predict_proba(rows)
            return perf_counter() - begun

        return timed

    def _model(self, workload: Workload, epochs: int) -> Any:
        parameters = {
            "hidden_layer_sizes": workload.hidden,
            "activation": workload.activation,
            "alpha": L2,
            "batch_size": workload.batch_size,
            "learning_rate_init": RATE,
            "max_iter": epochs,
            "n_iter_no_change": np.inf,
            "random_state": 0,
        }
        return self.estimator(workload, parameters)
