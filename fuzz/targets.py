"""What is fuzzed: a function of bytes, the seeds that it starts from, and what it may raise.

Anything else that comes out of a reader is a fault, and so is a model that was loaded and cannot
predict, or a message that cannot be printed.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, load
from chainrule.datasets.idx import read_idx
from chainrule.datasets.tables import open_table, table_of
from chainrule.errors import ChainruleError, DataFormatError, OutputOverflowError
from chainrule.estimators.saved_model import to_document
from chainrule.persist import strict_json
from chainrule.preparation import Preparation, inspect, saved_preparation, table_model
from chainrule.preparation.saving import understand
from chainrule.worked.backprop.reading import read_toml

MOST_IDX_BYTES = 2**20


@dataclass(frozen=True)
class Target:
    """One reader.

    Parameters
    ----------
    run : callable
        Given bytes and a file to put them into, reads them.
    seeds : callable
        Yields good inputs.
    refuses : tuple of exceptions
        What the reader may raise; a model whose weights are huge has sums that overflow.
    """

    run: Callable[[bytes, Path], object]
    seeds: Callable[[], Iterator[bytes]]
    refuses: tuple[type[Exception], ...] = (DataFormatError,)


def run_loader(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    model = load(path)
    estimator = getattr(model, "estimator", model)
    X = np.zeros((2, estimator.n_features_in_), getattr(estimator, "dtype_in_", np.float32))
    estimator.predict(X)
    repr(model)


def run_document(data: bytes, path: Path) -> None:
    found, _ = understand(strict_json.loads(data, "it"))
    strict_json.dumps(to_document(found.estimator))
    if found.preparation is not None:
        strict_json.dumps(saved_preparation.to_document(found.preparation))


def run_idx(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    read_idx(path, max_bytes=MOST_IDX_BYTES)


def run_toml(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    read_toml(path)


def table_runner(suffix: str) -> Callable[[bytes, Path], None]:
    def run_table(data: bytes, path: Path) -> None:
        file = path.with_suffix(suffix)
        file.write_bytes(data)
        table = open_table(file)
        rows = 0
        for piece in table.pieces(3):
            rows += len(piece)
        assert table.n_rows in (None, rows)
        table.place(rows - 1)

    return run_table


def model_files() -> Iterator[bytes]:
    warnings.simplefilter("ignore")
    X = np.random.default_rng(0).normal(size=(40, 3))
    labels = np.array(["a", "b", "c"])[np.arange(40) % 3]
    few: dict[str, Any] = {"max_iter": 2, "random_state": 0}
    models: list[tuple[Any, Any]] = [
        (MLPClassifier((2,), "leaky_relu", input_scaling="standard", **few), labels),
        (MLPClassifier((2,), early_stopping=True, solver="sgd", **few), (X > 0).astype(int)),
        (MLPClassifier((2,), class_weight={1: 2.0, 2: 1.0}, **few), np.arange(40) % 2 + 1),
        (MLPRegressor("quantile", (2,), quantile=(0.1, 0.5), **few), X[:, :2]),
        (MLPAutoencoder((2,), **few), None),
    ]
    with tempfile.TemporaryDirectory() as folder:
        yield prepared_file(Path(folder, "prepared"), X, labels)
        for model, y in models:
            for optimizer in (False, True):
                path = Path(folder, "model")
                model.fit(X, y).save(path, optimizer=optimizer)
                yield path.read_bytes()


def prepared_file(path: Path, X: Any, labels: Any) -> bytes:
    table = table_of({"size": X[:, 0], "signal": X[:, 1:], "kind": labels, "label": labels})
    preparation = Preparation.learn(inspect(table, target="label"))
    model = MLPClassifier((2,), max_iter=2, random_state=0).fit(*preparation.rows(table))
    table_model(model, preparation).save(path)
    return path.read_bytes()


def documents() -> Iterator[bytes]:
    for raw in model_files():
        header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
        yield header["__metadata__"]["model"].encode()


def idx_files() -> Iterator[bytes]:
    for code, dtype in ((0x08, "u1"), (0x0B, ">i2"), (0x0D, ">f4")):
        array = np.arange(6).reshape(1, 2, 3).astype(dtype)
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        raw = bytes([0, 0, code, array.ndim]) + sizes + array.tobytes()
        yield from (raw, gzip.compress(raw), lzma.compress(raw))


def toml_files() -> Iterator[bytes]:
    yield b'title = "a"\nweights = [[[0.1]], [["1/3"]]]\nbiases = [[0.1], [0.1]]\n'
    yield b'x = [1, 2]\ny = [3, 4]\nactivation = ["relu", "tanh"]\nlearning_rate = 0.01\n'


def csv_files() -> Iterator[bytes]:
    yield b'a,b\n1,2\n"3\n""",NA\n'
    yield b"\xef\xbb\xbfa;b\r\n\r\n1,5;?\r\n"
    yield from map(gzip.compress, (b"a\n1\n", b"a\tb\n\xc3\xa9\t2\n"))


def npy_files() -> Iterator[bytes]:
    mixed = np.array([(1, "x"), (2, "")], dtype=[("n", ">i4"), ("t", "U2")])
    for array in (np.eye(3, 2), np.asfortranarray(np.eye(3, 2)), np.zeros((2, 2, 2), "u1"), mixed):
        file = io.BytesIO()
        np.save(file, array)
        yield file.getvalue()


def npz_files() -> Iterator[bytes]:
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, X=np.asfortranarray(np.eye(3, 2)), y=np.array(["a", "b", "a"]))
        yield file.getvalue()


TARGETS = {
    "loader": Target(run_loader, model_files, (DataFormatError, OutputOverflowError)),
    "document": Target(run_document, documents),
    "idx": Target(run_idx, idx_files),
    "toml": Target(run_toml, toml_files, (ChainruleError,)),
    "csv": Target(table_runner(".csv"), csv_files),
    "npy": Target(table_runner(".npy"), npy_files),
    "npz": Target(table_runner(".npz"), npz_files),
}
