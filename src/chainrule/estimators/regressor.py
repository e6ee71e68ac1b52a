"""The regressor."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval
from sklearn.utils.metaestimators import available_if

from chainrule._types import Array
from chainrule.engine.initializers import Initializer
from chainrule.engine.losses import Loss
from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Schedule
from chainrule.estimators.measuring import Scoring
from chainrule.estimators.mlp import BaseMLP, is_stochastic, set_parameters
from chainrule.estimators.parameter_errors import Names
from chainrule.estimators.parameters import documented
from chainrule.estimators.settings import REGRESSION_LOSSES, ActivationLike, regression_loss
from chainrule.estimators.target_validation import column_as_1d, numbers_of, present
from chainrule.estimators.targets import Numbers, Targets
from chainrule.estimators.validation import check_unmasked
from chainrule.training.callbacks import Callback


@documented
class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """Multilayer perceptron regressor: scikit-learn's, and what its users have asked for.

    It predicts one or several numbers, or quantiles of them. With ``dtype="float64"`` the same
    ``random_state`` gives scikit-learn's weights, L-BFGS with several outputs excepted: there
    scikit-learn's gradient is too large by their number, and this one is not.

    {parameters}

    Attributes
    ----------
    {attributes}

    Examples
    --------
    >>> from chainrule import MLPRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> net = MLPRegressor(solver="lbfgs", alpha=1, input_scaling="standard", random_state=0)
    >>> net.set_params(max_iter=30, tol=1).fit(X, y).score(X, y) > 0.5
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseMLP._parameter_constraints,
        "loss": [Names(REGRESSION_LOSSES), Loss],
        "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    }

    def __init__(
        self,
        loss: str | Loss = "squared_error",
        hidden_layer_sizes: int | Sequence[int] | Array = (100,),
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        quantile: float | Sequence[float] | Array = 0.5,
        weight_init: str | Initializer = "auto",
        dropout: float | Sequence[float] | Array = 0.0,
        input_dropout: float = 0.0,
        l1: float = 0.0,
        weight_decay: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        scoring: Scoring = None,
        input_scaling: Literal["standard", "minmax", "robust"] | None = None,
        dtype: Literal["auto", "float32", "float64"] = "float32",
        callbacks: Callback | Sequence[Callback] | None = None,
        checkpoint: str | Path | None = None,
        progress: bool = False,
        n_threads: int | None = None,
    ) -> None:
        set_parameters(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Learn from samples with known targets, anew unless ``warm_start`` is set.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples. Arrays of any number type, memory maps too, are taken a batch at a time.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        X_val, y_val : array-like, optional
            Validation data, measured after each epoch; nothing is then held out of ``X``.

        Returns
        -------
        MLPRegressor
            Itself.
        """
        return self._fit(X, y, sample_weight, X_val, y_val)

    @available_if(is_stochastic)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.

        Returns
        -------
        MLPRegressor
            Itself.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def _checked_targets(self, y: Any, name: str) -> Any:
        return column_as_1d(numbers_of(y, name), name)

    def _targets(self, y: Any, dtype: np.dtype, classes: Any) -> Targets:
        return Numbers(regression_loss(self), 1 if y.ndim == 1 else y.shape[1])

    def _known_targets(self, targets: Any, y: Any) -> Targets:
        return Numbers(regression_loss(self), targets.n_columns)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R², or where several quantiles are predicted their mean D² of the pinball loss.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Targets.
        sample_weight : array-like of shape (n_samples,), optional
            Weights.
        """
        y, fitted = present(y, "y"), self._known_state()
        check_unmasked(sample_weight, "sample_weight")
        targets = fitted.targets
        assert isinstance(targets, Numbers)
        given = numbers_of(np.asarray(y), "y")
        return targets.score(given, self._outputs(X, fitted), sample_weight, loss=np.nan)
