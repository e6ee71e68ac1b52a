"""What a parameter, a part of the engine and a label are in a model file.

A parameter is data: a number, a text, a list, or a part of the engine, which is its name in one of
the tables and its settings. What is code is refused when it is saved, and no name in a file is ever
looked up anywhere but in these tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule._values import Decode, decode, encode
from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.initializers import (
    Orthogonal,
    UniformWithBiases,
    VarianceScaling,
    Zeros,
)
from chainrule.engine.losses import LOSSES, GroupedSoftmaxCrossEntropy
from chainrule.engine.optimizers import OPTIMIZERS
from chainrule.engine.schedules import SCHEDULES
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.persist import checks

# kind -> name -> class. A part is saved if its class is one of these, and not one made from them.
PARTS: dict[str, Mapping[str, type]] = {
    "activation": {name: type(entry) for name, entry in ACTIVATIONS.items()},
    "loss": {
        **{name: type(entry) for name, entry in LOSSES.items()},
        GroupedSoftmaxCrossEntropy.name: GroupedSoftmaxCrossEntropy,
    },
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "initializer": {
        "zeros": Zeros,
        "variance_scaling": VarianceScaling,
        "orthogonal": Orthogonal,
        "uniform_with_biases": UniformWithBiases,
    },
}
_PART_OF = {kind: (part, name) for part, table in PARTS.items() for name, kind in table.items()}

# Labels of numbers: dtype -> what an entry may be.
NUMBERS: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    **{f"{sign}int{bits}": int for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": (int, float) for bits in (16, 32, 64)},
}
LONGEST_TEXTS = 2**22  # bytes of an array of texts, all of which are as long as the longest
_STATE_WORDS = 624  # of the Mersenne Twister


# -- parameters ------------------------------------------------------------------------------------


def from_parameter(name: str, value: Any) -> Any:
    """Return a parameter as JSON has it.

    Raises
    ------
    InvalidValueError
        If it is not data; it names the parameter.
    """
    return encode(value, partial(_from_other, name))


def to_parameter(value: Any) -> Any:
    """Return a parameter from what JSON has; raises ValueError if there is no such value."""
    return decode(value, _DECODERS)


def _from_other(name: str, value: Any, place: str) -> Any:
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "buifU":
        return from_parameter(name, value.tolist())
    if type(value) in _PART_OF:
        return {_PART_OF[type(value)][0]: from_part(value)}
    if isinstance(value, dict):
        pairs = [[from_parameter(name, item) for item in pair] for pair in value.items()]
        return {"pairs": pairs}
    if isinstance(value, np.random.RandomState):
        state = value.get_state(legacy=False)
        if state["bit_generator"] == "MT19937":
            return {"random_state": _from_random_state(state)}
    raise InvalidValueError(
        f"{name}{place} must be data to be saved: numbers, texts, or the library's own parts",
        value,
        f"call set_params({name}=…) before, with something that is, or its default",
    )


def _from_random_state(state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": state["state"]["key"].tolist(),
        "pos": int(state["state"]["pos"]),
        "gauss": float(state["gauss"]) if state["has_gauss"] else None,
    }


def _to_random_state(content: Any) -> np.random.RandomState:
    content = checks.record(content, "a random state", ("key", "pos", "gauss"))
    key = checks.listed(content["key"], "its key", partial(checks.integer, high=2**32 - 1))
    if len(key) != _STATE_WORDS:
        raise checks.wrong("its key", f"of {_STATE_WORDS} integers", len(key))
    gauss = checks.optional(content["gauss"], "its gauss", checks.number)
    position = checks.integer(content["pos"], "its pos", high=_STATE_WORDS)
    random_state = np.random.RandomState(0)
    words = np.array(key, np.uint32)
    random_state.set_state(("MT19937", words, position, int(gauss is not None), gauss or 0.0))
    return random_state


def _to_pairs(content: Any) -> dict[Any, Any]:
    pairs = [
        checks.listed(pair, "a pair", lambda item, place: to_parameter(item))
        for pair in checks.listed(content, "pairs", lambda item, place: item)
    ]
    return {key: value for key, value in pairs}  # noqa: C416 - dict() says less when one is not two


# -- parts of the engine ---------------------------------------------------------------------------


def from_part(part: Any) -> dict[str, Any]:
    """Return a part's name and settings.

    Raises
    ------
    InvalidValueError
        If it is in none of the tables.
    """
    if type(part) not in _PART_OF:
        raise InvalidValueError(
            "every part of a network must be one of the library's own to be saved",
            part,
            "functions and classes of your own are code, and a model file has none",
        )
    settings = {field.name: getattr(part, field.name) for field in fields(part)}
    return {
        "name": _PART_OF[type(part)][1],
        **{name: from_parameter(name, value) for name, value in settings.items()},
    }


def to_part(kind: str, content: Any) -> Any:
    """Return the part of one kind that has this name and these settings, or raise ValueError."""
    place = f"the {kind}"
    if not isinstance(content, dict):
        raise checks.wrong(place, "an object", content)
    name = checks.one_of(content.get("name"), f"the name of {place}", PARTS[kind])
    made = PARTS[kind][name]
    settings = checks.record(content, place, ["name", *(field.name for field in fields(made))])
    with checks.refusing(place):
        return made(**{key: _setting(value) for key, value in settings.items() if key != "name"})


def _setting(value: Any) -> Any:
    found = checks.plain(value)
    if isinstance(found, bool) or not isinstance(found, int | float | str | tuple):
        raise checks.wrong("a setting", "a number, a text or a tuple", found)
    return found


_DECODERS: dict[str, Decode] = {
    **checks.PLAIN,
    **{kind: partial(to_part, kind) for kind in PARTS},
    "pairs": _to_pairs,
    "random_state": _to_random_state,
}


# -- labels ----------------------------------------------------------------------------------------


def from_labels(labels: Array) -> dict[str, Any]:
    """Return labels and their dtype as JSON has them.

    Raises
    ------
    InvalidValueError
        If they are neither texts nor numbers.
    """
    dtype, is_text = labels.dtype, labels.dtype.kind == "U"
    name = f"U{dtype.itemsize // 4}" if is_text else str(dtype.newbyteorder("="))
    values = labels.tolist()
    if dtype.kind == "O":
        values = [_plain(value) for value in values]
    elif not is_text and name not in NUMBERS:
        raise _no_label(labels.dtype)
    if is_text and labels.nbytes > LONGEST_TEXTS:
        raise InvalidValueError(
            f"an array of labels must take at most {LONGEST_TEXTS:,} bytes to be saved",
            labels.nbytes,
            "use shorter texts, or an array of objects",
        )
    return {"dtype": name, "values": from_parameter("classes_", values)}


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, str | int | float):
        raise _no_label(value)
    return plain


def _no_label(value: Any) -> InvalidValueError:
    return InvalidValueError(
        "labels must be texts, integers, floats or bools to be saved", value, "encode them"
    )


def to_labels(content: Any, place: str) -> Array:
    """Return the labels that JSON has, in their dtype, or raise DataFormatError.

    They are sorted and each is there once, as targets need them.
    """
    content = checks.record(content, place, ("dtype", "values"))
    name = checks.text(content["dtype"], f"{place}.dtype")
    values = checks.listed(content["values"], f"{place}.values", lambda item, place: decoded(item))
    labels = _array_of(name, values, place)
    with checks.refusing(place):
        if not values or not np.array_equal(np.unique(labels), labels):
            raise DataFormatError(f"{place} must be sorted, at least one, and each there once")
    return labels


def decoded(item: Any) -> Any:
    """Return a number or a text that JSON has."""
    with checks.refusing("a label"):
        return checks.plain(item)


def _array_of(name: str, values: list[Any], place: str) -> Array:
    width = re.fullmatch(r"U([1-9][0-9]{0,8})", name)
    if width is None:
        kinds = (str, bool, int, float) if name == "object" else NUMBERS.get(name)
        if kinds is None:
            raise checks.wrong(f"{place}.dtype", "object, U and a number, or of numbers", name)
    else:
        kinds, letters = str, int(width[1])
        longest = max((len(value) for value in values if isinstance(value, str)), default=0)
        if longest > letters or 4 * letters * len(values) > LONGEST_TEXTS:
            raise checks.wrong(f"{place}.dtype", "as wide as the longest label", name)
    for value in values:
        wanted_bool = name in ("bool", "object")
        if not isinstance(value, kinds) or (isinstance(value, bool) and not wanted_bool):
            raise checks.wrong(f"a label of {place}", f"of {name}", value)
    with checks.refusing(place):
        array: Array = np.array(values, np.dtype(name))
        if name.startswith("float") and not np.isfinite(array).all():
            raise DataFormatError(f"{place} must be finite")
    return array
