from __future__ import annotations

import copy
import inspect
import math
import warnings
from functools import partial

import numpy as np
import pytest
import scipy.sparse
from sklearn.neural_network import MLPRegressor

from chainrule.engine.backends import using
from chainrule.engine.initializers import UniformWithBiases
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    Momentum,
    Nesterov,
    OptimizerState,
)
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByNorm, ClipByValue, Penalty, PenaltyPerSample
from chainrule.engine.schedules import Adaptive, Clock, Constant, Cosine, InvScaling
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError, InvalidValueError
from chainrule.training.callbacks import Callback, Convergence, Progress
from chainrule.training.evaluator import Evaluator, Measured
from chainrule.training.history import History
from chainrule.training.loop import Plan, Trainer, run_epochs, train
from chainrule.training.source import InOrder, Source, SparseSource, SuccessiveShuffles

from ..parts import BACKENDS
from .networks import accuracy, blobs, network, weighted

REMEDY = "try a lower learning rate, clip the gradient, or scale the features"


def plan(**changes):
    settings = {"epochs": 5, "batch_size": 16, "schedule": Constant(0.1)}
    return Plan(**settings | changes)


def fit(params, the_plan, data=None, seed=0, *, validation=None, dropout_rng=None, **others):
    if validation is not None:
        others["measure"] = partial(Evaluator(params).measure, validation)
    return train(
        Trainer(params, the_plan, dropout_rng=dropout_rng),
        Source(*(data or blobs())),
        np.random.default_rng(seed).permutation,
        **others,
    )


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_learns_with_every_optimizer(optimizer, dtype):
    params = network(NetworkSpec.of([2, 8, 3], dtype=dtype))
    fit(params, plan(epochs=30, optimizer=OPTIMIZERS[optimizer](), schedule=Constant(0.02)))
    X, y = blobs(seed=1)
    assert accuracy(Evaluator(params).measure(Source(X, y))) > 0.95


@pytest.mark.parametrize("loss", list(LOSSES))
def test_learns_with_every_loss(loss):
    X, y = blobs()
    spec = NetworkSpec.of([2, 16, 3], "tanh", loss, dtype="float64")
    if not spec.loss.takes_classes:
        y = np.eye(3)[y]
    history = fit(network(spec), plan(epochs=40, optimizer=Adam(), schedule=Constant(0.01)), (X, y))
    losses = history.column("train_loss")
    assert losses[-1] < losses[0] / 2


def test_a_step_is_gradient_penalty_clip_and_update():
    X, y = blobs(8)
    params = network()
    before, gradient = copy.deepcopy(params), Parameters(params.spec)
    the_plan = plan(penalty=Penalty(l2=0.3), clip=ClipByNorm(0.01), batch_size=8)
    trainer = Trainer(params, the_plan)
    trainer.work.x[:] = X
    value, penalty = trainer.step(trainer.work, y)
    work = Workspace(params.spec, 8)
    work.x[:] = X
    assert value == loss_and_gradient(before, work, y, gradient)
    assert math.isclose(penalty, 0.15 * (before.weights**2).sum())
    gradient.weights += 0.3 * before.weights
    wanted = before.flat - 0.1 * 0.01 * gradient.flat / np.linalg.norm(gradient.flat)
    np.testing.assert_allclose(params.flat, wanted, rtol=1e-12)
    assert trainer.clock.step == 1


def test_the_history_has_one_row_an_epoch():
    history = fit(network(), plan(epochs=4), validation=Source(*blobs(20, 1)))
    assert len(history) == 4
    assert history.column("epoch") == [1, 2, 3, 4]
    assert history.column("learning_rate") == [0.1] * 4
    assert [row.epoch for row in history] == [1, 2, 3, 4]
    assert history.best_epoch is None
    for row in history:
        assert row.monitored_loss == row.validation_loss > 0
        assert 0 <= row.scores["validation_accuracy"] <= 1
        assert row.seconds >= 0
        assert row.penalty == 0


