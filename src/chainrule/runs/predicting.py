"""A saved model on raw data: a row of predictions for each row, read and written in pieces.

What is written is there as a whole or not at all: a file takes the place of another in one step,
and printed rows are kept in a temporary file until the last is known.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from chainrule._files import as_path, check_place, replace_file
from chainrule._output import refuse_inputs
from chainrule.datasets.tables import Piece, Table, open_table
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation import Notes
from chainrule.preparation.cells import to_texts
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.evaluating import load_model, noted, run_files
from chainrule.runs.listening import Listener, told
from chainrule.runs.writing import WRITERS, Columns, Writer, finite_predictions, writer_of

IN_MEMORY = 2**24  # bytes of printed rows


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was predicted.

    Attributes
    ----------
    name : str
        Of the data.
    n_rows : int
        How many rows.
    columns : list of str
        What was written.
    noted : dict
        What the data had and training had not.
    """

    name: str
    n_rows: int
    columns: list[str]
    noted: dict[str, Any]

    def facts(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return {
            "data": self.name,
            "n_rows": self.n_rows,
            "columns": self.columns,
            **self.noted,
        }


def predict(
    model: str | Path,
    data: str,
    out: Path | IO[bytes],
    *,
    proba: bool = False,
    force: bool = False,
    escape_formulas: bool = True,
    listener: Listener | None = None,
) -> Predictions:
    """Predict each row of raw data.

    Parameters
    ----------
    model : str or Path
        A run's folder, or a model file.
    data : str
        What :func:`train` takes; the target may be missing. Of a bundled data set the test part.
    out : Path or binary file
        Where to write: a file whose suffix is CSV's, TSV's, Parquet's or JSON lines'; or an open
        one, which gets CSV.
    proba : bool
        Whether to write the probability of each class too.
    force : bool
        Whether to write over a file.
    escape_formulas : bool
        Whether an apostrophe is put, in CSV and TSV, before texts that a spreadsheet would compute.
    listener : Listener, optional
        Who hears how it goes.

    Raises
    ------
    ChainruleError
        If the model or the data cannot be used; nothing has been written then.
    """
    if not hasattr(out, "write"):
        out = as_path(out, "out")
        writer_of(out)  # its suffix must have one
        check_place(out, over=force)
        refuse_inputs([out], [*run_files(model), data])
    loaded = load_model(model)
    if proba and loaded.task != "classification":
        raise InvalidValueError(
            "proba needs a model that tells classes apart",
            Words(f"one of {loaded.task}"),
            "leave it out",
        )
    table = open_table(data, part="test")
    make = writer_of(out) if isinstance(out, Path) else WRITERS[".csv"]
    writer = partial(make, escape=escape_formulas)
    return _written(loaded, table, out, writer, listener or Listener(), proba=proba, force=force)


def _written(
    model: BaseTableModel,
    table: Table,
    out: Path | IO[bytes],
    make: Callable[..., Writer],
    listener: Listener,
    *,
    proba: bool,
    force: bool,
) -> Predictions:
    notes = Notes(table)
    counts = {"rows": 0}
    columns: list[str] = []

    def write_into(file: IO[bytes]) -> None:
        writer = None
        read = told(table, listener, f"predicting {table.name}")
        for piece in model.preparation_.pieces(read):
            with finite_predictions(table.name) as check:
                found = columns_of(model, piece, notes, proba=proba)
                check(found)
            if writer is None:
                columns.extend(found)
                writer = make(file, columns)
            writer.write(found)
            counts["rows"] += len(piece)
        if writer is None:
            raise InvalidValueError(f"{table.name} must have rows", Words("none"), "add some")
        writer.close()

    if isinstance(out, Path):
        replace_file(out, write_into, over=force)
    else:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as kept:
            write_into(kept)
            kept.seek(0)
            shutil.copyfileobj(kept, out)
    return Predictions(table.name, counts["rows"], columns, noted(notes, table.target))


def columns_of(model: BaseTableModel, piece: Piece, notes: Notes, *, proba: bool) -> Columns:
    """Return the predictions of a piece, by column.

    The target's column has classes or numbers. With ``proba`` there is a column for each class. An
    autoencoder has each row's squared error, the mean over the prepared columns, and its code: what
    the narrow layer makes of it.
    """
    X = model.preparation_.transform(piece, notes)
    if model.task == "autoencoder":
        error = ((X - model.network_.predict(X)) ** 2).mean(axis=1)
        code = model.network_.transform(X)
        return {"squared_error": error, **{f"code_{i + 1}": x for i, x in enumerate(code.T)}}
    target = model.preparation_.target
    assert target is not None
    if model.task == "regression":
        return {target.name: model.preparation_.in_units(model.network_.predict(X))}
    shares = model.network_.predict_proba(X)
    said = {target.name: model.classes_[shares.argmax(axis=1)]}
    return said | (dict(_of_classes(model, shares)) if proba else {})


def _of_classes(model: BaseTableModel, shares: Any) -> Iterator[tuple[str, Any]]:
    for i, text in enumerate(to_texts(np.asarray(model.classes_))):
        yield f"probability of {text}", shares[:, i]
