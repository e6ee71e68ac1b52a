"""The rows of a study, as its trials share them.

Where a part is held out, or validation data are given, there is one :class:`Split` and every trial
uses it. With cross-validation a fold's split is made when it is first asked for, and kept as long
as a trial uses it. What is learnt about columns is learnt from a split's training rows alone.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _num_samples

from chainrule._types import Array
from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.load import load as load_dataset
from chainrule.errors import InvalidValueError, Words
from chainrule.study import estimator as estimators
from chainrule.study.evaluation import CrossValidation, Evaluation, Rows, ValidationData
from chainrule.study.spec import Study
from chainrule.training.checkpoint import describe


@dataclass(frozen=True, eq=False)
class Split:
    """What a trial is trained on and judged by.

    Attributes
    ----------
    X, y : arrays of shape (n_samples, n_features), (n_samples,)
        To train on; ``y`` is None for an autoencoder.
    X_val, y_val : arrays
        To judge.
    """

    X: Any
    y: Any
    X_val: Any
    y_val: Any


@dataclass(frozen=True, eq=False)
class OneSplit:
    """The rows of a study whose trials all have the same.

    Attributes
    ----------
    task : str
        What is learnt.
    digest : str
        Of everything about the data that decides results.
    """

    task: str
    digest: str
    whole: Split

    def __len__(self) -> int:
        return int(_num_samples(self.whole.X))

    def split(self, fold: int | None) -> Split:
        """Return what every trial is trained on and judged by."""
        return self.whole


class Folds:
    """The rows of a cross-validated study; pickled without the folds that it has made.

    Parameters
    ----------
    task, digest : str
        As :class:`OneSplit`'s.
    source : Arrays
        All rows.
    rows : list of (train, test)
        Their numbers, for each fold.
    """

    def __init__(self, task: str, digest: str, source: Arrays, rows: list[Rows]) -> None:
        self.task, self.digest, self.source, self.rows = task, digest, source, rows
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        # A copy of a fold's rows lives as long as a trial needs it, and trials share it.
        self._made: weakref.WeakValueDictionary[int, Split] = weakref.WeakValueDictionary()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k not in ("_lock", "_made")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def __len__(self) -> int:
        return len(self.source)

    def split(self, fold: int | None) -> Split:
        """Return what the trials of a fold, counted from 0, are trained on and judged by."""
        number = fold or 0
        with self._lock:
            split = self._made.get(number)
            if split is None:
                split = self._made[number] = self.source.split(*self.rows[number])
            return split


StudyData = OneSplit | Folds


@dataclass(frozen=True, eq=False)
class Arrays:
    """X and y in memory, as they were given: uint8 stays uint8."""

    X: Any
    y: Any

    def __len__(self) -> int:
        return int(_num_samples(self.X))

    @property
    def labels(self) -> Any:
        """What is to be predicted, for splits that have every class."""
        return self.y

    def split(self, train: Array, test: Array) -> Split:
        """Return the rows with these numbers."""
        X, y = self.X, self.y
        parts = [
            None if values is None else _safe_indexing(values, rows)
            for rows in (train, test)
            for values in (X, y)
        ]
        return Split(*parts)

    def beside(self, validation: Arrays) -> Split:
        """Return all rows, judged by those of ``validation``."""
        return Split(self.X, self.y, validation.X, validation.y)


def load(study: Study) -> StudyData:
    """Read a study's data and split it.

    Raises
    ------
    InvalidValueError
        If the data cannot be split or learnt from so.
    DataNotFoundError, DataFormatError
        If a file is not there, or not what it should be.
    """
    task = study.task
    if task == "auto":
        task = estimators.task_of(study.estimator) or "auto"
    source, digest = _arrays(study.data, "train", task, "data")
    if task == "auto":
        task = _task_of(source.y)
    validation = None
    if isinstance(study.evaluation, ValidationData):
        validation, more = _arrays(study.evaluation.data, "test", task, "evaluation.data")
        _check_alike(source, validation, task)
        digest = f"{digest}, {more}"
    return divide(source, study.evaluation, task, digest, validation)


def divide(
    source: Arrays,
    evaluation: Evaluation,
    task: str,
    digest: str,
    validation: Arrays | None = None,
) -> StudyData:
    """Return the rows of a study as its evaluation divides them; no copy of validation data."""
    if validation is not None:
        return OneSplit(task, digest, source.beside(validation))
    assert not isinstance(evaluation, ValidationData)
    rows = evaluation.rows(len(source), source.labels if task == "classification" else None)
    if isinstance(evaluation, CrossValidation):
        return Folds(task, digest, source, rows)
    return OneSplit(task, digest, source.split(*rows[0]))


def _arrays(data: Any, part: str, task: str, name: str) -> tuple[Arrays, str]:
    if isinstance(data, str) and data in CATALOGUE:
        dataset = load_dataset(CATALOGUE[data])
        X, y = getattr(dataset, f"X_{part}"), getattr(dataset, f"y_{part}")
        return Arrays(X, None if task == "autoencoder" else y), f"{dataset.digest} {part}"
    if task == "autoencoder" and not isinstance(data, tuple):
        return Arrays(data, None), describe(data)
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise InvalidValueError(
            f"{name} must be a file, a bundled data set's name, (X, y), or a frame with a target",
            data,
            "such as (X, y)",
        )
    X, y = (value if hasattr(value, "shape") else np.asarray(value) for value in data)
    rows = _num_samples(X), _num_samples(y)
    if rows[0] != rows[1]:
        raise InvalidValueError(
            f"X and y of {name} must have the same number of rows",
            Words("{} and {}".format(*rows)),
            "give each row its target",
        )
    return Arrays(X, None if task == "autoencoder" else y), describe((X, y))


def _task_of(y: Any) -> str:
    # Whole numbers and texts are classes. Whoever means amounts says so.
    return "regression" if type_of_target(y).startswith("continuous") else "classification"


def _check_alike(source: Arrays, validation: Arrays, task: str) -> None:
    widths = [np.shape(arrays.X)[1:] for arrays in (source, validation)]
    if widths[0] != widths[1]:
        raise InvalidValueError(
            "evaluation.data must have the features of data",
            Words(f"rows of shape {widths[1]} beside {widths[0]}"),
            "give both the same columns",
        )
    if task == "classification" and np.ndim(source.y) == 1:
        unseen = np.setdiff1d(np.asarray(validation.y), np.asarray(source.y))
        if len(unseen):
            raise InvalidValueError(
                "the classes of evaluation.data must be among those of data",
                unseen[:1].tolist()[0],
                "leave these rows out, or train on some of them",
            )
