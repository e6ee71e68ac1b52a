"""What training leaves behind: one row an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


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
    validation_accuracy : float or None
        The share of validation samples classified correctly, for classifiers.
    learning_rate : float
        Of the epoch's last step.
    seconds : float
        What the epoch took, validation included.
    """

    epoch: int
    train_loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    seconds: float

    @property
    def monitored_loss(self) -> float:
        """The loss that decides when to stop: validation where there is one, else training."""
        return self.train_loss if self.validation_loss is None else self.validation_loss


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

    def column(self, name: str) -> list[float | None]:
        """Return one column, such as ``"train_loss"``, as a list."""
        return [getattr(epoch, name) for epoch in self.epochs]
