"""Shows how a run goes, on standard error: a live bar on a terminal, elsewhere a line at times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from chainrule._text import counted, printable
from chainrule.cli.output import progress_console
from chainrule.report.page import duration
from chainrule.runs.found import Found
from chainrule.runs.listening import Listener
from chainrule.training.history import Epoch

LIVE_WIDTH = 70  # columns that the bar needs
EVERY = 5.0  # seconds between two plain lines, at least


@contextmanager
def run_listener(
    show: Callable[[Found], None], console: Console | None = None
) -> Iterator[Listener]:
    """Yield a listener for a run, and clean its display up at the end.

    Parameters
    ----------
    show : callable
        Shows what was found in the data.
    console : Console, optional
        Where to show progress.
    """
    console = console or progress_console()
    live = console.is_terminal and not console.is_dumb_terminal and console.width >= LIVE_WIDTH
    listener = LiveBar(show, console) if live else PlainLines(show, console)
    try:
        yield listener
    finally:
        listener.close()


class Shown(Listener):
    """What both displays share: the stage, how far it is, and the time that is left."""

    def __init__(
        self,
        show: Callable[[Found], None],
        console: Console,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show, self.console, self.clock = show, console, clock
        self.what, self.done, self.begun = "", 0, clock()
        self.total: int | None = None

    def stage(self, what: str, total: int | None = None) -> None:
        """Begin a stage."""
        self.what, self.total = printable(what), total
        self.done, self.begun = 0, self.clock()

    def found(self, found: Found) -> None:
        """Show what was found."""
        self.close()
        self._show(found)

    def rows(self, n: int) -> None:
        """Count rows."""
        self.done += n
        self.moved(counted(self.done, "row"))

    def epoch(self, row: Epoch, epochs: int) -> None:
        """Show an epoch."""
        self.done, self.total = row.epoch, epochs
        text = f"epoch {row.epoch}/{epochs}, loss {row.train_loss:.4g}"
        if row.validation_loss is not None:
            text += f", on stopping rows {row.validation_loss:.4g}"
        self.moved(text)

    def moved(self, state: str) -> None:
        """Show how far the stage is."""
        raise NotImplementedError

    def close(self) -> None:
        """Take away what is shown."""

    def left(self) -> str:
        """Return the time that is left, as words: at most, as training may stop early."""
        if not self.total or not self.done:
            return ""
        seconds = (self.clock() - self.begun) / self.done * (self.total - self.done)
        return f", at most {duration(seconds)} left".replace("\u202f", " ")


class PlainLines(Shown):
    """A line when a stage begins, and one every few seconds."""

    def stage(self, what: str, total: int | None = None) -> None:
        super().stage(what, total)
        self._last = self.begun
        self._print(self.what)

    def moved(self, state: str) -> None:
        now = self.clock()
        # What takes long needs fewer lines: a tenth of the time so far between two of them.
        if now - self._last >= max(EVERY, (now - self.begun) / 10):
            self._last = now
            self._print(f"  {state}{self.left()}")

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


class LiveBar(Shown):
    """One bar, of the stage that is going on."""

    _bars: Progress | None = None

    def stage(self, what: str, total: int | None = None) -> None:
        super().stage(what, total)
        self.close()
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[state]}", markup=False),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            speed_estimate_period=120,
        )
        self._bars.add_task(self.what, total=total, state="")
        self._bars.start()

    def moved(self, state: str) -> None:
        if self._bars is not None:
            task = self._bars.task_ids[0]
            # A reader that tells its number of rows beforehand may find more.
            total = None if self.total is None else max(self.total, self.done)
            self._bars.update(task, completed=self.done, total=total, state=state)

    def close(self) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
