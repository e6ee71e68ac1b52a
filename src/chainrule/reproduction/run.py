"""Runs the report's experiments and writes what came of them.

``trials.sqlite`` grows while training runs; ``results.json``, ``history.csv`` and ``index.html``
are written from it when the run ends or is stopped.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule._version import __version__
from chainrule.errors import InvalidValueError
from chainrule.report.files import to_json, write_text
from chainrule.reproduction import page
from chainrule.reproduction.claims import Judgement, judge
from chainrule.reproduction.opened import Keeper, write_opened
from chainrule.reproduction.results import Results
from chainrule.reproduction.section import Scope, Section
from chainrule.reproduction.sections import SECTIONS
from chainrule.reproduction.settings import Table, Values, rows, values
from chainrule.study.environment import environment
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import Listener, fixed, run
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult

SEEDS, QUICK_SEEDS = 5, 2


@dataclass(frozen=True)
class Reproduction:
    """What to run, and where its files go.

    Parameters
    ----------
    out : Path
        The folder for the files; made if absent.
    sections : tuple of Section
        What to run, in the report's order.
    seeds : tuple of int
        The seeds of every configuration.
    quick : bool
        Whether to train on less, to see in a minute that everything works.
    overrides : mapping
        Settings to change, by full name: ``"C3.epochs"``.
    command : str
        The command that repeats this, for the page.
    peers : tuple of str
        Other libraries that run the same experiments, where they can.

    Raises
    ------
    InvalidValueError
        If a setting's value cannot be run with, or ``out`` is not a folder.
    """

    out: Path
    sections: tuple[Section, ...]
    seeds: tuple[int, ...]
    quick: bool
    overrides: Mapping[str, Any]
    command: str
    peers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.out.exists() and not self.out.is_dir():
            raise InvalidValueError("out must be a folder", str(self.out), "choose another")
        for section in self.sections:
            section.check(self.settings)

    @property
    def table(self) -> Table:
        """Every setting of the sections, by experiment and name."""
        return {name: group for s in self.sections for name, group in s.settings.items()}

    @property
    def settings(self) -> Values:
        """The settings as they are in this run, by experiment and name."""
        return values(self.table, self.quick, self.overrides)

    @property
    def scope(self) -> Scope:
        """How much of each section to run."""
        return Scope(self.seeds, self.settings, self.peers)


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes
    ----------
    judgements : list of Judgement
        One a claim.
    finished, planned : int
        Trials.
    page : Path
        The HTML page.
    """

    judgements: list[Judgement]
    finished: int
    planned: int
    page: Path


def reproduce(
    plan: Reproduction,
    *,
    jobs: int,
    listener: Listener,
    data_dir: str | None = None,
    resume: bool = False,
) -> Outcome:
    """Train everything, judge every claim, and write the files.

    Parameters
    ----------
    plan : Reproduction
        What to run.
    jobs : int
        Models at a time; -1 means one a core. Results do not depend on it.
    listener : Listener
        Hears how it goes.
    data_dir : str, optional
        A folder with MNIST's files, in place of the bundled ones.
    resume : bool
        Whether trials that the folder already has are taken from there.

    Returns
    -------
    Outcome
        The judgements, and where the page is.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, within a second, after the files were written from what is finished.
    """
    loaded = {section.name: section.load(data_dir) for section in plan.sections}
    planned = {
        section.name: section.trials(plan.scope, loaded[section.name]) for section in plan.sections
    }
    plan.out.mkdir(parents=True, exist_ok=True)
    finished = _Finished(listener)
    begun = perf_counter()

    def write_files() -> Outcome:
        parts = [
            Part(section, planned[section.name], finished.results, plan, loaded[section.name])
            for section in plan.sections
        ]
        return write(plan, parts, perf_counter() - begun)

    # Training for as many epochs as the report did is what is asked for, converged or not.
    with warnings.catch_warnings(), Store(plan.out / "trials.sqlite") as store:
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            run(
                fixed(list(chain.from_iterable(planned.values()))),
                Keeper(SECTIONS, plan.out),
                loaded,
                store,
                pool=ThreadPool(jobs),
                resume=resume,
                listener=finished,
            )
        except KeyboardInterrupt:
            write_files()
            raise
    return write_files()


