"""Small files of every kind of task, and runs on them that many tests look at."""

import csv

import numpy as np
import pytest

from chainrule.runs.settings import TrainSettings
from chainrule.runs.training import train


def write_csv(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    return path


def flower_rows(n=120, seed=0):
    """Three kinds, told apart by length and colour, with a few gaps and a useless column."""
    rng = np.random.default_rng(seed)
    kinds = np.array(["aster", "rose", "tulip"])[np.arange(n) % 3]
    rows = []
    for i, kind in enumerate(kinds):
        length = {"aster": 1.0, "rose": 3.0, "tulip": 5.0}[kind] + rng.normal(0, 0.4)
        colour = rng.choice(["red", "white"], p=[0.9, 0.1] if kind == "rose" else [0.2, 0.8])
        rows.append(["" if i % 17 == 5 else f"{length:.3f}", colour, f"{rng.normal():.3f}", kind])
    return ["length", "colour", "noise", "kind"], rows


@pytest.fixture(scope="session")
def flowers(tmp_path_factory):
    """Return a CSV file whose column "kind" is to be told."""
    return write_csv(tmp_path_factory.mktemp("data") / "flowers.csv", *flower_rows())


@pytest.fixture(scope="session")
def prices(tmp_path_factory):
    """Return a CSV file whose column "price" is a number that follows from two others."""
    rng = np.random.default_rng(1)
    rows = [
        [f"{area:.1f}", town, f"{1000 * area * {'Aa': 1, 'Bb': 2}[town] + rng.normal(0, 2000):.2f}"]
        for area, town in zip(rng.uniform(20, 100, 150), rng.choice(["Aa", "Bb"], 150), strict=True)
    ]
    path = tmp_path_factory.mktemp("data") / "prices.csv"
    return write_csv(path, ["area", "town", "price"], rows)


@pytest.fixture(scope="session")
def shapes(tmp_path_factory):
    """Return an NPZ file of images, one of two kinds of bars, with labels."""
    rng = np.random.default_rng(2)
    y = np.arange(160) % 2
    X = rng.integers(0, 120, (160, 6, 6), np.uint8)
    for image, label in zip(X, y, strict=True):
        image[(slice(2, 4), slice(None))[:: 1 - 2 * int(label)]] = 255
    path = tmp_path_factory.mktemp("data") / "shapes.npz"
    np.savez(path, X=X, y=y)
    return path


FAST = {"hidden_layer_sizes": [16], "learning_rate_init": 0.01, "max_iter": 40}


@pytest.fixture(scope="session")
def run_on(tmp_path_factory):
    """Train in a folder of its own: run_on(data, …) with settings as TrainSettings takes them."""

    def run(data, **settings):
        out = tmp_path_factory.mktemp("runs") / "run"
        settings = {"out": out, "model": FAST, "command": "chainrule train …", **settings}
        return train(TrainSettings(data=str(data), **settings))

    return run


@pytest.fixture(scope="session")
def flower_run(run_on, flowers):
    return run_on(flowers, target="kind")


@pytest.fixture(scope="session")
def price_run(run_on, prices):
    return run_on(prices, target="price")


@pytest.fixture(scope="session")
def shape_run(run_on, shapes):
    return run_on(shapes)


@pytest.fixture(scope="session")
def copy_run(run_on, shapes):
    return run_on(shapes, task="autoencoder", model={"max_iter": 30})


@pytest.fixture(scope="session")
def row_run(run_on, flowers):
    """Return an autoencoder's run on columns."""
    return run_on(flowers, task="autoencoder", model={"max_iter": 30})
