"""A candidate: the values that a sampler chose, and what to call them.

Values are JSON's: they are kept in the store, are part of a trial's id, and come from a TOML file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidValueError, Words
from chainrule.study.checks import check_count

_BARE = re.compile(r"[^\W\d][\w.+/-]*")  # a text that can be nothing else, so needs no quotes
_JSON_WORDS = ("true", "false", "null")


@dataclass(frozen=True)
class Candidate:
    """Values of some factors, which a study tries.

    Parameters
    ----------
    number : int
        Counted from 0, in the order in which a sampler decided on them.
    values : mapping from str to object
        A value for each factor, as :func:`as_json` returns it.
    """

    number: int
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The values in words, ``"activation=tanh, hidden_layer_sizes=[64, 32]"``.

        Other values have another name: 1, 1.0 and "1" are told apart.
        """
        return name_of(self.values)


def name_of(values: Mapping[str, Any]) -> str:
    """Return what the candidate of these values is called; see :attr:`Candidate.name`."""
    return ", ".join(f"{factor}={_in_words(value)}" for factor, value in values.items()) or "as is"


def _in_words(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value not in _JSON_WORDS:
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_in_words, value))}]"
    return json.dumps(value, ensure_ascii=False)


def as_json(value: Any, what: str) -> Any:
    """Return a value as JSON has it: NumPy's numbers as Python's, tuples and arrays as lists.

    Parameters
    ----------
    value : object
        None, a bool, a number, a text, or a list or dict by texts of these.
    what : str
        What it is a value of, as an error should call it.

    Raises
    ------
    InvalidValueError
        If JSON cannot hold it: an object, or a number that is not finite.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidValueError(f"{what} must be finite", value, "write a large number instead")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [as_json(item, what) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: as_json(item, what) for key, item in value.items()}
    raise InvalidValueError(
        f"{what} must be made of numbers, texts, true, false, null and lists",
        value,
        "give the name or the number that stands for it",
    )


def check_factors(factors: Any, where: str) -> dict[str, Any]:
    """Return a mapping by the names of factors as a dict; refuse anything else.

    Parameters
    ----------
    factors : object
        What a user gave.
    where : str
        What it belongs to, as an error should call it: ``"grid"``.
    """
    if not isinstance(factors, Mapping) or not all(isinstance(name, str) for name in factors):
        raise InvalidValueError(
            f"{where} must be a table by the names of parameters",
            factors,
            'such as activation = ["relu", "tanh"]',
        )
    if not factors:
        raise InvalidValueError(
            f"{where} must have at least one parameter",
            Words("none"),
            'add one, such as activation = ["relu", "tanh"]',
        )
    return dict(factors)


def check_values(name: str, given: Any, where: str) -> list[Any]:
    """Return the values of one factor as JSON has them: at least one, no two the same.

    Parameters
    ----------
    name : str
        Of the factor.
    given : object
        What a user gave: a list, or an array.
    where : str
        What it belongs to, as an error should call it: ``"grid"``.
    """
    what = f"{name} in {where}"
    given = given.tolist() if hasattr(given, "tolist") else given  # an array, or a frame's column
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise InvalidValueError(
            f"{what} must be a list of values", given, "write it in brackets, or set it in fixed"
        )
    check_count(len(given), f"the values of {what}")
    values: list[Any] = [as_json(value, what) for value in given]
    if not values:
        raise InvalidValueError(f"{what} must have at least one value", values, "add one")
    check_distinct((_in_words(value) for value in values), f"the values of {what}")
    return values


def check_distinct(names: Iterable[str], what: str) -> None:
    """Raise InvalidValueError if a name comes twice; ``what`` the names are of, in the plural."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidValueError(
                f"{what} must differ from one another", Words(f"{name} twice"), "drop one"
            )
        seen.add(name)
