"""The rows of a study, as its trials share them.

Loading ends in one :class:`StudyData`. Where a part is held out, or validation data are given,
there is one :class:`Split` and every trial uses it. With cross-validation a fold's split is made
when it is first asked for, and kept as long as a trial uses it. What is learnt about columns is
learnt from a split's training rows alone.
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
from chainrule.study.evaluation import CrossValidation, Evaluation, ValidationData
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


class StudyData:
    """The rows of a study; pickled without the folds that it has made.

    Parameters
    ----------
    source : Arrays
        All rows that training may use.
    task : str
        What is learnt.
    digest : str
        Of everything about the data that decides results.
    evaluation : Evaluation
        How rows are split.
    validation : Arrays, optional
        The rows that judge, where they are data of their own.
    """

    def __init__(
        self,
        source: Arrays,
        task: str,
        digest: str,
        evaluation: Evaluation,
        validation: Arrays | None = None,
    ) -> None:
        self.task, self.digest = task, digest
        if validation is not None:
            self._source, self._whole = None, source.beside(validation)
            return
        assert not isinstance(evaluation, ValidationData)
        self._rows = evaluation.rows(
            len(source), source.labels if task == "classification" else None
        )
        if isinstance(evaluation, CrossValidation):
            self._source, self._whole = source, None
            self._forget()
        else:
            self._source, self._whole = None, source.split(*self._rows[0])

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._made: weakref.WeakValueDictionary[int, Split] = weakref.WeakValueDictionary()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k not in ("_lock", "_made")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        if self._source is not None:
            self._forget()

    def split(self, fold: int | None) -> Split:
        """Return what the trials of a fold, counted from 0, are trained on and judged by."""
        if self._whole is not None:
            return self._whole
        assert self._source is not None
        assert fold is not None
        with self._lock:
            split = self._made.get(fold)
            if split is None:
                split = self._made[fold] = self._source.split(*self._rows[fold])
            return split


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
    return StudyData(source, task, digest, study.evaluation, validation)


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