def test_without_validation_its_columns_are_none():
    history = fit(network(), plan(epochs=2))
    assert history.column("validation_loss") == [None, None]
    assert "validation_accuracy" not in history.columns
    assert history.epochs[0].monitored_loss == history.epochs[0].train_loss


def test_the_training_loss_is_the_mean_over_samples_before_each_step():
    X, y = blobs(20)
    params = network()
    untouched = copy.deepcopy(params)
    # At a rate of nearly nothing every batch is measured on the initial weights.
    history = fit(params, plan(epochs=1, batch_size=7, schedule=Constant(1e-300)), (X, y))
    whole = Evaluator(untouched).measure(Source(X, y)).loss
    assert math.isclose(history.epochs[0].train_loss, whole, rel_tol=1e-12)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    spec = NetworkSpec.of([2, 8, 3], dropout=0.3)
    runs = []
    for seed, dropped in ((0, 0), (0, 0), (1, 0), (0, 1)):
        params = network(spec)
        masks = np.random.default_rng(dropped)
        history = fit(params, plan(optimizer=Adam()), seed=seed, dropout_rng=masks)
        runs.append((params.flat, history.column("train_loss")))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]
    assert not np.array_equal(runs[0][0], runs[2][0])
    assert not np.array_equal(runs[0][0], runs[3][0])


def test_what_is_dropped_does_not_change_the_order():
    states = []
    for share, masks in ((0.0, None), (0.3, np.random.default_rng(7))):
        params, orders = network(NetworkSpec.of([2, 8, 3], dropout=share)), []
        rng = np.random.default_rng(0)

        def order(rows, rng=rng, orders=orders):
            orders.append(rng.permutation(rows))
            return orders[-1]

        train(Trainer(params, plan(), dropout_rng=masks), Source(*blobs()), order)
        states.append((np.concatenate(orders), rng.bit_generator.state))
    np.testing.assert_array_equal(states[0][0], states[1][0])
    assert states[0][1] == states[1][1]


def test_the_order_does_not_change_what_is_dropped():
    spec, drawn = NetworkSpec.of([2, 8, 3], dropout=0.3), []
    for seed in (0, 1):
        masks = np.random.default_rng(7)
        fit(network(spec), plan(), seed=seed, dropout_rng=masks)
        drawn.append(masks.bit_generator.state)
    assert drawn[0] == drawn[1] != np.random.default_rng(7).bit_generator.state


def test_without_a_stream_for_it_nothing_is_dropped():
    whole, dropping = (network(NetworkSpec.of([2, 8, 3], dropout=share)) for share in (0, 0.3))
    fit(whole, plan())
    fit(dropping, plan())
    np.testing.assert_array_equal(whole.flat, dropping.flat)


def test_the_order_is_asked_once_an_epoch_and_followed():
    X, _ = blobs(10)
    rows, asked = np.array([8, 1, 4, 3, 6]), []

    class Watched(Source):
        def batches(self, work, rows=None, **options):
            for batch in super().batches(work, rows, **options):
                seen.extend(batch.y)
                yield batch

        def lent(self, spec, rows, **options):
            return None  # batches come one by one

    def order(given):
        asked.append(given)
        return given[::-1]

    seen = []
    source = Watched(X, np.arange(10) % 3, rows=rows)
    train(Trainer(network(), plan(epochs=2, batch_size=2)), source, order)
    assert len(asked) == 2
    assert all(given is source.rows for given in asked)
    assert seen == [0, 0, 1, 1, 2] * 2  # of rows 6, 3, 4, 1, 8


def test_after_each_step_it_is_told():
    trainer, steps = Trainer(network(), plan()), []
    trainer.epoch(Source(*blobs()), InOrder(), lambda: steps.append(trainer.clock.step))
    assert steps == [1, 2, 3, 4]


