"""Two labels, whatever they are, as +1 and -1."""

from __future__ import annotations

from collections.abc import Mapping
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
    names : mapping from int to str
        The label that became 1 and the one that became -1, as they were given.
    """

    y: tuple[int, ...]
    names: Mapping[int, str]

    def explained(self) -> str:
        """Return which label is +1 and which -1, in words; nothing if they are 1 and -1."""
        if all(name == str(sign) for sign, name in self.names.items()):
            return ""
        parts = [
            f"“{name}” is {sign:+d}" for sign, name in sorted(self.names.items(), reverse=True)
        ]
        return f"The label {', '.join(parts)}."


def build_labels(y: Any, n: int, positive: object = None, *, fewest: int = 2) -> Labels:
    """Return checked labels.

    Parameters
    ----------
    y : list of shape (n,)
        Texts or numbers, at most two that differ; 1, 1.0 and "1" are the same.
    n : int
        How many there must be.
    positive : text or number, optional
        Which becomes +1; otherwise the greater of two numbers, or the first of two texts.
    fewest : int
        How many must differ.
    """
    y = y.to_numpy() if hasattr(y, "to_numpy") else y
    if not is_list(y) or len(y) != n:
        raise InvalidValueError(
            f"y must have a label for each point, {n}",
            len(y) if is_list(y) else y,
            "add or take away labels",
        )
    shown = [_text(f"label {number} of y", label) for number, label in enumerate(y, 1)]
    keys = [_key(text) for text in shown]
    names = dict(reversed(list(zip(keys, shown, strict=True))))  # the first way of writing it
    distinct = list(dict.fromkeys(keys))
    if not fewest <= len(distinct) <= 2:
        raise InvalidValueError(
            f"y must have {'two' if fewest == 2 else 'at most two'} different labels",
            [names[key] for key in distinct],
            "a hyperplane has two sides; give each point one of two labels",
        )
    signs = _signs(distinct, names, positive)
    return Labels(tuple(signs[key] for key in keys), {signs[key]: names[key] for key in distinct})


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


def _signs(distinct: list[_Key], names: Mapping[_Key, str], positive: object) -> dict[_Key, int]:
    if positive is not None:
        plus = _key(_text("positive", positive))
        if plus not in distinct:
            raise InvalidValueError(
                f"positive must be a label of y, {' or '.join(names[key] for key in distinct)}",
                positive,
                "choose one of these",
            )
        return {key: 1 if key == plus else -1 for key in distinct}
    numbers = [key for key in distinct if isinstance(key, Fraction)]
    if numbers == distinct:  # a single number has the sign that it has
        low = min(numbers) if len(numbers) == 2 else min(numbers[0], Fraction(0))
        return {key: -1 if key == low else 1 for key in distinct}
    return {key: 1 if key == distinct[0] else -1 for key in distinct}
