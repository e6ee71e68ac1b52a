"""Section B: a network from scratch on MNIST, over activations and initialisations.

The report's setting is :data:`SETTINGS`; what the report leaves open is marked there. Its twelve
configurations; its faulty leaky ReLU with each initialisation; :data:`ABLATIONS`, which change the
cause that the report gives for something, and nothing else; a network that overfits; and the cost
of activations, for which hardly anything is trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from time import perf_counter
from typing import Any

import numpy as np

from chainrule.datasets import Dataset
from chainrule.engine.activations import ACTIVATIONS, Activation, LeakyRelu
from chainrule.engine.initializers import INITIALIZERS, Initializer, VarianceScaling
from chainrule.errors import InvalidValueError
from chainrule.estimators import NeuralNetwork
from chainrule.estimators.validation import PIXEL_SCALE
from chainrule.reproduction.looks import measure_looks
from chainrule.reproduction.results import Names, configuration, only_divergence
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_b.activations import (
    BipolarSigmoid,
    FaultyLeakyRelu,
    ShiftedSigmoid,
)
from chainrule.reproduction.section_b.cost import EPOCH_ROUNDS, time_elements, time_epochs
from chainrule.reproduction.section_b.networks import AdamNetwork, FewImagesNetwork
from chainrule.reproduction.section_b.probes import (
    AccuracyByEpoch,
    BestSoFar,
    Probe,
    Zeros,
    accuracy,
    distinct_units,
)
from chainrule.reproduction.settings import NOT_STATED, REPORT, Setting, Values
from chainrule.study.data import OneSplit
from chainrule.study.evaluation import ValidationData
from chainrule.study.execute import Execute, Fit
from chainrule.study.prepare import plan_of
from chainrule.study.sampling import Listed
from chainrule.study.sources import Split
from chainrule.study.spec import Study
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source

SECTION = "B"
LAYER_SIZES = (784, 256, 128, 64, 32, 10)
INITIALISATIONS = ("zero", "random", "normal")
UNEQUAL = ("normal", "random")  # whose units start differently, so that a network can learn
LAYERS = [f"layer {number}" for number in range(1, len(LAYER_SIZES))]
HIDDEN_LAYERS = [
    f"{name}\n({width} units)" for name, width in zip(LAYERS, LAYER_SIZES[1:-1], strict=False)
]
FEW_IMAGES_RATE = 0.1  # the learning rate on few images
PROBE_ROWS = 1000  # training images on which each layer is watched


SETTINGS: dict[str, Setting] = {
    "learning_rate": Setting(2e-3, 2e-3, REPORT),
    "batch_size": Setting(128, 128, REPORT),
    "epochs": Setting(40, 12, REPORT),
    "train_samples": Setting(60_000, 10_000, REPORT),
    "clip_value": Setting(1e10, 1e10, REPORT),
    "patience": Setting(10, 10, NOT_STATED),
    "validation_fraction": Setting(0.1, 0.1, NOT_STATED),
}


STUDIED: dict[str, Activation] = {
    name: ACTIVATIONS[name] for name in ("sigmoid", "tanh", "relu", "leaky_relu")
}
FAULTY, SHIFTED, BIPOLAR = FaultyLeakyRelu(), ShiftedSigmoid(), BipolarSigmoid()
# Leaky ReLU with other slopes than the report's: slope -> what it is called.
STEEPER = {f"{slope}": f"leaky_relu {slope}" for slope in (0.1, 0.3)}
TRAINED = {**STUDIED, FAULTY.name: FAULTY}
TWELVE: tuple[Names, ...] = tuple(product(STUDIED, INITIALISATIONS))  # the report's
ABLATED: dict[str, Activation] = {
    SHIFTED.name: SHIFTED,
    BIPOLAR.name: BIPOLAR,
    **{name: LeakyRelu(float(slope)) for slope, name in STEEPER.items()},
}

# normal × 4, which makes up for a sigmoid's slope of ¼: Glorot and Bengio, AISTATS 2010.
WIDE, WIDER = "wide normal", 4
WIDE_IN_WORDS = f"weights {WIDER} times as wide"
WEIGHT_INITS: dict[str, Initializer] = {
    **{name: INITIALIZERS[name] for name in INITIALISATIONS},
    WIDE: VarianceScaling(WIDER**2, "average", "normal"),
}

# The report's class, and what is changed of it.
ADAM, FEW_IMAGES = "adam", "few images"
NETWORKS = {"report": NeuralNetwork, ADAM: AdamNetwork, FEW_IMAGES: FewImagesNetwork}

# Trained to see why, each with one thing changed: names of configurations.
ABLATIONS: tuple[Names, ...] = (
    (SHIFTED.name, "normal"),
    (BIPOLAR.name, "normal"),
    ("sigmoid", WIDE),
    (SHIFTED.name, WIDE),
    ("sigmoid", "normal", ADAM),
    *((name, "normal") for name in STEEPER.values()),
)
OVERFITTING: Names = ("relu", "normal", FEW_IMAGES)
COST: Names = ("cost of activations",)
COST_IMAGES = 4000  # of an epoch that is timed


def check(settings: Values) -> None:
    """Raise for settings that cannot be trained with."""
    used = settings[SECTION]
    samples, available = used["train_samples"], SETTINGS["train_samples"].full
    if not 0 < samples <= available:
        raise InvalidValueError(
            f"train_samples must be in [1, {available}] (MNIST's training images)",
            samples,
            "change it",
        )
    # Builds a network only to check it: a wrong value shows before anything is written.
    network(activation="relu", weight_init="normal", **_fixed(used))
    if not 0 < round(used["validation_fraction"] * samples) < samples:
        raise InvalidValueError(
            f"validation_fraction of {samples} train_samples must leave at least one to learn "
            "from and one to hold out",
            used["validation_fraction"],
            "change one of them",
        )


def _fixed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "train_samples"}


def network(
    *,
    activation: str,
    weight_init: str,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    patience: int | None,
    validation_fraction: float,
    clip_value: float,
    variant: str = "report",
    random_state: int = 0,
) -> NeuralNetwork:
    """Return the untrained network of a trial."""
    return NETWORKS[variant](
        len(LAYER_SIZES),
        LAYER_SIZES,
        learning_rate,
        {**TRAINED, **ABLATED}[activation],
        WEIGHT_INITS[weight_init],
        epochs,
        batch_size,
        patience=patience,
        validation_fraction=validation_fraction,
        clip_value=clip_value,
        random_state=random_state,
    )


def study(
    settings: Mapping[str, Any],
    configurations: Sequence[Names],
    seeds: Sequence[int],
    data: Dataset,
) -> Study:
    """Return trainings as a study, judged by the test images."""
    n = settings["train_samples"]
    factors = ("activation", "weight_init", "variant")
    return Study(
        name="section B",
        data=(data.X_train[:n], data.y_train[:n]),
        task="classification",
        estimator=network,
        sampler=Listed([dict(zip(factors, names, strict=False)) for names in configurations]),
        fixed=_fixed(settings),
        seeds=seeds,
        evaluation=ValidationData((data.X_test, data.y_test)),
        metrics="score",
        callbacks=watchers,
        measure=measure,
    )


def overfitting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the network that learns from few images: fast, long, unstopped."""
    epochs = 5 * settings["epochs"] // 2
    return {**settings, "learning_rate": FEW_IMAGES_RATE, "epochs": epochs, "patience": None}