def test_a_whole_weight_is_a_sample_given_so_often():
    X, y = blobs(20)
    weight = weighted(20)
    repeated = np.repeat(np.arange(20), weight.astype(int))
    one, other = network(), network()
    penalty = PenaltyPerSample(0.1, 0.2)
    a = Trainer(one, plan(batch_size=20, penalty=penalty))
    b = Trainer(other, plan(batch_size=len(repeated), penalty=penalty))
    for _ in range(3):
        mine = a.epoch(Source(X, y, weight=weight), InOrder())
        wanted = b.epoch(Source(X[repeated], y[repeated]), InOrder())
        np.testing.assert_allclose(mine, wanted, rtol=1e-12)
    np.testing.assert_allclose(one.flat, other.flat, rtol=1e-10)


def test_the_penalty_s_samples_are_the_batch_s_or_the_sum_of_its_weights():
    X, y = blobs(8)
    for weight, samples in ((None, 8.0), (np.array([1.0, 2, 3, 4, 0, 0, 1, 0.5]), 11.5)):
        trainer = Trainer(network(), plan(batch_size=8, penalty=PenaltyPerSample(0.1, 0.2)))
        w = trainer.params.weights.copy()
        trainer.work.x[:] = X
        _, penalty = trainer.step(trainer.work, y, weight)
        wanted = (0.1 * np.abs(w).sum() + 0.1 * (w**2).sum()) / samples
        assert math.isclose(penalty, wanted, rel_tol=1e-12)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_a_batch_without_weight_is_skipped(optimizer):
    # With decay, momentum and penalty a step on it would not leave the network alone.
    X, y = blobs(12)
    weight = np.ones(12)
    weight[4:8] = 0
    settings = {
        "batch_size": 4,
        "optimizer": OPTIMIZERS[optimizer](weight_decay=0.1),
        "penalty": Penalty(0.1, 0.1),
    }
    one, other = (Trainer(network(), plan(**settings)) for _ in range(2))
    rows = np.array([0, 1, 2, 3, 8, 9, 10, 11])
    for _ in range(2):
        loss, penalty = one.epoch(Source(X, y, weight=weight), InOrder())
        wanted = other.epoch(Source(X, y, rows=rows), InOrder())
        np.testing.assert_array_equal(one.params.flat, other.params.flat)
        np.testing.assert_allclose([loss * 12, penalty * 12], np.array(wanted) * 8, rtol=1e-12)
    assert one.clock == (4, 2, 24, 0)
    assert one.state.t == other.state.t == 4


def test_training_loss_and_penalty_are_means_over_batches_by_their_rows():
    X, y = blobs(10)
    weight = np.arange(10.0)
    params, spec = network(), NetworkSpec.of([2, 8, 3], dtype="float64")
    untouched, gradient = copy.deepcopy(params), Parameters(spec)
    the_plan = plan(batch_size=4, schedule=Constant(1e-300), penalty=PenaltyPerSample(l1=0.7))
    trainer = Trainer(params, the_plan)
    loss, penalty = trainer.epoch(Source(X, y, weight=weight), InOrder())
    losses, penalties = [], []
    for begin, end in ((0, 4), (4, 8), (8, 10)):
        work = Workspace(spec, end - begin)
        work.x[:] = X[begin:end]
        part = weight[begin:end]
        losses.append(loss_and_gradient(untouched, work, y[begin:end], gradient, weight=part))
        penalties.append(0.7 * np.abs(untouched.weights).sum() / part.sum())
    rows = [4, 4, 2]
    assert math.isclose(loss, np.average(losses, weights=rows), rel_tol=1e-12)
    assert math.isclose(penalty, np.average(penalties, weights=rows), rel_tol=1e-12)


def test_loss_scale_is_in_the_training_loss_and_nowhere_else():
    runs = []
    for scale in (1.0, 0.25):
        params = network()
        settings = {"penalty": Penalty(l2=0.1), "loss_scale": scale}
        history = fit(params, plan(**settings), validation=Source(*blobs(20, 1)))
        runs.append((params, history))
    (one, plain), (other, scaled) = runs
    np.testing.assert_array_equal(one.flat, other.flat)
    losses = np.array(plain.column("train_loss"))
    np.testing.assert_allclose(scaled.column("train_loss"), 0.25 * losses, rtol=1e-14)
    for column in ("penalty", "validation_loss", "validation_accuracy"):
        assert plain.column(column) == scaled.column(column)