class _Finished:
    """Passes everything on to a listener, and keeps what is finished."""

    def __init__(self, listener: Listener) -> None:
        self.begin, self.started, self.epoch = listener.begin, listener.started, listener.epoch
        self.results: dict[str, TrialResult] = {}
        self._listener = listener

    def finished(self, trial: Trial, result: TrialResult) -> None:
        self.results[trial.id] = result
        self._listener.finished(trial, result)


class Part:
    """What came of one section.

    Attributes
    ----------
    section : Section
        The section.
    done : list of (Trial, TrialResult)
        Finished trials, in the order of the plan.
    planned : int
        How many there should be.
    results : Results
        The same, sorted.
    judgements : list of Judgement
        One a claim.
    """

    def __init__(
        self,
        section: Section,
        planned: Sequence[Trial],
        finished: Mapping[str, TrialResult],
        plan: Reproduction,
        data: Any,
    ) -> None:
        self.section, self.planned = section, len(planned)
        self.done = [(trial, finished[trial.id]) for trial in planned if trial.id in finished]
        runs = [result for _, result in self.done]
        self.results = Results.of(runs, planned, plan.settings, data)
        self.judgements = judge(section.claims, self.results)


def write(plan: Reproduction, parts: Sequence[Part], seconds: float) -> Outcome:
    """Write the three files from what came of the sections."""
    done = [pair for part in parts for pair in part.done]
    judgements = [judgement for part in parts for judgement in part.judgements]
    planned = sum(part.planned for part in parts)
    document = {
        "version": __version__,
        "quick": plan.quick,
        "sections": [part.section.name for part in parts],
        "seeds": list(plan.seeds),
        "settings": plan.settings,
        "environment": environment(),
        "claims": [asdict(judgement) for judgement in judgements],
        "peers": [asdict(row) for part in parts for row in part.section.compare(part.results)],
        "timings": {
            "total_seconds": seconds,
            "training_seconds": sum(result.seconds for _, result in done),
            "trials": [
                {
                    "section": trial.section,
                    "configuration": trial.configuration,
                    "seed": trial.seed,
                    "seconds": result.seconds,
                }
                for trial, result in done
            ],
        },
    }
    write_text(plan.out / "results.json", to_json(document))
    write_text(plan.out / "history.csv", history_csv(done))
    path = plan.out / "index.html"
    text = page.render(
        parts=[(part.section, part.judgements, _page(plan.out, part)) for part in parts],
        document=document,
        settings=rows(plan.table, plan.settings, plan.quick),
        changed=sorted(plan.overrides),
        command=plan.command,
        finished=len(done),
        planned=planned,
    )
    write_text(path, text)
    return Outcome(judgements, len(done), planned, path)


def _page(out: Path, part: Part) -> Mapping[str, Any]:
    """Return what a section's template needs."""
    opened = write_opened(out, part.section, part.results) if part.results.complete else None
    return {**part.section.page(part.results), "opened": opened}


TRIAL_COLUMNS = ("section", "configuration", "seed")
EPOCH_COLUMNS = ("epoch", "train_loss", "validation_loss", "validation_accuracy", "seconds")


def history_csv(done: Sequence[tuple[Trial, TrialResult]]) -> str:
    """Return every epoch of every trial as CSV, with a header."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(TRIAL_COLUMNS + EPOCH_COLUMNS)
    for trial, result in done:
        for row in result.epochs:
            numbers = [row.value(name) for name in EPOCH_COLUMNS]
            table.writerow([trial.section, trial.configuration, trial.seed, *numbers])
    return text.getvalue()
