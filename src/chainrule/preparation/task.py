"""What a target is, and what task it makes: labels to tell apart, or numbers to come near.

Texts, booleans and few different integers are labels, other numbers are not; a user may say
otherwise. Labels stay as they are in the file: integers are integers, texts are texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule._text import counted
from chainrule._types import Array
from chainrule.datasets.tables import Table
from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.asked import Asked
from chainrule.preparation.cells import are_integers, cell_error, printed
from chainrule.preparation.kinds import decimal_commas, is_number
from chainrule.preparation.tally import MOST_DISTINCT, Tally

FEW_INTEGERS = 20  # different ones, each twice on average, are labels

# What a label's text means, by the type of label.
LABELS: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: text == "True",
    "integer": int,
    "number": float,
    "text": str,
}


@dataclass(frozen=True, eq=False)
class Target:
    """The column to predict.

    Attributes
    ----------
    name : str
        Of the column.
    classes : array of shape (n_classes,) or None
        Of classification: the labels, sorted, in the type they have in the file.
    counts : mapping from str to int, or None
        Of classification: how often each label is there, the most frequent first.
    mean, scale : float
        Of regression: the mean, and the deviation, in the target's units.
    low, high : float or None
        Of regression: the smallest and the largest number.
    """

    name: str
    classes: Array | None
    counts: Mapping[str, int] | None
    mean: float
    scale: float
    low: float | None
    high: float | None


def target_of(tally: Tally, asked: Asked, table: Table) -> tuple[Target, str, str]:
    """Return the target, the task, and why it is this task.

    Raises
    ------
    DataFormatError
        If a value is missing, or is no number where numbers are learnt.
    InvalidValueError
        If there is one value only, or more labels than can be told apart.
    """
    name = str(asked.target)
    _check_values(tally, name, table)
    task, why = asked.task, "as asked"
    if task == "auto":
        _check_no_commas(tally, name, table)
        task, why = _task_of(tally)
    return (_labels if task == "classification" else _numbers)(tally, name, table), task, why


def _task_of(tally: Tally) -> tuple[str, str]:
    n = len(tally.distinct or ())
    if tally.dtype.kind == "b":
        return "classification", "the target is true or false"
    if not is_number(tally):
        return "classification", "the target has texts"
    if n and _are_whole(tally) and n <= FEW_INTEGERS and 2 * n <= tally.n_present:
        return "classification", f"the target has {n} different integers"
    return "regression", "the target has numbers"


def _are_whole(tally: Tally) -> bool:
    # What is no number at all is told apart before.
    assert tally.distinct is not None
    return not tally.n_bad and all(float(text).is_integer() for text in tally.distinct)


def _check_values(tally: Tally, name: str, table: Table) -> None:
    if tally.first_missing is not None:
        n = tally.n_missing - 1
        others = f" (and in {counted(n, 'more row')})" if n else ""
        what = f"the target is missing{others}: fill it in, or remove such rows"
        raise cell_error(table.name, table.place(tally.first_missing), name, what)
    if tally.distinct is not None and len(tally.distinct) == 1:
        raise _one_value(next(iter(tally.distinct)), name, table)


def _one_value(text: str, name: str, table: Table) -> InvalidValueError:
    return InvalidValueError(
        f"the target {name} of {table.name} must have at least two different values",
        Words(f"{printed(text)} in every row"),
        "choose another column, or other rows",
    )


def _check_no_commas(tally: Tally, name: str, table: Table) -> None:
    number = decimal_commas(tally)
    if number is not None:
        raise InvalidValueError(
            f"the numbers of the target {name} of {table.name} must have decimal points",
            number,
            'write points, or choose the task "classification" if these are labels',
        )


def _labels(tally: Tally, name: str, table: Table) -> Target:
    if tally.distinct is None:
        raise InvalidValueError(
            f"the target {name} of {table.name} must have at most {MOST_DISTINCT:,} classes, none "
            "of them long",
            Words("more"),
            'choose another column, or the task "regression" if these are numbers',
        )
    means = LABELS[label_kind(tally.distinct, tally.dtype, n_bad=tally.n_bad)]
    texts: dict[Any, str] = {}
    counts: Counter[Any] = Counter()
    for text, count in (tally.counts or {}).items():  # "1" and "1.0" may be one label
        texts.setdefault(means(text), text)
        counts[means(text)] += count
    if len(counts) == 1:
        raise _one_value(next(iter(texts.values())), name, table)
    by_text = {texts[label]: count for label, count in counts.most_common()}
    return Target(name, label_array(list(counts)), by_text, 0.0, 1.0, None, None)


def label_kind(texts: Collection[str], dtype: np.dtype, *, n_bad: int) -> str:
    """Return the type of a target's labels, a name in :data:`LABELS`.

    Parameters
    ----------
    texts : collection of str
        The different labels.
    dtype : numpy.dtype
        Of their column.
    n_bad : int
        How many of them are no numbers.
    """
    if dtype.kind == "b":
        return "bool"
    if are_integers(texts) and dtype.kind != "f":
        return "integer"
    return "text" if n_bad else "number"


def label_array(labels: list[Any]) -> Array:
    """Return different labels as a sorted array; texts are objects, which take a word each."""
    is_text = isinstance(labels[0], str)
    found: Array = np.array(sorted(set(labels)), object if is_text else None)
    return found


def _numbers(tally: Tally, name: str, table: Table) -> Target:
    if tally.first_bad is not None:
        row, value = tally.first_bad
        remedy = 'mend it, or choose the task "classification"'
        what = f"the target {printed(value)} is no number: {remedy}"
        raise cell_error(table.name, table.place(row), name, what)
    mean, scale = float(tally.mean[0]), float(tally.scale[0])
    return Target(name, None, None, mean, scale, tally.low, tally.high)