def test_the_schedule_is_asked_at_every_step():
    # 60 samples in batches of 16 are 4 steps an epoch; the last of each is in the history.
    history = fit(network(), plan(epochs=3, schedule=Cosine(0.1, 12)))
    wanted = [0.05 * (1 + math.cos(math.pi * step / 12)) for step in (3, 7, 11)]
    np.testing.assert_allclose(history.column("learning_rate"), wanted)


def test_the_clock_counts_steps_epochs_and_samples():
    trainer = Trainer(network(), plan())
    source = Source(*blobs())
    for _ in range(3):
        trainer.epoch(source, np.random.default_rng(0).permutation)
    assert trainer.clock == (12, 3, 180, 0)
    trainer.plateau()
    assert trainer.clock == (12, 3, 180, 1)


def test_samples_of_earlier_trainings_count_from_the_second_epoch_on():
    schedule = InvScaling(0.1, power=1)
    trainer = Trainer(network(), plan(schedule=schedule), samples_before=1000)
    assert trainer.learning_rate == 0.1
    rates, samples = [], []
    for _ in range(3):
        trainer.epoch(Source(*blobs()), InOrder())
        rates.append(trainer.learning_rate)
        samples.append(trainer.clock.samples)
    assert samples == [1060, 1120, 1180]
    np.testing.assert_allclose(rates, [0.1, 0.1 / 1061, 0.1 / 1121], rtol=1e-14)


def test_samples_of_earlier_trainings_are_not_counted_again():
    clock = Clock(step=8, epoch=2, samples=120, plateaus=1)
    trainer = Trainer(network(), plan(), clock=clock, samples_before=1000)
    trainer.epoch(Source(*blobs()), InOrder())
    assert trainer.clock == (12, 3, 180, 1)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_training_goes_on_from_a_state_and_a_clock(optimizer):
    the_plan = plan(optimizer=OPTIMIZERS[optimizer](), schedule=Cosine(0.1, 40))
    through, params = network(), network()
    whole = Trainer(through, the_plan)
    source, order = Source(*blobs()), InOrder()
    first = Trainer(params, the_plan)
    for _ in range(4):
        whole.epoch(source, order)
    for _ in range(2):
        first.epoch(source, order)
    state = copy.deepcopy(first.state)
    second = Trainer(params, the_plan, state=state, clock=first.clock)
    assert second.state is state
    assert second.learning_rate == the_plan.schedule(first.clock)
    for _ in range(2):
        second.epoch(source, order)
    np.testing.assert_array_equal(params.flat, through.flat)
    assert second.clock == whole.clock
    assert state.t == whole.state.t == 16


def test_adaptive_lowers_the_rate_after_each_plateau():
    # Nothing improves by a million, so every two epochs are a plateau, after the first epoch.
    listener = Convergence(1, 1e6, adaptive=True)
    the_plan = plan(epochs=6, schedule=Adaptive(0.1, factor=10))
    history = fit(network(), the_plan, callbacks=[listener])
    np.testing.assert_allclose(history.column("learning_rate"), [0.1, 0.1, 0.1, 0.01, 0.01, 0.001])


