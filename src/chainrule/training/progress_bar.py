"""How a fit goes: a live bar on a terminal, and one line when it is over; on standard error.

rich draws one live display at a time. Of several fits at once one has the bar; the others, those in
worker processes, and those under somebody else's live display only leave their lines.
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
from typing import TYPE_CHECKING, Any

from chainrule._text import counted
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import Epoch

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

LIVE_WIDTH = 74  # columns that the bar needs
_FREE = threading.Lock()  # held by the bar that is shown


class ProgressBar(Callback):
    """Show the epochs, the losses and the remaining time, and leave one line at the end.

    Elsewhere than on a terminal there is only the line.
    """

    def __init__(self) -> None:
        self._bars: Bars | None = None

    def train_begin(self, progress: Progress) -> None:
        self.close()
        if (bars := _bars()) is not None and _FREE.acquire(blocking=False):
            self._bars = bars
            bars.add_task(f"epoch 0/{progress.epochs}", total=progress.epochs, state="")
            bars.start()

    def epoch_end(self, progress: Progress) -> bool:
        if self._bars is not None:
            done, epochs = progress.epochs_done, progress.epochs
            self._bars.update(
                self._bars.task_ids[0],
                description=f"epoch {done}/{epochs}",
                completed=done,
                state=_losses(progress.history.epochs[-1], "loss", "validation"),
            )
        return False

    def train_end(self, progress: Progress) -> None:
        self.close()
        # One write: several fits may be ending.
        print(f"{summary(progress)}\n", end="", file=sys.stderr)

    def close(self) -> None:
        """Take the bar away, also where training has failed."""
        if self._bars is not None:
            bars, self._bars = self._bars, None
            try:
                bars.stop()
            finally:
                _FREE.release()

    def __getstate__(self) -> dict[str, Any]:
        return {"_bars": None}  # a copy shows nothing yet, and what rich holds can't be copied


def summary(progress: Progress) -> str:
    """Return a training that is over as one line."""
    done = progress.epochs_done
    rows = progress.history.epochs[len(progress.history) - done :]
    name = "training" if progress.estimator is None else type(progress.estimator).__name__
    seconds = sum(row.seconds for row in rows)
    line = f"{name}: {done} of {counted(progress.epochs, 'epoch')} in {seconds:.1f} s"
    return f"{line}, {_losses(rows[-1], 'loss', 'validation loss')}" if rows else line


def _losses(row: Epoch, train: str, validation: str) -> str:
    text = f"{train} {row.train_loss:.4g}"
    if row.validation_loss is not None:
        text += f", {validation} {row.validation_loss:.4g}"
    return text


def _bars() -> Bars | None:
    """Return a display of one bar, None where none can be shown."""
    if multiprocessing.parent_process() is not None:
        return None
    from rich.console import Console
    from rich.file_proxy import FileProxy
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal or console.width < LIVE_WIDTH:
        return None
    if isinstance(sys.stderr, FileProxy):  # a live display takes in what is written
        return None
    return Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        speed_estimate_period=120,
        redirect_stdout=sys.stdout.isatty(),  # what goes into a file stays there
    )
