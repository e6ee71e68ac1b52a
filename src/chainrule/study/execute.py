"""One trial: build the estimator, fit, score, say what went wrong.

:class:`Execute` is what a study gives to the runner. It can be pickled, and the same call gives the
same result in a thread, in another process and on another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from chainrule._text import printable
from chainrule.errors import InvalidValueError, TrainingInterrupted, Words
from chainrule.study.data import StudyData
from chainrule.study.estimator import Make, build, takes
from chainrule.study.halving import Checkpoints
from chainrule.study.scoring import predicts_numbers, score
from chainrule.study.sources import Split
from chainrule.study.trial import Trial, TrialResult, finite
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch, History

LONGEST_ERROR = 500  # characters


@dataclass(frozen=True, eq=False)
class Fit:
    """A training, as a study's ``callbacks`` and ``measure`` are told of it.

    Attributes
    ----------
    trial : Trial
        Which it is.
    split : Split
        Its rows.
    callbacks : tuple of Callback
        Those that the study's ``callbacks`` made for it.
    estimator : estimator or None
        Fitted; None before, and where the training failed.
    error : Exception or None
        Why it failed; None where it did not.
    """

    trial: Trial
    split: Split
    callbacks: tuple[Callback, ...] = ()
    estimator: Any = None
    error: Exception | None = None


@dataclass(frozen=True)
class Execute:
    """Executes the trials of a study: ``execute(trial, data, callbacks)``.

    Parameters
    ----------
    make : callable
        The estimator's class, or a function that returns one.
    objects : mapping
        Fixed parameters whose values JSON does not have; a trial's settings only describe them.
    checkpoints : Checkpoints, optional
        Where trainings that may go on, as halving has them, leave their state.
    measure : callable, optional
        ``measure(fit)`` gives further metrics: numbers, None where they are not finite, texts,
        lists and dictionaries of these. It is asked after a failed training too, with
        ``fit.error``.
    callbacks : callable, optional
        ``callbacks(fit)`` gives callbacks for a training.
    """

    make: Make
    objects: Mapping[str, Any] = field(default_factory=dict)
    checkpoints: Checkpoints | None = None
    measure: Callable[[Fit], Mapping[str, Any]] | None = None
    callbacks: Callable[[Fit], Sequence[Callback]] | None = None

    def __call__(self, trial: Trial, data: StudyData, callbacks: Sequence[Callback]) -> TrialResult:
        """Train once and judge.

        Returns
        -------
        TrialResult
            Each metric on the rows that judge and, as ``train_...``, on those trained on;
            ``fit_time`` and ``score_time`` in seconds; what ``measure`` adds. Where the training
            failed, its error and what ``measure`` adds.
        """
        begun = perf_counter()
        fit = Fit(trial, data.split(trial.settings.get("fold")))
        metrics: dict[str, Any] = {}
        heard = _Heard()
        try:
            if self.callbacks is not None:
                fit = replace(fit, callbacks=tuple(self.callbacks(fit)))
            told = [heard, *fit.callbacks, *callbacks]
            fit, seconds = self._fitted(fit, told)
            metrics = {**scores(fit), **self._measured(fit), "fit_time": seconds}
        except TrainingInterrupted:
            raise
        except Exception as error:  # a trial that fails is a result
            fit = replace(fit, estimator=None, error=error)
            metrics = self._measured_of_failed(fit)
        return TrialResult(
            trial_id=trial.id,
            configuration=trial.configuration,
            seed=trial.seed,
            metrics=metrics,
            epochs=_history(fit.estimator) or heard.epochs,
            seconds=perf_counter() - begun,
            error=None if fit.error is None else in_words(fit.error),
        )

    def _fitted(self, fit: Fit, callbacks: Sequence[Callback]) -> tuple[Fit, float]:
        """Return the fit with its estimator, and the seconds that it took."""
        trial = fit.trial
        each_epoch = trial.settings["evaluation"].get("each_epoch", False)
        parameters = {
            **trial.settings["fixed"],
            **self.objects,
            **trial.settings["candidate"],
        }
        if "epochs" in trial.settings:  # halving's
            parameters["max_iter"] = trial.settings["epochs"]

        def train(checkpoint: Path | None) -> Any:
            estimator = build(
                self.make, parameters, trial.seed, callbacks=callbacks, checkpoint=checkpoint
            )
            return _fit(estimator, fit.split, callbacks, each_epoch=each_epoch)

        begun, kept = perf_counter(), self.checkpoints
        estimator = train(None) if kept is None else kept.fit(trial, train)
        return replace(fit, estimator=estimator), perf_counter() - begun

    def _measured(self, fit: Fit) -> dict[str, Any]:
        found = {} if self.measure is None else dict(self.measure(fit))
        return {name: _plain(name, value) for name, value in found.items()}

    def _measured_of_failed(self, fit: Fit) -> dict[str, Any]:
        with suppress(Exception):  # the first error is the one to tell
            return self._measured(fit)
        return {}


def _plain(name: str, value: Any) -> Any:
    """Return what ``measure`` found as JSON has it; None for numbers that are not finite."""
    value = value.tolist() if hasattr(value, "tolist") else value  # NumPy's
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(name, item) for key, item in value.items()}
    if value is None or isinstance(value, int | str):
        return value
    raise InvalidValueError(
        f"{name} of measure must be made of numbers, texts, lists and dictionaries",
        value,
        "return what stands for it",
    )


def in_words(error: Exception) -> str:
    """Return an error as a line: its kind and what it says."""
    said = " ".join(str(error).split())
    return printable(
        f"{type(error).__name__}: {said}" if said else type(error).__name__, LONGEST_ERROR
    )


def scores(fit: Fit) -> dict[str, Any]:
    """Return the metrics of a fitted trial, on the rows that judge and on those trained on.

    Raises
    ------
    InvalidValueError
        If what it predicts is not finite.
    """
    metrics = fit.trial.settings["metrics"]
    begun = perf_counter()
    try:
        judged = score(fit.estimator, fit.split, metrics)
    except ValueError as error:
        if predicts_numbers(fit.estimator, fit.split.X_val):
            raise
        raise InvalidValueError(
            "predictions must be finite",
            Words("NaN or infinity"),
            "the training diverged: lower the learning rate, or scale X and y",
        ) from error
    scored = perf_counter()
    known = score(fit.estimator, fit.split, metrics, training=True)
    return {
        **judged,
        **{f"train_{name}": value for name, value in known.items()},
        "score_time": scored - begun,
    }


def _fit(estimator: Any, split: Split, callbacks: Sequence[Callback], *, each_epoch: bool) -> Any:
    more: dict[str, Any] = {}
    if takes(estimator.fit, "callbacks"):
        more["callbacks"] = list(callbacks)
    if each_epoch:
        for name in ("X_val", "y_val"):
            if takes(estimator.fit, name):
                more[name] = getattr(split, name)
    rows = (split.X,) if split.y is None else (split.X, split.y)
    estimator.fit(*rows, **more)
    return estimator


class _Heard(Callback):
    """Keeps the epochs, which an estimator whose training fails does not keep."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    def epoch_end(self, progress: Progress) -> bool:
        self.epochs = progress.history.epochs
        return False


def _history(estimator: Any) -> list[Epoch]:
    """Return a fitted estimator's epochs: its history, or the losses that scikit-learn's keep."""
    if estimator is None:
        return []
    if isinstance(history := getattr(estimator, "history_", None), History):
        return history.epochs
    rate = getattr(estimator, "learning_rate_init", 0.0)
    return [
        Epoch(number, float(loss), None, {}, float(rate), 0.0)
        for number, loss in enumerate(getattr(estimator, "loss_curve_", []), start=1)
    ]
