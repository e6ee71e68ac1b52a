"""What the classifier, the regressor and the autoencoder share: validate -> build -> train.

Parameters, attributes and errors are scikit-learn's; what is beyond is in keyword-only parameters.
The work of a fit is in :mod:`~chainrule.estimators.fitting`, the meaning of parameters in
:mod:`~chainrule.estimators.settings`, the kinds of target in :mod:`~chainrule.estimators.targets`.
"""

from __future__ import annotations

import math
import operator
import reprlib
from abc import ABC, abstractmethod
from dataclasses import replace
from numbers import Integral
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
)

from chainrule._types import Array
from chainrule.engine.memory import within_memory
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import PenaltyPerSample
from chainrule.engine.spec import DTYPES
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators import settings
from chainrule.estimators.can_save import CanSave
from chainrule.estimators.effects import check_effects
from chainrule.estimators.fitting import Data, Fitted, Fitting, make_source
from chainrule.estimators.parameter_errors import KnownParameters, remedy
from chainrule.estimators.parameters import CONSTRAINTS
from chainrule.estimators.quasi_newton import QuasiNewtonFitting, uncapped
from chainrule.estimators.sklearn_callbacks import CallbackSupport, SklearnCallbacks, learnt
from chainrule.estimators.stochastic import StochasticFitting
from chainrule.estimators.target_validation import present, validated_targets
from chainrule.estimators.targets import Targets
from chainrule.estimators.validation import (
    check_in_dtype,
    check_unmasked,
    is_plain,
    naming,
    summable,
    validated,
    validated_as,
)
from chainrule.training.evaluator import Evaluator, sums_overflow
from chainrule.training.full_batch import FullBatch
from chainrule.training.source import Source