def trials(scope: Scope, data: Dataset) -> list[Trial]:
    """Return every training of the section, seed by seed."""
    settings = scope.settings[SECTION]
    usual = [*TWELVE, *((FAULTY.name, init) for init in INITIALISATIONS), *ABLATIONS]
    studies = [(settings, usual), (overfitting(settings), [OVERFITTING])]
    planned = [
        replace(
            trial,
            section=SECTION,
            configuration=configuration(*trial.settings["candidate"].values()),
            settings={**trial.settings, "train_samples": settings["train_samples"]},
        )
        for used, configurations in studies
        for trial in plan_of(
            study(used, configurations, scope.seeds, data), "classification", data.digest
        )({})
    ]
    timed = [_cost_trial(settings, seed, data) for seed in scope.seeds]
    return [trial for seed in scope.seeds for trial in [*planned, *timed] if trial.seed == seed]


def _cost_trial(settings: Mapping[str, Any], seed: int, data: Dataset) -> Trial:
    used = {
        "fixed": {**_fixed(settings), "patience": None},
        "epochs": EPOCH_ROUNDS * len(STUDIED),  # in all
        "train_samples": min(COST_IMAGES, settings["train_samples"]),
    }
    return Trial(SECTION, configuration(*COST), seed, used, data.digest)


def is_studied(result: TrialResult) -> bool:
    """Return whether a run is of the report's twelve configurations, and did not diverge."""
    return not result.error and result.configuration in {configuration(*one) for one in TWELVE}


