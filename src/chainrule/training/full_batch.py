"""The loss and gradient over all data at once, and L-BFGS on them.

All data is still taken a batch at a time: what is added up are the batches' means, weighted by
their samples, so that memory does not grow with the data.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from chainrule._types import Array
from chainrule.engine.network import backpropagate, quiet
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Penalty
from chainrule.engine.workspace import Workspace
from chainrule.training.source import Source

ROWS = 1000  # a batch of the sum: large enough for BLAS, small in memory


class FullBatch:
    """A function of the parameters: mean loss with its penalty, and the gradient of both.

    Parameters
    ----------
    params : Parameters
        Read at each call.
    source : Source
        All data.
    penalty : Penalty
        Added once.
    loss_scale : float
        What the mean loss, and with it its gradient, is multiplied by.

    Attributes
    ----------
    gradient : Parameters
        Of the last call.
    """

    def __init__(
        self, params: Parameters, source: Source, penalty: Penalty, loss_scale: float = 1.0
    ) -> None:
        self.params, self.source, self.penalty = params, source, penalty
        self.loss_scale = loss_scale
        self.gradient = Parameters(params.spec)
        _, weight = source.checked(params.spec, source.rows, labelled=True)
        self.samples = len(source) if weight is None else float(weight.sum())
        self._part = Parameters(params.spec)
        self._work = Workspace(params.spec, min(len(source), ROWS))
        self._scratch = np.empty_like(params.weights)

    @quiet()
    def __call__(self) -> float:
        """Return the value; the gradient is then in :attr:`gradient`."""
        total = 0.0
        self.gradient.flat[:] = 0
        for work, y, weight in self.source.batches(self._work, labelled=True):
            share = work.capacity if weight is None else float(weight.sum())
            if share == 0:
                continue
            share *= self.loss_scale / self.samples
            total += share * backpropagate(self.params, work, y, self._part, weight=weight)
            self._part.flat *= share
            self.gradient.flat += self._part.flat
        penalty = self.penalty.add(self.params, self.gradient, self._scratch, self.samples)
        return total + penalty

    def penalty_value(self) -> float:
        """Return the penalty of the parameters as they are now."""
        return self.penalty.add(self.params, self._part, self._scratch, self.samples)


def lbfgs(
    objective: FullBatch,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    after_iteration: Callable[[float], None],
) -> OptimizeResult:
    """Minimise with limited-memory BFGS, in place.

    Parameters
    ----------
    objective : FullBatch
        Its parameters, in float64, start the search and end as the best that was found.
    max_iter, max_fun : int
        The largest number of iterations and of calls of the objective.
    tol : float
        Stop where no component of the gradient is larger.
    after_iteration : callable
        Given the value after each iteration; the parameters are then those of the iteration.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As SciPy gives it.
    """
    flat = objective.params.flat

    def value_and_gradient(vector: Array) -> tuple[float, Array]:
        flat[:] = vector
        return objective(), objective.gradient.flat.copy()

    def callback(intermediate_result: OptimizeResult) -> None:
        flat[:] = intermediate_result.x
        after_iteration(float(intermediate_result.fun))

    result = minimize(
        value_and_gradient,
        flat.copy(),
        method="L-BFGS-B",
        jac=True,
        callback=callback,
        options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
    )
    flat[:] = result.x
    return result
