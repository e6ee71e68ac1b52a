"""What a workload is: a network, the samples it is trained on, and what of it is timed.

Two classes are one logistic output in every library, as in scikit-learn and chainrule; more classes
are a softmax. Everybody trains with Adam and an L2 penalty and shuffles in each epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

L2 = 1e-4
RATE = 1e-3


@dataclass(frozen=True)
class Task:
    """What a turn times.

    Attributes
    ----------
    name : str
        A contender's method.
    unit : str
        Of the figures in tables.
    scale : float
        Of that unit in a second.
    per : str
        What one figure is the time of.
    warm : bool
        Whether it is done once before it is timed.
    fresh : bool
        Whether each turn needs a new process.
    long : bool
        Whether it takes so long that three rounds with all cores must do.
    """

    name: str
    unit: str
    scale: float
    per: str
    warm: bool = True
    fresh: bool = False
    long: bool = False


TRAIN = Task("train", "ms", 1e3, "an epoch")
PREDICT = Task("predict", "µs", 1e6, "a call")
FIRST_FIT = Task("first_fit", "ms", 1e3, "a fit", warm=False, fresh=True)
GRID = Task("grid", "s", 1, "a search", warm=False, long=True)


@dataclass(frozen=True)
class Workload:
    """A network, the samples it is trained on, and what is timed.

    Attributes
    ----------
    n_outputs : int
        Classes; for an autoencoder the features.
    reconstructs : bool
        Whether samples are their own targets, under the squared error.
    epochs : int
        Of a fit, where a whole fit is timed.
    n_rows : int
        Samples a call, where prediction is timed.
    """

    n_samples: int
    n_features: int
    hidden: tuple[int, ...]
    n_outputs: int
    activation: str
    batch_size: int
    task: Task = TRAIN
    reconstructs: bool = False
    epochs: int = 0
    n_rows: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """Width of each layer, input and raw output included."""
        binary = self.n_outputs == 2 and not self.reconstructs
        return (self.n_features, *self.hidden, 1 if binary else self.n_outputs)

    @property
    def words(self) -> str:
        """The workload as a table says it."""
        layers = "-".join(map(str, (self.n_features, *self.hidden, self.n_outputs)))
        if self.task == PREDICT:
            return f"{layers}, {self.activation}"
        return f"{self.n_samples:,} samples, {layers}, {self.activation}, batch {self.batch_size}"

    def data(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return X, float32 in [0, 1), and labels; the same bytes in every process."""
        rng = np.random.default_rng(0)
        X = rng.random((self.n_samples, self.n_features), dtype=np.float32)
        return X, rng.integers(0, self.n_outputs, self.n_samples)
