"""A saved model, measured on raw data that has the target."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainrule._files import as_path
from chainrule._text import printable
from chainrule.datasets.tables import Table, open_table
from chainrule.errors import InvalidValueError, Words
from chainrule.persist.model_file import find_model
from chainrule.preparation import Notes
from chainrule.preparation.table_base import BaseTableModel
from chainrule.runs.files import CHECKPOINT, FIGURES, MODEL, NAMES, ROWS
from chainrule.runs.listening import Listener, told
from chainrule.runs.looking import Mistakes, Thinned
from chainrule.runs.measuring import MEASURES, Figures, Outputs, outputs
from chainrule.runs.training_rows import Comparison, TrainingRows


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was measured.

    Attributes
    ----------
    name : str
        Of the data.
    task : str
        Of the model.
    target : str or None
        What it predicts.
    figures : dict
        As the measures of the task give them.
    mistakes : list of dict
        The worst, with their place.
    sample : Outputs
        Some of the rows, evenly spread.
    noted : dict
        What the data had and training had not.
    seen : dict or None
        How many of the rows were ``compared`` with those that training has looked at, how many it
        has looked at (``known``), and the figures of the ``others``: None where these are all
        rows, or none. None where nobody knows.
    learnt_from : bool
        Whether the data is, to the byte, what the model was trained on.
    """

    name: str
    task: str
    target: str | None
    figures: Figures
    mistakes: list[dict[str, Any]]
    sample: Outputs
    noted: dict[str, Any]
    seen: dict[str, Any] | None
    learnt_from: bool = False

    def facts(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return {
            "data": self.name,
            "task": self.task,
            "target": self.target,
            "figures": self.figures,
            "seen": self.seen,
            "learnt_from": self.learnt_from,
            **self.noted,
        }


def evaluate(model: str | Path, data: str, listener: Listener | None = None) -> Evaluation:
    """Measure a saved model on raw data.

    Parameters
    ----------
    model : str or Path
        A run's folder, or a model file.
    data : str
        What :func:`train` takes, with the target; of a bundled data set the test part.
    listener : Listener, optional
        Who hears how it goes.

    Raises
    ------
    ChainruleError
        If the model or the data cannot be used; it says where and why.
    """
    loaded = load_model(model)
    table = open_table(data, part="test")
    read = told(table, listener or Listener(), f"measuring on {table.name}")
    rows = TrainingRows.load(run_folder(model) / ROWS)
    return replace(measure(loaded, read, rows), learnt_from=was_learnt_from(model, table))


def run_folder(model: str | Path) -> Path:
    """Return the folder that has the files of a run, of that folder or its model file."""
    path = as_path(model, "the model's path")
    return path.parent if path.name == MODEL else path


def run_files(model: str | Path) -> list[Path]:
    """Return a model's file, and those of its run if it is one's: no output must replace them."""
    folder = run_folder(model)
    return [Path(model), *(folder / name for name in (*NAMES, CHECKPOINT))]


def was_learnt_from(model: str | Path, table: Table) -> bool:
    """Return whether a run's model was trained on a table, to the byte, as far as its files say."""
    try:
        folder = find_model(model).parent
        document = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        return bool(document["data"]["digest"] == table.digest())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False  # a model file without its run does not say


def measure(model: BaseTableModel, table: Table, rows: TrainingRows | None = None) -> Evaluation:
    """Measure a model on a table that has the target, a piece at a time.

    Parameters
    ----------
    model : BaseTableModel
        The model.
    table : Table
        The data.
    rows : TrainingRows, optional
        Those that training has looked at, where that is known.
    """
    measures, sample, notes = MEASURES[model.task](model), Thinned(), Notes(table)
    comparison = Comparison(rows, model)
    mistakes = Mistakes(model, table.place)
    n_rows = 0
    for some in outputs(model, table, notes):
        n_rows += len(some.X)
        measures.add(some)
        comparison.add(some)
        sample.add(some)
        if some.truth is not None:
            mistakes.add(some)
    if not n_rows:
        raise InvalidValueError(
            f"{table.name} must have rows to measure on", Words("none"), "add some"
        )
    target = model.preparation_.target
    return Evaluation(
        table.name,
        model.task,
        None if target is None else target.name,
        measures.figures(),
        mistakes.result(),
        sample.result(),
        noted(notes, table.target),
        comparison.facts(),
    )


def load_model(path: str | Path) -> BaseTableModel:
    """Return the model of a run's folder, or of a model file.

    Raises
    ------
    DataNotFoundError
        If there is none.
    InvalidValueError
        If the file's model takes arrays and not files.
    """
    from chainrule.preparation.saving import load

    loaded = load(path)
    if not isinstance(loaded, BaseTableModel):
        raise InvalidValueError(
            f"{printable(str(path))} must hold a model with the preparation of its data",
            Words(f"a {type(loaded).__name__} alone"),
            "train one with chainrule train",
        )
    return loaded


def noted(notes: Notes, target: str | None) -> dict[str, Any]:
    """Return what data had and training had not, for JSON; its format's target left out."""
    return {
        "unseen": {name: dict(counter.most_common(10)) for name, counter in notes.unseen.items()},
        "n_unseen": {name: counter.total() for name, counter in notes.unseen.items()},
        "imputed": {name: n for name, n in notes.imputed.items() if n},
        "ignored": [name for name in notes.ignored if name != target],
    }
