"""What section C trains: four activations, a grid search, two autoencoders, and their features.

Each experiment is one entry of :data:`EXPERIMENTS`: its trials, and what executes one. Where the
report is silent, settings are scikit-learn's defaults. What C5 builds on is C4's autoencoder of the
same seed: within a run it is trained once, and once more where a run goes on from a store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset, load_fashion_mnist
from chainrule.engine.activations import ACTIVATIONS
from chainrule.errors import DataNotFoundError, InvalidValueError
from chainrule.estimators.log_loss import log_loss
from chainrule.reproduction.looks import measure_looks, pack
from chainrule.reproduction.results import configuration, only_divergence, says_diverged
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_c.libraries import (
    LIBRARIES,
    OURS,
    Autoencoder,
    Classifier,
    Samples,
)
from chainrule.reproduction.settings import NOT_STATED, REPORT, Setting, Values
from chainrule.study.data import OneSplit, StudyData, divide
from chainrule.study.evaluation import CrossValidation, Evaluation, ValidationData
from chainrule.study.execute import Execute
from chainrule.study.prepare import plan_of
from chainrule.study.sampling import Grid, Listed, Sampler
from chainrule.study.sources import Arrays, Split
from chainrule.study.spec import Study
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback
from chainrule.training.history import Epoch

SECTION = "C"
HIDDEN = (128, 64, 32)
MIRRORED = (128, 64, 32, 64, 128)
FEATURE_HIDDEN = (32, 32)
ACTIVATIONS_COMPARED = ("logistic", "tanh", "relu", "identity")
AUTOENCODERS = ("relu", "identity")
INPUTS = (*AUTOENCODERS, "pixels")  # of C5's classifiers
BEST: dict[str, Any] = {"solver": "adam", "batch_size": 256, "learning_rate_init": 1e-4}  # C3's
SCORE = "neg_log_loss"  # C3's
SHOWN = 10  # test images that the page shows

SETTINGS: dict[str, dict[str, Setting]] = {
    "C": {"train_samples": Setting(8000, 2000, REPORT)},
    "C2": {
        "learning_rate": Setting(2e-5, 2e-5, REPORT),
        "batch_size": Setting(128, 128, REPORT),
        "epochs": Setting(100, 20, REPORT),
    },
    "C3": {
        "solver": Setting(("adam", "sgd"), ("adam", "sgd"), REPORT),
        "batch_size": Setting((64, 128, 256), (64, 128, 256), REPORT),
        "learning_rate": Setting((1e-4, 2e-5, 1e-5), (1e-4, 2e-5, 1e-5), REPORT),
        "folds": Setting(3, 3, REPORT),
        "epochs": Setting(100, 8, REPORT),
        "tol": Setting(1e-4, 1e-4, NOT_STATED),
        "complete_samples": Setting(60_000, 6_000, "ours: for its best, where all images are here"),
        "seeds": Setting(1, 1, "ours: how many of the seeds search the grid; each costs 54 fits"),
    },
    "C4": {
        "learning_rate": Setting(2e-5, 2e-5, REPORT),
        "batch_size": Setting(200, 200, NOT_STATED),
        "epochs": Setting(100, 20, REPORT),
    },
    "C5": {
        "learning_rate": Setting((1e-3, 2e-5), (1e-3, 2e-5), f"{NOT_STATED} first, then C2's rate"),
        "batch_size": Setting(200, 200, NOT_STATED),
        "epochs": Setting(200, 30, REPORT),
        "activation": Setting("relu", "relu", NOT_STATED),
        "tol": Setting(1e-4, 1e-4, NOT_STATED),
    },
}
# What decides an experiment beside its own settings: the images, and the autoencoder of features.
BUILDS_ON = {"C2": ("C",), "C3": ("C",), "C4": ("C",), "C5": ("C", "C4")}


class Once:
    """Makes a value once a key, also where several threads ask at the same time."""

    def __init__(self) -> None:
        self._locks: dict[Any, threading.Lock] = {}
        self._values: dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return the value of a key, made by the first who asks; the others wait."""
        with self._locks.setdefault(key, threading.Lock()):
            if key not in self._values:
                self._values[key] = make()
            return self._values[key]


@dataclass(frozen=True, eq=False)
class Data:
    """Fashion-MNIST as the section wants it.

    Attributes
    ----------
    images : Dataset
        As it was read.
    X_train, X_test : arrays of float32, shape (n, 784)
        Pixels from 0 to 1.
    complete : Dataset or None
        All of Fashion-MNIST, where it is found without a download.
    kept : Once
        What several trials share: autoencoders, the complete images as float32.
    """

    images: Dataset
    X_train: Array
    X_test: Array
    complete: Dataset | None = None
    kept: Once = field(default_factory=Once)

    @classmethod
    def of(cls, images: Dataset, complete: Dataset | None = None) -> Data:
        """Scale the pixels."""
        return cls(images, _scaled(images.X_train), _scaled(images.X_test), complete)


