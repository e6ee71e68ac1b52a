"""The images that section C trains on, and what its trainings share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.datasets import Dataset, load_fashion_mnist
from chainrule.errors import DataNotFoundError


class Once:
    """Makes a value once a key, also where several threads ask at the same time."""

    def __init__(self) -> None:
        self._locks: dict[Any, threading.Lock] = {}
        self._values: dict[Any, Any] = {}

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return the value of a key, made by the first who asks; the others wait."""
        with self._locks.setdefault(key, threading.Lock()):
            if key not in self._values:
                self._values[key] = make()
            return self._values[key]


@dataclass(frozen=True, eq=False)
class Data:
    """Fashion-MNIST as the section wants it.

    Attributes
    ----------
    images : Dataset
        As it was read.
    X_train, X_test : arrays of float32, shape (n, 784)
        Pixels from 0 to 1.
    complete : Dataset or None
        All of Fashion-MNIST, where it is found without a download.
    kept : Once
        What several trials share: autoencoders, the complete images as float32.
    """

    images: Dataset
    X_train: Array
    X_test: Array
    complete: Dataset | None = None
    kept: Once = field(default_factory=Once)

    @classmethod
    def of(cls, images: Dataset, complete: Dataset | None = None) -> Data:
        """Scale the pixels."""
        return cls(images, scaled(images.X_train), scaled(images.X_test), complete)


def scaled(X: Array) -> Array:
    """Return pixels from 0 to 1."""
    return X.astype(np.float32) / 255


def load(data_dir: str | None) -> Data:
    """Return the bundled part of Fashion-MNIST, and all of it where it is found on this machine."""
    try:
        complete = load_fashion_mnist(full=True, data_dir=data_dir, download=False)
    except DataNotFoundError:
        complete = None
    return Data.of(load_fashion_mnist(), complete)