def trained_network(trial: Trial, progress: Progress) -> NeuralNetwork:
    """Return the network of a trial, from what its training ended with."""
    settings = {**trial.settings["fixed"], **trial.settings["candidate"]}
    return network(**settings, random_state=trial.seed).take(
        progress.params, progress.history, np.dtype(np.uint8)
    )


def rows(settings: Mapping[str, Any], data: Dataset) -> OneSplit:
    """Return the images to train on and the test images, none of them copied."""
    n = settings["train_samples"]
    split = Split(data.X_train[:n], data.y_train[:n], data.X_test, data.y_test)
    return OneSplit("classification", data.digest, split)


def execute(trial: Trial, data: Dataset, callbacks: Sequence[Callback]) -> TrialResult:
    """Train one configuration and measure it on the test images: see :func:`measure`."""
    if trial.configuration == configuration(*COST):
        return time_activations(trial, data)
    run = Execute(network, callbacks=watchers, measure=measure)
    return only_divergence(run(trial, rows(trial.settings, data), callbacks))


def time_activations(trial: Trial, data: Dataset) -> TrialResult:
    """Time each activation of the report: see :mod:`~chainrule.reproduction.section_b.cost`."""
    begun = perf_counter()
    n, fixed = trial.settings["train_samples"], {**trial.settings["fixed"], "epochs": 1}
    X, y = data.X_train[:n], data.y_train[:n]
    networks = {
        name: network(activation=name, weight_init="normal", random_state=trial.seed, **fixed)
        for name in STUDIED
    }
    metrics = {
        **time_elements(STUDIED, (fixed["batch_size"], LAYER_SIZES[1]), trial.seed),
        **time_epochs({name: partial(net.fit, X, y) for name, net in networks.items()}),
    }
    seconds = perf_counter() - begun
    return TrialResult(trial.id, trial.configuration, trial.seed, metrics, seconds=seconds)


def watchers(fit: Fit) -> list[Callback]:
    """Return what watches a training."""
    candidate, split = fit.trial.settings["candidate"], fit.split
    if candidate.get("variant") == FEW_IMAGES:  # its losses say all that is asked of it
        return [BestSoFar()]
    watching: list[Callback] = [BestSoFar(), Probe(split.X[:PROBE_ROWS], split.y[:PROBE_ROWS])]
    if candidate["activation"] in ("relu", "tanh"):
        watching.append(Zeros(split.X_val))
    if candidate["activation"] in ("leaky_relu", FAULTY.name):
        watching.append(AccuracyByEpoch(split.X_val, split.y_val))
    return watching


def measure(fit: Fit) -> dict[str, Any]:
    """Return the metrics of a training.

    Returns
    -------
    dict
        ``test_accuracy``, ``test_loss``, ``best_epoch``, ``distinct_units`` (how many
        different units each hidden layer has after training), what
        :func:`~chainrule.reproduction.looks.measure_looks` measures, and what watched the training:
        :class:`~chainrule.reproduction.section_b.probes.Probe`, of ReLU and tanh
        :class:`~chainrule.reproduction.section_b.probes.Zeros`, of leaky ReLU
        :class:`~chainrule.reproduction.section_b.probes.AccuracyByEpoch`. Of a run that diverged:
        what was seen until then and, if it got through an epoch,
        ``restored_accuracy``: on the test images, with the weights of its best epoch, to which
        the report's early stopping would have gone back.
    """
    best, *watching = fit.callbacks
    assert isinstance(best, BestSoFar)
    X_test, y_test, net = fit.split.X_val, fit.split.y_val, fit.estimator
    own: dict[str, Any] = {}
    if net is not None:
        own = {
            "test_accuracy": net.score(X_test, y_test),
            "test_loss": net.compute_loss(X_test, y_test),
            "best_epoch": net.history_.best_epoch,
            "distinct_units": distinct_units(net.params_),
            **measure_looks(net.predict_proba(X_test), y_test, net.params_.W[0]),
        }
    elif best.params is not None:
        source = Source(X_test, y_test, scale=PIXEL_SCALE)
        own = {"restored_accuracy": accuracy(Evaluator(best.params), source)}
    for one in watching:
        assert isinstance(one, Probe | Zeros | AccuracyByEpoch)
        if isinstance(one, Zeros) and net is not None:
            one.measure(net.params_)
        own |= one.measured
    return own


def majority_share(data: Dataset) -> float:
    """Return the accuracy of always guessing the most frequent test class."""
    return float(np.bincount(data.y_test).max() / len(data.y_test))
