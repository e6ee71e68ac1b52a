"""Points as people write them: on a command line, in CSV and TOML files, built-in ones.

Each becomes keyword arguments of :func:`~.explanation.explain_max_margin` or
:func:`~.classification.explain_classifier`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from chainrule._text import counted
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError
from chainrule.registry import Registry
from chainrule.worked.margin.points import MAX_DIMENSIONS, MAX_POINTS
from chainrule.worked.numbers import parse_number, split_cells
from chainrule.worked.settings import read_settings

Settings = Mapping[str, Any]

MARGIN_EXAMPLES: Registry[Settings] = Registry(
    "example",
    {
        "report": {
            "title": "The report's points",
            "X": [[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]],
            "y": [1, 1, 1, -1, -1, -1],
        },
    },
)
CLASSIFIER_EXAMPLES: Registry[Settings] = Registry(
    "example",
    {
        "report": {
            "title": "The report's classifier",
            "w": [-2, 0],
            "b": 5,
            "X": [[1, 2], [2, 3], [3, 3], [4, 1]],
            "predict": [[1, 3]],
        },
    },
)
MARGIN_KEYS = Registry("key", dict.fromkeys(("x", "y", "positive", "C", "title")))
CLASSIFIER_KEYS = Registry(
    "key", dict.fromkeys(("w", "b", "x", "y", "positive", "predict", "title"))
)


def read_file(path: Path, keys: Registry[None], width: int | None = None) -> dict[str, Any]:
    """Return the settings in a TOML file, or the points in a CSV file.

    Parameters
    ----------
    path : Path
        A name that ends in ``.csv`` is that of a CSV file.
    keys : Registry
        What may be in a TOML file.
    width : int, optional
        How many coordinates a point of a CSV file has; a further column has labels, and without it
        the last column has.
    """
    if path.suffix.lower() == ".csv":
        return read_csv(path, width)
    settings = read_settings(path, keys)
    if not isinstance(settings.get("title", ""), str):
        raise InvalidValueError(
            "title must be a text", settings["title"], "put it in quotation marks"
        )
    return {"X" if key == "x" else key: value for key, value in settings.items()}


def read_csv(path: Path, width: int | None = None) -> dict[str, Any]:
    """Return the points and labels in a CSV file.

    A first line without a number in a column of coordinates is a heading. Cells are separated by
    commas, semicolons or tabs, whichever the first line has most of.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If lines have different numbers of cells, or a cell of a coordinate is no number.
    """
    lines = _lines(path)
    if not lines:
        raise DataFormatError(f"{path} has no points: write a point on each line, its label last")
    n_cells = len(lines[0][1])
    for number, cells in lines:
        if len(cells) != n_cells or n_cells > MAX_DIMENSIONS + 1:
            raise DataFormatError(
                f"line {number} of {path} must have as many cells as the first, "
                f"{n_cells} and at most {MAX_DIMENSIONS + 1}, got {len(cells)}: "
                "write a point on each line, its label last"
            )
    n_numbers = n_cells - 1 if width is None else width
    if not 1 <= n_numbers <= n_cells <= n_numbers + 1:
        raise DataFormatError(
            f"{path} must have {counted(max(n_numbers, 1), 'number')} on each line and a label, "
            f"got {n_cells} cells: add or take away columns"
        )
    if len(lines) > 1 and not any(_is_number(cell) for cell in lines[0][1][:n_numbers]):
        lines = lines[1:]
    for number, cells in lines:
        for column, cell in enumerate(cells[:n_numbers], 1):
            parse_number(f"column {column} of line {number} of {path}", cell)
    points = {"X": [cells[:n_numbers] for _, cells in lines]}
    labels = {"y": [cells[n_numbers] for _, cells in lines]} if n_cells > n_numbers else {}
    return points | labels


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty, with their numbers; not many more than may be."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
            numbered = ((rows.line_num, [cell.strip() for cell in row]) for row in rows)
            return list(islice((line for line in numbered if any(line[1])), MAX_POINTS + 2))
    except (FileNotFoundError, IsADirectoryError):
        raise DataNotFoundError(
            f"there is no file {path}: give the name of a CSV or TOML file"
        ) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataFormatError(f"{path} is not CSV: {error}") from None


def _is_number(cell: str) -> bool:
    try:
        parse_number("cell", cell)
    except InvalidValueError:
        return False
    return True


def parse_vector(name: str, text: str) -> list[str]:
    """Return the numbers in ``"-2,0"``."""
    groups = split_cells(name, text)
    if len(groups) > 1:
        raise InvalidValueError(f"{name} must be one list of numbers", text, "such as -2,0")
    return groups[0]


def parse_labels(text: str) -> list[str]:
    """Return the labels in ``"a, a, b"``."""
    return [label for group in split_cells("y", text, spaces=False) for label in group]


def parse_points(name: str, text: str, *, n: int | None = None, width: int | None = None) -> Any:
    """Return the points in ``"0,0; 1,0"``; semicolons may be left out if n or the width is known.

    Parameters
    ----------
    name : str
        What they are called in messages.
    text : str
        The numbers.
    n, width : int, optional
        How many points there are; how many numbers each has.
    """
    groups = split_cells(name, text)
    if len(groups) > 1 or (n is None and width is None):
        return groups
    (numbers,) = groups
    if width is None and n:
        width = len(numbers) // n if len(numbers) % n == 0 else None
    if not width or len(numbers) % width:
        raise InvalidValueError(
            f"{name} must have as many numbers for each point", text, "end each with a semicolon"
        )
    return [numbers[i : i + width] for i in range(0, len(numbers), width)]


def check_complete(settings: Settings, names: Sequence[str]) -> None:
    """Raise InvalidValueError unless all of ``names`` are there."""
    missing = [name.lower() for name in names if name not in settings]
    if missing:
        raise InvalidValueError(
            f"an example must have {', '.join(name.lower() for name in names)}",
            f"no {', no '.join(missing)}",
            "give what is missing, a file, or --example report",
        )
