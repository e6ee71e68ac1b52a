from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.load import load_fashion_mnist
from chainrule.datasets.tables import Column, open_table
from chainrule.datasets.tables.opening import FORMATS
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError

IMAGES = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([3, 1, 0, 2], dtype=np.uint8)
PLACE = (
    "it must be a file, a folder of images or a bundled data set "
    "(mnist, fashion-mnist-report, fashion-mnist), got "
)


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_bundled_data_set_by_its_name(part):
    dataset = load_fashion_mnist()
    X, y = getattr(dataset, f"X_{part}"), getattr(dataset, f"y_{part}")
    table = open_table("fashion-mnist-report", part=part)
    assert table.name == "fashion-mnist-report"
    assert table.columns == (
        Column("image", (28, 28), np.dtype("u1")),
        Column("label", (), np.dtype("i8")),
    )
    assert (table.target, table.n_rows) == ("label", len(X))
    assert table.class_names == dataset.class_names
    pieces = list(table.pieces(1500))
    np.testing.assert_array_equal(np.concatenate([one.columns["image"] for one in pieces]), X)
    np.testing.assert_array_equal(np.concatenate([one.columns["label"] for one in pieces]), y)


def test_the_parts_of_a_data_set_have_digests_of_their_own():
    parts = [open_table("fashion-mnist-report", part=part) for part in ("train", "test")]
    assert len({table.digest() for table in parts}) == 2


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("images.idx", "labels.idx"),
        ("images.idx.xz", "labels.idx.bz2"),
    ],
)
def test_idx_files_find_their_labels(here, encode, content, images, labels):
    for name, array in ((images, IMAGES), (labels, LABELS)):
        packed = gzip.compress(encode(array)) if name.endswith(".gz") else encode(array)
        (here / name).write_bytes(packed)
    table = open_table(images)
    assert (table.target, table.columns[0]) == ("label", Column("image", (2, 3), np.dtype("u1")))
    assert content(table) == {"image": IMAGES.reshape(4, 6).tolist(), "label": LABELS.tolist()}
    first = table.digest()
    (here / labels).write_bytes(encode(LABELS[::-1]))
    assert open_table(images).digest() != first


def test_idx_files_without_labels(here, encode, fault_of):
    (here / "images.idx").write_bytes(encode(IMAGES))
    assert open_table("images.idx").target is None
    (here / "labels.idx").write_bytes(encode(LABELS[:3]))
    assert fault_of(DataFormatError, "images.idx") == (
        "images.idx: labels.idx must have 4 labels, one for each image, got the shape (3,): "
        "put the labels that belong to the images beside them"
    )
    assert fault_of(DataFormatError, "labels.idx") == (
        "labels.idx: it must be the file of the images, which has two dimensions or more, got "
        "the shape (3,): name that file; labels are found"
    )
    (here / "images.idx").write_bytes(b"no")
    assert "an IDX file must begin with" in fault_of(DataFormatError, "images.idx")


@pytest.mark.parametrize(
    ("name", "found", "remedy"),
    [
        ("minst", 'nothing called "minst" in the folder "."', 'did you mean "mnist"?'),
        ("data/pepole.csv", 'nothing called "pepole.csv" in the folder "data"', "data/people.csv"),
        ("data/zzz", 'nothing called "zzz" in the folder "data"', None),
        ("data/mnist", 'nothing called "mnist" in the folder "data"', None),
        ("dat/x/people.csv", 'the folder "dat" does not exist', "data"),
        ("data/people.csv/x", 'nothing called "x" in the folder "data/people.csv"', None),
        ("a\0b", 'nothing called "a\\x00b" in the folder "."', None),
        ("~nobody-of-this-name/x", 'the folder "~nobody-of-this-name" does not exist', None),
    ],
)
def test_what_is_not_there(here, fault_of, name, found, remedy):
    (here / "data").mkdir()
    (here / "data" / "people.csv").write_text("a\n1\n")
    if remedy is None:
        remedy = "check the path"
    elif "?" not in remedy:
        remedy = f'did you mean "{remedy}"?'
    shown = name.replace("\0", "\\x00")
    assert fault_of(DataNotFoundError, name) == f"{shown}: {PLACE}{found}: {remedy}"


def test_a_data_set_that_is_not_here_says_how_to_get_it(fault_of):
    message = fault_of(DataNotFoundError, "fashion-mnist")
    assert 'download it with "chainrule data fetch fashion-mnist"' in message


@pytest.mark.parametrize("name", ["a.xlsx", "data", "a.csv.zip"])
def test_an_unknown_suffix_lists_the_known_ones(here, fault_of, name):
    (here / name).write_bytes(b"x")
    value = Path(name).suffix or "no suffix"
    assert fault_of(DataFormatError, name) == (
        f"{name}: a data file must end in one of .csv, .tsv, .parquet, .pq, .npz, .npy, .idx, "
        f"got {value}: rename or convert it (.csv, .tsv, .idx may be compressed: .gz, .xz, .bz2)"
    )


def test_what_cannot_be_compressed(here, fault_of):
    (here / "a.npy.gz").write_bytes(b"x")
    assert fault_of(DataFormatError, "a.npy.gz") == (
        "a.npy.gz: a .npy file must not be compressed, got .gz: unpack it first"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("data", [None, 3, "", np.eye(2), {"a": [1]}])
def test_what_is_no_path(data, message_of):
    assert message_of(InvalidValueError, open_table, data).endswith(
        ": name one; table_of(…) takes what is in memory"
    )


def test_bytes_are_a_path(here):
    (here / "caf\udce9.csv").write_text("a,b\n1,2\n")
    assert sum(map(len, open_table(b"caf\xe9.csv").pieces())) == 1


def test_a_pipe_cannot_be_read_twice(here, fault_of):
    os.mkfifo("a.csv")
    assert fault_of(DataFormatError, "a.csv") == (
        "a.csv: it must be a file or a folder, as it is read more than once, got a pipe or a "
        "device: write it into a file first"
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_must_not_be_read(here, fault_of, monkeypatch, suffix):
    path = here / f"a{suffix}"
    path.write_bytes(b"x")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    monkeypatch.setattr("zipfile.ZipFile.__init__", refuse)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.__init__", refuse)
    monkeypatch.setattr("zipfile.ZipFile.__del__", lambda _: None)
    assert fault_of(DataNotFoundError, path.name) == (
        f"a{suffix}: it must be readable, got Permission denied: change its permissions"
    )


def test_a_name_of_the_catalogue_is_not_a_path(here):
    (here / "mnist").mkdir()
    assert open_table("mnist", part="test").n_rows == 10_000
    assert CATALOGUE["mnist"].part("test")[0].name == "t10k-images-idx3-ubyte"
