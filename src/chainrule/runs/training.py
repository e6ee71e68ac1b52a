"""A run: data read, split, prepared, learnt from, measured; then a folder of files.

The data is read four times, a piece at a time, and is never in memory as a whole:

1. what its columns are, and the class of each row, by which rows are split;
2. means, deviations and categories of the rows that are learnt from, of these alone;
3. those rows prepared, in memory or in a memory map, and the stopping rows;
4. the held-out rows, to measure on.

While it is learnt from them a checkpoint is kept in the folder, from which a run that was
interrupted or killed goes on to the same end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np

from chainrule._output import own_folder, refuse_inputs
from chainrule._types import Array
from chainrule.datasets.tables import Table, open_table
from chainrule.preparation import Inspection, Notes, Preparation, defaults, inspect
from chainrule.preparation.asked import check_asked
from chainrule.preparation.saving import check_can_be_saved
from chainrule.preparation.splitting import (
    HELD_OUT,
    LEARN,
    STOP,
    Codes,
    RowsOf,
    Watched,
    described,
    held_out_share,
    split,
)
from chainrule.preparation.spool import IN_MEMORY, Spool
from chainrule.preparation.table_base import BaseTableModel
from chainrule.preparation.table_models import table_model
from chainrule.runs.document import Evidence, document_of
from chainrule.runs.evaluating import measure
from chainrule.runs.files import CHECKPOINT, NAMES, check_folder, write_folder
from chainrule.runs.fitting import Data, fit
from chainrule.runs.found import Found
from chainrule.runs.listening import Listener, told
from chainrule.runs.looking import Histograms
from chainrule.runs.settings import TrainSettings, check_parameter
from chainrule.runs.training_rows import TrainingRows, row_hashes


@dataclass(frozen=True, eq=False)
class Run:
    """What a run left behind.

    Attributes
    ----------
    folder : Path
        Where its files are.
    document : dict
        What ``run.json`` has.
    model : BaseTableModel
        What was learnt.
    """

    folder: Path
    document: dict[str, Any]
    model: BaseTableModel

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C has ended training."""
        return bool(self.document["training"]["ended"] == "interrupted")


def train(settings: TrainSettings, listener: Listener | None = None) -> Run:
    """Train on a file and leave a folder with the model and a report.

    Parameters
    ----------
    settings : TrainSettings
        What to train on, and how.
    listener : Listener, optional
        Who hears how it goes.

    Ctrl-C while it trains ends training, and the best that was learnt until then is measured and
    kept.

    Raises
    ------
    ChainruleError
        If data or settings break a rule; nothing has been written then.
    KeyboardInterrupt
        If Ctrl-C was pressed at another time, or before the first epoch was over. Nothing has been
        written then but the checkpoint, if there is one by then.
    """
    listener = Listener() if listener is None else listener
    with own_folder(settings.out):
        check_folder(settings.out, force=settings.force, resume=settings.resume)
        refuse_inputs(
            [settings.out / name for name in (*NAMES, CHECKPOINT)], [settings.data, settings.val]
        )
        run = _trained(settings, listener)
        if not run.interrupted:
            (settings.out / CHECKPOINT).unlink(missing_ok=True)
        return run


def _trained(settings: TrainSettings, listener: Listener) -> Run:
    begun = perf_counter()
    table = open_table(settings.data)
    check_asked(table, settings.target, settings.task, settings.columns)
    val = None if settings.val is None else open_table(settings.val, part="test")
    found, parts = _look(settings, table, val, listener)
    _check_model(settings, found.inspection.task)
    data = _prepare(settings, table, parts, found.inspection, listener)
    if val is not None:  # before training, not after it
        _check_rows(told(val, listener, f"checking {val.name}"), data.preparation)
    fitted = fit(settings, data, listener)
    model = table_model(fitted.estimator, data.preparation)
    held_out = RowsOf(table, parts, HELD_OUT) if val is None else val
    read = told(held_out, listener, "measuring on held-out rows")
    evaluation = measure(model, read, data.looked_at)
    seconds = perf_counter() - begun
    evidence = Evidence(settings, table, found, data.histograms, model, fitted, evaluation, seconds)
    document = document_of(evidence)
    listener.stage("writing the report")
    write_folder(settings.out, document, model, data.looked_at)
    return Run(settings.out, document, model)


