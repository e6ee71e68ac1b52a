"""Runs a study: spec -> data, plan, execute -> runner -> results.

Everything that can be wrong with a study is found by :func:`prepare`, before a folder is made or a
model trained. A folder belongs to one study. The same study goes on there, and one with more seeds
or candidates has its new trials trained.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import _safe_indexing

from chainrule.errors import InvalidValueError, Words
from chainrule.study import estimator as estimators
from chainrule.study.data import StudyData, load
from chainrule.study.execute import Execute
from chainrule.study.plan import Design, SamplerPlan
from chainrule.study.pools import make_pool
from chainrule.study.results import Results
from chainrule.study.runner import Listener, Plan, Silent, run
from chainrule.study.sampling import SAMPLERS
from chainrule.study.spec import Study, plain
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult

STORE = "trials.sqlite"
SECTION = "study"  # of every trial: not the study's name, so that it may be renamed
TRIED_ROWS = 1000  # for the check of candidates

USUAL_METRICS = {
    "classification": ("accuracy", "neg_log_loss"),
    "regression": ("r2", "neg_root_mean_squared_error"),
    "autoencoder": ("score",),
}


@dataclass(frozen=True, eq=False)
class Prepared:
    """A study with its data, ready to run.

    Attributes
    ----------
    study : Study
        As it was given.
    data : StudyData
        Its rows.
    metrics : tuple of str
        Its own, or the usual ones.
    plan : callable
        What is finished -> every trial that is known by now.
    execute : Execute
        Trains one.
    """

    study: Study
    data: StudyData
    metrics: tuple[str, ...]
    plan: Plan
    execute: Execute


def prepare(study: Study, data: StudyData | None = None) -> Prepared:
    """Read a study's data and check all of it.

    Raises
    ------
    InvalidValueError
        If a setting or a candidate is refused.
    DataNotFoundError, DataFormatError
        If its data cannot be read.
    """
    data = data or load(study)
    make = estimators.find(study.estimator, data.task)
    _check_candidates(study, data, make)
    metrics = metrics_of(study, data.task)
    objects = {name: value for name, value in study.fixed.items() if plain(value) != value}
    execute = Execute(make, objects, study.measure, study.callbacks)
    return Prepared(study, data, metrics, plan_of(study, data.task, data.digest), execute)


def metrics_of(study: Study, task: str) -> tuple[str, ...]:
    """Return a study's metrics: its own, or the usual ones for a task."""
    return tuple(study.metrics or USUAL_METRICS[task])


def plan_of(study: Study, task: str, digest: str) -> Plan:
    """Return a study's plan: what is finished -> every trial that is known by now.

    Parameters
    ----------
    study : Study
        The study.
    task, digest : str
        Its data's.
    """
    metrics = metrics_of(study, task)
    settings = {
        "estimator": estimators.name_of(estimators.find(study.estimator, task)),
        "fixed": plain(study.fixed),
        "metrics": list(metrics),
        "evaluation": study.evaluation.to_dict(),
    }
    for name in ("measure", "callbacks"):
        if getattr(study, name) is not None:
            settings[name] = plain(getattr(study, name))
    design = Design(SECTION, settings, digest, study.seeds, study.evaluation.folds)
    return SamplerPlan(study.sampler, design, metrics[0])


