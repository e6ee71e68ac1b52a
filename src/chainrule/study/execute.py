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
from chainrule.errors import TrainingInterrupted
from chainrule.study.data import StudyData
from chainrule.study.estimator import Make, build, takes
from chainrule.study.halving import Checkpoints
from chainrule.study.scoring import score
from chainrule.study.sources import Split
from chainrule.study.trial import Trial, TrialResult
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
    measure : callable, optional
        ``measure(fit)`` gives further metrics. It is asked after a failed training too, with
        ``fit.error``.
    callbacks : callable, optional
        ``callbacks(fit)`` gives callbacks for a training.
    checkpoints : Checkpoints, optional
        With halving, what trainings go on from.
    """

    make: Make
    objects: Mapping[str, Any] = field(default_factory=dict)
    measure: Callable[[Fit], Mapping[str, Any]] | None = None
    callbacks: Callable[[Fit], Sequence[Callback]] | None = None
    checkpoints: Checkpoints | None = None

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
            fit, metrics = self._trained(fit, told)
            metrics |= self._measured(fit)
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
            epochs=heard.epochs or _epochs(fit.estimator, metrics),
            seconds=perf_counter() - begun,
            error=None if fit.error is None else in_words(fit.error),
        )

    def _trained(self, fit: Fit, callbacks: Sequence[Callback]) -> tuple[Fit, dict[str, Any]]:
        trial, settings = fit.trial, fit.trial.settings
        parameters = {**settings["fixed"], **self.objects, **settings["candidate"]}
        if "epochs" in settings:
            parameters["max_iter"] = settings["epochs"]

        def train(checkpoint: Path | None) -> tuple[Fit, dict[str, Any]]:
            own = {} if checkpoint is None else {"checkpoint": checkpoint}
            estimator = build(self.make, {**parameters, **own}, trial.seed, callbacks)
            ready = replace(fit, estimator=estimator)
            return ready, fit_and_score(ready, callbacks)

        if self.checkpoints is None or not takes(self.make, "checkpoint"):
            return train(None)
        return self.checkpoints.fit(trial, train)

    def _measured(self, fit: Fit) -> dict[str, Any]:
        return {} if self.measure is None else dict(self.measure(fit))

    def _measured_of_failed(self, fit: Fit) -> dict[str, Any]:
        with suppress(Exception):  # the first error is the one to tell
            return self._measured(fit)
        return {}


def in_words(error: Exception) -> str:
    """Return an error as a line: its kind and what it says."""
    said = " ".join(str(error).split())
    return printable(
        f"{type(error).__name__}: {said}" if said else type(error).__name__, LONGEST_ERROR
    )


def fit_and_score(fit: Fit, callbacks: Sequence[Callback]) -> dict[str, Any]:
    """Fit a trial's estimator and return its metrics."""
    split, settings = fit.split, fit.trial.settings
    begun = perf_counter()
    _fit(
        fit.estimator, split, callbacks, each_epoch=settings["evaluation"].get("each_epoch", False)
    )
    fitted = perf_counter()
    judged = score(fit.estimator, split, settings["metrics"])
    scored = perf_counter()
    known = score(fit.estimator, split, settings["metrics"], training=True)
    return {
        **judged,
        **{f"train_{name}": value for name, value in known.items()},
        "fit_time": fitted - begun,
        "score_time": scored - fitted,
    }


def _fit(estimator: Any, split: Split, callbacks: Sequence[Callback], *, each_epoch: bool) -> None:
    more: dict[str, Any] = {}
    if takes(estimator.fit, "callbacks"):
        more["callbacks"] = list(callbacks)
    if each_epoch:
        for name in ("X_val", "y_val"):
            if takes(estimator.fit, name):
                more[name] = getattr(split, name)
    if split.y is None:
        estimator.fit(split.X, **more)
    else:
        estimator.fit(split.X, split.y, **more)


class _Heard(Callback):
    """Keeps the epochs, which an estimator whose training fails does not keep."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    def epoch_end(self, progress: Progress) -> bool:
        self.epochs = progress.history.epochs
        return False


def _epochs(estimator: Any, metrics: Mapping[str, Any]) -> list[Epoch]:
    """Return the epochs of an estimator whose callbacks heard of none.

    It takes no callbacks, and has losses as scikit-learn's keep them, or all its epochs were in a
    checkpoint.
    """
    history = getattr(estimator, "history_", None)
    if isinstance(history, History):
        return list(history)
    losses = list(getattr(estimator, "loss_curve_", []))
    seconds = metrics.get("fit_time", 0.0) / max(1, len(losses))
    rate = float(getattr(estimator, "learning_rate_init", 0.0))
    return [
        Epoch(number, float(loss), None, {}, rate, seconds)
        for number, loss in enumerate(losses, start=1)
    ]
