"""One call of fit, from data to fitted attributes.

A :class:`Fitting` works on a draft of the estimator; :mod:`~chainrule.estimators.stochastic` and
:mod:`~chainrule.estimators.quasi_newton` have its two kinds. What is refused, or fails in training,
leaves the estimator as it was, since only a draft that is done is taken over.

The random numbers are drawn in scikit-learn's order: weights, held-out rows, then the order of each
epoch. Dropout has a stream of its own.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import scipy.sparse
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state

from chainrule._finite import all_finite
from chainrule._types import Array
from chainrule.engine.losses import Loss
from chainrule.engine.network import quiet
from chainrule.engine.optimizers import Optimizer, OptimizerState
from chainrule.engine.params import Parameters
from chainrule.engine.schedules import Clock
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError
from chainrule.estimators import settings
from chainrule.estimators.measuring import Measure
from chainrule.estimators.parameters import SETTLED
from chainrule.estimators.scaling import Scaling, learn_scaling
from chainrule.estimators.targets import Binary, Targets
from chainrule.training.callbacks import Callback, Convergence
from chainrule.training.evaluator import Evaluator
from chainrule.training.history import History, lowest
from chainrule.training.pages import Pages
from chainrule.training.source import Source, SparseSource

CONVERTED_BYTES = 2**28  # how large a converted copy of X may be

DIVERGED = "non-finite parameter weights"  # in scikit-learn's words
INTERRUPTED = "Training interrupted by user."  # what a fit that Ctrl-C has ended warns of


@dataclass
class Fitted:
    """What an estimator keeps beside its public attributes.

    Attributes
    ----------
    params : Parameters
        The network; ``coefs_`` and ``intercepts_`` are its views.
    targets : Targets
        Labels to outputs and back.
    scaling : Scaling or None
        Learnt from the first data.
    optimizer : Optimizer or None
        What the state below belongs to; None with L-BFGS, and before training.
    state : OptimizerState or None
        Running averages, which ``partial_fit`` goes on with.
    clock : Clock
        Where the schedule stands.
    convergence : Convergence or None
        The best so far, which warm starts and ``partial_fit`` go on with.
    loss : Loss or None
        What that is of.
    settled : dict
        The parameters that cannot change any more, as they were when the weights were drawn.
    """

    params: Parameters
    targets: Targets
    scaling: Scaling | None = None
    optimizer: Optimizer | None = None
    state: OptimizerState | None = None
    clock: Clock = field(default_factory=Clock)
    convergence: Convergence | None = None
    loss: Loss | None = None
    settled: dict[str, Any] = field(default_factory=dict)
    _evaluators: list[Evaluator] = field(default_factory=list, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_evaluators": []}

    def evaluated(self, method: Callable[..., Array], *arguments: Any) -> Array:
        """Return what a method of :class:`~chainrule.training.evaluator.Evaluator` does.

        Its buffers are kept for the next call; calls at the same time have one each.
        """
        try:
            evaluator = self._evaluators.pop()
        except IndexError:
            evaluator = Evaluator(self.params)
        result = method(evaluator, *arguments)
        self._evaluators.append(evaluator)
        return result


@dataclass
class Data:
    """What a fit learns from, validated and encoded.

    Attributes
    ----------
    X : array of shape (n_samples, n_features) or CSR matrix
        As the user gave it.
    y : array of shape (n_samples,) or (n_samples, n_columns)
        As the user gave it.
    encoded : array
        As the loss takes it; None where X is its own target.
    weight : array of shape (n_samples,) or None
        Sample weights, class weights included.
    """

    X: Any
    y: Any
    encoded: Any
    weight: Any

    def __len__(self) -> int:
        n: int = self.X.shape[0]
        return n


def make_source(X: Any, encoded: Array | None = None, **arguments: Any) -> Source:
    """Return the source that suits ``X``; arguments as :func:`scaled_source`'s."""
    kind = SparseSource if scipy.sparse.issparse(X) else Source
    return scaled_source(kind, X, encoded, **arguments)


def scaled_source(
    kind: type[Source],
    X: Any,
    encoded: Array | None,
    *,
    scaling: Scaling | None = None,
    weight: Array | None = None,
    rows: Array | None = None,
) -> Source:
    """Return a source of one kind with the scaling's numbers."""
    shift, scale = (None, None) if scaling is None else (scaling.shift, scaling.scale)
    return kind(X, encoded, weight=weight, rows=rows, shift=shift, scale=scale)