def _scaled(X: Array) -> Array:
    return X.astype(np.float32) / 255


def load(data_dir: str | None) -> Data:
    """Return the bundled part of Fashion-MNIST, and all of it where it is found on this machine."""
    try:
        complete = load_fashion_mnist(full=True, data_dir=data_dir, download=False)
    except DataNotFoundError:
        complete = None
    return Data.of(load_fashion_mnist(), complete)


def check(settings: Values) -> None:
    """Raise for settings that cannot be trained with."""
    for experiment, values in settings.items():
        for name, value in values.items():
            if experiment in SETTINGS:
                _check_value(f"{experiment}.{name}", value)
    samples, available = settings["C"]["train_samples"], SETTINGS["C"]["train_samples"].full
    folds, least = settings["C3"]["folds"], _least_samples(settings)
    if folds < 2:
        raise InvalidValueError("C3.folds must be at least 2", folds, "raise it")
    if not least <= samples <= available:
        raise InvalidValueError(
            f"C.train_samples must be in [{least}, {available}], so that all folds but one fill "
            "the largest batch",
            samples,
            "change it",
        )


def _least_samples(settings: Values) -> int:
    batches = [*settings["C3"]["batch_size"], BEST["batch_size"]]
    largest = int(max(batches + [settings[name]["batch_size"] for name in ("C2", "C4", "C5")]))
    folds = max(2, int(settings["C3"]["folds"]))
    return max(50 * folds, 10 + largest * folds // (folds - 1))  # every class in every fold


_NAMES = {"solver": ("adam", "sgd"), "activation": (*ACTIVATIONS, "logistic")}


def _check_value(name: str, value: Any) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, str):
            known = _NAMES[name.partition(".")[2]]
            allowed, rule = item in known, f"one of {', '.join(known)}"
        elif isinstance(item, int):
            allowed, rule = item >= 1, "an integer of at least 1"
        else:
            allowed, rule = 0 < item < np.inf, "a positive number"
        if not allowed:
            raise InvalidValueError(f"{name} must be {rule}", item, "change it")


# --- what is trained ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Experiment:
    """One experiment of the section.

    Attributes
    ----------
    trials : callable
        (scope, library, seed, data) -> list of Trial.
    execute : callable
        (trial, data, callbacks) -> TrialResult.
    """

    trials: Callable[[Scope, str, int, Data], list[Trial]]
    execute: Callable[[Trial, Data, Sequence[Callback]], TrialResult]


def trials(scope: Scope, data: Data) -> list[Trial]:
    """Return every training of the section, seed by seed."""
    return [
        trial
        for seed in scope.seeds
        for library in (OURS, *scope.peers)
        for experiment in EXPERIMENTS.values()
        for trial in experiment.trials(scope, library, seed, data)
    ]


