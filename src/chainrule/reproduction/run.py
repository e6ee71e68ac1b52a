"""Runs the report's experiments: prepare -> trials, each kept -> files.

``trials.sqlite`` grows while training runs. The files for readers are there from the beginning, and
are renewed as trials finish.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from time import monotonic
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule.reproduction.expected import expected_seconds, expected_work
from chainrule.reproduction.opened import Keeper
from chainrule.reproduction.output import Outcome, Output
from chainrule.reproduction.page import Running
from chainrule.reproduction.plan import Reproduction
from chainrule.reproduction.sections import SECTIONS
from chainrule.study.pace import Pace, Paced
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.pools.trying import count_jobs
from chainrule.study.runner import Listener, fixed, run
from chainrule.study.store import STORE, Store, read
from chainrule.study.trial import Trial, TrialResult

RENEW_EVERY = 10.0  # seconds between two renewals of the files, at least


@dataclass(frozen=True, eq=False)
class Prepared:
    """A run that can begin: its folder is there, and nothing new in it.

    Attributes
    ----------
    plan : Reproduction
        What is run.
    jobs : int
        Models at a time.
    loaded : dict
        The data of each section.
    trials : dict from str to list of Trial
        The trials of each section.
    kept : set of str
        The ids of those that are finished, from an earlier run.
    seconds : float
        How long the others are expected to take.
    pace : Pace
        How long the rest will take, once it runs.
    """

    plan: Reproduction
    jobs: int
    loaded: dict[str, Any]
    trials: dict[str, list[Trial]]
    kept: set[str]
    seconds: float
    pace: Pace

    @property
    def new(self) -> list[Trial]:
        """The trials that are still to be trained."""
        known = chain.from_iterable(self.trials.values())
        return [trial for trial in known if trial.id not in self.kept]


def prepare(plan: Reproduction, *, jobs: int = -1, data_dir: str | None = None) -> Prepared:
    """Load the data, and find out what there is to train.

    Parameters
    ----------
    plan : Reproduction
        What to run.
    jobs : int
        Models at a time; -1 means one a core. Results do not depend on it.
    data_dir : str, optional
        A folder with MNIST's files, in place of the bundled ones.

    Raises
    ------
    InvalidValueError
        If ``jobs`` is neither -1 nor positive.
    OSError
        If the folder cannot be made.
    """
    jobs = count_jobs(jobs)  # a wrong number shows before anything is loaded
    loaded = {section.name: section.load(data_dir) for section in plan.sections}
    trials = {
        section.name: section.trials(plan.scope, loaded[section.name]) for section in plan.sections
    }
    plan.out.mkdir(parents=True, exist_ok=True)
    known = {trial.id: trial for trial in chain.from_iterable(trials.values())}
    store = plan.out / STORE
    kept: set[str] = set()
    if plan.resume and store.exists():
        with read(store) as stored:
            kept = {trial.id for trial, _ in stored.results()} & known.keys()
    work = expected_work(list(known.values()))
    new = {name: amount for name, amount in work.items() if name not in kept}
    seconds = expected_seconds(sum(new.values()), jobs)
    return Prepared(plan, jobs, loaded, trials, kept, seconds, Pace(new, seconds))


def reproduce(prepared: Prepared, *, listener: Listener) -> Outcome:
    """Train everything, judge every claim, and write the files.

    Parameters
    ----------
    prepared : Prepared
        What to run.
    listener : Listener
        Hears how it goes.

    Returns
    -------
    Outcome
        The judgements, and where the page is.

    Raises
    ------
    StoreError
        If another process runs in the folder, or its disk is full.
    KeyboardInterrupt
        On Ctrl-C, within a second, after the files were written from what is finished.
    """
    plan = prepared.plan
    output = Output(plan, prepared.trials, prepared.loaded)
    begun = monotonic()
    # Training for as many epochs as the report did is what is asked for, converged or not.
    with warnings.catch_warnings(), Store(plan.out / STORE) as store:
        warnings.simplefilter("ignore", ConvergenceWarning)
        renewing = Renewing(listener, output, prepared.pace)
        try:
            run(
                fixed(list(chain.from_iterable(prepared.trials.values()))),
                Keeper(SECTIONS, plan.out),
                prepared.loaded,
                store,
                pool=ThreadPool(prepared.jobs),
                resume=plan.resume,
                listener=Paced(renewing, prepared.pace),
            )
        except BaseException:
            with suppress(OSError):  # what stopped the run is the error to tell
                output.write(renewing.results, monotonic() - begun)
            raise
    return output.write(renewing.results, monotonic() - begun)


class Renewing:
    """Passes everything on to a listener, keeps what is finished, and renews the files.

    They are written first of all, and then when a trial finishes, now and then.
    """

    def __init__(self, listener: Listener, output: Output, pace: Pace) -> None:
        self.started, self.epoch = listener.started, listener.epoch
        self.results: dict[str, TrialResult] = {}
        self._listener, self._output, self._pace = listener, output, pace
        self._begun: float | None = None
        self._written = 0.0

    def begin(self, trials: int) -> None:
        """Write the files for the first time."""
        self._listener.begin(trials)
        if self._begun is None:
            self._begun = monotonic()
            self._write()

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Keep the result, and renew the files if they are old."""
        self.results[trial.id] = result
        self._listener.finished(trial, result)
        if monotonic() - self._written >= RENEW_EVERY:
            self._write()

    def _write(self) -> None:
        assert self._begun is not None
        now = datetime.now().astimezone()
        running = Running(now, self._pace.left)
        self._output.write(self.results, monotonic() - self._begun, running)
        self._written = monotonic()
