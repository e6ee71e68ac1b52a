"""The Python that gives the numbers in the page, in parts that ``scripts/code.js`` puts together.

What it needs is public: a model file, the data by its name, and the estimator's own methods.
"""

from __future__ import annotations

from chainrule.estimators import NeuralNetwork
from chainrule.explore.content import Code
from chainrule.explore.rows import Rows
from chainrule.explore.subject import Subject
from chainrule.explore.units import Unit

_OUTPUTS = {
    "classification": "{}.predict_proba(x)",
    "multilabel": "{}.predict_proba(x)",
    "regression": "{}.predict(x)",
    "autoencoder": "{}.reconstruct(x)",
}


def code_of(subject: Subject, rows: Rows | None, unit: Unit) -> Code:
    """Return the parts.

    Parameters
    ----------
    subject : Subject
        The model.
    rows : Rows or None
        The data, if there is any.
    unit : Unit
        Of the rows in the page.
    """
    prepared = subject.preparation is not None
    estimator = "model.network_" if prepared else "model"
    outputs = _OUTPUTS[subject.task].format(estimator)
    if prepared and subject.task == "regression":
        outputs = f"model.preparation_.in_units({outputs})"
    ours = isinstance(subject.estimator, NeuralNetwork)
    return Code(
        lines=_lines(subject, rows),
        row=None if rows is None else "x = X[[{row}]]",
        values=f"x = np.array([[{{values}}]], np.{unit.dtype}){_in_its_unit(unit)}",
        shown="x * np.float32(255)" if subject.is_pixels else "x",
        outputs=outputs,
        weights=f"{estimator}.params_.W" if ours else f"{estimator}.coefs_",
        biases=f"{estimator}.params_.b" if ours else f"{estimator}.intercepts_",
    )


def _in_its_unit(unit: Unit) -> str:
    """Return what makes of x what the estimator takes."""
    if unit.size == 1:
        return ""
    one = 1 / unit.size
    whole = abs(one - round(one)) < 1e-9 * one
    return f" / np.float32({round(one)})" if whole else f" * np.float32({unit.size:.9g})"


def _lines(subject: Subject, rows: Rows | None) -> list[str]:
    """Return the imports, where the files are, and what reads them."""
    imports, places, load = ["import numpy as np"], [], []
    if subject.path is None:
        load.append("# model is yours: it was in memory when this page was made")
    else:
        imports.append("import chainrule")
        places.append(f"MODEL = {subject.path.name!r}")
        load.append("model = chainrule.load(MODEL)")
    if rows is not None and rows.source is None:
        load.append("# X is yours: its rows were in memory when this page was made")
    elif rows is not None:
        imports.append("from chainrule.datasets.tables import open_table")
        places.append(f"DATA = {rows.name!r}")
        load += ['table = open_table(DATA, part="test")', *_reading(subject, rows)]
        load += ["X = X / np.float32(255)"] if rows.divided else []
    set_them = ["# Set these to where you have the files.", *places, ""] if places else []
    return [*imports, "", *set_them, *load]


def _reading(subject: Subject, rows: Rows) -> list[str]:
    if subject.preparation is not None:
        return ["X = model.prepare(table)"]
    names = list(rows.columns)
    if len(names) == 1:
        return [f"X = np.concatenate([piece.columns[{names[0]!r}] for piece in table.pieces()])"]
    return [
        f"names = {names!r}",
        "pieces = [[piece.columns[name] for name in names] for piece in table.pieces()]",
        "X = np.concatenate([np.column_stack(piece).astype(float) for piece in pieces])",
    ]