# -- reading ---------------------------------------------------------------------------------------


def _look(
    settings: TrainSettings, table: Table, val: Table | None, listener: Listener
) -> tuple[Found, Array]:
    """Read the data for the first time; return what is in it, and the part of each row."""
    target = settings.target or table.target
    codes = Codes(target) if target is not None else None
    read = told(table, listener, f"reading {table.name}")
    inspection = inspect(
        Watched(read, [] if codes is None else [codes]),
        target=settings.target,
        task=settings.task,
        columns=settings.columns,
    )
    by_class = codes if inspection.task == "classification" else None
    n = inspection.n_rows
    parts = split(
        n,
        None if by_class is None else by_class.result(),
        held_out=0.0 if val is not None else held_out_share(n, settings.val_fraction),
        stops=defaults.wants_stopping(settings.model),
        seed=settings.seed,
    )
    found = Found(inspection, described(parts), settings.val)
    listener.found(found)
    return found, parts


def _prepare(
    settings: TrainSettings,
    table: Table,
    parts: Array,
    first: Inspection,
    listener: Listener,
) -> Data:
    learnt_from = RowsOf(
        told(table, listener, "learning scales and categories", first.n_rows), parts, LEARN
    )
    learnt_from.name = f"the rows of {table.name} that are learnt from"  # for errors
    kinds = {column.name: column.kind if column.used else "drop" for column in first.columns}
    inspection = inspect(learnt_from, target=settings.target, task=first.task, columns=kinds)
    preparation = Preparation.learn(
        inspection, scale_target=settings.model.get("loss") != "poisson"
    )
    check_can_be_saved(preparation)
    histograms = Histograms(first)
    read = told(table, listener, "preparing rows", first.n_rows)
    looked_at = TrainingRows()
    (X, y), (X_stop, y_stop) = _gathered(preparation, Watched(read, [histograms]), parts, looked_at)
    return Data(preparation, X, y, X_stop, y_stop, looked_at, dict(histograms.result()))


def _gathered(
    preparation: Preparation, table: Table, parts: Array, looked_at: TrainingRows
) -> Sequence[tuple[Array, Array | None]]:
    """Return X and y of the rows to learn from and of the stopping rows, in one reading."""
    notes, width = Notes(table), len(preparation.feature_names)
    with _Rows(width) as learn, _Rows(width) as stop:
        for piece in preparation.pieces(table):
            X = preparation.transform(piece, notes)
            truth = None if preparation.target is None else preparation.truth(piece, notes)
            y = None if truth is None else preparation.scaled(truth)
            of_rows = parts[piece.first : piece.first + len(piece)]
            looked = of_rows != HELD_OUT
            looked_at.add(row_hashes(X[looked], None if truth is None else truth[looked]))
            for part, rows in ((LEARN, learn), (STOP, stop)):
                rows.add(X, y, of_rows == part)
        return learn.result(), stop.result()


def _check_rows(table: Table, preparation: Preparation) -> None:
    """Raise if rows cannot be measured on."""
    notes = Notes(table)
    for piece in preparation.pieces(table):
        preparation.transform(piece, notes)
        if preparation.target is not None:
            preparation.truth(piece, notes)


class _Rows:
    """Some rows of X, in memory or in a file, and of y."""

    def __init__(self, width: int) -> None:
        self._X = Spool(width, np.dtype(np.float32), limit=IN_MEMORY)
        self._y: list[Array] = []
        self._nothing = np.empty((0, width), np.float32)
        self._any = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._X.__exit__(*error)

    def add(self, X: Array, y: Array | None, wanted: Array) -> None:
        """Take the rows that are wanted."""
        if not wanted.any():
            return
        self._any = True
        self._X.add(X[wanted])
        if y is not None:
            self._y.append(y[wanted])

    def result(self) -> tuple[Array, Array | None]:
        """Return X and y; y is None where there is none."""
        X = self._X.rows() if self._any else self._nothing
        return X, np.concatenate(self._y) if self._y else None


def _check_model(settings: TrainSettings, task: str) -> None:
    for name, value in settings.model.items():
        check_parameter(name, value, task)
