"""The files of a run's folder: all of them or none, each in one step."""

from __future__ import annotations

import csv
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import InvalidValueError, Words
from chainrule.persist.model_file import IN_FOLDER
from chainrule.preparation import PreparedModel
from chainrule.report.files import to_json, write_text
from chainrule.training.history import History

MODEL, REPORT, FIGURES, HISTORY = IN_FOLDER, "report.html", "run.json", "history.csv"
NAMES = (MODEL, REPORT, FIGURES, HISTORY)


def check_folder(folder: Path, *, force: bool) -> None:
    """Raise if a run's files must not be written to a folder.

    Raises
    ------
    InvalidValueError
        If it is a file, or has a run's files already and ``force`` is false.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidValueError("out must be a folder", str(folder), "choose another")
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not os.access(place, os.W_OK):
        raise InvalidValueError(
            "out must be in a folder that may be written to", str(folder), "choose another"
        )
    there = [name for name in NAMES if (folder / name).exists()]
    if there and not force:
        raise InvalidValueError(
            "out must be a folder without a run's files",
            Words(f"{folder} with {', '.join(there)}"),
            "choose another, or write over them with --force",
        )


def write_folder(
    folder: Path, document: Mapping[str, Any], model: PreparedModel, *, force: bool
) -> None:
    """Write all files of a run.

    A new folder appears with all of them in it. In a folder that is there they replace others one
    by one, once all have been written.

    Raises
    ------
    InvalidValueError
        As :func:`check_folder` does.
    OSError
        If a file cannot be written; it names the folder.
    """
    from chainrule.runs.page import render

    check_folder(folder, force=force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside a new folder, or in the one that is there: on the same disk, so that moving is a step.
    home = folder if folder.exists() else folder.parent
    temporary = home / f".{folder.name}.{secrets.token_hex(4)}"
    temporary.mkdir()
    try:
        _save(model, temporary / MODEL)
        write_text(temporary / REPORT, render(document))
        write_text(temporary / FIGURES, to_json(document))
        write_text(temporary / HISTORY, history_csv(model.estimator.history_))
        if not folder.exists():
            temporary.rename(folder)
            return
        for name in NAMES:
            (temporary / name).replace(folder / name)
    except OSError as error:  # nobody has named the temporary folder
        raise OSError(error.errno, error.strerror or str(error), str(folder)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _save(model: PreparedModel, path: Path) -> None:
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
