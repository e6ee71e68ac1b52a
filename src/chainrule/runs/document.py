"""What a run has found, as one document: ``run.json`` is this, and the report is drawn from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule._version import __version__
from chainrule.datasets.tables import Table
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.advice import advice
from chainrule.runs.evaluating import Evaluation
from chainrule.runs.files import CHECKPOINT, FIGURES, HISTORY, MODEL, REPORT, ROWS
from chainrule.runs.fitting import Fitted
from chainrule.runs.found import Found
from chainrule.runs.importance import importance
from chainrule.runs.looking import pairs
from chainrule.runs.settings import TrainSettings
from chainrule.runs.words import summary
from chainrule.study.environment import environment
from chainrule.training.history import History

N_POINTS = 600  # of a scatter plot


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that a run has come to know.

    Attributes
    ----------
    settings : TrainSettings
        What it was told.
    table : Table
        The data.
    found : Found
        What is in it.
    histograms : mapping from str to list of int
        How its numbers are spread.
    model : BaseTableModel
        What was learnt.
    fitted : Fitted
        How that went.
    evaluation : Evaluation
        On the held-out rows.
    seconds : float
        How long it all took.
    """

    settings: TrainSettings
    table: Table
    found: Found
    histograms: Mapping[str, list[int]]
    model: BaseTableModel
    fitted: Fitted
    evaluation: Evaluation
    seconds: float


def document_of(evidence: Evidence) -> dict[str, Any]:
    """Return the document of a run; all of it is data for JSON."""
    settings, model = evidence.settings, evidence.model
    document: dict[str, Any] = {
        "version": __version__,
        "data": {**_data(evidence), "digest": evidence.table.digest()},
        "histograms": dict(evidence.histograms),
        "training": training_facts(
            model,
            stops=evidence.found.rows["stopping"] > 0,
            interrupted=evidence.fitted.interrupted,
        ),
        "figures": evidence.evaluation.figures,
        "mistakes": evidence.evaluation.mistakes,
        "points": points(evidence.evaluation),
        "pairs": pairs(model, evidence.evaluation.sample) if model.task == "autoencoder" else [],
        "importance": importance(model, evidence.evaluation.sample, settings.seed),
        **evidence.evaluation.noted,
        "seen": evidence.evaluation.seen,
        "complaints": list(evidence.fitted.complaints),
        "settings": {
            "seed": settings.seed,
            "val": settings.val,
            "val_fraction": settings.val_fraction,
            "columns": dict(settings.columns),
            "given": {name: plain(value) for name, value in settings.model.items()},
        },
        "command": settings.command,
        "predict": predict_command(settings),
        "files": [str(path) for path in _files(evidence)],
        "environment": environment(),
        "seconds": evidence.seconds,
    }
    document["summary"] = summary(document)
    document["advice"] = advice(document)
    return document


def _data(evidence: Evidence) -> dict[str, Any]:
    """Return what is in the data; a column without a value in the rows learnt from is not used."""
    facts = evidence.found.facts()
    used = {column.name for column in evidence.model.preparation_.columns}
    columns = [{**column, "used": column["name"] in used} for column in facts["columns"]]
    return {**facts, "columns": columns}


def _files(evidence: Evidence) -> list[Path]:
    """Return what the run leaves in its folder; one that was interrupted, what --resume needs."""
    folder = evidence.settings.out
    kept = evidence.fitted.interrupted and (folder / CHECKPOINT).exists()
    return [
        folder / name
        for name in (MODEL, REPORT, FIGURES, HISTORY, ROWS, *([CHECKPOINT] if kept else []))
    ]


def training_facts(model: BaseTableModel, *, stops: bool, interrupted: bool) -> dict[str, Any]:
    """Return how training went."""
    estimator = model.network_
    history: History = estimator.history_
    return {
        "estimator": type(estimator).__name__,
        "layers": [int(size) for size in estimator._known_state().params.spec.layer_sizes],
        "n_parameters": int(estimator._known_state().params.flat.size),
        "parameters": {
            name: plain(value) for name, value in estimator.get_params(deep=False).items()
        },
        "epochs": estimator.n_iter_,
        "best_epoch": estimator.best_epoch_,
        "ended": "interrupted" if interrupted else why_it_ended(estimator),
        "stops": stops and bool(estimator.early_stopping) and estimator.solver != "lbfgs",
        "seconds": sum(row.seconds for row in history),
        "history": {name: history.column(name) for name in history.columns},
    }


def why_it_ended(estimator: Any) -> str:
    """Return what has ended a fit: "diverged", "max_iter", or "no improvement" any more."""
    losses = [
        loss
        for row in estimator.history_.epochs[-1:]
        for loss in (row.train_loss, row.validation_loss)
        if loss is not None
    ]
    if not all(map(math.isfinite, losses)):
        return "diverged"
    return "max_iter" if estimator.n_iter_ >= estimator.max_iter else "no improvement"


def points(evaluation: Evaluation) -> list[list[float]]:
    """Return truth and prediction of some held-out rows; none where there are no numbers."""
    if evaluation.task != "regression":
        return []
    truth, found = evaluation.sample.truth, evaluation.sample.found
    rows = np.linspace(0, len(truth) - 1, min(N_POINTS, len(truth))).astype(int)
    return [[float(truth[i]), float(found[i])] for i in rows]


def plain(value: Any) -> Any:
    """Return a parameter's value as data for JSON; what is none in words."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)


def predict_command(settings: TrainSettings) -> list[str]:
    """Return the words of the command that predicts with the model."""
    return ["chainrule", "predict", str(settings.out), settings.data, "-o", "predictions.csv"]
