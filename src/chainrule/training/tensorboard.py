"""Event files for TensorBoard; tensorboardX writes them and is imported when it is used.

Steps are epochs as the history counts them. tensorboardX names its files by the second and
overwrites, so each training gets a folder of its own, and each file in it the epoch it begins with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.errors import InvalidValueError
from chainrule.training.callbacks import Callback, Progress

LARGEST = 1e20  # where TensorBoard's bins of a histogram end


class TensorBoard(Callback):
    """Write losses, scores, learning rate and weights for TensorBoard.

    Each training is a run: a folder ``run-1``, ``run-2``, ... A warm start, ``partial_fit`` and a
    training from a checkpoint go on with theirs. Needs ``pip install tensorboardX``;
    ``tensorboard --logdir FOLDER`` shows what is there.

    Parameters
    ----------
    folder : path
        Where the runs are.
    every : int
        After how many epochs there is a histogram of each layer's weights; 0 for none.

    Attributes
    ----------
    run : Path or None
        The folder of the last training.
    """

    def __init__(self, folder: str | Path, *, every: int = 1) -> None:
        if every < 0:
            raise InvalidValueError("every must be at least 0", every, "pass 0 for no histograms")
        _writer_class()  # before any training, not after it
        self.folder, self.every = Path(folder), every
        self.run: Path | None = None
        self._writer: Any = None

    def train_begin(self, progress: Progress) -> None:
        self.close()
        if not progress.history.epochs:
            self.run = None

    def epoch_end(self, progress: Progress) -> bool:
        row = progress.history.epochs[-1]
        if self._writer is None:
            self._writer = self._open(row.epoch)
        for name in ("train_loss", "validation_loss", "learning_rate", *row.scores):
            value = row.value(name)
            if value is not None:
                self._writer.add_scalar(name, value, row.epoch)
        if self.every and row.epoch % self.every == 0:
            for layer, W in enumerate(progress.params.W, 1):
                values = _in_range(W)
                if values.size:
                    self._writer.add_histogram(f"weights/layer_{layer}", values, row.epoch)
        return False

    def close(self) -> None:
        """Write what is left and close the file."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()

    def _open(self, epoch: int) -> Any:
        goes_on = self.run is not None
        if self.run is None:
            self.run = _new_run(self.folder)
        return _writer_class()(
            str(self.run),
            purge_step=epoch if goes_on else None,  # hides what came after a checkpoint
            flush_secs=5,
            filename_suffix=f".{epoch:06d}",
        )

    def state_dict(self) -> dict[str, Any]:
        return {"run": None if self.run is None else str(self.run)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.run = None if state["run"] is None else Path(state["run"])

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_writer": None}  # an open file can't be copied


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ModuleNotFoundError as error:
        if error.name != "tensorboardX":
            raise
        message = "TensorBoard needs tensorboardX: pip install tensorboardX"
        raise ImportError(message, name=error.name) from None
    return SummaryWriter


def _new_run(folder: Path) -> Path:
    """Make the first folder that is not there yet; several fits may look for theirs at once."""
    number = 1
    while True:
        run = folder / f"run-{number}"
        try:
            run.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return run


def _in_range(W: Array) -> Array:
    return W[np.abs(W) < LARGEST]  # drops NaN too
