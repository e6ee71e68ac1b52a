"""Runs the report's experiments and writes what came of them.

``trials.sqlite`` grows while training runs; ``results.json``, ``history.csv`` and ``index.html``
are written from it when the run ends or is stopped.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from chainrule._version import __version__
from chainrule.datasets import Dataset, load_mnist
from chainrule.errors import InvalidValueError
from chainrule.report.files import to_json, write_text
from chainrule.reproduction import claims_b, page_b, section_b
from chainrule.reproduction.claims import Judgement
from chainrule.reproduction.environment import environment
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.section_b import SETTINGS
from chainrule.study.runner import Listener, run
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult

SECTIONS = ("B",)
SEEDS, QUICK_SEEDS = 5, 2


@dataclass(frozen=True)
class Reproduction:
    """What to run, and where its files go.

    Parameters
    ----------
    out : Path
        The folder for the files; made if absent.
    seeds : tuple of int
        The seeds of every configuration.
    quick : bool
        Whether to train on less, to see in half a minute that everything works.
    overrides : mapping
        Settings of section B to change, by name; see ``section_b.SETTINGS``.
    command : str
        The command that repeats this, for the page.

    Raises
    ------
    InvalidValueError
        If a setting's name or type is wrong, or ``out`` is not a folder.
    """

    out: Path
    seeds: tuple[int, ...]
    quick: bool
    overrides: Mapping[str, Any]
    command: str

    def __post_init__(self) -> None:
        if self.out.exists() and not self.out.is_dir():
            raise InvalidValueError("out must be a folder", str(self.out), "choose another")
        samples, available = self.settings["train_samples"], SETTINGS["train_samples"].full
        fraction = self.settings["validation_fraction"]
        if not 0 < samples <= available:
            raise InvalidValueError(
                f"train_samples must be in [1, {available}] (MNIST's training images)",
                samples,
                "change it",
            )
        # Builds a network only to check it: a wrong value shows before anything is written.
        section_b.network({**self.settings, "activation": "relu", "weight_init": "normal"}, 0)
        if not 0 < round(fraction * samples) < samples:
            raise InvalidValueError(
                f"validation_fraction of {samples} train_samples must leave at least one to learn "
                "from and one to hold out",
                fraction,
                "change one of them",
            )

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of section B as they are in this run."""
        scale = {name: s.quick if self.quick else s.full for name, s in SETTINGS.items()}
        return scale | dict(self.overrides)


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
    data = load_mnist(data_dir)
    trials = section_b.trials(plan.seeds, plan.settings, data)
    plan.out.mkdir(parents=True, exist_ok=True)
    finished = _Finished(listener)
    begun = perf_counter()

    def write_files() -> Outcome:
        done = [(t, finished.results[t.id]) for t in trials if t.id in finished.results]
        return write(plan, data, done, len(trials), perf_counter() - begun)

    with Store(plan.out / "trials.sqlite") as store:
        try:
            run(
                trials,
                lambda trial, callbacks: section_b.execute(trial, data, callbacks),
                store,
                jobs=jobs,
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
        self.started, self.epoch = listener.started, listener.epoch
        self.results: dict[str, TrialResult] = {}
        self._listener = listener

    def finished(self, trial: Trial, result: TrialResult) -> None:
        self.results[trial.id] = result
        self._listener.finished(trial, result)


def write(
    plan: Reproduction,
    data: Dataset,
    done: Sequence[tuple[Trial, TrialResult]],
    planned: int,
    seconds: float,
) -> Outcome:
    """Write the three files from finished trials."""
    runs = [result for _, result in done]
    results = Results.of(runs, plan.seeds, section_b.majority_share(data))
    judgements = claims_b.judge(results)
    document = {
        "version": __version__,
        "quick": plan.quick,
        "seeds": list(plan.seeds),
        "settings": plan.settings,
        "environment": environment(),
        "claims": [asdict(judgement) for judgement in judgements],
        "timings": {
            "total_seconds": seconds,
            "training_seconds": sum(result.seconds for result in runs),
            "trials": [
                {"configuration": r.configuration, "seed": r.seed, "seconds": r.seconds}
                for _, r in done
            ],
        },
    }
    write_text(plan.out / "results.json", to_json(document))
    write_text(plan.out / "history.csv", history_csv(done))
    page = plan.out / "index.html"
    write_text(
        page,
        page_b.render(
            results=results,
            judgements=judgements,
            document=document,
            settings=page_b.setting_rows(plan.settings, plan.quick),
            changed=sorted(plan.overrides),
            command=plan.command,
            finished=len(done),
            planned=planned,
        ),
    )
    return Outcome(judgements, len(done), planned, page)


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
