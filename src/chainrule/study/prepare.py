"""From a study to what can be run: its data, a plan, and what executes a trial.

Everything that can be wrong with a study is found here, before a folder is made or a model trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from chainrule.errors import InvalidValueError
from chainrule.study import estimator as estimators
from chainrule.study.data import StudyData, load
from chainrule.study.execute import Execute
from chainrule.study.halving import HalvingPlan
from chainrule.study.plan import Design, SamplerPlan
from chainrule.study.runner import Plan
from chainrule.study.scoring import check_targets
from chainrule.study.spec import Study, plain

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
    check_targets(data.split(0), metrics, data.task)
    objects = {name: value for name, value in study.fixed.items() if plain(value) != value}
    execute = Execute(make, objects, measure=study.measure, callbacks=study.callbacks)
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
    design = Design(SECTION, settings, digest, study.all_seeds, study.evaluation.folds)
    if study.halving is not None:
        return HalvingPlan(study.halving, study.sampler, design, metrics[0])
    return SamplerPlan(study.sampler, design, metrics[0])


def _check_candidates(study: Study, data: StudyData, make: estimators.Make) -> None:
    estimators.check_names(make, study.fixed, "fixed")
    some, metrics = _some_rows(data), metrics_of(study, data.task)
    tried: set[str] = set()
    for candidate in study.sampler.candidates():
        both = [name for name in candidate.values if name in study.fixed]
        if both:
            raise InvalidValueError(
                "a parameter must be fixed or varied, not both", both[0], "drop one"
            )
        parameters = {**study.fixed, **candidate.values}
        # A network takes time to build: once for each value that may decide about its parts.
        values = {f"{k}={v}" for k, v in candidate.values.items() if not isinstance(v, float)}
        net = estimators.check(make, parameters, candidate.name)
        if not tried or not values <= tried:
            estimators.try_out(net, parameters, candidate.name, some)
            estimators.check_metrics(net, metrics)
        tried |= {"", *values}
        if study.halving is not None:
            study.halving.check(make, parameters, candidate.name)


def _some_rows(data: StudyData) -> tuple[Any, Any]:
    split = data.split(0)
    n = _num_samples(split.X)
    rows = np.unique(np.linspace(0, n - 1, min(n, TRIED_ROWS)).astype(int))
    return _safe_indexing(split.X, rows), None if split.y is None else _safe_indexing(split.y, rows)
