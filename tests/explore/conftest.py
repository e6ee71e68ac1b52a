"""Small models of every kind, and the documents that pages of them get."""

from __future__ import annotations

import csv
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.explore.exploring import explore
from chainrule.runs.settings import TrainSettings
from chainrule.runs.training import train

MODEL = {"hidden_layer_sizes": [7, 5], "learning_rate_init": 0.01, "max_iter": 12}
TWO_LAYERS = {"hidden_layer_sizes": (7, 5), "max_iter": 12, "random_state": 0}


def flower_rows(n=120):
    """Three kinds, told apart by length and colour, with gaps in the length."""
    rng = np.random.default_rng(0)
    rows = []
    for i, kind in enumerate(np.array(["aster", "rose", "tulip"])[np.arange(n) % 3]):
        length = {"aster": 1.0, "rose": 3.0, "tulip": 5.0}[kind] + rng.normal(0, 0.9)
        colour = "" if i % 23 == 7 else rng.choice(["red", "white"])
        rows.append(["" if i % 17 == 5 else f"{length:.3f}", colour, str(rng.integers(9)), kind])
    return ["length", "colour", "petals", "kind"], rows


def write_csv(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def bars(n=160):
    """Return grey images of lying and standing bars on black, and which they are."""
    rng = np.random.default_rng(2)
    y = np.arange(n) % 2
    X = np.zeros((n, 8, 8), np.uint8)
    for image, label in zip(X, y, strict=True):
        image[2:6, 2:6] = rng.integers(0, 160, (4, 4))
        image[(slice(3, 5), slice(2, 6))[:: 1 - 2 * int(label)]] = 255
    return X, y


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Return folders of chainrule train by what they are of, and the data of each."""
    home = tmp_path_factory.mktemp("explore")
    flowers = write_csv(home / "flowers.csv", *flower_rows())
    X, y = bars()
    np.savez(home / "bars.npz", X=X, y=y)
    settings = {
        "flowers": {"data": flowers, "target": "kind"},
        "petals": {"data": flowers, "target": "petals", "task": "regression"},
        "copies": {"data": flowers, "task": "autoencoder"},
        "bars": {"data": home / "bars.npz"},
        "bar copies": {"data": home / "bars.npz", "task": "autoencoder"},
    }
    folders = {}
    for name, asked in settings.items():
        data = str(asked.pop("data"))
        train(TrainSettings(data=data, out=home / name, model=MODEL, command="", **asked))
        folders[name] = (home / name, data)
    return folders


def _numbers(rng, n=90):
    X = rng.normal(2, 3, (n, 4))
    return X, X[:, :2] @ [1.0, -2.0] + rng.normal(0, 0.1, n)


@pytest.fixture(scope="session")
def in_memory():
    """Return fitted estimators without a preparation by what they are, and (X, y) of each."""
    rng = np.random.default_rng(3)
    X, y = _numbers(rng)
    images, kinds = bars()
    pixels = images.reshape(len(images), -1)
    levels = np.digitize(y, np.quantile(y, [0.3, 0.6]))
    many = np.column_stack([y > 0, X[:, 2] > 2, X[:, 3] > 2]).astype(int)
    flowers = np.array(["Antirrhinum_majus", "Convallaria_majalis", "Hyacinthoides_hispanica"])
    kinds_of_60 = np.array([f"kind {i}" for i in range(60)])
    spots = rng.normal(0, 2, (60, 4))[np.arange(240) % 60] + rng.normal(0, 0.5, (240, 4))
    scaled = TWO_LAYERS | {"input_scaling": "standard"}
    ours = NeuralNetwork(4, [64, 9, 5, 2], 0.1, "tanh", "normal", 4, 16, random_state=0)
    made = {
        "two classes": (MLPClassifier(**scaled), X, np.where(y > 0, "up", "down")),
        "three classes": (MLPClassifier(activation="gelu", **scaled), X, levels),
        "long names": (MLPClassifier(**scaled), X, flowers[levels]),
        "many classes": (MLPClassifier(**scaled), spots, np.tile(kinds_of_60, 4)),
        "labels": (MLPClassifier(**scaled), X, many),
        "number": (MLPRegressor(**scaled), X, y),
        "numbers": (MLPRegressor(**TWO_LAYERS), X, np.column_stack([y, -y])),
        "counts": (MLPRegressor(loss="poisson", **scaled), X, np.rint(np.abs(y))),
        "quantiles": (MLPRegressor(loss="quantile", quantile=[0.1, 0.5, 0.9], **scaled), X, y),
        "copies": (MLPAutoencoder(**scaled | {"hidden_layer_sizes": (5, 2, 5)}), X, None),
        "images": (MLPClassifier(**scaled), pixels, kinds),
        "report's": (ours, pixels, kinds),
        "double": (MLPClassifier(dtype="float64", **scaled), X, levels),
        "dropout": (MLPClassifier(dropout=0.4, **scaled), X, levels),
        "flat": (MLPClassifier(**scaled | {"hidden_layer_sizes": ()}), X, levels),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are enough here
        return {name: (net.fit(X, y), (X, y)) for name, (net, X, y) in made.items()}


@pytest.fixture
def page_of(tmp_path):
    """Write a page and return its content and its file: page_of(model, data, …)."""

    def write(model, data=None, **settings):
        path = tmp_path / "page.html"
        return explore(model, data, path, **settings), path

    return write