def test_adaptive_keeps_the_rate_while_the_loss_falls():
    listener = Convergence(0, 0.0, adaptive=True)
    history = fit(network(), plan(epochs=6, schedule=Adaptive(0.01)), callbacks=[listener])
    assert history.column("learning_rate") == [0.01] * 6


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"schedule": Constant(1e200)}, "the training loss"),
        # One step is one epoch, so only the weights can tell.
        ({"schedule": Constant(1e308), "batch_size": 60, "penalty": Penalty(l2=1e9)}, "a weight"),
    ],
)
def test_divergence_names_the_epoch_and_warns_of_nothing(change, what, message_of):
    message = message_of(DivergenceError, fit, network(), plan(**change))
    assert message == f"training diverged in epoch 1: {what} is not finite; {REMEDY}"


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("stop", [True, False])
def test_weights_that_stand_still_as_their_squares_overflow_are_an_error(
    optimizer, backend, stop, message_of
):
    X, y = blobs()
    far = (X, 1e22 * np.eye(3)[y])
    rule = OPTIMIZERS[optimizer]()
    the_plan = plan(optimizer=rule, stop_on_divergence=stop)
    with using(backend):
        params = network(NetworkSpec.of([2, 8, 3], loss="squared"))
        message = message_of(DivergenceError, fit, params, the_plan, far)
        exact = network(NetworkSpec.of([2, 8, 3], loss="squared", dtype="float64"))
        begun = exact.flat.copy()
        fit(exact, the_plan, far)
    assert message == (
        f"training diverged in epoch 1: {type(rule).__name__}'s running square of the gradient in "
        "float32 is not finite; gradients must stay well below 1.8e+19: scale y and X, or pass "
        'dtype="float64"'
    )
    assert np.abs(exact.flat - begun).max() > 0.05


def test_an_epsilon_that_is_too_small_is_refused_before_training():
    with pytest.raises(InvalidValueError, match=r"epsilon must be at least 1e-16 in float32"):
        Trainer(network(NetworkSpec.of([2, 3])), plan(optimizer=Adam(epsilon=1e-20)))


def test_divergence_of_the_validation_loss(message_of):
    linear = network(NetworkSpec.of([2, 3], loss="squared", dtype="float64"))
    X, y = blobs()
    far = Source(np.full((3, 2), 1e200), np.eye(3))
    message = message_of(DivergenceError, fit, linear, plan(), (X, np.eye(3)[y]), validation=far)
    assert message == (f"training diverged in epoch 1: the validation loss is not finite; {REMEDY}")


def test_divergence_in_a_later_epoch_is_named(message_of):
    class Spoil(Callback):
        def epoch_end(self, progress):
            if len(progress.history) == 3:
                progress.params.flat[0] = math.nan
            return False

    message = message_of(DivergenceError, fit, network(), plan(), callbacks=[Spoil()])
    assert message == f"training diverged in epoch 4: the training loss is not finite; {REMEDY}"


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_plan_that_says_so_trains_on_and_warns_of_nothing(optimizer, dtype):
    params = network(NetworkSpec.of([2, 8, 8, 3], "identity", "squared", dtype=dtype))
    X, y = blobs()
    the_plan = plan(
        schedule=Constant(1e200 if dtype == "float64" else 1e30),
        optimizer=OPTIMIZERS[optimizer](),
        penalty=Penalty(0.1, 0.1),
        stop_on_divergence=False,
    )
    far = Source(np.full((3, 2), 1e200), np.eye(3))
    history = fit(params, the_plan, (X, np.eye(3)[y]), validation=far)
    assert len(history) == the_plan.epochs
    for column in ("train_loss", "validation_loss"):
        assert not math.isfinite(history.epochs[-1].value(column))
    assert not np.isfinite(params.flat).all()


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("clip", [None, ClipByNorm(1e300), ClipByValue(1e300)])
def test_no_optimizer_warns_when_it_diverges(optimizer, dtype, clip):
    params = network(NetworkSpec.of([2, 8, 8, 3], "identity", "squared", dtype=dtype))
    X, y = blobs()
    the_plan = plan(
        schedule=Constant(1e200 if dtype == "float64" else 1e30),
        optimizer=OPTIMIZERS[optimizer](),
        penalty=Penalty(0.1, 0.1),
        clip=clip,
    )
    with pytest.raises(DivergenceError):
        fit(params, the_plan, (X, np.eye(3)[y]))


def test_an_epoch_allocates_no_array(rng, peak_bytes, cast_buffers):
    spec = NetworkSpec.of([100, 400, 400, 10], "gelu", dropout=0.2)
    X, y = rng.integers(0, 256, (2000, 100), dtype=np.uint8), rng.integers(0, 10, 2000)
    params = network(spec)
    trainer = Trainer(
        params,
        plan(
            batch_size=600,  # so that the last batch is shorter
            optimizer=Adam(weight_decay=0.1),
            penalty=Penalty(1e-5, 1e-5),
            clip=ClipByNorm(1),
            schedule=Constant(1e-3),
        ),
    )
    trainer.dropout_rng = rng
    source = Source(X, y, scale=1 / 255)
    used = peak_bytes(lambda: trainer.epoch(source, rng.permutation))
    assert used < 600 * 400 * 4 / 8 + cast_buffers  # an eighth of one layer's activations


