from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.losses import LOSSES
from chainrule.engine.network import loss_and_gradient
from chainrule.engine.optimizers import OPTIMIZERS, SGD, Adam
from chainrule.engine.params import Parameters
from chainrule.engine.regularization import ClipByNorm, ClipByValue, Penalty
from chainrule.engine.schedules import Adaptive, Constant, Cosine
from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import DivergenceError, InvalidValueError
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import History
from chainrule.training.loop import Evaluator, Plan, Trainer, train
from chainrule.training.source import Source

REMEDY = "try a lower learning rate, clip the gradient, or scale the features"


def blobs(n=60, seed=0):
    """Three clouds in the plane, as (X, y)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return np.array([[0.0, 2], [2, -1], [-2, -1]])[y] + rng.normal(0, 0.4, (n, 2)), y


def network(spec=None, seed=0, rule="he_normal"):
    spec = spec or NetworkSpec.of([2, 8, 3], dtype="float64")
    return Parameters(spec).initialize(INITIALIZERS[rule], np.random.default_rng(seed))


def plan(**changes):
    settings = {"epochs": 5, "batch_size": 16, "schedule": Constant(0.1)}
    return Plan(**settings | changes)


def fit(params, the_plan, data=None, seed=0, **others):
    return train(
        params, the_plan, Source(*(data or blobs())), np.random.default_rng(seed), **others
    )


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_learns_with_every_optimizer(optimizer, dtype):
    params = network(NetworkSpec.of([2, 8, 3], dtype=dtype))
    fit(params, plan(epochs=30, optimizer=OPTIMIZERS[optimizer](), schedule=Constant(0.02)))
    X, y = blobs(seed=1)
    assert Evaluator(params).measure(Source(X, y)).accuracy > 0.95


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
    value = trainer.step(trainer.work, y)
    work = Workspace(params.spec, 8)
    work.x[:] = X
    assert value == loss_and_gradient(before, work, y, gradient)
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
        assert 0 <= row.validation_accuracy <= 1
        assert row.seconds >= 0


def test_without_validation_its_columns_are_none():
    history = fit(network(), plan(epochs=2))
    assert history.column("validation_loss") == [None, None]
    assert history.column("validation_accuracy") == [None, None]
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
    for seed in (0, 0, 1):
        params = network(spec)
        history = fit(params, plan(optimizer=Adam()), seed=seed)
        runs.append((params.flat, history.column("train_loss")))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]
    assert not np.array_equal(runs[0][0], runs[2][0])


def test_the_schedule_is_asked_at_every_step():
    # 60 samples in batches of 16 are 4 steps an epoch; the last of each is in the history.
    history = fit(network(), plan(epochs=3, schedule=Cosine(0.1, 12)))
    wanted = [0.05 * (1 + math.cos(math.pi * step / 12)) for step in (3, 7, 11)]
    np.testing.assert_allclose(history.column("learning_rate"), wanted)


def test_the_clock_counts_steps_epochs_and_samples():
    params = network()
    trainer = Trainer(params, plan())
    source, progress = Source(*blobs()), Progress(params, History(), 5)
    for _ in range(3):
        trainer.epoch(source, np.random.default_rng(0), progress)
    assert trainer.clock == (12, 3, 180, 0)


def test_adaptive_lowers_the_rate_after_each_plateau():
    # Nothing improves by a million, so every two epochs are a plateau, after the first epoch.
    schedule = Adaptive(0.1, factor=10, patience=2, min_delta=1e6)
    history = fit(network(), plan(epochs=6, schedule=schedule))
    np.testing.assert_allclose(history.column("learning_rate"), [0.1, 0.1, 0.1, 0.01, 0.01, 0.001])


def test_adaptive_keeps_the_rate_while_the_loss_falls():
    history = fit(network(), plan(epochs=6, schedule=Adaptive(0.01, patience=1, min_delta=0)))
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


def test_an_epoch_allocates_no_array(rng, peak_bytes):
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
    source, progress = Source(X, y, scale=1 / 255), Progress(params, History(), 2)
    used = peak_bytes(lambda: trainer.epoch(source, rng, progress))
    assert used < 600 * 400 * 4 / 8  # an eighth of one layer's activations


@pytest.mark.parametrize("name", ["epochs", "batch_size"])
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_a_plan_refuses_what_it_cannot_be(name, value, message_of):
    message = message_of(InvalidValueError, plan, **{name: value})
    assert message == f"{name} must be at least 1, got {value}: raise it"


def test_a_plan_s_defaults():
    the_plan = Plan(epochs=1, batch_size=2)
    assert the_plan == Plan(1, 2, Constant(1e-3), SGD(), Penalty(), None)


def test_evaluation_does_not_depend_on_its_batches(monkeypatch):
    X, y = blobs(50)
    params = network()
    source = Source(X, y)
    whole, outputs = Evaluator(params).measure(source), Evaluator(params).predict(source)
    monkeypatch.setattr("chainrule.training.loop.EVALUATION_ROWS", 7)
    pieces = Evaluator(params).measure(source)
    assert math.isclose(pieces.loss, whole.loss, rel_tol=1e-12)
    assert pieces.accuracy == whole.accuracy
    np.testing.assert_allclose(Evaluator(params).predict(source), outputs, rtol=1e-12)
    np.testing.assert_allclose(outputs.sum(axis=1), 1)


def test_accuracy_is_for_classes_only():
    X, y = blobs()
    params = network(NetworkSpec.of([2, 8, 3], loss="squared", dtype="float64"))
    assert Evaluator(params).measure(Source(X, np.eye(3)[y])).accuracy is None
