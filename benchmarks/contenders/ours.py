"""chainrule, as its users call it: float32, with the threads that it takes by itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.contenders.base import Timed
from benchmarks.contenders.estimators import Estimators
from benchmarks.workload import Workload
from chainrule import MLPAutoencoder, MLPClassifier


class Chainrule(Estimators):
    """The estimators; the grid as ``chainrule reproduce`` searches it."""

    def estimator(self, workload: Workload, parameters: dict[str, Any]) -> Any:
        if workload.reconstructs:
            return MLPAutoencoder(mirrored=False, **parameters)
        return MLPClassifier(**parameters)

    def fit(self, model: Any, X: Any, y: Any) -> Any:
        return model.fit(X) if y is X else model.fit(X, y)

    def grid(self, workload: Workload) -> Timed:
        from benchmarks.search import JOBS, SECTION, settings
        from chainrule.reproduction.section_c.grid_search import search_trials
        from chainrule.reproduction.section_c.libraries import OURS
        from chainrule.study.pools.threads import ThreadPool
        from chainrule.study.runner import Silent, fixed, run
        from chainrule.study.store import Store

        values, data = settings(workload), SECTION.load(None)
        trials = search_trials(values, OURS, 0, data.images.digest)["grid"]

        def timed(searches: int) -> float:
            begun = perf_counter()
            for _ in range(searches):
                with tempfile.TemporaryDirectory() as home, Store(Path(home, "t.sqlite")) as store:
                    run(
                        fixed(trials),
                        SECTION.execute,
                        data,
                        store,
                        pool=ThreadPool(JOBS),
                        resume=False,
                        listener=Silent(),
                    )
            return perf_counter() - begun

        return timed