@pytest.mark.parametrize("name", ["epochs", "batch_size", "n_threads"])
@pytest.mark.parametrize("value", [0, -1, math.nan, 2.0, True, "2"])
def test_a_plan_refuses_what_it_cannot_be(name, value, message_of):
    message = message_of(InvalidValueError, plan, **{name: value})
    assert (
        message == f"{name} must be an integer of at least 1, got {value!r}: pass a larger integer"
    )


def test_a_plan_s_defaults():
    the_plan = Plan(epochs=1, batch_size=2)
    assert the_plan == Plan(1, 2, Constant(1e-3), SGD(), Penalty(), None, 1.0, True)


def test_a_regression_s_history_has_no_accuracy():
    params, (X, y) = network(NetworkSpec.of([2, 8, 3], loss="squared", dtype="float64")), blobs()
    targets = np.eye(3)[y]
    history = fit(params, plan(epochs=1), (X, targets), validation=Source(X, targets))
    assert "validation_accuracy" not in history.columns


def test_an_evaluator_serves_a_whole_training():
    X, y = blobs()
    params = network()
    evaluator, source = Evaluator(params), Source(X, y)
    before = evaluator.measure(source).loss
    fit(params, plan())
    after = evaluator.measure(source).loss
    assert after < before
    assert after == Evaluator(params).measure(source).loss


def test_sparse_rows_train_as_dense_ones():
    X, y = blobs()
    X[np.abs(X) < 1] = 0
    sparse = SparseSource(scipy.sparse.csr_array(X), y, weight=weighted())
    dense = Source(X, y, weight=weighted())
    results = []
    for source in (sparse, dense):
        params = network()
        history = train(
            Trainer(params, plan()),
            source,
            np.random.default_rng(0).permutation,
            measure=partial(Evaluator(params, 7).measure, source),
        )
        rows = [row._replace(seconds=0.0) for row in history]
        results.append((rows, params.flat))
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(results[0][1], results[1][1])


def test_whatever_is_measured_after_an_epoch_is_in_the_history():
    params, seen = network(), []

    def measure():
        seen.append(params.flat.copy())
        return Measured(len(seen) / 4, {"r2": -float(len(seen)), "top_5": 0.5})

    history = fit(params, plan(epochs=3), measure=measure)
    assert len(seen) == 3
    assert not np.array_equal(seen[0], seen[1])  # after the epoch, each time
    np.testing.assert_array_equal(seen[2], params.flat)
    assert history.column("validation_loss") == [0.25, 0.5, 0.75]
    assert history.column("r2") == [-1.0, -2.0, -3.0]
    assert history.column("top_5") == [0.5] * 3
    assert history.score_names == ("r2", "top_5")


def test_scores_are_kept_as_they_were():
    scores = {}

    def measure():
        scores["r2"] = scores.get("r2", 0.0) + 1
        return Measured(None, scores)

    history = fit(network(), plan(epochs=2), measure=measure)
    assert history.column("r2") == [1.0, 2.0]
    assert history.column("validation_loss") == [None, None]


def test_a_score_may_be_nan():
    history = fit(network(), plan(epochs=2), measure=lambda: Measured(None, {"r2": math.nan}))
    assert len(history) == 2


def test_a_later_training_goes_on_in_the_same_history():
    params, history = network(), History()
    for wanted in (2, 4):
        trainer = Trainer(params, plan(epochs=2))
        progress = Progress(trainer, history, 2)
        assert train(trainer, Source(*blobs()), InOrder(), progress=progress) is history
        assert history.column("epoch") == list(range(1, wanted + 1))
        assert progress.epochs_done == 2


