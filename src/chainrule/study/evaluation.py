"""On which rows a trial is trained, and on which it is judged.

Three ways: all folds but one, for each fold in turn; a part held out; or data of their own. Folds and
held-out rows are drawn by the trial's seed, so that the spread over seeds has in it what the choice
of rows makes. Two candidates with the same seed and fold have the same rows: they can be compared in
pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from chainrule._types import Array
from chainrule.errors import InvalidValueError, Words
from chainrule.training.checkpoint import describe

Rows = tuple[Array, Array]  # numbers of the rows to train on, and of those to judge on


@dataclass(frozen=True)
class CrossValidation:
    """Every fold in turn is judged by what was learnt from the others.

    Parameters
    ----------
    folds : int
        How many, at least 2. Each has every class's share, where the targets are classes.
    shuffle : bool
        Whether rows are dealt out in an order drawn by the seed. Without it the folds are those of
        scikit-learn's ``GridSearchCV(cv=folds)``, the same for every seed.
    each_epoch : bool
        Whether the fold is measured after each epoch too: see :class:`HeldOut`.
    """

    folds: int = 5
    shuffle: bool = True
    each_epoch: bool = False
    key: ClassVar[str] = "folds"

    def __post_init__(self) -> None:
        _check(isinstance(self.folds, int) and self.folds >= 2, "folds", "an integer of at least 2",
               self.folds, "5 is usual")  # fmt: skip
        _check_flags(self, "shuffle", "each_epoch")

    def rows(self, y: Array | None, n: int, seed: int, fold: int, *, stratify: bool) -> Rows:
        """Return the rows of a fold, counted from 0; ``y`` decides where ``stratify`` is true."""
        kind = StratifiedKFold if stratify else KFold
        split = kind(self.folds, shuffle=self.shuffle, random_state=seed if self.shuffle else None)
        train, test = list(split.split(np.zeros(n), y))[fold]
        return train, test

    def to_dict(self) -> dict[str, Any]:
        """Return the section of a study's file."""
        return {"folds": self.folds, "shuffle": self.shuffle, "each_epoch": self.each_epoch}


@dataclass(frozen=True)
class HeldOut:
    """A part of the rows, drawn by the seed, is held out of training and judges.

    Parameters
    ----------
    fraction : float
        Of the rows; in (0, 1). It has every class's share, where the targets are classes.
    each_epoch : bool
        Whether the held-out rows are measured after each epoch too, for learning curves. The
        estimator is then given them as ``X_val`` and ``y_val``: early stopping, where it is on,
        watches them, and what they say in the end is too good.
    """

    fraction: float = 0.2
    each_epoch: bool = False
    key: ClassVar[str] = "fraction"
    folds: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        fraction = self.fraction
        number = isinstance(fraction, int | float) and not isinstance(fraction, bool)
        _check(number and 0 < fraction < 1, "fraction", "a number in (0, 1)", fraction,
               "0.2 is usual")  # fmt: skip
        _check_flags(self, "each_epoch")

    def rows(self, y: Array | None, n: int, seed: int, fold: int, *, stratify: bool) -> Rows:
        """Return the rows to train on and those held out, each in the data's order."""
        train, test = train_test_split(
            np.arange(n),
            test_size=self.fraction,
            random_state=seed,
            stratify=y if stratify else None,
        )
        return np.sort(train), np.sort(test)

    def to_dict(self) -> dict[str, Any]:
        """Return the section of a study's file."""
        return {"fraction": self.fraction, "each_epoch": self.each_epoch}


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
        _check_flags(self, "each_epoch")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValidationData) and self.to_dict() == other.to_dict()

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
    known = kinds[0].__dataclass_fields__
    for key in section:
        if key not in known:
            raise InvalidValueError(
                f"evaluation with {kinds[0].key} must have no keys but {', '.join(known)}",
                key,
                "leave it out",
            )
    return kinds[0](**section)


def _check(holds: bool, name: str, rule: str, value: object, remedy: str) -> None:
    if not holds:
        raise InvalidValueError(f"evaluation.{name} must be {rule}", value, remedy)


def _check_flags(evaluation: Any, *names: str) -> None:
    for name in names:
        value = getattr(evaluation, name)
        _check(isinstance(value, bool), name, "true or false", value, "change it")
