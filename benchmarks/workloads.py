"""The table of what is measured, by name.

Section B's network, and section C's autoencoder and grid, have the reproduction's own settings.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.workload import FIRST_FIT, GRID, PREDICT, Workload
from chainrule.reproduction.section_b import experiments as b
from chainrule.reproduction.section_c import settings as c

IMAGE = Workload(8000, 784, (128, 64, 32), 10, "tanh", 128)
SMALL = Workload(1000, 20, (100,), 2, "relu", 200)


def _report_network() -> Workload:
    samples, batch = b.SETTINGS["train_samples"].quick, b.SETTINGS["batch_size"].full
    n_features, *hidden, n_classes = b.LAYER_SIZES
    return Workload(samples, n_features, tuple(hidden), n_classes, "relu", batch)


def _report_autoencoder() -> Workload:
    n_samples, n_features = c.SETTINGS["C"]["train_samples"].full, b.LAYER_SIZES[0]
    batch, activation = c.SETTINGS["C4"]["batch_size"].full, c.AUTOENCODERS[0]
    return Workload(
        n_samples, n_features, c.MIRRORED, n_features, activation, batch, reconstructs=True
    )


WORKLOADS = {
    "image": IMAGE,
    "small": SMALL,
    "tiny batches": Workload(1000, 20, (32, 32), 2, "relu", 32),
    "section B": _report_network(),
    "autoencoder": _report_autoencoder(),
    "wide": Workload(8192, 784, (1024, 1024), 10, "relu", 256),
    "predict 1 row": replace(IMAGE, task=PREDICT, n_rows=1),
    "predict 100 rows": replace(IMAGE, task=PREDICT, n_rows=100),
    "predict 10000 rows": replace(IMAGE, task=PREDICT, n_rows=10_000),
    # 200 epochs are the estimators' default.
    "first fit": replace(SMALL, task=FIRST_FIT, epochs=200),
    # A third of the report's images and a fifth of its epochs: a round takes less than a minute.
    "grid": Workload(2667, 784, c.HIDDEN, 10, "tanh", 0, task=GRID, epochs=20),
}
