"""scikit-learn's MLP, on float64 as it mostly gets its data, and on float32."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.contenders.base import Timed
from benchmarks.contenders.estimators import Estimators
from benchmarks.workload import Workload


class Float32(Estimators):
    """The estimators; the grid by ``GridSearchCV`` in two processes."""

    def estimator(self, workload: Workload, parameters: dict[str, Any]) -> Any:
        return (MLPRegressor if workload.reconstructs else MLPClassifier)(**parameters)

    def grid(self, workload: Workload) -> Timed:
        from benchmarks.search import JOBS, SECTION, grid, settings

        own, images = settings(workload)["C3"], SECTION.load(None).images
        n = workload.n_samples
        X = (images.X_train[:n].reshape(n, -1) / 255).astype(self.dtype)
        search = GridSearchCV(
            MLPClassifier(
                workload.hidden, workload.activation, max_iter=workload.epochs, random_state=0
            ),
            grid(workload),
            scoring="neg_log_loss",
            cv=own["folds"],
            n_jobs=JOBS,
            refit=False,
        )
        # joblib's processes stay; their start is no part of a search.
        Parallel(JOBS)(delayed(_warm)() for _ in range(JOBS))

        def timed(searches: int) -> float:
            begun = perf_counter()
            for _ in range(searches):
                search.fit(X, images.y_train[:n])
            return perf_counter() - begun

        return timed


class Float64(Float32):
    """What scikit-learn does where nobody thinks of dtypes."""

    dtype = np.dtype(np.float64)


def _warm() -> None:
    MLPClassifier((2,), max_iter=1).fit(np.eye(2), [0, 1])
