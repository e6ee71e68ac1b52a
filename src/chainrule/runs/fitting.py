"""The fit of a run, which keeps a checkpoint, and what it leaves, whole or interrupted."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule._types import Array
from chainrule.errors import ChainruleError, DataFormatError, InvalidValueError, Words
from chainrule.estimators.fitting import DIVERGED, INTERRUPTED
from chainrule.preparation import Preparation, defaults
from chainrule.runs.files import CHECKPOINT
from chainrule.runs.listening import Epochs, Listener
from chainrule.runs.settings import ESTIMATORS, TrainSettings
from chainrule.runs.training_rows import TrainingRows


@dataclass(frozen=True, eq=False)
class Data:
    """What an estimator learns from.

    Attributes
    ----------
    preparation : Preparation
        What made arrays of the table.
    X, y : arrays of shape (n, n_features), (n,)
        To learn from; y is None for an autoencoder.
    X_stop, y_stop : arrays
        The rows that decide when to stop; may be none.
    looked_at : TrainingRows
        Both kinds of rows.
    histograms : dict from str to list of int
        How the numbers of columns are spread.
    """

    preparation: Preparation
    X: Array
    y: Any
    X_stop: Array
    y_stop: Any
    looked_at: TrainingRows
    histograms: dict[str, list[int]]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a fit has left.

    Attributes
    ----------
    estimator : estimator
        Fitted, the best weights so far if it was interrupted.
    interrupted : bool
        Whether Ctrl-C has ended it.
    complaints : sequence of str
        What the estimator has warned of.
    """

    estimator: Any
    interrupted: bool
    complaints: Sequence[str]


def fit(settings: TrainSettings, data: Data, listener: Listener) -> Fitted:
    """Fit the estimator of a run; it goes on from the checkpoint in the run's folder if it resumes.

    Raises
    ------
    ChainruleError
        If it cannot be fitted with these settings, or goes on with others than it was begun with.
    KeyboardInterrupt
        If it was interrupted in the first epoch.
    """
    task, stops = data.preparation.task, len(data.X_stop) > 0
    chosen = defaults.settings(
        task, len(data.X), data.X.shape[1], stops=stops, given=settings.model
    )
    has_epochs = chosen["solver"] != "lbfgs"
    checkpoint = settings.out / CHECKPOINT
    if not settings.resume:
        checkpoint.unlink(missing_ok=True)
    with _model_errors(checkpoint, resume=settings.resume):
        estimator = ESTIMATORS[task](
            **chosen,
            random_state=settings.seed,
            callbacks=[Epochs(listener)] if has_epochs else None,
            checkpoint=checkpoint if has_epochs else None,
        )
        listener.stage("training")
        caught = _warnings_of_fit(estimator, data, stops and has_epochs)
    interrupted = any(str(one.message) == INTERRUPTED for one in caught)
    if interrupted and not (checkpoint.exists() if has_epochs else estimator.n_iter_):
        raise KeyboardInterrupt  # in the first epoch: there is nothing to keep
    # That all epochs are over is told in words of its own.
    others = [one for one in caught if not issubclass(one.category, ConvergenceWarning)]
    complaints = [text for one in others if (text := str(one.message)) != INTERRUPTED]
    estimator.set_params(callbacks=None, checkpoint=None)
    return Fitted(estimator, interrupted, list(dict.fromkeys(complaints)))


def _warnings_of_fit(estimator: Any, data: Data, stops: bool) -> list[warnings.WarningMessage]:
    validation = {}
    if stops:
        validation = {"X_val": data.X_stop}
        validation |= {} if data.y_stop is None else {"y_val": data.y_stop}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(data.X, data.y, **validation)
    return caught


@contextmanager
def _model_errors(checkpoint: Path, *, resume: bool) -> Iterator[None]:
    """Make errors of the estimator, scikit-learn's own too, ones that a user is told of.

    A checkpoint of a training that has failed is removed: there is nothing to go on with. One that
    was there before is kept.
    """
    try:
        yield
    except (ChainruleError, TypeError, ValueError) as error:
        if not resume:
            checkpoint.unlink(missing_ok=True)
        elif isinstance(error, DataFormatError):
            raise DataFormatError(
                f"{checkpoint} is damaged, so nothing can go on from it: start anew with --force"
            ) from error
        elif str(checkpoint.resolve()) in str(error):
            raise InvalidValueError(
                "resume must go on with the data and the settings of the run that was interrupted",
                error.value if isinstance(error, InvalidValueError) else Words(str(error)),
                "set them back, or start anew with --force",
            ) from error
        if isinstance(error, ChainruleError):
            raise
        if DIVERGED in str(error):
            raise InvalidValueError(
                "training must keep to finite numbers",
                Words("weights that are not: it diverged"),
                "lower learning_rate_init, clip the gradient (clip_norm), or use another solver",
            ) from error
        raise InvalidValueError(
            "the settings of the model must be ones it can be fitted with",
            Words(" ".join(str(error).split())),
            "change them under [model] or with --set",
        ) from error