def test_a_progress_may_have_epochs_behind_it():
    trainer = Trainer(network(), plan(epochs=5))
    progress = Progress(trainer, History(), 5, epochs_done=3)
    train(trainer, Source(*blobs()), InOrder(), progress=progress)
    assert len(progress.history) == 2
    assert progress.epochs_done == 5
    assert not progress.stopped


class Log(Callback):
    def __init__(self, heard, name):
        self.heard, self.name = heard, name

    def train_begin(self, progress):
        self.heard.append((self.name, "begin", progress.epochs_done))

    def epoch_end(self, progress):
        self.heard.append((self.name, "epoch", progress.epochs_done))
        return progress.epochs_done == 2

    def train_end(self, progress):
        self.heard.append((self.name, "end", progress.epochs_done))


def test_callbacks_are_called_in_their_order():
    heard = []
    history = fit(network(), plan(), callbacks=[Log(heard, "a"), Log(heard, "b")])
    moments = [("begin", 0), ("epoch", 1), ("epoch", 2), ("end", 2)]
    assert heard == [(name, *moment) for moment in moments for name in "ab"]
    assert len(history) == 2


def test_run_epochs_leaves_beginning_and_end_to_the_caller():
    heard, trainer = [], Trainer(network(), plan())
    progress = Progress(trainer, History(), 5)
    run_epochs(trainer, Source(*blobs()), InOrder(), progress, callbacks=[Log(heard, "a")])
    assert heard == [("a", "epoch", 1), ("a", "epoch", 2)]
    assert progress.stopped
    run_epochs(trainer, Source(*blobs()), InOrder(), progress, callbacks=[Log(heard, "a")])
    assert len(heard) == len(progress.history) == 2


def test_a_callback_sees_the_trainer_and_its_parameters():
    seen, params, estimator = [], network(), object()
    trainer = Trainer(params, plan(epochs=1))

    class Look(Callback):
        def batch_end(self, progress):
            seen.append((progress.trainer, progress.params, progress.estimator))

    progress = Progress(trainer, History(), 1, estimator=estimator)
    train(trainer, Source(*blobs(16)), InOrder(), callbacks=[Look()], progress=progress)
    assert len(seen) == 1
    assert all(a is b for a, b in zip(seen[0], (trainer, params, estimator), strict=True))


