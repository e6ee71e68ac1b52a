"""What fits leave behind, in a model file: the history, and what a training goes on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from chainrule.engine.optimizers import Optimizer
from chainrule.engine.schedules import Clock
from chainrule.errors import DataFormatError
from chainrule.estimators.saved_values import from_parameter, from_part, to_part
from chainrule.persist import checks
from chainrule.training.history import Epoch, History

_maybe_number = partial(checks.optional, check=checks.number)
_maybe_integer = partial(checks.optional, check=checks.integer)

# Attributes beside the network; one that is not there is left out.
LEARNT: dict[str, Callable[[Any, str], Any]] = {
    "n_iter_": checks.integer,
    "t_": checks.integer,
    "loss_": checks.number,
    "best_loss_": _maybe_number,
    "best_validation_score_": _maybe_number,
    "best_epoch_": _maybe_integer,
}
CURVES = ("loss_curve_", "validation_scores_")

# Columns of the history; the scores have some of their own.
_COLUMNS: dict[str, Callable[[Any, str], Any]] = {
    **{name: checks.number for name in Epoch._fields if name != "scores"},
    "epoch": checks.integer,
    "validation_loss": _maybe_number,
}


@dataclass
class Watch:
    """Where the rule stands that stops a training: see Convergence."""

    score: str | None
    best: float
    stale: int
    epoch: int | None
    has_snapshot: bool


@dataclass
class Training:
    """What a training goes on with."""

    optimizer: Optimizer | None
    t: int
    clock: Clock
    watch: Watch | None


# -- attributes ------------------------------------------------------------------------------------


def to_learnt(value: Any) -> dict[str, Any]:
    """Return the attributes that a file has, or raise DataFormatError."""
    if not isinstance(value, dict):
        raise checks.wrong("learnt", "an object", value)
    learnt: dict[str, Any] = {}
    for name, item in value.items():
        place = f"learnt.{checks.one_of(name, 'a key of learnt', [*LEARNT, *CURVES])}"
        if name in LEARNT:
            learnt[name] = LEARNT[name](item, place)
        else:
            learnt[name] = checks.optional(item, place, partial(checks.listed, check=checks.number))
    return learnt


# -- the history -----------------------------------------------------------------------------------


def from_history(history: History) -> dict[str, Any]:
    """Return a history as JSON has it, by columns."""
    return {
        "best_epoch": history.best_epoch,
        "columns": {name: from_parameter(name, history.column(name)) for name in _COLUMNS},
        "scores": {
            name: from_parameter(name, history.column(name)) for name in history.score_names
        },
    }


def to_history(value: Any, place: str) -> History:
    """Return the history that a file has, or raise DataFormatError."""
    history = checks.record(value, place, ("best_epoch", "columns", "scores"))
    given = checks.record(history["columns"], f"{place}.columns", _COLUMNS)
    if not isinstance(history["scores"], dict):
        raise checks.wrong(f"{place}.scores", "an object", history["scores"])
    columns = {
        name: checks.listed(given[name], f"{place}.columns.{name}", check)
        for name, check in _COLUMNS.items()
    }
    scores = {
        name: checks.listed(column, f"{place}.scores", _maybe_number)
        for name, column in history["scores"].items()
    }
    n_epochs = len(columns["epoch"])
    if any(len(column) != n_epochs for column in [*columns.values(), *scores.values()]):
        raise DataFormatError(f"all columns of {place} must have the same length")
    rows = []
    for i in range(n_epochs):
        measured = {name: score[i] for name, score in scores.items()}
        known = {name: score for name, score in measured.items() if score is not None}
        rows.append(Epoch(**{name: column[i] for name, column in columns.items()}, scores=known))
    return History(rows, _maybe_integer(history["best_epoch"], f"{place}.best_epoch"))


# -- what a training goes on with ------------------------------------------------------------------


def from_training(training: Training) -> dict[str, Any]:
    """Return what a training goes on with as JSON has it, arrays left out."""
    watch, optimizer = training.watch, training.optimizer
    return {
        "optimizer": None if optimizer is None else from_part(optimizer),
        "t": training.t,
        "clock": list(training.clock),
        "watch": None
        if watch is None
        else {**vars(watch), "best": from_parameter("best", watch.best)},
    }


def to_training(value: Any, place: str) -> Training:
    """Return what a file has for a training to go on with, or raise DataFormatError."""
    training = checks.record(value, place, ("optimizer", "t", "clock", "watch"))
    clock = checks.listed(training["clock"], f"{place}.clock", checks.integer)
    if len(clock) != len(Clock._fields):
        raise checks.wrong(f"{place}.clock", f"{len(Clock._fields)} integers", clock)
    return Training(
        optimizer=checks.optional(
            training["optimizer"], place, lambda item, place: to_part("optimizer", item)
        ),
        t=checks.integer(training["t"], f"{place}.t"),
        clock=Clock(*clock),
        watch=checks.optional(training["watch"], f"{place}.watch", _to_watch),
    )


def _to_watch(value: Any, place: str) -> Watch:
    watch = checks.record(value, place, Watch.__dataclass_fields__)
    return Watch(
        score=checks.optional(watch["score"], f"{place}.score", checks.text),
        best=checks.number(watch["best"], f"{place}.best"),
        stale=checks.integer(watch["stale"], f"{place}.stale"),
        epoch=_maybe_integer(watch["epoch"], f"{place}.epoch"),
        has_snapshot=checks.boolean(watch["has_snapshot"], f"{place}.has_snapshot"),
    )