def run_study(
    study: Study,
    out: Path,
    *,
    jobs: int = -1,
    backend: str = "threads",
    scheduler: str | None = None,
    listener: Listener | None = None,
) -> Results:
    """Run what a folder lacks of a study, and return its results.

    Parameters
    ----------
    study : Study
        What to run.
    out : Path
        The folder; made if absent.
    jobs : int
        Trials at a time; -1 means one for each core. Results do not depend on it.
    backend : {"threads", "processes", "dask", "ray"}
        Where trials run.
    scheduler : str, optional
        The address of a Dask or Ray cluster.
    listener : Listener, optional
        Hears how it goes.

    Raises
    ------
    InvalidValueError
        If the study is refused, or the folder is another study's; nothing is written then.
    StoreError
        If another process runs a study there, or the disk is full.
    KeyboardInterrupt
        On Ctrl-C; what is finished is kept, and the same call goes on.
    """
    if out.exists() and not out.is_dir():
        raise InvalidValueError("out must be a folder", str(out), "choose another")
    pool = make_pool(backend, jobs, scheduler)
    prepared = prepare(study)
    out.mkdir(parents=True, exist_ok=True)
    # As many epochs as were asked for are what is wanted, converged or not.
    with warnings.catch_warnings(), Store(out / STORE) as store:
        warnings.simplefilter("ignore", ConvergenceWarning)
        _claim(store, prepared, out)
        plan = _Noted(prepared.plan, store)
        results = run(
            plan,
            prepared.execute,
            prepared.data,
            store,
            pool=pool,
            resume=True,
            listener=listener or Silent(),
        )
    return Results.of(pairs(plan(results), results), prepared.metrics)


def pairs(
    trials: Sequence[Trial], results: Mapping[str, TrialResult]
) -> list[tuple[Trial, TrialResult]]:
    """Return the trials that are finished with their results, in order."""
    return [(trial, results[trial.id]) for trial in trials if trial.id in results]


class _Noted:
    """A plan that writes into the store which trials it knows, for those who read it meanwhile."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.plan, self.store, self.known = plan, store, 0

    def __call__(self, results: Mapping[str, TrialResult]) -> Sequence[Trial]:
        trials = self.plan(results)
        if len(trials) != self.known:
            self.known = len(trials)
            self.store.note("planned", json.dumps([trial.id for trial in trials]))
        return trials


# -- checks ----------------------------------------------------------------------------------------


def _check_candidates(study: Study, data: StudyData, make: estimators.Make) -> None:
    estimators.check_names(make, study.fixed, "fixed")
    some = _some_rows(data)
    for candidate in study.sampler.candidates():
        both = [name for name in candidate.values if name in study.fixed]
        if both:
            raise InvalidValueError(
                "a parameter must be fixed or varied, not both", both[0], "drop one"
            )
        estimators.check(make, {**study.fixed, **candidate.values}, candidate.name, some)


def _some_rows(data: StudyData) -> tuple[Any, Any]:
    split = data.split(0)
    n = len(data)
    rows = np.unique(np.linspace(0, n - 1, min(n, TRIED_ROWS)).astype(int))
    return _safe_indexing(split.X, rows), None if split.y is None else _safe_indexing(split.y, rows)


def _claim(store: Store, prepared: Prepared, out: Path) -> None:
    """Write whose folder it is; refuse one that is another study's."""
    document = {**prepared.study.to_dict(), "metrics": list(prepared.metrics)}
    document["data digest"] = prepared.data.digest
    noted = store.noted("study")
    if noted is not None:
        differing = differences(json.loads(noted), document)
        if differing:
            raise InvalidValueError(
                f"the folder {out} must be this study's",
                Words(f"one with another {', '.join(differing)}"),
                "choose another --out folder, or change the study back; only seeds and candidates "
                "may be added",
            )
    store.note("study", json.dumps(document))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return in what two studies differ that cannot share a folder; names of keys.

    Seeds and candidates may be added, and the name may change.
    """
    found = []
    for key in dict.fromkeys([*old, *new]):
        if key in ("name", "data", *SAMPLERS):  # data by its digest, wherever it is
            continue
        before, after = old.get(key), new.get(key)
        if key == "seeds":
            if not set(before) <= set(after):
                found.append(f"seeds ({before})")
        elif isinstance(before, dict) and isinstance(after, dict):
            names = dict.fromkeys([*before, *after])
            found += [f"{key}.{name}" for name in names if before.get(name) != after.get(name)]
        elif before != after:
            found.append(key)
    if not _candidate_names(old) <= _candidate_names(new):
        found.append("choice of candidates")
    return found


def _candidate_names(document: Mapping[str, Any]) -> set[str]:
    key = next(key for key in SAMPLERS if key in document)
    return {candidate.name for candidate in SAMPLERS[key].from_toml(document[key]).candidates()}
