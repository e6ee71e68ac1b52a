"""Data that does not fit: refused by the same error on both backends, before anything is learnt."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainrule.engine import backends
from chainrule.engine.losses import GroupedSoftmaxCrossEntropy, Quantile
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import Penalty
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError
from chainrule.training.evaluator import Evaluator
from chainrule.training.full_batch import FullBatch
from chainrule.training.loop import Plan, Trainer
from chainrule.training.source import Reconstruction, Source, SparseReconstruction, SparseSource

N, WIDTH = 7, 4
GROUPS, QUANTILES = GroupedSoftmaxCrossEntropy((3, 2)), Quantile((0.2, 0.8))
# loss -> (outputs, targets of N samples)
TASKS = {
    "softmax_cross_entropy": (5, np.arange(N) % 5),
    "squared": (3, np.linspace(-1, 1, 3 * N).reshape(N, 3)),
    GROUPS: (5, np.arange(2 * N).reshape(N, 2) % 2),
    QUANTILES: (6, np.linspace(-1, 1, 3 * N).reshape(N, 3)),
}
CHOICES = ["numpy", *(() if backends.MISSING else ("compiled",))]


@dataclass
class Case:
    """What a source is made of, an order for it, and the network that it is for."""

    X: Any
    y: Any
    loss: Any
    outputs: int
    kind: Any
    weight: Any = None
    rows: Any = None
    shift: Any = None
    scale: Any = None
    order: Callable[[Any], Any] = lambda rows: rows

    def source(self):
        names = ("weight", "rows", "shift", "scale")
        return self.kind(self.X, self.y, **{name: getattr(self, name) for name in names})

    def params(self):
        return Parameters(NetworkSpec.of([WIDTH, 3, self.outputs], loss=self.loss))


@st.composite
def cases(draw):
    X = np.random.default_rng(0).normal(size=(N, WIDTH)).astype(draw(st.sampled_from(["f4", "f8"])))
    is_sparse = draw(st.booleans())
    if is_sparse:
        X = scipy.sparse.csr_array(X * (X > 0))
        index = draw(st.sampled_from([np.int32, np.int64]))
        X.indices, X.indptr = X.indices.astype(index), X.indptr.astype(index)
    loss = draw(st.sampled_from([*TASKS, "itself"]))
    if loss == "itself":
        kind = SparseReconstruction if is_sparse else Reconstruction
        case = Case(X, None, "squared", WIDTH, kind)
    else:
        case = Case(X, TASKS[loss][1], loss, TASKS[loss][0], SparseSource if is_sparse else Source)
    case.weight = draw(st.sampled_from([None, np.linspace(0.5, 1, N)]))
    case.rows = draw(st.sampled_from([None, np.array([3, 1, 1, 6])]))
    if not is_sparse:
        case.shift = draw(st.sampled_from([None, 0.5, np.ones(WIDTH)]))
    case.scale = draw(st.sampled_from([None, 0.5, np.ones(WIDTH)]))
    return case


# -- what can be wrong -----------------------------------------------------------------------------

ANY_LENGTH = st.sampled_from([0, N - 1, N + 1, 2 * N])
OUTSIDE = st.sampled_from([-(2**40), -1, N, 10**7])


def no_numbers(draw, shape):
    """Return something of a shape that is no array of numbers."""
    dtype = draw(st.sampled_from([complex, object, "U3", "datetime64[s]"]))
    masked = np.ma.masked_array(np.ones(shape), np.ones(shape, bool))
    return draw(st.sampled_from([np.ones(shape).tolist(), masked, np.zeros(shape, dtype)]))


def another_width(case, draw):
    width = draw(st.sampled_from([1, WIDTH - 1, WIDTH + 1, 40]))
    case.X = case.X[:, :1][:, [0] * width]
    case.shift = case.scale = None


def another_matrix(case, draw):
    dense = case.X.toarray() if scipy.sparse.issparse(case.X) else case.X
    wrong = [dense.ravel(), dense[..., np.newaxis], no_numbers(draw, dense.shape)]
    other = scipy.sparse.csc_array(dense), dense if case.X is not dense else case.X.tolist()
    case.X = draw(st.sampled_from([*wrong, *other]))


def another_target(case, draw):
    assume(case.y is not None)
    takes_classes = case.y.dtype.kind == "i"
    wrong = [
        np.resize(case.y, (draw(ANY_LENGTH), *case.y.shape[1:])),
        case.y[:, :1] if case.y.ndim == 2 else np.eye(5)[case.y],
        case.y[:, 0] if case.y.ndim == 2 else case.y[:, np.newaxis],
        np.hstack([case.y, case.y]) if case.y.ndim == 2 else case.y[np.newaxis],
        no_numbers(draw, case.y.shape),
        *([case.y.astype(float), case.y.astype(bool)] if takes_classes else ()),
    ]
    case.y = draw(st.sampled_from(wrong))


def a_target_too_many(case, draw):
    assume(case.y is None)
    case.y = np.ones((N, WIDTH))


def a_class_without_output(case, draw):
    assume(case.y is not None and case.y.dtype.kind == "i")
    case.y = case.y.astype(draw(st.sampled_from([np.int16, np.int32, np.int64])))
    at = (3, *(draw(st.integers(0, n - 1)) for n in case.y.shape[1:]))  # a row in any rows
    case.y[at] = draw(st.sampled_from([-1, -300, 5, 300]))


def another_weight(case, draw):
    wrong = [np.ones(draw(ANY_LENGTH)), np.ones((N, 1)), np.array(1.0), no_numbers(draw, (N,))]
    case.weight = draw(st.sampled_from(wrong))


def wrong_rows(draw, n):
    rows = np.zeros(n, draw(st.sampled_from([np.int32, np.int64])))
    if draw(st.booleans()):
        outside = draw(OUTSIDE)
        rows = rows.astype(np.int64) if abs(outside) > 2**31 else rows
        rows[draw(st.integers(0, n - 1))] = outside
        return rows
    wrong = [np.zeros(n), np.zeros(n, bool), np.zeros((n, 1), int), no_numbers(draw, (n,))]
    return draw(st.sampled_from(wrong))


def other_rows(case, draw):
    case.rows = wrong_rows(draw, 4)


def another_order(case, draw):
    n = N if case.rows is None else len(case.rows)
    other_length = [n - 1, n + 1, 0, 3 * n]
    lengths = st.sampled_from(other_length).map(lambda length: np.zeros(length, np.int64))
    rows = draw(lengths) if draw(st.booleans()) else wrong_rows(draw, n)
    case.order = lambda given: rows


def another_scaling(case, draw):
    assume(case.shift is None or not scipy.sparse.issparse(case.X))
    width = draw(st.sampled_from([1, WIDTH - 1, WIDTH + 1]))
    wrong = [np.ones(width), np.ones((WIDTH, 1)), "2", np.ones(WIDTH).tolist(), 1j]
    setattr(case, draw(st.sampled_from(["shift", "scale"])), draw(st.sampled_from(wrong)))


def a_sparse_matrix_that_leaves_itself(case, draw):
    assume(scipy.sparse.issparse(case.X))
    X = case.X = copy.deepcopy(case.X)
    part = draw(st.sampled_from(["indices", "indptr", "data"]))
    values = getattr(X, part)
    if part == "data" or draw(st.booleans()):
        setattr(X, part, values[:-1].copy())
    elif part == "indices":
        values[draw(st.integers(0, len(values) - 1))] = draw(
            st.sampled_from([-5, -1, 4, 40, 10**7])
        )
    else:
        values[draw(st.integers(0, N))] = draw(st.sampled_from([-1, 10**7]))


def train(case):
    params = case.params()
    before = params.flat.copy()
    try:
        Trainer(params, Plan(1, 2, n_threads=2)).epoch(case.source(), case.order)
    finally:
        np.testing.assert_array_equal(params.flat, before)


LEARNING = {
    "train": train,
    "evaluate": lambda case: Evaluator(case.params()).measure(case.source()),
    "L-BFGS": lambda case: FullBatch(case.params(), case.source(), Penalty())(),
}
ANYTHING = {
    **LEARNING,
    "predict": lambda case: Evaluator(case.params()).predict(case.source()),
    "features": lambda case: Evaluator(case.params()).features(case.source(), 0),
}
FAULTS = {
    another_width: ANYTHING,
    another_matrix: ANYTHING,
    another_target: ANYTHING,
    a_target_too_many: ANYTHING,
    a_class_without_output: ANYTHING,
    another_weight: ANYTHING,
    other_rows: ANYTHING,
    another_order: {"train": train},
    another_scaling: ANYTHING,
    a_sparse_matrix_that_leaves_itself: ANYTHING,
}


def refusal(use, case):
    """Return the error on each backend."""
    messages = []
    for choice in CHOICES:
        with backends.using(choice), pytest.raises(InvalidValueError) as caught:
            use(case)
        messages.append(str(caught.value))
    return messages


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@settings(max_examples=25)
@given(case=cases(), data=st.data())
def test_a_malformed_source_is_refused_by_both_backends_before_it_is_used(fault, case, data):
    case = replace(case)
    fault(case, data.draw)
    use = data.draw(st.sampled_from(list(FAULTS[fault])))
    assert len(set(refusal(FAULTS[fault][use], case))) == 1


@settings(max_examples=50)
@given(cases())
def test_what_is_well_formed_is_taken(case):
    for use in [train_freely, *list(ANYTHING.values())[1:]]:
        for choice in CHOICES:
            with backends.using(choice):
                use(replace(case))


def train_freely(case):
    Trainer(case.params(), Plan(1, 2, n_threads=2)).epoch(case.source(), case.order)


X = np.linspace(-1, 1, N * WIDTH).reshape(N, WIDTH)
UNLABELLED = {
    "classes": Case(X, None, "softmax_cross_entropy", 3, Source),
    "numbers": Case(X, None, "squared", WIDTH, Source),
    "itself as a class": Case(X, None, "softmax_cross_entropy", WIDTH, Reconstruction),
    "itself with other outputs": Case(X, None, "squared", WIDTH + 1, Reconstruction),
    "itself by quantiles": Case(X, None, QUANTILES, WIDTH, Reconstruction),
}


@pytest.mark.parametrize("use", LEARNING)
@pytest.mark.parametrize("case", UNLABELLED.values(), ids=list(UNLABELLED))
def test_nothing_is_learnt_without_targets(case, use):
    assert len(set(refusal(LEARNING[use], case))) == 1


@pytest.mark.parametrize("choice", CHOICES)
def test_without_targets_there_are_outputs(choice):
    with backends.using(choice):
        for case in UNLABELLED.values():
            assert Evaluator(case.params()).raw(case.source()).shape == (N, case.outputs)


@pytest.mark.parametrize("choice", CHOICES)
def test_nothing_is_learnt_from_no_rows(choice, message_of):
    case = Case(X, np.ones((N, 3)), "squared", 3, Source, rows=np.zeros(0, int))
    with backends.using(choice):
        assert message_of(InvalidValueError, train, case) == (
            "a source to learn from must have rows, got 0: give it some"
        )
        assert Evaluator(case.params()).predict(case.source()).shape == (0, 3)


# An array is the user's own, and may change between one use and the next.
CHANGES = {
    "a column": lambda source: source.X.indices.__setitem__(0, 10**7),
    "a pointer": lambda source: source.X.indptr.__setitem__(3, 10**7),
    "the matrix's shape": lambda source: source.X.resize((N - 1, WIDTH)),
    "a class": lambda source: source.y.__setitem__(2, 3),
    "the targets": lambda source: setattr(source, "y", source.y[1:]),
    "a row": lambda source: source.rows.__setitem__(1, N),
    "the weights": lambda source: setattr(source, "weight", np.ones(2)),
    "the scaling": lambda source: setattr(source, "scale", np.ones(2)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("choice", CHOICES)
def test_what_has_changed_since_the_last_epoch_is_looked_at_again(change, choice):
    sparse = scipy.sparse.csr_array(np.abs(X))
    case = Case(sparse, np.arange(N) % 3, "softmax_cross_entropy", 3, SparseSource, np.ones(N))
    case.rows = np.arange(N)
    source = case.source()
    with backends.using(choice):
        trainer = Trainer(case.params(), Plan(1, 2))
        trainer.epoch(source, lambda rows: rows)
        change(source)
        with pytest.raises(InvalidValueError):
            trainer.epoch(source, lambda rows: rows)


def test_what_fits_not_is_told_by_rule_value_and_remedy(message_of):
    # One of each kind; the property above compares the backends'.
    y = np.arange(N) % 3
    case = Case(X, y, "softmax_cross_entropy", 3, Source)
    told = {
        "X must have 4 features, as layer_sizes[0] says, got 3: "
        "pass other data, or change the network": {"X": X[:, :3]},
        "y must be an array of integers of shape (7,), got float64 of shape (7,): "
        "encode classes as 0, 1, 2, …": {"y": y / 1},
        "the classes in y must be in [0, 3), got 5: encode them anew, or add outputs": {
            "y": np.where(y == 2, 5, y)
        },
        "rows must be in [0, 7), got -1: give the numbers of rows of X": {"rows": np.array([-1])},
        "shift must be an array of numbers of shape (4,), got float64 of shape (3,): "
        "give one number, or one for each feature": {"shift": np.ones(3)},
        "scale must be a number or an array, got '2': convert it": {"scale": "2"},
    }
    for message, changes in told.items():
        assert message_of(InvalidValueError, train, replace(case, **changes)) == message