SETTINGS = {
    "sgd": ({"solver": "sgd", "momentum": 0.0}, SGD(), Constant(0.05)),
    "momentum 1, adaptive": (
        {
            "solver": "sgd",
            "learning_rate": "adaptive",
            "momentum": 1.0,
            "nesterovs_momentum": False,
        },
        Momentum(momentum=1.0),
        Adaptive(0.05),
    ),
    "nesterov, invscaling": (
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
        Nesterov(),
        InvScaling(0.05, 0.3),
    ),
    "adam, adaptive in vain": (
        {"solver": "adam", "learning_rate": "adaptive"},
        Adam(),
        Constant(0.05),
    ),
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))
@pytest.mark.parametrize("with_weights", [False, True])
@pytest.mark.parametrize("trainings", [1, 2])
def test_the_parts_together_train_as_scikit_learn_does(settings, with_weights, trainings, capsys):
    given, optimizer, schedule = settings
    if with_weights and "sample_weight" not in inspect.signature(MLPRegressor.fit).parameters:
        pytest.skip("this scikit-learn takes no weights")
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))
    weight = rng.uniform(0.1, 2, 50) if with_weights else None
    epochs = 60 if trainings == 1 else 5  # converged, or cut off and taken up again
    theirs = MLPRegressor(
        hidden_layer_sizes=(6, 4),
        activation="tanh",
        alpha=0.3,
        batch_size=16,
        learning_rate_init=0.05,
        max_iter=epochs,
        tol=0.01,
        n_iter_no_change=2,
        random_state=3,
        warm_start=True,
        verbose=True,
        **given,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence
        for _ in range(trainings):
            theirs.fit(X, y, **({"sample_weight": weight} if with_weights else {}))
    wanted_text = capsys.readouterr().out

    state, said = np.random.RandomState(3), []
    spec = NetworkSpec.of([3, 6, 4, 2], "tanh", "squared", dtype="float64")
    params = Parameters(spec).initialize(UniformWithBiases(), state)
    penalty = PenaltyPerSample(l2=0.3)
    the_plan = Plan(epochs, 16, schedule, optimizer, penalty, loss_scale=0.5)  # two outputs
    history = History()
    adaptive = isinstance(schedule, Adaptive)
    convergence = Convergence(2, 0.01, adaptive=adaptive, say=said.append)
    for training in range(trainings):
        if training:
            state = np.random.RandomState(3)  # with a seed, scikit-learn starts it anew
        trainer = Trainer(params, the_plan, samples_before=50 * len(history))
        train(
            trainer,
            Source(X, y, weight=weight),
            SuccessiveShuffles(state),
            callbacks=[convergence],
            progress=Progress(trainer, history, epochs),
        )
    got = np.add(history.column("train_loss"), history.column("penalty"))
    np.testing.assert_allclose(got, theirs.loss_curve_, rtol=1e-9)
    assert math.isclose(convergence.best, theirs.best_loss_, rel_tol=1e-9)
    for ours, wanted in zip(
        (*params.W, *params.b), (*theirs.coefs_, *theirs.intercepts_), strict=True
    ):
        np.testing.assert_allclose(ours, wanted, rtol=1e-7, atol=1e-9)
    assert said == wanted_text.splitlines()


def states():
    """Return states of Adam that do not belong to a network of 51 parameters in float64."""
    n = network().flat.size
    wrong = {
        "of another optimizer": np.zeros((1, n)),
        "of another network": np.zeros((2, n + 1)),
        "of another dtype": np.zeros((2, n), np.float32),
        "in pieces": np.zeros((2, 2 * n))[:, ::2],
        "no array": [[0.0] * n] * 2,
    }
    read_only = np.zeros((2, n))
    read_only.flags.writeable = False
    return {**wrong, "read only": read_only}


@pytest.mark.parametrize("slots", states().values(), ids=list(states()))
def test_a_state_must_belong_to_the_parameters(slots):
    the_plan = plan(optimizer=Adam())
    with pytest.raises(InvalidValueError, match="slots must be"):
        Trainer(network(), the_plan, state=OptimizerState(slots, 0))


def test_the_other_parts_of_a_trainer_are_looked_at_too():
    params = network()
    state = OptimizerState(np.zeros((2, params.flat.size)), -1)
    with pytest.raises(InvalidValueError, match="t of the optimizer's state must be an integer"):
        Trainer(params, plan(optimizer=Adam()), state=state)
    with pytest.raises(InvalidValueError, match="dropout_rng must be None or a"):
        Trainer(params, plan(), dropout_rng=np.random.RandomState(0))


def test_weights_that_may_only_be_read_predict_and_do_not_learn():
    params, X = network(), blobs()[0]
    expected = Evaluator(params).predict(Source(X))
    params.flat.flags.writeable = False
    frozen = Parameters(params.spec, params.flat)
    np.testing.assert_array_equal(Evaluator(frozen).predict(Source(X)), expected)
    with pytest.raises(InvalidValueError, match="that may be written to, got read-only float64"):
        Trainer(frozen, plan())


def test_a_larger_batch_in_the_middle_is_none():
    # The buffers are of the plan that training began with.
    (X, y), order = blobs(40), InOrder()
    trainers = [Trainer(network(), plan(batch_size=4)) for _ in range(2)]
    for trainer in trainers:
        trainer.epoch(Source(X, y), order)
    trainers[0].plan = plan(batch_size=40)
    losses = [trainer.epoch(Source(X, y), order) for trainer in trainers]
    assert losses[0] == losses[1]


def test_a_schedule_returns_one_number():
    class Several(Constant):
        by_step = True

        def __call__(self, clock):
            return np.ones(2)

    with pytest.raises((TypeError, ValueError)):
        fit(network(), plan(schedule=Several(0.1)))
