"""Fitted models to files and back: ``save``, ``load``, and what is in a file.

A file has an estimator, whose part is :mod:`chainrule.estimators.saving`'s, and where it was
trained on columns of a table the preparation of these too, as one more entry of the document and
two more tensors at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule._files import as_path
from chainrule.estimators import saving
from chainrule.estimators.saved_model import Contents
from chainrule.estimators.validation import check_is_fitted
from chainrule.persist import model_file
from chainrule.persist.model_file import Block, Header
from chainrule.preparation import saved_preparation
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.table_base import BaseTableModel
from chainrule.preparation.table_models import table_model


def save(model: Any, path: Any, *, optimizer: bool = False, history: bool = True) -> None:
    """Write a fitted model to one file, in one step.

    What is saved is data: architecture, parameters, weights, classes, feature names, input scaling,
    history, the library's version; of a TableClassifier the columns too, and what was learnt of
    them. A parameter that is code is refused. ``checkpoint`` is left out.

    Parameters
    ----------
    model : estimator
        Of chainrule's, fitted.
    path : str, bytes or path-like
        Of the file, such as ``"digits.safetensors"``. What is there is replaced when the new file
        is whole and on the disk.
    optimizer : bool
        Whether to save the optimiser's running averages and the stopping rule's state too, so that
        ``partial_fit`` and warm starts go on as if nothing had happened. The file is then up to
        four times as large.
    history : bool
        Whether to save one row an epoch.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    InvalidValueError
        If a parameter is no data, a number is not finite, names are too long for the header, or
        ``path`` is no path.
    OSError
        If the file cannot be written; the old one is then untouched.
    """
    prepared = isinstance(model, BaseTableModel)
    if prepared:
        check_is_fitted(model, "network_")
    estimator = model.network_ if prepared else model
    file = as_path(path, "the model's path")
    document, parts = saving.taken_apart(estimator, optimizer=optimizer, history=history)
    if prepared:
        preparation = model.preparation_
        document["preparation"] = saved_preparation.to_document(preparation)
        numbers = saved_preparation.numbers(preparation)
        parts += zip(saved_preparation.blocks(preparation), numbers, strict=True)
    model_file.write(file, document, parts)


def check_can_be_saved(preparation: Preparation) -> None:
    """Raise InvalidValueError if there are more columns than a model file has room for."""
    model_file.check_length(
        saved_preparation.to_document(preparation),
        f"what is learnt of {len(preparation.columns):,} columns",
        "leave columns out, or give them as one wide column: X of a NPZ file, lists in Parquet",
    )


def load(path: Any) -> Any:
    """Return the model in a file that :func:`save` has written.

    The file may come from anywhere: loading runs no code, imports nothing by name, opens no other
    file, takes no more memory than the file is long and a constant, or 40 bytes for each of a long
    header, and refuses whatever is not as the format has it.

    Parameters
    ----------
    path : str, bytes or path-like
        Of the file, or of the folder that ``chainrule train`` has written.

    Returns
    -------
    estimator
        Of the class that was saved; where columns of a table were learnt from a TableClassifier, a
        TableRegressor or a TableAutoencoder. Its predictions are equal to the bit on the same kind
        of machine.

    Raises
    ------
    DataFormatError
        If the file is no model file, is damaged, or is of a newer format; it says what the file
        looks like.
    DataNotFoundError
        If there is no such file, or none in the folder.
    InvalidValueError
        If ``path`` is no path.
    OSError
        If it cannot be read.
    """
    path = model_file.find_model(path)
    found, arrays = model_file.read(path, understand)
    with model_file.naming(path):
        if found.preparation is None:
            return saving.put_together(found.estimator, arrays)
        preparation = found.preparation
        if saved_preparation.blocks(preparation):
            preparation = saved_preparation.with_numbers(preparation, arrays.pop())
        return table_model(saving.put_together(found.estimator, arrays), preparation)


@dataclass(frozen=True)
class Found:
    """What is in a model file, numbers left out.

    Attributes
    ----------
    estimator : Contents
        Of the estimator.
    preparation : Preparation or None
        Of its data, without moments; None where the estimator takes X as it is.
    """

    estimator: Contents
    preparation: Preparation | None


def contents(path: Any) -> tuple[Found, Header]:
    """Return what is in a file, numbers left out; errors are :func:`load`'s."""
    return model_file.read_header(model_file.find_model(path), understand)


def understand(document: Any) -> tuple[Found, list[Block]]:
    """Return what a document from a file says, and the tensors that belong to it, or refuse it."""
    if not isinstance(document, dict) or "preparation" not in document:
        estimator, blocks = saving.understand(document)
        return Found(estimator, None), blocks
    rest = {key: value for key, value in document.items() if key != "preparation"}
    estimator, blocks = saving.understand(rest)
    preparation = saved_preparation.from_document(document["preparation"], estimator)
    return Found(estimator, preparation), [*blocks, *saved_preparation.blocks(preparation)]
