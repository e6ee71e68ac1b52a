"""Fits by L-BFGS: all samples at once, in float64, with a line search."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from chainrule._warnings import warn
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import PenaltyPerSample
from chainrule.engine.schedules import Clock
from chainrule.estimators.fitting import (
    INTERRUPTED,
    Fitting,
    best_epoch,
    check_finite_loss,
)
from chainrule.training.evaluator import Measured
from chainrule.training.full_batch import FullBatch, lbfgs
from chainrule.training.history import Epoch
from chainrule.training.loop import check_memory
from chainrule.training.source import Source

# Numbers for each parameter: the objective's, and those of SciPy's L-BFGS-B, which keeps ten steps
# and ten changes of the gradient.
VECTORS = 4 + 25


class QuasiNewtonFitting(Fitting):
    """A fit by L-BFGS: nothing is held out and nothing stopped early, as in scikit-learn."""

    has_epochs = False

    def _check_memory(self) -> None:
        check_memory(replace(self.spec, dtype="float64"), VECTORS)

    def train(self) -> None:
        draft, fitted = self.draft, self.fitted
        # In float64 whatever the dtype: a line search needs the digits.
        spec = replace(uncapped(fitted.params).spec, dtype="float64")
        exact = Parameters(spec, fitted.params.flat.astype(np.float64))  # a copy in any case
        source = self.source if self.spec.dtype == "float64" else self._exact_source()
        objective = FullBatch(
            exact, source, PenaltyPerSample(l2=float(draft.alpha)), self.targets.loss_scale
        )
        after_iteration = self._recorder(objective, exact)
        self._forget_other_solvers()
        try:
            result = lbfgs(
                objective,
                max_iter=draft.max_iter,
                max_fun=draft.max_fun,
                tol=draft.tol,
                after_iteration=after_iteration,
            )
        except KeyboardInterrupt:
            warn(INTERRUPTED)
        else:
            check_finite_loss(float(result.fun), "training loss")
            fitted.params.flat[:] = exact.flat
            draft.loss_ = float(result.fun)
            draft.n_iter_ = min(int(result.nit), draft.max_iter)
            if result.status != 0:
                warn(
                    f"lbfgs failed to converge (status={result.status}): {result.message}. "
                    "Increase max_iter or max_fun, or scale the data.",
                    ConvergenceWarning,
                )
        draft.best_epoch_ = best_epoch(draft.history_)

    def _recorder(self, objective: FullBatch, exact: Parameters) -> Callable[[float], None]:
        """Return what keeps the weights and writes a row of the history after each iteration."""
        draft, fitted, measure = self.draft, self.fitted, self.measure()
        draft.n_iter_, begun = 0, perf_counter()

        def after_iteration(value: float) -> None:
            nonlocal begun
            fitted.params.flat[:] = exact.flat
            draft.n_iter_ += 1
            draft.loss_ = value
            measured = measure() if measure is not None else Measured(None)
            penalty = objective.penalty_value()
            draft.history_.epochs.append(
                Epoch(
                    epoch=len(draft.history_) + 1,
                    train_loss=value - penalty,
                    validation_loss=measured.loss,
                    scores=dict(measured.scores),
                    learning_rate=math.nan,
                    seconds=perf_counter() - begun,
                    penalty=penalty,
                )
            )
            begun = perf_counter()
            if draft.verbose:
                print(f"Iteration {draft.n_iter_}, loss = {value:.8f}")

        return after_iteration

    def _forget_other_solvers(self) -> None:
        # What an earlier solver has left is of other weights, and has no meaning here.
        attributes, fitted = vars(self.draft), self.fitted
        fitted.optimizer = fitted.state = fitted.convergence = None
        fitted.clock = Clock()
        for name in ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_"):
            attributes.pop(name, None)
        attributes.setdefault("loss_", math.nan)

    def _exact_source(self) -> Source:
        source, fitted = self.source, self.fitted
        encoded = self.data.encoded
        if encoded is not None and encoded.dtype == self.spec.np_dtype:
            encoded = encoded.astype(np.float64)
        exact: Source = self.draft._make_source(
            source.X, encoded, scaling=fitted.scaling, weight=source.weight
        )
        return exact


def uncapped(params: Parameters) -> Parameters:
    """Return the same parameters under a loss that its gradient belongs to everywhere."""
    loss: Any = params.spec.loss
    if getattr(loss, "cap", math.inf) == math.inf:
        return params
    return Parameters(replace(params.spec, loss=replace(loss, cap=math.inf)), params.flat)
