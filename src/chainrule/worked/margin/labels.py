"""Two labels, whatever they are, as +1 and -1."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.errors import InvalidValueError
from chainrule.worked.document import clean
from chainrule.worked.numbers import is_list, parse_number

_LONGEST = 60  # characters
_Key = str | Fraction


@dataclass(frozen=True)
class Labels:
    """The labels of some points.

    Attributes
    ----------
    y : tuple of int, shape (n,)
        1 or -1 for each.
    classes : tuple of str
        The labels as they were given: the one that became +1 first. One may be missing.
    """

    y: tuple[int, ...]
    classes: tuple[str, ...]


def build_labels(y: Any, n: int, positive: object = None) -> Labels:
    """Return checked labels; all that differ are classes, and whoever needs two counts them.

    Parameters
    ----------
    y : list of shape (n,)
        Texts or numbers; 1, 1.0 and "1" are the same.
    n : int
        How many there must be.
    positive : text or number, optional
        Which becomes +1; otherwise the greater of two numbers, or the first of two texts.
    """
    y = y.to_numpy() if hasattr(y, "to_numpy") else y
    if not is_list(y) or len(y) != n:
        raise InvalidValueError(
            f"y must have a label for each point, {n}",
            len(y) if is_list(y) else y,
            "add or take away labels",
        )
    names: dict[_Key, str] = {}
    keys = []
    for number, label in enumerate(y, 1):
        shown = _text(f"label {number} of y", label)
        keys.append(_key(shown))
        names.setdefault(keys[-1], shown)
    plus = _positive(names, positive)
    order = sorted(names, key=lambda key: key != plus)  # stable: the others as they came
    return Labels(
        tuple(1 if key == plus else -1 for key in keys), tuple(names[key] for key in order)
    )


def _text(name: str, label: object) -> str:
    shown = "" if is_list(label) or label is None else clean(str(label))
    if not 0 < len(shown) <= _LONGEST:
        raise InvalidValueError(
            f"{name} must be a number or a text of at most {_LONGEST} characters",
            label,
            "change it",
        )
    return shown


def _key(label: str) -> _Key:
    try:
        return parse_number("label", label)
    except InvalidValueError:
        return label


def _positive(names: dict[_Key, str], positive: object) -> _Key:
    if positive is not None:
        key = _key(_text("positive", positive))
        if key not in names:
            raise InvalidValueError(
                f"positive must be a label of y, {' or '.join(names.values())}",
                positive,
                "choose one of these",
            )
        return key
    numbers = [key for key in names if isinstance(key, Fraction)]
    return max(numbers) if len(numbers) == len(names) else next(iter(names))
