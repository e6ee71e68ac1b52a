"""The rows of a study, as its trials share them: sources -> splits.

Where a part is held out, or validation data are given, there is one :class:`Split` and every trial
uses it. With cross-validation a fold's split is made when it is first asked for, and kept as long
as a trial uses it. What is learnt about columns is learnt from a split's training rows alone.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sklearn.utils.validation import _num_samples

from chainrule.study import estimator as estimators
from chainrule.study.evaluation import CrossValidation, Evaluation, Rows, ValidationData
from chainrule.study.sources import Arrays, Source, Split, TableRows, is_arrays
from chainrule.study.spec import Study

KEPT_BYTES = 2**29  # of folds that no trial uses just now


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
    source : Source
        All rows.
    rows : list of (train, test)
        Their numbers, for each fold.
    """

    def __init__(self, task: str, digest: str, source: Source, rows: list[Rows]) -> None:
        self.task, self.digest, self.source, self.rows = task, digest, source, rows
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        # A copy of a fold's rows lives as long as a trial needs it, and trials share it. Those that
        # were used last stay for the next trial, as many as are small enough together.
        self._made: weakref.WeakValueDictionary[int, Split] = weakref.WeakValueDictionary()
        self._kept: OrderedDict[int, Split] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k not in ("_lock", "_made", "_kept")}

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
            self._keep(number, split)
            return split

    def _keep(self, number: int, split: Split) -> None:
        self._kept[number] = split
        self._kept.move_to_end(number)
        while sum(one.n_bytes for one in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


StudyData = OneSplit | Folds


def load(study: Study) -> StudyData:
    """Read a study's data and divide it.

    Raises
    ------
    InvalidValueError
        If the data cannot be divided or learnt from so.
    DataNotFoundError, DataFormatError
        If a file is not there, or not what it should be.
    """
    source = load_all(study)
    if not isinstance(study.evaluation, ValidationData):
        return divide(source, study.evaluation, source.task, source.digest)
    split, digest = source.judged_by(study.evaluation.data)
    return OneSplit(source.task, f"{source.digest}, {digest}", split)


def load_all(study: Study) -> Source:
    """Read a study's data; the task is the study's, the estimator's, or what the target says."""
    task = study.task
    if task == "auto":
        task = estimators.task_of(study.estimator) or "auto"
    if is_arrays(study.data, task):
        return Arrays.of(study.data, task)
    return TableRows.of(study.data, study.target, task, study.columns)


def divide(source: Source, evaluation: Evaluation, task: str, digest: str) -> StudyData:
    """Return rows as an evaluation divides them."""
    assert not isinstance(evaluation, ValidationData)
    rows = evaluation.rows(len(source), source.labels if task == "classification" else None)
    if isinstance(evaluation, CrossValidation):
        return Folds(task, digest, source, rows)
    return OneSplit(task, digest, source.split(*rows[0]))
