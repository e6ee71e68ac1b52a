"""The compiled loop against the NumPy one: the same numbers, whatever is trained and however."""

from __future__ import annotations

import copy
import math
import os
import threading
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainrule.engine import backends
from chainrule.engine.activations import ACTIVATIONS, CallableActivation, LeakyRelu, Relu
from chainrule.engine.backends import compiled, levels
from chainrule.engine.backends.blas import one_thread
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.losses import (
    LOSSES,
    GroupedSoftmaxCrossEntropy,
    Huber,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from chainrule.engine.network import quiet
from chainrule.engine.optimizers import OPTIMIZERS, SGD, Adam
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByNorm, ClipByValue, Penalty, PenaltyPerSample
from chainrule.engine.schedules import Constant, Cosine
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError
from chainrule.training.evaluator import Evaluator
from chainrule.training.loop import Plan, Trainer
from chainrule.training.source import Reconstruction, Source, SparseSource

if backends.MISSING:
    pytest.skip(backends.MISSING, allow_module_level=True)

LOSSES_DRAWN = (
    *LOSSES.values(),
    SoftmaxCrossEntropy(label_smoothing=0.2),
    SigmoidCrossEntropy(label_smoothing=0.1, cap=1.5),
    SoftmaxCrossEntropy(cap=1.0),
    Quantile((0.1, 0.5, 0.9)),
    Huber(0.3),
    GroupedSoftmaxCrossEntropy((3, 2)),
    GroupedSoftmaxCrossEntropy((2, 3), label_smoothing=0.1),
)
# What comes of two ways of adding the same numbers, after a few steps.
TOLERANCE = {"float32": 2e-4, "float64": 1e-10}


def sparse_source(X, y, **arguments):
    return SparseSource(scipy.sparse.csr_array(X), y, **arguments)


@dataclass
class Training:
    """Everything that decides a training."""

    spec: NetworkSpec
    plan: Plan
    source: Source
    epochs: int = 3
    scale: float = 1.0  # what the first weights are multiplied by

    def run(self, backend, n_threads=1):
        """Return parameters and the loss of each epoch."""
        params = Parameters(self.spec).initialize(
            INITIALIZERS["glorot_uniform"], np.random.default_rng(1)
        )
        params.flat *= params.flat.dtype.type(self.scale)
        order = np.random.default_rng(2).permutation
        with backends.using(backend):
            plan = Plan(**{**vars(self.plan), "n_threads": n_threads})
            trainer = Trainer(params, plan, dropout_rng=np.random.default_rng(3))
            assert (trainer.compiled is not None) == (backend == "compiled")
            losses = [trainer.epoch(copy.copy(self.source), order) for _ in range(self.epochs)]
        return params.flat, losses, trainer


def outputs_of(draw, loss):
    """Return a number of outputs that the loss can have."""
    if isinstance(loss, GroupedSoftmaxCrossEntropy):
        return sum(loss.sizes)
    levels = len(loss.levels) if isinstance(loss, Quantile) else 1
    return levels * draw(st.integers(1 + (loss.output_activation == "softmax"), 4))


def targets(loss, outputs, n, rng):
    if isinstance(loss, GroupedSoftmaxCrossEntropy):
        return np.stack([rng.integers(0, size, n) for size in loss.sizes], axis=1)
    if loss.takes_classes:
        return rng.integers(0, outputs, n)
    if isinstance(loss, Quantile):
        return rng.normal(size=(n, outputs // len(loss.levels)))
    if loss.name == "poisson":
        return rng.poisson(1.0, (n, outputs)).astype(float)
    if loss.name == "sigmoid_cross_entropy":
        return rng.integers(0, 2, (n, outputs)).astype(float)
    return rng.normal(size=(n, outputs))


def data_of(kind, n, k, rng):
    X = rng.normal(size=(n, k))
    if kind == "uint8":
        return rng.integers(0, 256, (n, k)).astype(np.uint8)
    if kind == "sparse":
        return scipy.sparse.csr_array(X * (rng.random((n, k)) < 0.4))
    return X.astype(kind)


@st.composite
def trainings(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    dtype = draw(st.sampled_from(["float32", "float64"]))
    loss = draw(st.sampled_from(LOSSES_DRAWN))
    sizes = [draw(st.integers(1, 20)) for _ in range(draw(st.integers(1, 4)))]
    hidden = len(sizes) - 1
    spec = NetworkSpec(
        layer_sizes=(*sizes, outputs_of(draw, loss)),
        activations=tuple(
            draw(st.sampled_from([*ACTIVATIONS.values(), LeakyRelu(0.2)])) for _ in range(hidden)
        ),
        loss=loss,
        dropout=tuple(draw(st.sampled_from([0.0, 0.0, 0.3])) for _ in range(hidden + 1)),
        dtype=dtype,
    )
    n = draw(st.integers(1, 60))
    kind = draw(st.sampled_from(["float32", "float64", "uint8", "sparse"]))
    X = data_of(kind, n, sizes[0], rng)
    shifts = [None, 0.5, rng.normal(size=sizes[0])]
    scales = [None, 1 / 255, rng.uniform(0.5, 2, sizes[0])]
    shift, scale = draw(st.sampled_from(shifts)), draw(st.sampled_from(scales))
    if kind == "uint8":
        scale = 1 / 255
    weight = rng.integers(0, 3, n).astype(float) if draw(st.booleans()) else None
    if weight is not None:
        weight[0] = 1
    y = targets(loss, spec.layer_sizes[-1], n, rng)
    y = y if loss.takes_classes else y.astype(dtype)
    kind_of_source = SparseSource if kind == "sparse" else Source
    rule = OPTIMIZERS[draw(st.sampled_from(list(OPTIMIZERS)))]
    # With a small epsilon a gradient that is nothing but rounding makes a whole step.
    more = {"epsilon": 0.01} if hasattr(rule, "epsilon") else {}
    penalty = draw(st.sampled_from([Penalty, PenaltyPerSample]))
    plan = Plan(
        epochs=3,
        batch_size=draw(st.integers(1, 25)),
        schedule=draw(st.sampled_from([Constant(0.01), Cosine(0.01, 20)])),
        optimizer=rule(weight_decay=draw(st.sampled_from([0.0, 0.1])), **more),
        penalty=penalty(draw(st.sampled_from([0.0, 0.01])), draw(st.sampled_from([0.0, 0.1]))),
        clip=draw(st.sampled_from([None, ClipByValue(0.05), ClipByNorm(0.1)])),
        stop_on_divergence=False,
    )
    source = kind_of_source(X, y, weight=weight, shift=shift, scale=scale)
    return Training(spec, plan, source)


def assert_same(training, one, other):
    tolerance = TOLERANCE[training.spec.dtype]
    np.testing.assert_allclose(one[0], other[0], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(one[1], other[1], rtol=tolerance, atol=tolerance)
    assert one[2].clock == other[2].clock
    assert one[2].state.t == other[2].state.t


@settings(max_examples=300)
@given(trainings(), st.integers(1, 3), st.sampled_from([0, math.inf]))
def test_follows_the_numpy_loop(training, n_threads, numbers_per_weight):
    reference = training.run("numpy")
    assume(np.max(reference[1]) < 1e3)  # what diverges magnifies rounding without end
    with pytest.MonkeyPatch.context() as patch:  # whichever way threads share a batch
        patch.setattr(compiled, "NUMBERS_PER_WEIGHT", numbers_per_weight)
        assert_same(training, reference, training.run("compiled", n_threads))


@pytest.fixture(params=levels.built())
def kernels(request, monkeypatch):
    """Those of each level that runs here, which are in use for the test."""
    built = levels.load(request.param)
    for module in (backends, compiled):
        monkeypatch.setattr(module, "kernels", built)
    return built


def small(spec=None, n=40, n_classes=3, **changes):
    """A training of a small classifier on 5 features."""
    rng = np.random.default_rng(0)
    spec = spec or NetworkSpec.of([5, 8, n_classes], "tanh")
    settings = {"epochs": 2, "batch_size": 16, "schedule": Constant(0.1)} | changes
    X = rng.normal(size=(n, 5)).astype(np.float32)
    return Training(spec, Plan(**settings), Source(X, rng.integers(0, n_classes, n)))


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_activation_is_that_of_the_table(kernels, name, dtype):
    f, code = ACTIVATIONS[name], compiled.ACTIVATIONS[type(ACTIVATIONS[name])]
    largest = np.finfo(dtype).max
    z = np.concatenate([np.linspace(-120, 120, 5001), [-largest, -1e3, -0.0, 0, 1e3, largest / 4]])
    z = z.astype(dtype)
    wanted, got = z.copy(), np.empty_like(z)
    scratch = np.empty_like(z), np.empty_like(z)
    with quiet():
        f.forward(z.copy(), wanted, scratch)
        kernels.activation(code, z, got, getattr(f, "slope", 0.0))
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(got, wanted, rtol=20 * eps, atol=2 * eps)
        slope, ours = np.ones_like(z), np.ones_like(z)
        f.backward(z.copy(), wanted, slope, scratch)
        kernels.derivative(code, z, got, ours, getattr(f, "slope", 0.0))
    np.testing.assert_allclose(ours, slope, rtol=20 * eps, atol=8 * eps)


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid"])
def test_float32_functions_are_within_two_units_in_the_last_place(kernels, name):
    # Every 1,009th float there is, zeros, infinities and subnormal numbers among them.
    x = np.arange(0, 2**32, 1009, dtype=np.uint64).astype(np.uint32).view(np.float32)
    x, out = x[~np.isnan(x)], np.empty(0, np.float32)
    out = np.empty_like(x)
    exact = x.astype(np.float64)
    with quiet():
        if name == "exp":
            kernels.exponential(x, out)
            wanted = np.exp(exact)
        else:
            kernels.activation(compiled.ACTIVATIONS[type(ACTIVATIONS[name])], x, out)
            wanted = np.tanh(exact) if name == "tanh" else 1 / (1 + np.exp(-exact))
        nearest = wanted.astype(np.float32)
        unit = np.spacing(np.abs(nearest)).astype(np.float64)
        off = np.abs(out.astype(np.float64) - wanted) / unit
    finite = np.isfinite(nearest)
    np.testing.assert_array_equal(out[~finite], nearest[~finite])
    assert off[finite].max() <= 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_what_is_not_a_number_stays_none(kernels, name, value):
    z, out = np.full(40, value, np.float32), np.empty(40, np.float32)
    kernels.activation(compiled.ACTIVATIONS[type(ACTIVATIONS[name])], z, out, 0.01)
    assert math.isnan(value) <= np.isnan(out).all()


def test_the_number_of_threads_decides_the_result_alone():
    training = small(n=400)
    for n_threads in (1, 2, 3):
        once, again = training.run("compiled", n_threads), training.run("compiled", n_threads)
        np.testing.assert_array_equal(once[0], again[0])
        assert once[1] == again[1]


@pytest.mark.parametrize("rule", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_level_follows_the_numpy_loop(kernels, rule, dtype):
    spec = NetworkSpec.of([5, 33, 3], "gelu", dtype=dtype)
    plan = {"optimizer": OPTIMIZERS[rule](weight_decay=0.1), "clip": ClipByNorm(0.1)}
    training = small(spec, schedule=Constant(0.01), penalty=Penalty(0.01, 0.1), **plan)
    assert_same(training, training.run("numpy"), training.run("compiled", 2))


def train_on(weight, dtype, rule, n_threads):
    """Take an epoch that changes next to nothing from the same number in all weights."""
    params = Parameters(NetworkSpec.of([5, 8, 3], "tanh", dtype=dtype))
    params.flat.fill(weight)
    plan = Plan(1, 16, Constant(5e-324), OPTIMIZERS[rule](), n_threads=n_threads)
    with backends.using("compiled"):
        Trainer(params, plan).epoch(small().source, np.random.default_rng(0).permutation)
    return params.weights


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("rule", list(OPTIMIZERS))
def test_subnormal_numbers_are_0_in_float32(kernels, rule, n_threads):
    weight = np.float32(1e-40)
    kept = rule == "lion"  # which takes their sign
    assert (train_on(weight, "float32", rule, n_threads) == kept * weight).all()


@pytest.mark.parametrize("rule", list(OPTIMIZERS))
def test_subnormal_numbers_are_kept_in_float64(kernels, rule):
    np.testing.assert_allclose(train_on(1e-310, "float64", rule, 2), 1e-310)


@settings(max_examples=50)
@given(
    st.sampled_from([*ACTIVATIONS]), st.sampled_from([*OPTIMIZERS]), st.integers(-45, 0),
    st.integers(1, 2),
)  # fmt: skip
def test_with_tiny_weights_it_follows_the_numpy_loop(activation, rule, exponent, n_threads):
    spec = NetworkSpec.of([5, 8, 6, 3], activation)
    # With a small epsilon a gradient that is nothing but rounding makes a whole step.
    more = {"epsilon": 0.01} if hasattr(OPTIMIZERS[rule], "epsilon") else {}
    training = small(spec, schedule=Constant(0.01), optimizer=OPTIMIZERS[rule](**more))
    training.scale = 10.0**exponent
    assert_same(training, training.run("numpy"), training.run("compiled", n_threads))


def keeps_subnormal_numbers():
    return bool((np.full(4, 1e-40, np.float32) * np.ones(4, np.float32)).all())


def test_what_a_thread_computes_beside_training_keeps_subnormal_numbers():
    kept = []

    def train():
        training = small(n=64)
        params = Parameters(training.spec)
        trainer = Trainer(params, Plan(**{**vars(training.plan), "n_threads": 2}))
        order = np.random.default_rng(0).permutation
        trainer.epoch(training.source, order, lambda: kept.append(keeps_subnormal_numbers()))
        assert trainer.compiled is not None
        kept.append(keeps_subnormal_numbers())

    thread = threading.Thread(target=train)
    train()
    thread.start()
    thread.join()
    assert kept == [True] * 10


@pytest.mark.parametrize("layer", [0, 1])
def test_a_prediction_keeps_subnormal_numbers(kernels, layer):
    params = Parameters(NetworkSpec.of([1, 1, 1], "identity", "squared"))
    params.flat[:] = 1e-40, 1, 0, 0
    forward = compiled.CompiledForward(params)
    out = np.empty((3, 1), np.float32)
    forward.lend(np.ones((3, 1), np.float32), None, shift=None, scale=None)
    forward.run(out, layer)
    np.testing.assert_array_equal(out.view(np.uint32), np.float32(1e-40).view(np.uint32))


@pytest.mark.parametrize("numbers_per_weight", [0, math.inf])
def test_a_batch_may_have_fewer_rows_than_threads(monkeypatch, numbers_per_weight):
    monkeypatch.setattr(compiled, "NUMBERS_PER_WEIGHT", numbers_per_weight)
    training = small(n=17, batch_size=16)
    assert_same(training, training.run("numpy"), training.run("compiled", 16))


def test_rows_that_are_their_own_targets():
    training = small(NetworkSpec.of([5, 3, 5], "tanh", "squared", dtype="float64"))
    training.source = Reconstruction(training.source.X.astype(np.float64), scale=0.5)
    assert_same(training, training.run("numpy"), training.run("compiled", 2))


class ReluOfOnesOwn(Relu):
    def backward(self, z, a, delta, scratch):
        delta *= z


class LossOfOnesOwn(SoftmaxCrossEntropy):
    pass


class AdamOfOnesOwn(Adam):
    pass


@pytest.mark.parametrize(
    "changes",
    [
        {"spec": NetworkSpec.of([5, 8, 3], ReluOfOnesOwn())},
        {"spec": NetworkSpec.of([5, 8, 3], CallableActivation(np.sin, np.cos))},
        {"spec": NetworkSpec.of([5, 8, 3], loss=LossOfOnesOwn())},
        {"optimizer": AdamOfOnesOwn()},
        {"spec": NetworkSpec.of([5] + [2] * compiled.MOST_LAYERS + [3])},
    ],
)
def test_what_has_no_kernel_is_left_to_numpy(changes):
    training = small(**changes)
    params = Parameters(training.spec)
    with backends.using("compiled"):
        assert Trainer(params, training.plan).compiled is None


def test_a_layer_that_blas_cannot_count_is_left_to_numpy():
    assert compiled.covers(NetworkSpec.of([5, 2**31 - 1, 3]))
    assert not compiled.covers(NetworkSpec.of([5, 2**31, 3]))


def test_dropout_leaves_the_generator_where_numpy_leaves_it():
    training = small(NetworkSpec.of([5, 8, 6, 3], dropout=0.5))
    by_numpy, by_kernels = training.run("numpy"), training.run("compiled", 2)
    assert_same(training, by_numpy, by_kernels)
    states = [run[2].dropout_rng.bit_generator.state for run in (by_numpy, by_kernels)]
    assert states[0] == states[1]


@pytest.mark.parametrize("loss", LOSSES_DRAWN, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_go_through_the_network_as_in_numpy(loss, dtype):
    rng = np.random.default_rng(0)
    outputs = sum(loss.sizes) if isinstance(loss, GroupedSoftmaxCrossEntropy) else 6
    spec = NetworkSpec.of([5, 8, 7, outputs], "gelu", loss, dropout=0.4, dtype=dtype)
    params = Parameters(spec).initialize(INITIALIZERS["glorot_uniform"], rng)
    y = targets(loss, outputs, 50, rng)
    y = y if loss.takes_classes else y.astype(dtype)
    X, weight = rng.normal(size=(50, 5)).astype(dtype), rng.integers(0, 3, 50).astype(float)
    with backends.using("numpy"):
        evaluator = Evaluator(params, 20)
        raw, value = evaluator.evaluate(Source(X, y, weight=weight))
        hidden, predicted = evaluator.features(Source(X), 1), evaluator.predict(Source(X))
    with backends.using("compiled"):
        through = compiled.CompiledForward(params)
    out = np.empty_like(raw)
    everything = {"shift": None, "scale": None}
    through.lend(X, None, y, weight, **everything)
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    np.testing.assert_allclose(np.divide(*through.evaluate(out)), value, **close)
    np.testing.assert_allclose(out, raw, **close)
    backwards = np.arange(50)[::-1].copy()
    through.lend(X, backwards, **everything)
    through.run(out, 2, outputs=True)
    np.testing.assert_allclose(out[::-1], predicted, **close)
    features = np.empty_like(hidden)
    through.lend(X, backwards, **everything)
    through.run(features, 1)
    np.testing.assert_allclose(features[::-1], hidden, **close)


@settings(max_examples=100)
@given(
    st.tuples(*[st.integers(1, 90)] * 2, st.integers(1, 400)),
    st.sampled_from([(False, False), (True, False), (False, True)]),
    st.sampled_from([0, 3_000, 40_000]),
    st.sampled_from(["float32", "float64"]),
)
def test_a_product_in_pieces_is_the_product(sizes, transposed, piece, dtype):
    (m, n, k), (a_t, b_t) = sizes, transposed
    rng = np.random.default_rng(0)
    A, B = rng.integers(-3, 4, (m, k)), rng.integers(-3, 4, (k, n))  # sums are exact
    first, second = (A.T if a_t else A), (B.T if b_t else B)
    out = np.full((m, n), np.nan, dtype)
    given = [np.ascontiguousarray(matrix, dtype) for matrix in (first, second)]
    backends.kernels.multiply(*given, out, a_t, b_t, piece)
    np.testing.assert_array_equal(out, A @ B)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 7), (33, 65), (64, 128), (97, 300)], ids=str)
def test_products_in_pieces(monkeypatch, dtype, shape):
    # Pieces of a few numbers, so that every edge is met.
    monkeypatch.setattr(compiled, "PIECE", 40_000)
    monkeypatch.setattr(compiled, "HAVE_SMALL_KERNELS", {one_thread.architecture()})
    rng = np.random.default_rng(0)
    spec = NetworkSpec.of([shape[0], shape[1], 300, 4], "tanh", dtype=dtype)
    X = rng.normal(size=(70, shape[0])).astype(dtype)
    plan = Plan(2, 64, Constant(0.05))
    training = Training(spec, plan, Source(X, rng.integers(0, 4, 70)))
    assert_same(training, training.run("numpy"), training.run("compiled", 2))


@pytest.mark.parametrize(
    "X",
    [
        np.ones((4, 5), np.int64),
        np.asfortranarray(np.ones((4, 5))),
        np.frombuffer(bytes(4 * 5 * 8 + 1), np.float64, 20, offset=1).reshape(4, 5),
    ],
    ids=["integers", "columns first", "not aligned"],
)
def test_what_the_kernels_cannot_read_is_left_to_numpy(X):
    assert Source(X).lent(NetworkSpec.of([5, 3]), np.arange(4)) is None


def with_parts(X, **parts):
    """Return a CSR matrix with other arrays inside, of the same numbers."""
    X = X.copy()
    for name, values in parts.items():
        setattr(X, name, values)
    return X


def test_a_sparse_matrix_in_other_memory_is_left_to_numpy():
    X, spec = scipy.sparse.csr_array(np.eye(4)), NetworkSpec.of([4, 3])
    assert SparseSource(X).lent(spec) is not None
    for parts in (
        {"data": np.repeat(X.data, 2)[::2]},
        {"indices": np.repeat(X.indices, 2)[::2]},
        {"indptr": X.indptr.astype(np.int64)},
    ):
        source = SparseSource(with_parts(X, **parts))
        assert source.lent(spec) is None
        (batch,) = source.batches(Workspace(spec, 4))
        np.testing.assert_array_equal(batch.work.x, np.eye(4))


def test_a_shifted_sparse_matrix_is_left_to_numpy():
    X = scipy.sparse.csr_array(np.eye(4))
    source = SparseSource(X, shift=np.ones(4), scale=np.ones(4))
    assert source.lent(NetworkSpec.of([4, 3]), np.arange(4)) is None


@pytest.mark.parametrize("column_dtype", [np.int32, np.int64])
def test_a_sparse_matrix_that_has_an_entry_twice(column_dtype):
    X = scipy.sparse.csr_array(
        (
            np.array([1.0, 2.0, 4.0]),
            np.array([1, 1, 0], column_dtype),
            np.array([0, 2, 3], column_dtype),
        ),
        shape=(2, 2),
    )
    spec = NetworkSpec.of([2, 3, 1], "tanh", "squared", dtype="float64")
    training = Training(spec, Plan(1, 2), SparseSource(X, np.ones((2, 1))))
    assert_same(training, training.run("numpy"), training.run("compiled"))


def test_divergence_is_told_as_the_numpy_loop_tells_it(message_of):
    def diverge(backend):
        spec = NetworkSpec.of([5, 8, 1], "relu", "squared")
        training = small(spec, schedule=Constant(1e30), optimizer=SGD())
        training.source = Source(training.source.X, np.ones((40, 1), np.float32))
        return message_of(DivergenceError, training.run, backend)

    assert diverge("compiled") == diverge("numpy")


def test_after_each_step_it_is_told():
    training, clocks = small(), []
    with backends.using("compiled"):
        trainer = Trainer(Parameters(training.spec), training.plan)
        order = np.random.default_rng(0).permutation
        trainer.epoch(training.source, order, lambda: clocks.append(trainer.clock.step))
    assert clocks == [1, 2, 3]


def test_a_long_epoch_returns_to_python_in_between(monkeypatch):
    monkeypatch.setattr(compiled, "LONGEST_CALL", 0.0)
    training = small()
    whole = training.run("numpy")
    assert_same(training, whole, training.run("compiled"))
    assert training.run("compiled")[2].compiled.rows_per_call == 16


def test_where_an_epoch_is_cut_changes_no_bit(kernels, monkeypatch):
    training = small(n=400, batch_size=13)  # sums of loss times 13, which is rounded
    whole = training.run("compiled")
    monkeypatch.setattr(compiled, "LONGEST_CALL", 0.0)
    pieces = training.run("compiled")
    np.testing.assert_array_equal(pieces[0], whole[0])
    assert pieces[1] == whole[1]


def test_a_team_rests_between_calls_and_has_threads_in_a_forked_process_too(kernels, monkeypatch):
    spec, X = NetworkSpec.of([4, 3]), np.ones((2, 4), np.float32)
    params = Parameters(spec).initialize(INITIALIZERS["he_normal"], np.random.default_rng(0))
    networks = [kernels.Network(**compiled._network(params, 2)) for _ in range(3)]
    outs = [np.zeros((2, 3), np.float32) for _ in networks]

    def run(team):
        for network, out in zip(networks, outs, strict=True):
            out.fill(0)
            network.lend(X=X, kind=1)
            network.forward(0, 2, out, 0, False)
        team.run(networks)
        for out in outs:
            np.testing.assert_allclose(out, X @ params.W[0], rtol=1e-6)

    before = set(threading.enumerate())
    team = compiled.Team(3)
    workers = set(threading.enumerate()) - before
    for _ in range(50):
        run(team)
    # A fork has none of the threads of the process that made it.
    team._crew.dismiss()
    for worker in workers:
        worker.join(timeout=30)
        assert not worker.is_alive()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    run(team)


def test_the_threads_of_a_team_end_with_it(kernels):
    before = set(threading.enumerate())
    team = compiled.Team(3)
    threads = set(threading.enumerate()) - before
    assert len(threads) == 2
    del team
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_as_many_threads_as_there_is_work_for(monkeypatch):
    monkeypatch.setattr(type(one_thread), "threads", lambda self: 4)
    assert compiled.count_workers(100, 32) == 1
    assert compiled.count_workers(2_220, 200) == 2
    assert compiled.count_workers(20_000, 200) == 4
    assert compiled.count_workers(100_000, 128) == 4
    assert compiled.count_workers(10_000_000, 3) == 3  # no more than rows
    assert compiled.count_workers(100, 32, wanted=2) == 2
    monkeypatch.setattr(type(one_thread), "threads", lambda self: 1)
    assert compiled.count_workers(10_000_000, 128) == 1


@pytest.mark.parametrize("rows", [None, np.arange(700)], ids=["all rows", "numbered rows"])
@pytest.mark.parametrize("kind", [Source, sparse_source])
def test_many_rows_go_forward_in_threads_with_the_same_result(monkeypatch, kind, rows):
    rng = np.random.default_rng(0)
    params = Parameters(NetworkSpec.of([5, 8, 3])).initialize(INITIALIZERS["he_normal"], rng)
    X, y = rng.normal(size=(700, 5)).astype(np.float32), rng.integers(0, 3, 700)
    with backends.using("numpy"):
        alone = Evaluator(params).evaluate(Source(X, y))
    monkeypatch.setattr(type(one_thread), "threads", lambda self: 3)
    monkeypatch.setattr(compiled, "FORWARD_PRODUCTS_PER_WORKER", 1000)
    monkeypatch.setattr(compiled, "FORWARD_ROWS", 300)
    evaluator = Evaluator(params)
    with backends.using("compiled"):
        together = evaluator.evaluate(kind(X, y, rows=rows))
        assert len(evaluator._kernels._networks) == 3
    np.testing.assert_allclose(together[0], alone[0], rtol=1e-5, atol=1e-6)
    assert math.isclose(together[1], alone[1], rel_tol=1e-6)


def test_an_epoch_allocates_nothing_of_its_data_s_size(peak_bytes):
    training = small(n=20_000)
    with backends.using("compiled"):
        trainer = Trainer(Parameters(training.spec), training.plan)
        peak = peak_bytes(lambda: trainer.epoch(training.source, lambda rows: rows))
    assert peak < 20_000 * 8 * 3.1  # classes in the order of the epoch; rows and classes as intp


def test_what_the_kernels_take_is_made_a_part_at_a_time(peak_bytes, monkeypatch):
    monkeypatch.setattr(compiled, "LONGEST_CALL", 0.0)
    training = small(n=20_000)
    with backends.using("compiled"):
        trainer = Trainer(Parameters(training.spec), training.plan)
        peak = peak_bytes(lambda: trainer.epoch(training.source, lambda rows: rows))
    assert peak < 20_000 * 8 * 1.6  # the classes in the order of the epoch, and small things
