"""Shows how a study goes: live bars on a terminal, plain lines elsewhere; on standard error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from chainrule._text import counted, printable
from chainrule.cli.output import progress_console
from chainrule.report.page import duration, percent
from chainrule.study.pace import Pace, Paced
from chainrule.study.runner import Listener
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

LIVE_WIDTH = 70  # columns that the bars need
SILENT = 10.0  # seconds without a line after which an epoch gets one


# Of a trial's metrics, those that a line shows.
_SHOWN: dict[str, Callable[[float], str]] = {
    "test_accuracy": lambda share: f"accuracy {percent(share)}",
    "test_loss": lambda loss: f"loss {loss:z.4f}",
    "test_mse": lambda error: f"mean squared error {error:.4f}",
}


@contextmanager
def listen(console: Console | None = None, pace: Pace | None = None) -> Iterator[Listener]:
    """Yield a listener for a study, and clean the display up at the end.

    Parameters
    ----------
    console : Console, optional
        Where to show it; standard error if left out.
    pace : Pace, optional
        Told of by who runs the study; if left out, all trials are the same work.
    """
    console = console or progress_console()
    if pace is not None:
        with _display(console, pace) as listener:
            yield listener
        return
    pace = Pace()
    with _display(console, pace) as listener:
        yield Paced(listener, pace)


@contextmanager
def _display(console: Console, pace: Pace) -> Iterator[Listener]:
    if not console.is_terminal or console.is_dumb_terminal or console.width < LIVE_WIDTH:
        yield PlainLines(console, pace)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield LiveBars(bars, pace)


def summary(trial: Trial, result: TrialResult) -> str:
    """Return a finished trial as one line."""
    name = full_name(trial)
    if result.error:
        return f"{name}: {result.error}"
    found = result.metrics
    figures = [words(found[key]) for key, words in _SHOWN.items() if key in found]
    figures = figures or [
        f"{key} undefined" if found[key] is None else f"{key} {found[key]:z.4f}"
        for key in trial.settings.get("metrics", ())
        if key in found
    ]
    parts = [*figures, counted(len(result.epochs), "epoch"), duration(result.seconds)]
    return f"{name}: {', '.join(parts)}"


def full_name(trial: Trial) -> str:
    """Return what a trial is called among all the others."""
    name = f"{printable(trial.configuration)}, seed {trial.seed}"
    if "fold" not in trial.settings or "fold" in trial.configuration:
        return name
    return f"{name}, fold {trial.settings['fold'] + 1}"


def at_epoch(row: Epoch, epochs: int) -> str:
    """Return how far a training is."""
    return f"epoch {row.epoch}/{epochs}, loss {row.monitored_loss:z.4f}"


def time_left(pace: Pace) -> str:
    """Return the time that the rest will take, in words; nothing while it is not known."""
    left = pace.left
    return "" if left is None else f"about {duration(left)} left"


class PlainLines:
    """One line for each finished trial, with the remaining time; and where none comes, an epoch."""

    def __init__(
        self, console: Console, pace: Pace, clock: Callable[[], float] = monotonic
    ) -> None:
        self.console, self.pace, self.clock = console, pace, clock
        self.spoken = clock()
        self.trials, self.done = 0, 0
        self.running: set[str] = set()
        self.kept = 0  # from an earlier run, not told of yet
        self.lock = threading.Lock()

    def begin(self, trials: int) -> None:
        """Note how many trials there are by now."""
        self.trials = trials

    def started(self, trial: Trial) -> None:
        """Note that the trial is trained now and not taken from the store."""
        with self.lock:
            self._tell_kept()
            self.running.add(trial.id)

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Say how far it is, if nothing was said for a while."""
        if self.clock() - self.spoken < SILENT:
            return
        with self.lock:
            state = f"{full_name(trial)}: {at_epoch(row, epochs)}"
            self._print("; ".join(filter(None, [state, time_left(self.pace)])))

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Print the trial's line; one for all that were there already."""
        with self.lock:
            self.done += 1
            if trial.id in self.running:
                left = "all done" if self.done == self.trials else time_left(self.pace)
                self._print("; ".join(filter(None, [summary(trial, result), left])))
                return
            self.kept += 1
            if self.done == self.trials:
                self._tell_kept()

    def _tell_kept(self) -> None:
        if self.kept:
            self._print(f"{self.kept} from an earlier run")
            self.kept = 0

    def _print(self, text: str) -> None:
        self.spoken = self.clock()
        text = f"[{self.done}/{self.trials}] {text}"
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


class LiveBars:
    """A bar for the whole with the remaining time, and one for each running trial."""

    def __init__(self, bars: Progress, pace: Pace) -> None:
        self.trials, self.done, self.bars, self.pace = 0, 0, bars, pace
        self.whole = bars.add_task("all trainings", total=None, state="")
        self.running: dict[str, TaskID] = {}
        self.lock = threading.Lock()

    def begin(self, trials: int) -> None:
        """Give the bar for the whole its length."""
        self.trials = trials
        with self.lock:
            self._move()

    def started(self, trial: Trial) -> None:
        """Add the trial's bar."""
        with self.lock:
            self.running[trial.id] = self.bars.add_task(full_name(trial), total=None, state="")

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Move the trial's bar and the whole one."""
        state = at_epoch(row, epochs)
        with self.lock:
            self.bars.update(self.running[trial.id], total=epochs, completed=row.epoch, state=state)
            self._move()

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Replace the trial's bar by its line; one that was there already only counts."""
        with self.lock:
            self.done += 1
            bar = self.running.pop(trial.id, None)
            if bar is not None:
                self.bars.remove_task(bar)
            self._move()
        if bar is None:
            return
        self.bars.console.print(summary(trial, result), markup=False, highlight=False)

    def _move(self) -> None:
        state = f"{self.done}/{self.trials}  {time_left(self.pace)}"
        self.bars.update(self.whole, total=self.pace.total, completed=self.pace.done, state=state)
