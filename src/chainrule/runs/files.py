"""The files of a run's folder: all of them or none, each in one step."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule._files import replace_file
from chainrule.errors import InvalidValueError, Words
from chainrule.persist.model_file import IN_FOLDER
from chainrule.preparation.table_base import BaseTableModel
from chainrule.report.files import to_json, write_text
from chainrule.training.history import History

if TYPE_CHECKING:
    from chainrule.runs.training_rows import TrainingRows

MODEL, REPORT, FIGURES, HISTORY = IN_FOLDER, "report.html", "run.json", "history.csv"
ROWS = "training_rows.npy"
NAMES = (MODEL, REPORT, HISTORY, ROWS, FIGURES)  # as they are put in their places
CHECKPOINT = "training.checkpoint"  # while a run goes on, and after one that was interrupted


def check_folder(folder: Path, *, force: bool, resume: bool = False) -> None:
    """Raise if a run's files must not be written to a folder.

    Raises
    ------
    InvalidValueError
        If it has a run, and neither ``force`` says to write over it nor ``resume`` to go on with
        it, as one that was interrupted.
    """
    there = [name for name in (*NAMES, CHECKPOINT) if (folder / name).exists()]
    folders = [name for name in there if (folder / name).is_dir()]
    if folders:
        raise InvalidValueError(
            "out must be a folder where a run's files can be",
            Words(f"{folder} with a folder {folders[0]}"),
            "choose another",
        )
    interrupted = CHECKPOINT in there
    if not there or force or (resume and interrupted):
        return
    if resume:
        raise InvalidValueError(
            "resume must have a run to go on with, one that was interrupted",
            Words(f"{folder} with one that is finished"),
            "choose another folder, or write over it with --force",
        )
    goes_on = "go on with --resume, " if interrupted else ""
    raise InvalidValueError(
        "out must be a folder without a run's files",
        Words(f"{folder} with {', '.join(there)}"),
        f"choose another, {goes_on}or write over them with --force",
    )


def write_folder(
    folder: Path, document: Mapping[str, Any], model: BaseTableModel, rows: TrainingRows
) -> None:
    """Write all files of a run to a folder that nobody else writes to.

    They are put in their places one by one, once all have been written.

    Raises
    ------
    OSError
        If a file cannot be written; it names the folder.
    """
    from chainrule.runs.page import render

    temporary = folder / ".writing"
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed run has left
    temporary.mkdir()
    try:
        _save(model, temporary / MODEL)
        write_text(temporary / REPORT, render(document))
        write_text(temporary / FIGURES, to_json(document))
        write_text(temporary / HISTORY, history_csv(model.network_.history_))
        replace_file(temporary / ROWS, rows.save)
        for name in NAMES:
            (temporary / name).replace(folder / name)
    except OSError as error:  # nobody has named the temporary folder
        raise OSError(error.errno, error.strerror or str(error), str(folder)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _save(model: BaseTableModel, path: Path) -> None:
    """Write the model's file, without the history if that is longer than such a file may be."""
    from chainrule.preparation.saving import save

    try:
        save(model, path)
    except InvalidValueError:  # of thousands of epochs; the run's table has them
        save(model, path, history=False)


def history_csv(history: History) -> str:
    """Return every epoch as CSV, with a header."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(history.columns)
    table.writerows([[row.value(name) for name in history.columns] for row in history])
    return text.getvalue()
