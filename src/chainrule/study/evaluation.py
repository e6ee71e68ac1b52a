"""On which rows a trial is trained, and on which it is judged.

Three ways: all folds but one, for each fold in turn; a part held out; or data of their own. Rows
are drawn once for a study and not anew for each of its seeds. So what differs between the seeds is
the training alone, two candidates can be compared fold by fold, and all trials share one copy of
the rows that they are trained on.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from chainrule._types import Array
from chainrule.errors import InvalidValueError, Words
from chainrule.registry import Registry
from chainrule.training.checkpoint import describe

Rows = tuple[Array, Array]  # numbers of the rows to train on, and of those that judge


@dataclass(frozen=True)
class CrossValidation:
    """Every fold in turn is judged by what was learnt from the others.

    Parameters
    ----------
    folds : int
        How many, at least 2. Each has every class's share, where the targets are classes.
    shuffle : bool
        Whether rows are dealt out in a random order. Without it the folds are those of
        scikit-learn's ``GridSearchCV(cv=folds)``.
    seed : int
        Of that order.
    each_epoch : bool
        Whether the fold is measured after each epoch too: see :class:`HeldOut`.
    """

    folds: int = 5
    shuffle: bool = True
    seed: int = 0
    each_epoch: bool = False
    key: ClassVar[str] = "folds"

    def __post_init__(self) -> None:
        _check(
            _is_whole(self.folds, 2), "folds", "an integer of at least 2", self.folds, "raise it"
        )
        _check_seed(self.seed)
        _check_flag("shuffle", self.shuffle)
        _check_flag("each_epoch", self.each_epoch)

    def rows(self, n: int, labels: Array | None) -> list[Rows]:
        """Return the rows of each fold; ``labels`` are classes to deal out evenly, or None."""
        kind = KFold if labels is None else StratifiedKFold
        split = kind(
            self.folds, shuffle=self.shuffle, random_state=self.seed if self.shuffle else None
        )
        with _dividing(labels):
            return list(split.split(np.zeros(n), labels))

    def to_dict(self) -> dict[str, Any]:
        """Return the section of a study's file."""
        return vars(self) | {}


@dataclass(frozen=True)
class HeldOut:
    """A part of the rows, drawn at random, is held out of training and judges.

    Parameters
    ----------
    fraction : float
        Of the rows; in (0, 1). It has every class's share, where the targets are classes.
    seed : int
        Of the draw.
    each_epoch : bool
        Whether the held-out rows are measured after each epoch too, for learning curves. The
        estimator is then given them as ``X_val`` and ``y_val``: early stopping, where it is on,
        watches them, and what they say in the end is too good.
    """

    fraction: float = 0.2
    seed: int = 0
    each_epoch: bool = False
    key: ClassVar[str] = "fraction"
    folds: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        number = isinstance(self.fraction, int | float) and not isinstance(self.fraction, bool)
        holds = number and 0 < self.fraction < 1
        _check(holds, "fraction", "a number in (0, 1)", self.fraction, "0.2 is usual")
        _check_seed(self.seed)
        _check_flag("each_epoch", self.each_epoch)

    def rows(self, n: int, labels: Array | None) -> list[Rows]:
        """Return the rows to train on and those held out, in the data's order; a list of one."""
        with _dividing(labels):
            train, test = train_test_split(
                np.arange(n), test_size=self.fraction, random_state=self.seed, stratify=labels
            )
        return [(np.sort(train), np.sort(test))]

    def to_dict(self) -> dict[str, Any]:
        """Return the section of a study's file."""
        return vars(self) | {}


@dataclass(frozen=True, eq=False)
class ValidationData:
    """Data of their own judge; all rows of the study's data are trained on.

    Parameters
    ----------
    data : object
        As the study's data: a file, or ``(X, y)``, or a frame with the same columns. The name of a
        bundled data set stands for its test images.
    each_epoch : bool
        Whether they are measured after each epoch too: see :class:`HeldOut`.
    """

    data: Any
    each_epoch: bool = False
    key: ClassVar[str] = "data"
    folds: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        _check_flag("each_epoch", self.each_epoch)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValidationData) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return the section of a study's file; arrays by their digest."""
        data = self.data if isinstance(self.data, str) else describe(self.data)
        return {"data": data, "each_epoch": self.each_epoch}


Evaluation = CrossValidation | HeldOut | ValidationData
KINDS: tuple[type[Evaluation], ...] = (CrossValidation, HeldOut, ValidationData)


def from_dict(section: Mapping[str, Any]) -> Evaluation:
    """Read the section ``[evaluation]`` of a study's file.

    Raises
    ------
    InvalidValueError
        If it has not exactly one of ``folds``, ``fraction`` and ``data``, or another key.
    """
    kinds = [kind for kind in KINDS if kind.key in section]
    if len(kinds) != 1:
        raise InvalidValueError(
            "evaluation must have one of folds, fraction and data",
            Words(", ".join(kind.key for kind in kinds) or "none"),
            "such as folds = 5",
        )
    known = Registry(f"a key of evaluation with {kinds[0].key}", _names(kinds[0]))
    for key in section:
        known[key]
    return kinds[0](**section)


@contextmanager
def _dividing(labels: Array | None) -> Iterator[None]:
    """Check the classes, and say of scikit-learn's refusals whose they are."""
    if labels is not None:
        classes, counts = np.unique(np.asarray(labels), return_counts=True)
        if counts.min() < 2:
            raise InvalidValueError(
                "every class must have at least 2 rows, one to train on and one that judges",
                Words(f"1 of class {classes[counts.argmin()]}"),
                "leave such rows out",
            )
    try:
        with warnings.catch_warnings():  # a class may have fewer rows than there are folds
            warnings.simplefilter("ignore", UserWarning)
            yield
    except ValueError as error:
        raise InvalidValueError(
            "evaluation must leave rows to train on and rows that judge",
            Words(" ".join(str(error).split()).rstrip(".")),
            "change folds or fraction",
        ) from None


def _names(kind: type[Evaluation]) -> dict[str, None]:
    return dict.fromkeys(field.name for field in fields(kind))


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check(holds: bool, name: str, rule: str, value: object, remedy: str) -> None:
    if not holds:
        raise InvalidValueError(f"evaluation.{name} must be {rule}", value, remedy)


def _check_flag(name: str, value: object) -> None:
    _check(isinstance(value, bool), name, "true or false", value, "change it")


def _check_seed(value: object) -> None:
    _check(_is_whole(value, 0), "seed", "an integer of at least 0", value, "0 is usual")
