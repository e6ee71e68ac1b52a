"""Examples as people write them: lists of numbers on a command line, TOML files, built-in ones.

Each becomes the keyword arguments of :func:`~.explanation.explain_backprop`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from chainrule._text import counted
from chainrule.errors import InvalidValueError
from chainrule.registry import Registry
from chainrule.worked.numbers import split_cells
from chainrule.worked.settings import read_settings

Settings = Mapping[str, Any]

EXAMPLES: Registry[Settings] = Registry(
    "example",
    {
        "report": {
            "title": "The report's gradient step",
            "weights": [[["0.1"]], [["0.3"]]],
            "biases": [["0.1"], ["0.1"]],
            "x": [1, 2, 3],
            "y": [3, 4, 5],
            "learning_rate": "0.01",
        },
    },
)

NUMBERS = ("weights", "biases", "x", "y")  # what every example needs
_TEXTS = ("title", "activation", "output_activation", "loss", "reduction")
_SINGLE = ("learning_rate", "slope")
_KEYS: Registry[None] = Registry("key", dict.fromkeys((*NUMBERS, *_TEXTS, *_SINGLE)))


def read_toml(path: Path) -> Settings:
    """Return the settings in a TOML file; see :func:`~chainrule.worked.settings.read_settings`."""
    settings = read_settings(path, _KEYS)
    for key, value in settings.items():
        _check_text(key, value)
    return settings


def _check_text(key: str, value: object) -> None:
    names = key == "activation" and isinstance(value, list)
    texts = value if names and isinstance(value, list) else [value]
    if key in _TEXTS and not all(isinstance(text, str) for text in texts):
        raise InvalidValueError(f"{key} must be a text", value, "put it in quotation marks")


def check_complete(settings: Settings) -> None:
    """Raise InvalidValueError unless weights, biases, x and y are there."""
    missing = [name for name in NUMBERS if name not in settings]
    if missing:
        raise InvalidValueError(
            f"an example must have {', '.join(NUMBERS)}",
            f"no {', no '.join(missing)}",
            "give what is missing, a file, or --example report",
        )


def parse_sizes(text: str) -> tuple[int, ...]:
    """Return the widths in ``"2,3,1"``."""
    words = _words("sizes", text)
    if len(words) < 2 or not all(re.fullmatch(r"[1-9]\d{0,5}", word, re.ASCII) for word in words):
        raise InvalidValueError(
            "sizes must be at least two whole numbers of at least 1, inputs first, outputs last",
            text,
            "such as 2,3,1",
        )
    return tuple(int(word) for word in words)


def sizes_of(settings: Settings) -> tuple[int, ...] | None:
    """Return the widths that an example's weights tell, if it has any that do."""
    try:
        weights = settings["weights"]
        return (len(weights[0]), *(len(matrix[0]) for matrix in weights))
    except (KeyError, IndexError, TypeError):
        return None


def parse_weights(text: str, sizes: Sequence[int]) -> list[list[list[str]]]:
    """Return the matrices in a list of numbers: layer by layer, row by row.

    A semicolon may stand after each layer; then it must be the right place.
    """
    shapes = list(pairwise(sizes))
    layers = _cut("weights", text, [a * b for a, b in shapes], "layer")
    return [
        [layer[i * width : (i + 1) * width] for i in range(height)]
        for layer, (height, width) in zip(layers, shapes, strict=True)
    ]


def parse_biases(text: str, sizes: Sequence[int]) -> list[list[str]]:
    """Return the vectors in a list of numbers, layer by layer."""
    return _cut("biases", text, list(sizes[1:]), "layer")


def parse_samples(text: str, name: str, width: int) -> list[list[str]]:
    """Return the rows in a list of numbers, sample by sample; a semicolon may stand after each."""
    n_numbers = len(_words(name, text))
    if n_numbers % width:
        raise InvalidValueError(
            f"{name} must be {counted(width, 'number')} for each sample",
            text,
            f"it has {n_numbers}; write a sample after the other",
        )
    return _cut(name, text, [width] * (n_numbers // width), "sample")


def parse_classes(text: str, n_samples: int, n_classes: int) -> list[list[str]]:
    """Return a class for each sample, or a one-hot row where there are as many numbers."""
    one_hot = len(_words("y", text)) == n_samples * n_classes
    return parse_samples(text, "y", n_classes if one_hot else 1)


def _words(name: str, text: str) -> list[str]:
    return [word for group in split_cells(name, text) for word in group]


def _cut(name: str, text: str, counts: list[int], part: str) -> list[list[str]]:
    groups = split_cells(name, text)
    words = [word for group in groups for word in group]
    shape = " + ".join(map(str, counts))
    if len(words) != sum(counts):
        raise InvalidValueError(
            f"{name} must be {counted(sum(counts), 'number')} for these sizes"
            + (f", {shape} by {part}" if len(counts) > 1 else ""),
            text,
            f"it has {len(words)}",
        )
    if len(groups) > 1 and [len(group) for group in groups] != counts:
        raise InvalidValueError(
            f"the semicolons in {name} must stand after each {part}, {shape} numbers",
            text,
            "move them or leave them out",
        )
    ends = [sum(counts[:i]) for i in range(len(counts) + 1)]
    return [words[begin:end] for begin, end in pairwise(ends)]
