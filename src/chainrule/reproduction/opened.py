"""The network that a section opens: its best, in a page that runs it in the browser.

A trial's metrics are small, so its weights are not among them. While trials run, each network that
is the best so far is kept as a model file that has the name of its trial, and ``--resume`` finds it
there. When all are finished, the best of them is written beside the report, with its page.
"""

from __future__ import annotations

import math
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule._files import replace_file
from chainrule.estimators import NeuralNetwork
from chainrule.reproduction.results import Results
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback, Progress

if TYPE_CHECKING:
    from chainrule.reproduction.section import Section

FOLDER = "networks"


@dataclass(frozen=True)
class Opened:
    """Which network of a section is opened.

    Attributes
    ----------
    best : callable
        From results to that of the network; None where there is none.
    candidate : callable
        From a result to whether it may be that.
    network : callable
        From a trial, and the progress of its training at the end, to the network.
    """

    best: Callable[[Results], TrialResult | None]
    candidate: Callable[[TrialResult], bool]
    network: Callable[[Trial, Progress], NeuralNetwork]


@dataclass(frozen=True)
class OpenedPage:
    """A page beside the report: the files' names, and whose network it is."""

    page: str
    model: str
    name: str


class Keeper:
    """Executes trials, and keeps the networks that were the best of their section when they ended.

    Parameters
    ----------
    sections : mapping from str to Section
        By name.
    folder : Path
        The run's.
    """

    def __init__(self, sections: Mapping[str, Section], folder: Path) -> None:
        self._sections, self._folder = sections, folder / FOLDER
        self._lock = threading.Lock()
        self._best: dict[str, float] = {}

    def __call__(
        self, trial: Trial, loaded: Mapping[str, Any], callbacks: Sequence[Callback]
    ) -> TrialResult:
        """Execute a trial."""
        section = self._sections[trial.section]
        last = _Last()
        result = section.execute(trial, loaded[trial.section], [*callbacks, last])
        opened = section.opened
        if opened is not None and opened.candidate(result) and last.progress is not None:
            with self._lock:
                self._offer(opened, trial, result, last.progress)
        return result

    def _offer(self, opened: Opened, trial: Trial, result: TrialResult, progress: Progress) -> None:
        accuracy = result.metrics["test_accuracy"]
        if accuracy < self._best.get(trial.section, -math.inf):
            return
        self._best[trial.section] = accuracy
        self._folder.mkdir(exist_ok=True)
        opened.network(trial, progress).save(_file(self._folder, trial.section, trial.id))


class _Last(Callback):
    """Has what a training ends with."""

    progress: Progress | None = None

    def train_end(self, progress: Progress) -> None:
        self.progress = progress


def write_opened(out: Path, section: Section, results: Results) -> OpenedPage | None:
    """Write the page of a section's best network, and its model file.

    Returns
    -------
    OpenedPage or None
        None where no network is to be opened, or its weights are not there: of a run whose results
        were taken from elsewhere.
    """
    best = None if section.opened is None else section.opened.best(results)
    if best is None:
        return None
    kept = _file(out / FOLDER, section.name, best.trial_id)
    if not kept.exists():
        return None
    from chainrule.explore import explore

    letter = section.name.lower()
    name = f"{best.configuration}, seed {best.seed}"
    files = OpenedPage(f"explore-{letter}.html", f"best-{letter}.safetensors", name)
    for other in set(kept.parent.glob(kept.name.replace(best.trial_id, "*"))) - {kept}:
        other.unlink()
    with kept.open("rb") as weights:
        replace_file(out / files.model, lambda file: shutil.copyfileobj(weights, file))
    title = f"Section {section.name}'s best network: {name}"
    explore(out / files.model, results.data, out / files.page, title=title)
    return files


def _file(folder: Path, section: str, trial_id: str) -> Path:
    return folder / f"{section.lower()}-{trial_id}.safetensors"