def execute(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> TrialResult:
    """Train and measure; a training that diverges is a result with an error."""
    return EXPERIMENTS[trial.settings["experiment"]].execute(trial, data, callbacks)


Measured = tuple[dict[str, Any], list[Epoch]]


def _measured(
    experiment: Callable[[Trial, Data, Sequence[Callback]], Measured],
    trial: Trial,
    data: Data,
    callbacks: Sequence[Callback],
) -> TrialResult:
    begun = perf_counter()
    metrics: dict[str, Any] = {}
    epochs: list[Epoch] = []
    error = None
    try:
        metrics, epochs = experiment(trial, data, callbacks)
    except ValueError as refusal:
        if not says_diverged(str(refusal)):
            raise
        error = f"training diverged: {refusal}"
    return TrialResult(
        trial_id=trial.id,
        configuration=trial.configuration,
        seed=trial.seed,
        metrics=metrics,
        epochs=epochs,
        seconds=perf_counter() - begun,
        error=error,
    )


def ending(library: str) -> tuple[str, ...]:
    """Return how names of configurations end: a peer's have its name."""
    return () if library == OURS else (library,)


def _trial(
    scope: Scope, experiment: str, library: str, seed: int, data: Data, *names: object, **more: Any
) -> Trial:
    settings = {
        "experiment": experiment,
        "library": library,
        **scope.settings["C"],
        **scope.settings[experiment],
        **more,
    }
    name = configuration(experiment, *names, *ending(library))
    return Trial(SECTION, name, seed, settings, data.images.digest)


def parameters(settings: Mapping[str, Any], seed: int, **more: Any) -> dict[str, Any]:
    """Return estimators' parameters for a trial: its epochs, and when to stop before."""
    return {
        "max_iter": settings["epochs"],
        "random_state": seed,
        # Without a tolerance every epoch is run, as curves over all of them show.
        "tol": settings.get("tol", 0),
        "n_iter_no_change": 10 if "tol" in settings else np.inf,
        **more,
    }


def _steps(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "solver": "adam",
        "batch_size": settings["batch_size"],
        "learning_rate_init": settings["learning_rate"],
    }


def _samples(trial: Trial, data: Data, *, validation: bool) -> Samples:
    n, y_test = trial.settings["train_samples"], data.images.y_test
    held_out = (data.X_test, y_test) if validation else (None, None)
    return Samples(data.X_train[:n], data.images.y_train[:n], *held_out)


def _classifier_metrics(net: Classifier, X: Array, y: Array) -> tuple[dict[str, Any], Array]:
    shares = net.model.predict_proba(X)
    metrics = {
        "test_accuracy": float((net.model.classes_[shares.argmax(axis=1)] == y).mean()),
        "test_loss": log_loss(net.model, X, y),
    }
    return metrics, shares


# C2


def _activation_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    return [
        _trial(scope, "C2", library, seed, data, name, activation=name)
        for name in ACTIVATIONS_COMPARED
    ]


def _activation(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    settings = trial.settings
    net = LIBRARIES[settings["library"]].fit_classifier(
        parameters(
            settings,
            trial.seed,
            hidden_layer_sizes=HIDDEN,
            activation=settings["activation"],
            **_steps(settings),
        ),
        _samples(trial, data, validation=True),
        callbacks,
    )
    metrics, shares = _classifier_metrics(net, data.X_test, data.images.y_test)
    looks = measure_looks(shares, data.images.y_test, net.model.coefs_[0])
    return metrics | looks, net.epochs


# C3


def searches(
    settings: Values, library: str, seeds: Sequence[int] = (0,), complete: bool = False
) -> dict[str, Study]:
    """Return C3's studies: the grid, and what else somebody may call the score of its best."""
    used, own = settings["C3"], LIBRARIES[library]
    fixed = parameters(used, 0, hidden_layer_sizes=HIDDEN, activation="tanh", **own.fixed)
    del fixed["random_state"]  # each seed sets its own
    factors = {
        "solver": used["solver"],
        "batch_size": used["batch_size"],
        "learning_rate_init": used["learning_rate"],
    }
    # GridSearchCV's folds.
    folds = CrossValidation(used["folds"], shuffle=False)
    plans: dict[str, tuple[Sampler, Evaluation]] = {
        "grid": (Grid(factors), folds),
        # On all training images, as GridSearchCV fits the best in the end.
        "refit": (Listed([BEST]), ValidationData("fashion-mnist-report")),
    }
    if complete:
        plans["complete"] = (Listed([BEST]), folds)
    return {
        name: Study(
            name=f"C3, {name}",
            data="fashion-mnist-report",
            task="classification",
            estimator=own.classifier,
            sampler=sampler,
            fixed=fixed,
            seeds=seeds,
            evaluation=evaluation,
            metrics=SCORE,
        )
        for name, (sampler, evaluation) in plans.items()
    }


def search_trials(
    settings: Values, library: str, seed: int, digest: str, complete: str | None = None
) -> dict[str, list[Trial]]:
    """Return the trials of each of C3's studies, called as the page calls them.

    Parameters
    ----------
    settings : mapping
        Of all experiments.
    library : str
        Whose.
    seed : int
        One.
    digest, complete : str
        Of the bundled images, and of all of them; None where these are not here.
    """
    samples = {"complete": settings["C3"]["complete_samples"]}
    return {
        name: [
            replace(
                trial,
                section=SECTION,
                configuration=_search_name(name, trial, library),
                settings={
                    **trial.settings,
                    "experiment": "C3",
                    "library": library,
                    "search": name,
                    "train_samples": samples.get(name, settings["C"]["train_samples"]),
                },
            )
            for trial in plan_of(
                study, "classification", (complete or "") if name == "complete" else digest
            )({})
        ]
        for name, study in searches(settings, library, (seed,), complete is not None).items()
    }


def _search_name(search: str, trial: Trial, library: str) -> str:
    values = trial.settings["candidate"]
    candidate = [values[name] for name in BEST] if search == "grid" else [search]
    fold = [f"fold {trial.settings['fold'] + 1}"] if "fold" in trial.settings else []
    return configuration("C3", *candidate, *fold, *ending(library))


def _grid_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    if seed not in scope.seeds[: scope.settings["C3"]["seeds"]]:
        return []
    complete = None if data.complete is None else data.complete.digest
    found = search_trials(scope.settings, library, seed, data.images.digest, complete)
    return [trial for trials in found.values() for trial in trials]


def _search_rows(trial: Trial, data: Data) -> StudyData:
    n, search = trial.settings["train_samples"], trial.settings["search"]
    if search == "refit":
        samples = _samples(trial, data, validation=True)
        split = Split(samples.X, samples.y, samples.X_val, samples.y_val)
        return OneSplit("classification", trial.data, split)
    X, y = data.X_train, data.images.y_train
    if search == "complete":
        assert data.complete is not None
        X, y = _scaled(data.complete.X_train), data.complete.y_train
    evaluation = CrossValidation(trial.settings["evaluation"]["folds"], shuffle=False)
    rows = Arrays(X[:n], y[:n], "classification")
    return divide(rows, evaluation, rows.task, trial.data)


def _search_fit(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> TrialResult:
    key = ("rows", trial.settings["search"], trial.data, trial.settings["train_samples"])
    rows = data.kept.get(
        (*key, trial.settings["evaluation"].get("folds")), lambda: _search_rows(trial, data)
    )
    run = Execute(LIBRARIES[trial.settings["library"]].classifier)
    return only_divergence(run(trial, rows, callbacks))


# C4 and C5


def _autoencoder_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    return [
        _trial(scope, "C4", library, seed, data, name, activation=name) for name in AUTOENCODERS
    ]


def _fit_autoencoder(
    settings: Mapping[str, Any],
    trial: Trial,
    data: Data,
    callbacks: Sequence[Callback],
) -> Autoencoder:
    key = ("autoencoder", *sorted(settings.items()), trial.seed)
    fitted: Autoencoder = data.kept.get(
        key,
        lambda: LIBRARIES[settings["library"]].fit_autoencoder(
            parameters(
                settings,
                trial.seed,
                hidden_layer_sizes=MIRRORED,
                activation=settings["activation"],
                **_steps(settings),
            ),
            _samples(trial, data, validation=True),
            callbacks,
        ),
    )
    return fitted


def _autoencoder(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    net = _fit_autoencoder(trial.settings, trial, data, callbacks)
    again = net.reconstruct(data.X_test)
    shown = np.rint(np.clip(again[:SHOWN], 0, 1) * 255).astype(np.uint8)
    error = float(np.square(again - data.X_test, dtype=np.float64).mean())
    return {"test_mse": error, "regenerated": pack(shown)}, net.epochs


def _feature_trials(scope: Scope, library: str, seed: int, data: Data) -> list[Trial]:
    return [
        _trial(
            scope,
            "C5",
            library,
            seed,
            data,
            name,
            f"{rate:g}",
            inputs=name,
            learning_rate=rate,
            autoencoder=dict(scope.settings["C4"]) if name in AUTOENCODERS else None,
        )
        for rate in scope.settings["C5"]["learning_rate"]
        for name in INPUTS
    ]


def _features(trial: Trial, data: Data, callbacks: Sequence[Callback]) -> Measured:
    settings = trial.settings
    samples = _samples(trial, data, validation=False)
    Z, Z_test = samples.X, data.X_test
    if settings["autoencoder"] is None:
        # The raw pixels get C2's network, and C5's budget: its epochs and learning rate.
        network = {"hidden_layer_sizes": HIDDEN, "activation": "tanh"}
    else:
        network = {"hidden_layer_sizes": FEATURE_HIDDEN, "activation": settings["activation"]}
        inherited = {
            "experiment": "C4",
            "library": settings["library"],
            "train_samples": settings["train_samples"],
            **settings["autoencoder"],
            "activation": settings["inputs"],
        }
        encode = _fit_autoencoder(inherited, trial, data, callbacks).encode
        Z, Z_test = encode(samples.X), encode(data.X_test)
    net = LIBRARIES[settings["library"]].fit_classifier(
        parameters(settings, trial.seed, **network, **_steps(settings)),
        Samples(Z, samples.y, Z_test, data.images.y_test),
        callbacks,
    )
    metrics, _ = _classifier_metrics(net, Z_test, data.images.y_test)
    return metrics | {"shapes": [list(Z.shape), list(Z_test.shape)]}, net.epochs


# C4 is first, so that C5 seldom waits for an autoencoder.
EXPERIMENTS = {
    "C4": Experiment(_autoencoder_trials, partial(_measured, _autoencoder)),
    "C2": Experiment(_activation_trials, partial(_measured, _activation)),
    "C5": Experiment(_feature_trials, partial(_measured, _features)),
    "C3": Experiment(_grid_trials, _search_fit),
}
