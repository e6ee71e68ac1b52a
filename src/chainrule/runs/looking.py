"""What a report shows of single rows: worst mistakes, a sample of predictions, histograms.

All of it is gathered while rows are read, and takes no more memory the more rows there are.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets.tables import Piece
from chainrule.preparation import Inspection
from chainrule.preparation.cells import columns_to_numbers, to_texts
from chainrule.preparation.table_base import BaseTableModel
from chainrule.report.images import png
from chainrule.runs.measuring import Outputs

N_MISTAKES = 10
N_PAIRS = 10
N_SAMPLE = 2000
N_BINS = 16
LONGEST_TEXT = 80  # characters of a cell in a report
MOST_CELLS = 12  # columns of a row in a report


class Thinned:
    """Every row while there are few, then every second, every fourth, …: evenly spread.

    Parameters
    ----------
    most : int
        Rows that are kept, at most.
    """

    def __init__(self, most: int = N_SAMPLE) -> None:
        self._most, self._step, self._seen = most, 1, 0
        self._parts: list[Outputs] = []
        self._n = 0

    def add(self, some: Outputs) -> None:
        """Look at the next rows."""
        n = len(some.piece)
        self._keep(some, np.arange(-self._seen % self._step, n, self._step))
        self._seen += n
        while self._n > self._most:
            self._step *= 2
            whole = self.result()
            self._parts, self._n = [], 0
            self._keep(whole, np.arange(0, len(whole.X), 2))

    def _keep(self, some: Outputs, rows: Array) -> None:
        if not len(rows):
            return
        self._parts.append(some.of(rows))
        self._n += len(rows)

    def result(self) -> Outputs:
        """Return the rows that were kept."""
        parts = self._parts
        names = parts[0].piece.columns
        columns = {name: np.concatenate([p.piece.columns[name] for p in parts]) for name in names}
        truth = None if parts[0].truth is None else np.concatenate([p.truth for p in parts])
        return Outputs(
            Piece(columns, 0),
            np.concatenate([p.X for p in parts]),
            truth,
            np.concatenate([p.found for p in parts]),
        )


class Mistakes:
    """The rows on which a model is most wrong: most sure of a wrong class, farthest from a number.

    Parameters
    ----------
    model : BaseTableModel
        Whose mistakes.
    places : callable
        From a row's number to its place, in words.
    """

    def __init__(self, model: BaseTableModel, places: Any) -> None:
        self._model, self._places = model, places
        self._worst: list[tuple[float, int, dict[str, Any]]] = []

    def add(self, some: Outputs) -> None:
        """Look at the next rows."""
        if self._model.task == "classification":
            said = some.found.argmax(axis=1)
            size = np.where(said == some.truth, -np.inf, some.found.max(axis=1))
        else:
            said, size = some.found, np.abs(some.found - some.truth)
        for i in np.argsort(-size, kind="stable")[:N_MISTAKES].tolist():
            if not size[i] > 0:
                break
            entry = (float(size[i]), -(some.piece.first + i))
            if len(self._worst) < N_MISTAKES or entry > self._worst[0][:2]:
                row = self._described(some, i, said[i])
                push = heapq.heappush if len(self._worst) < N_MISTAKES else heapq.heapreplace
                push(self._worst, (*entry, row))

    def _described(self, some: Outputs, i: int, said: Any) -> dict[str, Any]:
        if self._model.task == "classification":
            names = to_texts(np.asarray(self._model.classes_))
            outcome = {
                "truth": names[int(some.truth[i])],
                "said": names[int(said)],
                "share": float(some.found[i].max()),
            }
        else:
            outcome = {"truth": float(some.truth[i]), "said": float(said)}
        return {**outcome, **shown_row(self._model, some.piece, i)}

    def result(self) -> list[dict[str, Any]]:
        """Return the rows, the worst first, each with its place and its cells or image."""
        ordered = sorted(self._worst, key=lambda one: one[:2], reverse=True)
        return [{"place": self._places(-row), **found} for _, row, found in ordered]


def shown_row(model: BaseTableModel, piece: Piece, i: int) -> dict[str, Any]:
    """Return a row as a report shows it: its image where it is one, else its cells."""
    columns = model.preparation_.columns
    if len(columns) == 1 and is_image(columns[0].shape, columns[0].kind):
        return {"image": picture(piece.columns[columns[0].name][i], columns[0].shape)}
    single = [column.name for column in columns if not column.shape][:MOST_CELLS]
    cells = {name: to_texts(piece.columns[name][i : i + 1])[0] for name in single}
    return {"cells": {name: _cut(text) for name, text in cells.items()}}


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def is_image(shape: Sequence[int], kind: str) -> bool:
    """Return whether a column's rows can be shown as images."""
    is_flat = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    return kind == "pixels" and is_flat and max(shape[:2]) <= 256


def picture(pixels: Array, shape: Sequence[int]) -> str:
    """Return pixels of 0 to 255 as the address of a PNG."""
    image = np.clip(pixels, 0, 255).astype(np.uint8).reshape(shape)
    return png(image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image)


def pairs(model: BaseTableModel, sample: Outputs) -> list[dict[str, str]]:
    """Return images beside their reconstructions; none where rows are no images."""
    column = model.preparation_.columns[0]
    if len(model.preparation_.columns) > 1 or not is_image(column.shape, column.kind):
        return []
    rows = np.linspace(0, len(sample.X) - 1, min(N_PAIRS, len(sample.X))).astype(int)
    return [
        {
            "input": picture(255 * sample.X[i], column.shape),
            "output": picture(255 * sample.found[i], column.shape),
        }
        for i in rows.tolist()
    ]


class Histograms:
    """How the numbers of columns are spread, counted in bins of one width.

    Parameters
    ----------
    inspection : Inspection
        Of a first pass: it knows the smallest and the largest numbers.
    """

    def __init__(self, inspection: Inspection) -> None:
        target: list[Any] = [] if inspection.target is None else [inspection.target]
        columns: list[Any] = [*inspection.columns, *target]
        spread = [
            column
            for column in columns
            if column.low is not None and column.high is not None and column.low < column.high
        ]
        self._names = [column.name for column in spread]
        low, high = ([getattr(column, end) for column in spread] for end in ("low", "high"))
        self._edges = np.linspace(low, high, N_BINS + 1)[:, :, np.newaxis]  # (N_BINS + 1, k, 1)
        self.begin()

    def begin(self) -> None:
        """Forget what was counted."""
        self._counts = np.zeros((len(self._names), N_BINS), np.int64)

    def add(self, piece: Piece) -> None:
        """Count the next rows."""
        columns = [piece.columns[name] for name in self._names]
        numbers, _ = columns_to_numbers(columns, len(piece))
        below = [(numbers < edge).sum(axis=1) for edge in self._edges[:-1]]
        below.append((numbers <= self._edges[-1]).sum(axis=1))  # the last bin has both its ends
        self._counts += np.diff(below, axis=0).T

    def result(self) -> Mapping[str, list[int]]:
        """Return the counts of each bin, by column."""
        return dict(zip(self._names, self._counts.tolist(), strict=True))
