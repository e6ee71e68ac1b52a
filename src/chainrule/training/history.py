"""What training leaves behind: one row an epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from chainrule.registry import Registry


class Epoch(NamedTuple):
    """One row of a history.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    train_loss : float
        The mean over the epoch's samples, each measured in its batch before that batch's step,
        penalties left out.
    validation_loss : float or None
        The mean over the validation samples after the epoch; None without such samples.
    scores : mapping from str to float
        What else was measured on the validation samples, such as ``"validation_accuracy"``.
    learning_rate : float
        Of the epoch's last step.
    seconds : float
        What the epoch took, validation included.
    penalty : float
        The mean over the epoch's batches of what L1 and L2 add to the loss.
    """

    epoch: int
    train_loss: float
    validation_loss: float | None
    scores: Mapping[str, float]
    learning_rate: float
    seconds: float
    penalty: float = 0.0

    @property
    def monitored_loss(self) -> float:
        """The loss that decides when to stop: validation where there is one, else training."""
        return self.train_loss if self.validation_loss is None else self.validation_loss

    def value(self, column: str) -> float | None:
        """Return the number in a column, None where nothing was measured."""
        if column in self._fields and column != "scores":
            number: float | None = getattr(self, column)
            return number
        return self.scores.get(column)


@dataclass
class History:
    """One row an epoch, and where the best one is.

    Attributes
    ----------
    epochs : list of Epoch
        In order.
    best_epoch : int or None
        The epoch whose weights were restored by early stopping; None where none were.
    """

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    @property
    def score_names(self) -> tuple[str, ...]:
        """The names of the scores, in the order in which they came up."""
        return tuple(dict.fromkeys(name for epoch in self.epochs for name in epoch.scores))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that :meth:`column` takes."""
        return (*(name for name in Epoch._fields if name != "scores"), *self.score_names)

    def column(self, name: str) -> list[float | None]:
        """Return one column, such as ``"train_loss"``, as a list.

        None stands where an epoch has no such number: a score that only some epochs have.

        Raises
        ------
        UnknownNameError
            If no epoch has one.
        """
        column = Registry("column", {name: name for name in self.columns})[name]
        return [epoch.value(column) for epoch in self.epochs]

    def to_frame(self) -> Any:
        """Return the table as a pandas DataFrame, one row an epoch; pandas must be installed.

        Numbers are floats, NaN where nothing was measured.
        """
        from pandas import DataFrame

        frame = DataFrame({name: self.column(name) for name in self.columns})
        return frame.set_index("epoch").astype(float)


def lowest(losses: Sequence[float]) -> int | None:
    """Return where the first of the lowest numbers is; None if none is below infinity."""
    numbers = np.asarray(losses, float)
    is_number = numbers < math.inf
    return int(np.where(is_number, numbers, math.inf).argmin()) if is_number.any() else None