class BaseMLP(  # type: ignore[call-arg]
    KnownParameters,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    CallbackSupport,
    CanSave,
    BaseEstimator,  # type: ignore[misc]
    ABC,
    auto_wrap_output_keys=None,  # transform wraps what it returns itself, as it knows the layer
):
    """A multilayer perceptron with scikit-learn's face."""

    _parameter_constraints: ClassVar[dict[str, Any]] = CONSTRAINTS
    # scikit-learn's routing takes every argument for metadata of the samples.
    __metadata_request__transform: ClassVar[dict[str, str]] = {"layer": UNUSED}

    # -- what the kinds of estimator differ in -----------------------------------------------------

    @abstractmethod
    def _checked_targets(self, y: Any, name: str) -> Any:
        """Return validated targets as this kind of estimator takes them; ``name`` is theirs."""

    @abstractmethod
    def _targets(self, y: Any, dtype: np.dtype, classes: Any) -> Targets:
        """Return the kind of target that y is."""

    def _class_weight(self, y: Any, *, incremental: bool) -> Array | None:
        """Return a weight for each sample by its class; None for no such weights."""
        return None

    def _hidden_sizes(self) -> list[int]:
        """Return the widths of the hidden layers."""
        return settings.hidden_sizes(self.hidden_layer_sizes)

    def _make_source(self, X: Any, encoded: Any, **arguments: Any) -> Source:
        """Return a source of X and encoded targets; arguments as :func:`scaled_source`'s."""
        return make_source(X, encoded, **arguments)

    # -- checks of parameters and data -------------------------------------------------------------

    def _validate_params(self) -> None:
        try:
            super()._validate_params()
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error}{remedy(self, str(error))}") from None

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return X and y as arrays, checked as scikit-learn does; sets ``n_features_in_``."""
        X, y = validated(self, X, present(y, "y"), multi_output=True, reset=reset)
        return X, self._checked_targets(y, "y")

    def _checked_validation_data(self, X_val: Any, y_val: Any) -> tuple[Any, Any]:
        """Return validation data as arrays, checked as X and y are."""
        X_val = validated_as(self, X_val, "X_val")
        y_val = self._checked_targets(validated_targets(self, y_val, "y_val"), "y_val")
        samples = X_val.shape[0], y_val.shape[0]
        if samples[0] != samples[1]:
            raise InvalidValueError(
                "X_val and y_val must have the same number of samples",
                Words("{} and {}".format(*samples)),
                "pass a target for each sample",
            )
        return X_val, y_val

    # -- fitting -----------------------------------------------------------------------------------

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        *,
        incremental: bool = False,
        classes: Any = None,
        train: bool = True,
    ) -> Self:
        # Begun before the draft is made and ended after it is taken over: see the class's module.
        task = (
            SklearnCallbacks.begin(self, X, y, sample_weight, incremental=incremental)
            if train
            else None
        )
        goes_on = hasattr(self, "coefs_") and (self.warm_start or incremental)
        draft = self._copy() if goes_on else self._unfitted()
        with within_memory():
            fitting = draft._fitting(
                X,
                y,
                sample_weight,
                X_val,
                y_val,
                incremental=incremental,
                classes=classes,
                goes_on=goes_on,
            )
            if task is not None:
                fitting.listeners.append(task)
            if train:
                fitting.run()
        self.__dict__ = draft.__dict__
        if task is not None:
            task.end()
        return self

    def _fitting(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        X_val: Any,
        y_val: Any,
        *,
        incremental: bool,
        classes: Any,
        goes_on: bool,
    ) -> Fitting:
        check_effects(self)
        previous = self._state() if goes_on else None
        X, y = self._validated(X, y, reset=not goes_on)
        dtype = previous.params.spec.np_dtype if previous else DTYPES[self._network_dtype(X)]
        if previous is None:
            targets = self._targets(y, dtype, classes)
        else:
            targets = self._known_targets(previous.targets, y)
        data = self._data(X, y, sample_weight, targets, dtype, incremental=incremental)
        validation = self._validation_data(X_val, y_val, targets, dtype)
        given = (self.coefs_, self.intercepts_) if goes_on and previous is None else None
        kind = QuasiNewtonFitting if self.solver == "lbfgs" else StochasticFitting
        fitting = kind(self, data, validation, targets, incremental=incremental, previous=previous)
        if given is not None:  # weights that somebody has set by hand, before any fit
            overwrite(fitting.fitted.params, *given)
        return fitting

    def _known_targets(self, targets: Any, y: Any) -> Targets:
        """Return the targets of an earlier call, as the settings of this one want them."""
        known: Targets = targets
        return known

    def _data(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        targets: Targets,
        dtype: np.dtype,
        *,
        incremental: bool,
    ) -> Data:
        check_in_dtype(X, dtype, "X")
        weights: dict[str, Any] = {}
        if sample_weight is not None:
            check_unmasked(sample_weight, "sample_weight")
            weights["sample_weight"] = summable(_check_sample_weight(sample_weight, X))
        class_weight = self._class_weight(y, incremental=incremental)
        if class_weight is not None:
            weights["class_weight"] = class_weight
        weight = math.prod(weights.values()) if weights else None
        if weight is not None and not weight.any():
            raise InvalidValueError(
                f"{' times '.join(weights)} must have a weight that is not 0",
                Words("nothing but 0"),
                "give some samples a weight",
            )
        return Data(X, y, targets.encode(y, dtype), weight)

    def _validation_data(
        self, X_val: Any, y_val: Any, targets: Targets, dtype: np.dtype
    ) -> Data | None:
        if (X_val is None) != (y_val is None):
            given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise InvalidValueError(
                "X_val and y_val must be given together",
                Words(f"{given} alone"),
                f"pass {missing} too",
            )
        if X_val is None:
            return None
        X_val, y_val = self._checked_validation_data(X_val, y_val)
        check_in_dtype(X_val, dtype, "X_val")
        with naming("y_val"):
            targets.check_seen(y_val, warm_start=False, name="y_val")
        return Data(X_val, y_val, targets.encode(y_val, dtype, "y_val"), None)

    def _network_dtype(self, X: Any) -> Any:
        """Return the name of the dtype of a new network on X."""
        if self.dtype != "auto":
            return self.dtype
        return "float32" if X.dtype == np.float32 else "float64"

    # -- state -------------------------------------------------------------------------------------

    def _copy(self, *, without: str | None = None) -> Self:
        """Return a shallow copy: the same parameters and fitted attributes, one left out."""
        copy = object.__new__(type(self))
        copy.__dict__ = {name: value for name, value in vars(self).items() if name != without}
        return copy

    def _unfitted(self) -> Self:
        """Return a shallow copy without what fitting leaves behind."""
        copy = object.__new__(type(self))
        left_out = {"_fitted", *learnt(self)}
        copy.__dict__ = {name: value for name, value in vars(self).items() if name not in left_out}
        return copy

    def _state(self) -> Fitted | None:
        """Return the private state, with the weights that are in ``coefs_`` now.

        None where there are only weights that somebody has set by hand.
        """
        fitted: Fitted | None = getattr(self, "_fitted", None)
        if fitted is None:
            return None
        self._check_settled(fitted.targets)
        params = fitted.params
        if _are(self.coefs_, params.W) and _are(self.intercepts_, params.b):
            return fitted
        changed = Parameters(params.spec)
        overwrite(changed, self.coefs_, self.intercepts_)
        # The best so far, and running averages, are of other weights.
        return replace(fitted, params=changed, optimizer=None, state=None, convergence=None)

    def _check_settled(self, targets: Targets) -> None:
        """Raise if an attribute that is only told has been set to something else by hand."""
        for name, settled, instead in (
            ("out_activation_", targets.out_activation, "apply another function to predictions"),
            ("classes_", getattr(targets, "classes", None), "put others in place of predictions"),
        ):
            found = getattr(self, name, settled)
            if found is not settled and not _equal(found, settled):
                raise InvalidValueError(
                    f"{name} must stay {reprlib.repr(settled)}, as it was fitted",
                    found,
                    f"set it back, and {instead}",
                )

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())
        if "_fitted" in state:
            # Views would be pickled as copies: the flat vector is the state.
            state["_fitted"] = self._state()
            del state["coefs_"], state["intercepts_"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_fitted" in state:
            params = self._fitted.params
            self.coefs_, self.intercepts_ = list(params.W), list(params.b)

    # -- prediction --------------------------------------------------------------------------------

    def _source(self, X: Any, fitted: Fitted) -> Source:
        dtype = fitted.params.flat.dtype
        if not is_plain(self, X, dtype):
            X = validated(self, X, reset=False)
            check_in_dtype(X, dtype, "X")
        return make_source(X, scaling=fitted.scaling)

    def _known_state(self) -> Fitted:
        fitted = self._state()
        if fitted is None:
            check_is_fitted(self)
            raise NotFittedError(
                f"this {type(self).__name__} has weights but no network: call fit(X, y) or "
                "initialize(X, y) first"
            )
        return fitted

    def _raw(self, X: Any, fitted: Fitted) -> Array:
        return fitted.evaluated(Evaluator.raw, self._source(X, fitted))

    def _outputs(self, X: Any, fitted: Fitted) -> Array:
        return fitted.evaluated(Evaluator.predict, self._source(X, fitted))

    def predict(self, X: Any) -> Any:
        """Return predictions.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_columns)
            Labels or numbers.

        Raises
        ------
        InvalidValueError
            Here and in all that goes through the network, if X breaks a rule, or is so large that
            the network's sums overflow.
        """
        fitted = self._known_state()
        return fitted.targets.decode(self._outputs(X, fitted))

    # -- the inside --------------------------------------------------------------------------------

    @property
    def _feature_layer(self) -> int:
        """Which hidden layer, counted from 0, ``transform`` means if it is not told."""
        return len(self.coefs_) - 2

    @property
    def _n_features_out(self) -> int:
        layer = self._feature_layer
        return int(self.coefs_[layer].shape[1] if layer >= 0 else self.n_features_in_)

    def transform(self, X: Any, layer: int | None = None) -> Any:
        """Return the activations of a hidden layer: features that the network has learnt.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.
        layer : int, optional
            Which hidden layer, counted from 0, or from the last with -1. The last if left out; an
            autoencoder's bottleneck.

        Returns
        -------
        array or frame of shape (n_samples, n_units)
            After the activation function; what ``set_output`` has asked for.
        """
        fitted = self._known_state()
        source = self._source(X, fitted)
        hidden = len(self.coefs_) - 1
        if hidden == 0:
            raise InvalidValueError(
                "hidden_layer_sizes must have a layer whose activations can be returned",
                self.hidden_layer_sizes,
                "such as (100,)",
            )
        layer = self._feature_layer if layer is None else layer
        is_integer = isinstance(layer, Integral) and not isinstance(layer, bool)
        if not is_integer or not -hidden <= layer < hidden:
            raise InvalidValueError(
                f"layer must be in [{-hidden}, {hidden - 1}], a hidden layer", layer, "change it"
            )
        features = fitted.evaluated(Evaluator.features, source, layer % hidden)
        return self._wrapped(features, X)

    def _wrapped(self, features: Array, X: Any) -> Any:
        # scikit-learn's own wrapper knows the names of one layer only.
        prefix = type(self).__name__.lower()
        named = SimpleNamespace(
            get_feature_names_out=lambda: [f"{prefix}{i}" for i in range(features.shape[1])],
            _sklearn_auto_wrap_output_keys={"transform"},
            _sklearn_output_config=getattr(self, "_sklearn_output_config", {}),
        )
        return _wrap_data_with_container("transform", features, X, named)

    def activations(self, X: Any) -> list[Array]:
        """Return what each layer puts out for X, the output layer last.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        list of arrays of shape (n_samples, n_units)
            One for each hidden layer, then the output function's values.
        """
        fitted = self._known_state()
        source = self._source(X, fitted)
        hidden = range(len(self.coefs_) - 1)
        layers = [fitted.evaluated(Evaluator.features, source, layer) for layer in hidden]
        return [*layers, fitted.evaluated(Evaluator.predict, source)]

    def initialize(self, X: Any, y: Any = None) -> Self:
        """Draw the weights that ``fit`` would start from, without learning.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Samples; ``input_scaling`` is learnt from them.
        y : array-like of shape (n_samples,) or (n_samples, n_columns)
            Targets.

        Returns
        -------
        estimator
            Itself. ``fit`` starts anew unless ``warm_start`` is set; ``partial_fit`` goes on.
        """
        self._validate_params()
        fresh = self._unfitted()._fit(X, y, train=False)
        self.__dict__ = fresh.__dict__
        return self

    def loss_and_gradient(
        self, X: Any, y: Any = None, sample_weight: Any = None
    ) -> tuple[float, list[Array], list[Array]]:
        """Return the loss that training lowers, with its penalty, and its exact gradient.

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
        loss : float
            As in ``loss_``: for regression the mean over the outputs, the sum for Poisson.
        coef_gradients : list of arrays of shape (fan_in, fan_out)
            By ``coefs_``.
        intercept_gradients : list of arrays of shape (fan_out,)
            By ``intercepts_``.

        Raises
        ------
        InvalidValueError
            If the loss is not finite, as the network's sums overflow.
        """
        fitted = self._known_state()
        X, y = self._copy()._validated(X, y, reset=False)
        dtype = fitted.params.spec.np_dtype
        fitted.targets.check_seen(y, warm_start=False)
        data = self._data(X, y, sample_weight, fitted.targets, dtype, incremental=False)
        source = self._make_source(
            data.X,
            data.encoded,
            scaling=fitted.scaling,
            weight=data.weight,
        )
        fitted.targets.check_source(source, "X")
        penalty = PenaltyPerSample(l1=float(self.l1), l2=float(self.alpha))
        params = uncapped(fitted.params)
        objective = FullBatch(params, source, penalty, fitted.targets.loss_scale)
        value = objective()
        if not math.isfinite(value):
            raise sums_overflow(params, f"a loss of {value}")
        return value, list(objective.gradient.W), list(objective.gradient.b)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        kept = ["float64", "float32"] if self.dtype == "auto" else [self.dtype]
        tags.transformer_tags.preserves_dtype = kept
        return tags


def is_stochastic(estimator: BaseMLP) -> bool:
    """Return true, or raise scikit-learn's AttributeError, which hides ``partial_fit``."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. "
            f"{estimator.solver} is not stochastic."
        )
    return True


def set_parameters(estimator: BaseMLP, given: dict[str, Any]) -> None:
    """Set attributes from the ``locals()`` of a constructor: all it does, as scikit-learn asks."""
    for name, value in given.items():
        if name not in ("self", "__class__"):
            setattr(estimator, name, value)


def _equal(given: Any, settled: Any) -> bool:
    if isinstance(settled, list):  # of several columns, whose arrays differ in length
        return len(given) == len(settled) and all(map(np.array_equal, given, settled))
    return bool(np.array_equal(given, settled))


def _are(given: Any, views: tuple[Array, ...]) -> bool:
    return len(given) == len(views) and all(map(operator.is_, given, views))


def overwrite(params: Parameters, coefs: Any, intercepts: Any) -> None:
    """Copy weights and biases, given layer by layer, into ``params``."""
    for name, views, given in (("coefs_", params.W, coefs), ("intercepts_", params.b, intercepts)):
        shapes, wanted = [np.shape(values) for values in given], [view.shape for view in views]
        if shapes != wanted:
            raise InvalidValueError(
                f"{name} must have the network's shapes, {wanted}", shapes, "call fit to start anew"
            )
        for view, values in zip(views, given, strict=True):
            view[...] = values
