"""What a trained classifier looks like: its confusions, its mistakes, its first weights.

What is measured is small enough for a trial's metrics, so that a page is drawn from the store
alone. Pixels and weights are kept as bytes in base64.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset
from chainrule.report.images import Picture, png, sheet
from chainrule.study.trial import TrialResult

N_MISTAKES = 10
N_UNITS = 32  # those with the longest weight vectors
UNIT_COLUMNS = 8


def measure_looks(probabilities: Array, y: Array, first_weights: Array) -> dict[str, Any]:
    """Return what :class:`Looks` is drawn from.

    Parameters
    ----------
    probabilities : array of shape (n, n_classes)
        Of the test images.
    y : array of shape (n,)
        Their labels, from 0.
    first_weights : array of shape (n_pixels, n_units)
        From the pixels to the first hidden layer.
    """
    predicted = probabilities.argmax(axis=1)
    n_classes = probabilities.shape[1]
    confusion = np.bincount(y * n_classes + predicted, minlength=n_classes**2)
    certain = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != y)
    wrong = wrong[np.argsort(-certain[wrong], kind="stable")][:N_MISTAKES]
    units = np.argsort(-np.linalg.norm(first_weights, axis=0), kind="stable")[:N_UNITS]
    weights = first_weights[:, units].T
    largest = np.abs(weights).max(axis=1, keepdims=True)
    scaled = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
    return {
        "confusion": confusion.reshape(n_classes, n_classes).tolist(),
        "mistakes": [
            {
                "row": int(i),
                "label": int(y[i]),
                "said": int(predicted[i]),
                "share": float(certain[i]),
            }
            for i in wrong
        ],
        "first_weights": pack(np.rint(scaled * 127).astype(np.int8)),
    }


def pack(values: Array) -> str:
    """Return bytes as text."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def unpack(text: str, dtype: Any, shape: tuple[int, ...]) -> Array:
    """Return what :meth:`pack` was given."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(-1, *shape)


@dataclass(frozen=True)
class Looks:
    """The confusion matrix, the most confident mistakes and the first weights, ready to show.

    Attributes
    ----------
    name : str
        Whose they are.
    classes : sequence of str
        The classes' names.
    confusion : list of lists of (int, float)
        Row: true class; column: what it was taken for; how often, and as a share of the row.
    mistakes : list of Picture
        The most confident first.
    weights : str
        The address of an image: one tile a unit.
    """

    name: str
    classes: Sequence[str]
    confusion: list[list[tuple[int, float]]]
    mistakes: list[Picture]
    weights: str

    @classmethod
    def of(cls, name: str, metrics: Mapping[str, Any], data: Dataset) -> Looks:
        """Draw what :func:`measure_looks` measured."""
        images = data.X_test.reshape(-1, *data.image_shape)
        tiles = unpack(metrics["first_weights"], np.int8, data.image_shape)
        return cls(
            name,
            data.class_names,
            [[(n, n / max(sum(row), 1)) for n in row] for row in metrics["confusion"]],
            [
                Picture(
                    png(images[wrong["row"]]),
                    f"{data.class_names[wrong['said']]}, not {data.class_names[wrong['label']]}",
                    f"{100 * wrong['share']:.1f} % sure",
                )
                for wrong in metrics["mistakes"]
            ],
            png(sheet(tiles, UNIT_COLUMNS), colors="RdBu", low=-127, high=127),
        )

    @classmethod
    def of_best(cls, runs: Iterable[Sequence[TrialResult]], data: Dataset) -> Looks | None:
        """Draw the run of the highest test accuracy; None where there is none."""
        best = best_of(runs)
        if best is None:
            return None
        return cls.of(f"{best.configuration}, seed {best.seed}", best.metrics, data)


def best_of(runs: Iterable[Sequence[TrialResult]]) -> TrialResult | None:
    """Return the run of the highest test accuracy; None where there is none."""
    every = [run for group in runs for run in group]
    return max(every, key=lambda run: run.metrics["test_accuracy"], default=None)


def labelled(data: Dataset, n: int = 10) -> list[Picture]:
    """Return the first test images with their labels."""
    images = data.X_test.reshape(-1, *data.image_shape)
    return [
        Picture(png(image), data.class_names[label], f"test image {i}")
        for i, (image, label) in enumerate(zip(images[:n], data.y_test[:n], strict=True))
    ]
