"""Runs a study in a folder: prepare -> runner -> results.

A folder belongs to one study. The same study goes on there, and one with more seeds or candidates
has its new trials trained.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule._output import check_folder_place
from chainrule.errors import InvalidValueError, Words
from chainrule.study.execute import Execute
from chainrule.study.folder import note_plan, note_study, noted_study
from chainrule.study.halving import Checkpoints, HalvingPlan
from chainrule.study.pools import make_pool
from chainrule.study.prepare import Prepared, prepare
from chainrule.study.results import Results
from chainrule.study.runner import Listener, Plan, Silent, run
from chainrule.study.sampling import SAMPLERS
from chainrule.study.spec import Study
from chainrule.study.store import STORE, Store
from chainrule.study.trial import Trial, TrialResult

CHECKPOINTS = "checkpoints"  # a folder beside the store, while halving goes on


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
    check_folder_place(out)
    pool = make_pool(backend, jobs, scheduler)
    prepared = prepare(study)
    out.mkdir(parents=True, exist_ok=True)
    # As many epochs as were asked for are what is wanted, converged or not.
    with warnings.catch_warnings(), Store(out / STORE) as store:
        warnings.simplefilter("ignore", ConvergenceWarning)
        _claim(store, prepared, out)
        plan, execute = _in_folder(prepared, store, out)
        with pool.sharing(prepared.data) as data:
            prepared = replace(prepared, data=data)  # what workers map need not be here as well
            results = run(
                plan,
                execute,
                data,
                store,
                pool=pool,
                resume=True,
                listener=listener or Silent(),
            )
    return Results.of(pairs(prepared.plan(results), results), prepared.metrics)


def pairs(
    trials: Sequence[Trial], results: Mapping[str, TrialResult]
) -> list[tuple[Trial, TrialResult]]:
    """Return the trials that are finished with their results, in order."""
    return [(trial, results[trial.id]) for trial in trials if trial.id in results]


def _in_folder(prepared: Prepared, store: Store, out: Path) -> tuple[Plan, Execute]:
    """Return plan and execution with what they keep in the folder.

    Whenever the plan is asked, which trials it knows is written into the store, for those who read
    it meanwhile; and checkpoints that are of no more use are removed.
    """
    plan, execute = prepared.plan, prepared.execute
    if isinstance(plan, HalvingPlan):
        execute = replace(execute, checkpoints=Checkpoints((out / CHECKPOINTS).resolve()))

    def noting(results: Mapping[str, TrialResult]) -> Sequence[Trial]:
        trials = plan(results)
        note_plan(store, trials)
        if isinstance(plan, HalvingPlan) and execute.checkpoints is not None:
            execute.checkpoints.sweep(plan.waiting(results))
        return trials

    return noting, execute


def _claim(store: Store, prepared: Prepared, out: Path) -> None:
    """Write whose folder it is; refuse one that is another study's."""
    document = {**prepared.study.to_dict(), "metrics": list(prepared.metrics)}
    document["data_digest"] = prepared.data.digest
    noted = noted_study(store)
    # A study's own trials are known by their ids, which are hashes of all that decides results.
    if noted is None and store.ids() and store.ids().isdisjoint(_ids(prepared.plan({}))):
        raise InvalidValueError(
            f"the folder {out} must be a study's",
            Words("one with trials of something else"),
            "choose another --out folder",
        )
    if noted is not None:
        differing = differences(noted, document)
        if differing:
            raise InvalidValueError(
                f"the folder {out} must be this study's",
                Words(f"one that differs in {', '.join(differing)}"),
                "choose another --out folder, or change the study back; only seeds and candidates "
                "may be added",
            )
    note_study(store, document)


def _ids(trials: Sequence[Trial]) -> list[str]:
    return [trial.id for trial in trials]


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
            if not set(old[key]) <= set(new[key]):
                found.append(key)
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