def converted_once(X: Any, dtype: np.dtype) -> Any:
    """Return floats in memory, of a moderate size, as the network takes them: not once an epoch.

    Anything else is returned as it is, and converted a batch at a time.
    """
    is_dense = isinstance(X, np.ndarray) and X.dtype.kind == "f"
    if not is_dense or X.size * dtype.itemsize > CONVERTED_BYTES or Pages(X).mapped:
        return X
    with quiet():  # a number beyond the dtype is infinite in a batch too
        return np.ascontiguousarray(X, dtype)


class Fitting(ABC):
    """A fit of one estimator, by one kind of solver.

    Parameters
    ----------
    draft : estimator
        Receives the fitted attributes; its parameters are the settings.
    data : Data
        To learn from.
    validation : Data or None
        The user's own validation data.
    targets : Targets
        Of the data.
    incremental : bool
        Whether this is ``partial_fit``: one epoch, going on where the last call ended.
    previous : Fitted or None
        What to go on from; None starts anew.

    Attributes
    ----------
    has_epochs : bool
        Whether this kind of solver has epochs that can be watched to stop early.
    holds_out : bool
        Whether a part of the data is held out to decide when to stop.
    stops_early : bool
        Whether validation data decides; with ``validation_fraction=0`` there is none of X.
    listeners : list of Callback
        Told about epochs, where there are some, after the user's own callbacks.
    """

    has_epochs: ClassVar[bool]

    def __init__(
        self,
        draft: Any,
        data: Data,
        validation: Data | None,
        targets: Targets,
        *,
        incremental: bool = False,
        previous: Fitted | None = None,
    ) -> None:
        self.draft, self.data, self.targets = draft, data, targets
        self.incremental, self.previous = incremental, previous
        self.listeners: list[Callback] = []
        self.random_state = check_random_state(draft.random_state)
        self.dropout_rng = _stream_of_its_own(self.random_state)
        self.spec = self._spec()
        self._check_memory()
        self.fitted = Fitted(
            self._parameters(), targets, loss=targets.loss, settled=self._settled()
        )
        if previous is not None:
            self.fitted.optimizer, self.fitted.clock = previous.optimizer, previous.clock
            self.fitted.state = copy.deepcopy(previous.state)
            self.fitted.convergence = copy.deepcopy(previous.convergence)
        self._publish_network()
        stops_early = draft.early_stopping and self.has_epochs
        self.holds_out = stops_early and validation is None and draft.validation_fraction > 0
        self.stops_early = stops_early and (self.holds_out or validation is not None)
        train_rows, held_out = self._split() if self.holds_out else (None, None)
        self.fitted.scaling = self._scaling(train_rows)
        self.source = self._source(data, train_rows)
        targets.check_source(self.source, "X")
        self.validation = None
        if held_out is not None:
            self.validation = self._source(data, held_out), data
        elif validation is not None:
            self.validation = self._source(validation, None), validation
        if self.validation is not None and self.fitted.scaling is None:
            # Scaled by what was trained on, new data may well lie a little outside.
            targets.check_source(self.validation[0], "X" if self.holds_out else "X_val")

    # -- the network -------------------------------------------------------------------------------

    def _spec(self) -> NetworkSpec:
        draft, previous = self.draft, self.previous
        hidden = draft._hidden_sizes()
        dtype = previous.params.spec.dtype if previous else draft._network_dtype(self.data.X)
        spec = NetworkSpec(
            layer_sizes=(self.data.X.shape[1], *hidden, self.targets.n_outputs),
            activations=settings.activations(draft.activation, len(hidden)),
            loss=self.targets.loss,
            dropout=settings.dropout(draft.dropout, draft.input_dropout, len(hidden)),
            dtype=dtype,
        )
        if previous and spec.layer_sizes != previous.params.spec.layer_sizes:
            raise InvalidValueError(
                "the layers must stay as they are in the weights to go on from, "
                f"{list(previous.params.spec.layer_sizes)}",
                list(spec.layer_sizes),
                "set them back, or call fit with warm_start=False",
            )
        return spec

    @abstractmethod
    def _check_memory(self) -> None:
        """Raise NotEnoughMemoryError, before weights are drawn, if training surely needs more."""

    def _parameters(self) -> Parameters:
        if self.previous is not None:
            return Parameters(self.spec, self.previous.params.flat.copy())
        draft = self.draft
        rules = settings.initializers(draft.weight_init, self.spec.activations, draft.activation)
        return Parameters(self.spec).initialize(rules, self.random_state)

    def _settled(self) -> dict[str, Any]:
        now = {name: getattr(self.draft, name) for name in SETTLED}
        then = now if self.previous is None else self.previous.settled
        for name, value in now.items():
            if value != then[name]:
                raise InvalidValueError(
                    f"{name} must stay {then[name]!r}, as the weights to go on from belong to it",
                    value,
                    "set it back, or call fit with warm_start=False",
                )
        return then

    def _publish_network(self) -> None:
        draft, params = self.draft, self.fitted.params
        draft._fitted = self.fitted
        draft.coefs_, draft.intercepts_ = list(params.W), list(params.b)
        draft.n_layers_ = len(self.spec.layer_sizes)
        draft.n_outputs_ = self.targets.n_outputs
        draft.out_activation_ = self.targets.out_activation
        if self.previous is None:
            draft.n_iter_ = draft.t_ = 0
            draft.history_ = History()
        else:
            earlier = getattr(draft, "history_", History())
            draft.history_ = History(list(earlier.epochs))

    # -- the data ----------------------------------------------------------------------------------

    def _split(self) -> tuple[Array, Array]:
        # Row numbers are split in scikit-learn's way, with its draws: no row is copied.
        labels = self.data.y if isinstance(self.targets, Binary) else None
        try:
            rows, held_out = train_test_split(
                np.arange(len(self.data)),
                random_state=self.random_state,
                test_size=self.draft.validation_fraction,
                stratify=labels,
            )
        except ValueError as error:
            raise self._unsplittable(str(error), stratified=labels is not None) from error
        if len(held_out) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        weight = self.data.weight
        if weight is not None and not weight[held_out].any():
            raise InvalidValueError(
                "sample_weight must have a weight that is not 0 in the part that is held out",
                0.0,
                "raise validation_fraction, or pass X_val and y_val",
            )
        return rows, held_out

    def _unsplittable(self, reason: str, *, stratified: bool) -> ValueError:
        if "_size" not in reason:  # it is about a class of one sample, which it names
            return ValueError(
                f"{reason} Early stopping holds out some samples of each class: pass X_val and "
                "y_val, or more samples of such classes."
            )
        # It is about parts that are too small, by arguments that nobody has passed.
        parts = "some samples of each class" if stratified else "some samples"
        return InvalidValueError(
            f"validation_fraction of {len(self.data)} samples must leave {parts} to learn from and "
            "to hold out",
            self.draft.validation_fraction,
            "change it, pass more samples, or pass X_val and y_val",
        )

    def _scaling(self, rows: Array | None) -> Scaling | None:
        if self.previous is not None:
            return self.previous.scaling
        name = self.draft.input_scaling
        rows = None if rows is None else np.sort(rows)  # a memory map is read in order
        return None if name is None else learn_scaling(name, self.data.X, rows)

    def _source(self, data: Data, rows: Array | None) -> Source:
        scaling = self.fitted.scaling
        X = data.X if scaling is not None else converted_once(data.X, self.spec.np_dtype)
        source: Source = self.draft._make_source(
            X, data.encoded, scaling=scaling, weight=data.weight, rows=rows
        )
        return source

    # -- training ----------------------------------------------------------------------------------

    def run(self) -> None:
        """Train, and leave the fitted attributes on the draft."""
        self.train()
        if not all_finite(self.fitted.params.flat):
            raise ValueError(
                f"Solver produced {DIVERGED}. The input data may contain large values and need to "
                "be preprocessed."
            )

    @abstractmethod
    def train(self) -> None:
        """Train, and leave the fitted attributes on the draft, whatever the numbers are."""

    def measure(self) -> Measure | None:
        """Return what measures the validation data; None where there is none."""
        if self.validation is None:
            return None
        source, data = self.validation
        return Measure(self.draft, self.fitted.params, self.targets, source, data.X, data.y)


def best_epoch(history: History) -> int | None:
    """Return the epoch whose weights were restored, or that of the lowest loss."""
    if history.best_epoch is not None or not history.epochs:
        return history.best_epoch
    best = lowest([row.monitored_loss for row in history])
    return None if best is None else history.epochs[best].epoch


def check_finite_loss(best: float, what: str) -> None:
    """Raise if the best of all losses of a kind is not finite: nothing has decided then."""
    if not best < math.inf:
        raise InvalidValueError(
            f"the {what} must be finite in at least one epoch",
            best,
            'scale X and y, lower learning_rate_init, or pass dtype="float64"',
        )


def _stream_of_its_own(random_state: np.random.RandomState) -> np.random.Generator:
    # Seeded by where the stream of scikit-learn's draws stands, without drawing from it.
    return np.random.default_rng(_integers(random_state.get_state(legacy=False)))


def _integers(state: Any) -> list[int]:
    """Return the integers in the state of any bit generator; the first few of an array."""
    if isinstance(state, dict):
        return [number for value in state.values() for number in _integers(value)]
    if isinstance(state, np.ndarray):
        return [int(number) for number in state[:8]]
    return [state] if isinstance(state, int) else []
