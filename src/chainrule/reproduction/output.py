"""The files that a run leaves: the page, ``results.json`` and ``history.csv``.

They are written when a run begins, renewed while it goes on, and complete when it ends.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chainrule._version import __version__
from chainrule.report.files import to_json, write_text
from chainrule.reproduction.claims import Judgement, judge
from chainrule.reproduction.opened import write_opened
from chainrule.reproduction.page import Running, render
from chainrule.reproduction.plan import HISTORY, PAGE, RESULTS, Reproduction
from chainrule.reproduction.results import Results
from chainrule.reproduction.section import Section
from chainrule.reproduction.settings import off_scale, rows
from chainrule.reproduction.themes import shown
from chainrule.study.environment import environment
from chainrule.study.trial import Trial, TrialResult


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
        different = off_scale(section.settings, plan.settings, section.builds_on)
        self.judgements = judge(section.every_claim, self.results, different)


class Output:
    """Writes the files of a run, as often as it is asked.

    Parameters
    ----------
    plan : Reproduction
        What is run.
    trials : mapping from str to list of Trial
        The trials of each section.
    loaded : mapping
        The data of each section.
    """

    def __init__(
        self,
        plan: Reproduction,
        trials: Mapping[str, Sequence[Trial]],
        loaded: Mapping[str, Any],
    ) -> None:
        self._plan, self._trials, self._loaded = plan, trials, loaded
        self._environment = environment()
        self._drawn: dict[str, Mapping[str, Any]] = {}  # what templates need, of whole sections

    @property
    def page(self) -> Path:
        """Where the page is."""
        return self._plan.out / PAGE

    def write(
        self,
        finished: Mapping[str, TrialResult],
        seconds: float,
        running: Running | None = None,
    ) -> Outcome:
        """Write the files from what is finished by now.

        Parameters
        ----------
        finished : mapping from str to TrialResult
            Results by trial id.
        seconds : float
            How long the run has taken.
        running : Running, optional
            Given while the run goes on.
        """
        parts = [
            Part(section, self._trials[section.name], finished, self._plan,
                 self._loaded[section.name])
            for section in self._plan.sections
        ]  # fmt: skip
        done = [pair for part in parts for pair in part.done]
        planned = sum(part.planned for part in parts)
        document = self._document(parts, done, seconds)
        write_text(self._plan.out / RESULTS, to_json(document))
        write_text(self._plan.out / HISTORY, history_csv(done))
        text = render(
            parts=[(part.section, part.judgements, self._drawing(part)) for part in parts],
            document=document,
            settings=rows(self._plan.table, self._plan.settings, self._plan.quick),
            changed=sorted(self._plan.overrides),
            command=self._plan.command,
            finished=len(done),
            planned=planned,
            running=running,
        )
        write_text(self.page, text)
        judgements = [judgement for part in parts for judgement in part.judgements]
        return Outcome(judgements, len(done), planned, self.page)

    def _document(
        self, parts: Sequence[Part], done: Sequence[tuple[Trial, TrialResult]], seconds: float
    ) -> dict[str, Any]:
        return {
            "version": __version__,
            "quick": self._plan.quick,
            "sections": [part.section.name for part in parts],
            "seeds": list(self._plan.seeds),
            "settings": self._plan.settings,
            "environment": self._environment,
            "claims": [asdict(judgement) for part in parts for judgement in part.judgements],
            "peers": [asdict(row) for part in parts for row in part.section.compare(part.results)],
            "finished": len(done),
            "planned": sum(part.planned for part in parts),
            "timings": {
                "total_seconds": seconds,
                "training_seconds": sum(result.seconds for _, result in done),
                "trials": [
                    {
                        "section": trial.section,
                        "configuration": trial.configuration,
                        "seed": trial.seed,
                        "epochs": len(result.epochs),
                        "seconds": result.seconds,
                    }
                    for trial, result in done
                ],
            },
        }

    def _drawing(self, part: Part) -> Mapping[str, Any]:
        """Return what a section's template needs; of a whole section it is worked out once."""
        name = part.section.name
        if name in self._drawn:
            return self._drawn[name]
        complete = part.results.complete
        opened = write_opened(self._plan.out, part.section, part.results) if complete else None
        themes = {
            theme.name: shown(theme, part.results, part.judgements) for theme in part.section.themes
        }
        needed = {**part.section.page(part.results), "themes": themes, "opened": opened}
        if complete:
            self._drawn[name] = needed
        return needed


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
