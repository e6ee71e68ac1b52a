from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import chainrule
from chainrule.datasets import load as module
from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.load import load, load_fashion_mnist, load_mnist
from chainrule.datasets.locate import BUNDLED, cache_dir
from chainrule.errors import (
    DataFormatError,
    DataNotFoundError,
    FetchError,
    InvalidValueError,
)
from chainrule.registry import Registry


@pytest.fixture
def as_fashion_mnist(toy, monkeypatch):
    """Put the toy in the place of complete Fashion-MNIST."""

    def put():
        toy.entry = replace(toy.entry, name="fashion-mnist")
        monkeypatch.setattr(module, "CATALOGUE", Registry("toy", {"fashion-mnist": toy.entry}))

    return put


def test_mnist_is_bundled_and_complete():
    mnist = load_mnist()
    assert mnist.X_train.shape == (60000, 784)
    assert mnist.X_test.shape == (10000, 784)
    assert mnist.X_train.dtype == mnist.X_test.dtype == np.uint8
    assert mnist.y_train.dtype == mnist.y_test.dtype == np.int64
    # The counts of the digits, as published widely.
    expected = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.y_train).tolist() == expected
    assert mnist.y_test[:4].tolist() == [7, 2, 1, 0]
    assert mnist.X_train.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert mnist.X_train.std() / 255 == pytest.approx(0.3081, abs=1e-4)
    assert mnist.class_names == tuple("0123456789")
    assert mnist.image_shape == (28, 28)
    assert mnist.source == "bundled"
    assert mnist.licence == "CC BY-SA 3.0"
    assert mnist.digest == CATALOGUE["mnist"].digest
    assert not mnist.X_train.flags.writeable


def test_the_reports_part_of_fashion_mnist_is_bundled():
    fashion = load_fashion_mnist()
    assert fashion.name == "fashion-mnist-report"
    assert fashion.X_train.shape == (8000, 784)
    assert fashion.X_test.shape == (2000, 784)
    # The first labels of Fashion-MNIST.
    assert fashion.y_train[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert fashion.y_test[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert fashion.class_names[9] == "Ankle boot"
    assert fashion.licence == "MIT"


def test_the_package_offers_the_loaders():
    assert chainrule.load_mnist is load_mnist
    assert chainrule.load_fashion_mnist is load_fashion_mnist


def test_the_arrays_are_those_of_the_files(toy, tmp_path, encode):
    dataset = load(toy.entry, data_dir=toy.write(tmp_path))
    assert dataset.X_train.shape == (6, 12)
    for X, part in ((dataset.X_train, "train"), (dataset.X_test, "test")):
        assert encode(X.reshape(-1, *dataset.image_shape)) == toy.contents[f"{part}-images"]
    assert dataset.y_train.tolist() == [0, 1, 1, 0, 2, 2]
    assert dataset.y_test.tolist() == [2, 1]
    assert dataset.source == f"data_dir, {tmp_path}"


def test_mnist_is_read_from_a_folder_when_one_is_given(tmp_path):
    with pytest.raises(DataNotFoundError, match="data_dir must hold the files of mnist"):
        load_mnist(tmp_path)
    for path in BUNDLED.glob("mnist-*.xz"):
        (tmp_path / path.name.removeprefix("mnist-")).write_bytes(path.read_bytes())
    assert load_mnist(tmp_path).source == f"data_dir, {tmp_path}"


@pytest.mark.parametrize("name", ["train-images", "train-labels", "test-images", "test-labels"])
def test_every_file_must_have_its_digest(toy, tmp_path, name):
    content = toy.contents[name]
    toy.contents[name] = content[:-1] + bytes([content[-1] ^ 1])
    toy.write(tmp_path)
    with pytest.raises(DataFormatError, match=f"{name}: the SHA-256 of its content must be"):
        load(toy.entry, data_dir=tmp_path)


def test_a_file_may_not_promise_more_than_the_data_set_has(toy, tmp_path, encode):
    toy.contents["test-labels"] = encode(np.zeros(3, dtype=np.uint8))
    toy.write(tmp_path)
    with pytest.raises(DataFormatError, match="may promise at most 2 bytes of values, got 3"):
        load(toy.entry, data_dir=tmp_path)


def test_a_damaged_file_is_an_error_and_not_a_reason_to_search_on(toy, tmp_path, monkeypatch):
    toy.write(cache_dir() / "toy")
    toy.contents["test-labels"] = b"damaged"
    monkeypatch.setenv("CHAINRULE_DATA", str(toy.write(tmp_path / "variable")))
    with pytest.raises(DataFormatError, match="an IDX file must begin with"):
        load(toy.entry)


def test_complete_fashion_mnist_is_found_in_a_folder(toy, as_fashion_mnist, tmp_path):
    as_fashion_mnist()
    toy.write(tmp_path, ".gz", "fashion-mnist/{file}")
    dataset = load_fashion_mnist(full=True, data_dir=tmp_path)
    assert dataset.name == "fashion-mnist"
    assert dataset.digest == toy.entry.digest


def test_complete_fashion_mnist_is_downloaded_when_nothing_has_it(toy, as_fashion_mnist, server):
    server.offer(toy)
    as_fashion_mnist()
    folder = cache_dir() / "fashion-mnist"
    assert load_fashion_mnist(full=True).source == f"the cache, {folder}"
    assert len(server.asked) == 4
    load_fashion_mnist(full=True)
    assert len(server.asked) == 4  # it was in the cache


def test_a_download_can_be_forbidden(toy, as_fashion_mnist, server):
    server.offer(toy)
    as_fashion_mnist()
    with pytest.raises(DataNotFoundError, match='with "chainrule data fetch fashion-mnist"'):
        load_fashion_mnist(full=True, download=False)
    assert server.asked == []


def test_a_folder_that_lacks_the_files_is_no_reason_to_download(
    toy, as_fashion_mnist, server, tmp_path
):
    server.offer(toy)
    as_fashion_mnist()
    with pytest.raises(DataNotFoundError, match="data_dir must hold the files"):
        load_fashion_mnist(full=True, data_dir=tmp_path)
    assert server.asked == []


def test_a_failed_download_also_lists_the_places_searched(toy, as_fashion_mnist, server):
    server.offer(toy)
    as_fashion_mnist()
    server.answers.clear()
    with pytest.raises(FetchError) as caught:
        load_fashion_mnist(full=True)
    message = str(caught.value)
    assert "got HTTP status 404 (Not Found)" in message
    assert "It was needed because the data set fashion-mnist must be in one of" in message
    assert "CHAINRULE_DATA: the variable is not set" in message


def test_a_folder_makes_no_sense_for_the_bundled_part(tmp_path):
    with pytest.raises(InvalidValueError) as caught:
        load_fashion_mnist(data_dir=tmp_path)
    assert str(caught.value) == (
        "data_dir must be left out with full=False, which reads the bundled part, "
        f"got {str(tmp_path)!r}: pass full=True"
    )
