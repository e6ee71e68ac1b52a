from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from chainrule.datasets import Dataset
from chainrule.errors import InvalidValueError


def fields(**changes):
    rng = np.random.default_rng(1)
    return {
        "name": "toy",
        "X_train": rng.integers(0, 256, (5, 6), dtype=np.uint8),
        "y_train": np.arange(5),
        "X_test": rng.integers(0, 256, (2, 6), dtype=np.uint8),
        "y_test": np.arange(2),
        "class_names": ("a", "b", "c", "d", "e"),
        "image_shape": (2, 3),
        **changes,
    }


def test_it_says_what_it_is_in_one_line():
    assert repr(Dataset(**fields(source="here"))) == (
        "Dataset('toy', train (5, 6), test (2, 6), uint8, 5 classes, source 'here')"
    )


def test_nothing_in_it_can_be_changed():
    dataset = Dataset(**fields())
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"
    for array in (dataset.X_train, dataset.y_train, dataset.X_test, dataset.y_test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_callers_arrays_stay_theirs_and_the_dataset_its_own():
    given = fields()
    dataset = Dataset(**given)
    before = dataset.X_train.copy()
    given["X_train"][...] = 7
    np.testing.assert_array_equal(dataset.X_train, before)


def test_arrays_that_nobody_can_write_to_are_not_copied():
    given = fields()
    given["X_train"].flags.writeable = False
    assert np.shares_memory(Dataset(**given).X_train, given["X_train"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X_train": np.zeros((5, 6))}, "X_train must be uint8 pixels, got dtype float64"),
        ({"y_test": np.array([0, 5])}, "y_test must hold integers in 0 … 4, one for each class"),
        ({"y_test": np.array([0, -1])}, "y_test must hold integers in 0 … 4"),
        ({"y_test": np.array([0.0, 1.0])}, "y_test must hold integers in 0 … 4"),
    ],
)
def test_pixels_and_labels_are_what_they_are_said_to_be(change, message):
    with pytest.raises(InvalidValueError, match=message):
        Dataset(**fields(**change))


def test_a_given_digest_is_kept():
    assert Dataset(**fields(digest="abc")).digest == "abc"


def test_equal_content_has_an_equal_digest_whatever_the_source():
    assert Dataset(**fields(source="a")).digest == Dataset(**fields(source="b")).digest


@pytest.mark.parametrize("field", ["X_train", "y_train", "X_test", "y_test"])
def test_one_other_value_gives_another_digest(field):
    changed = fields()[field].copy()
    changed[0] ^= 1
    assert Dataset(**fields(**{field: changed})).digest != Dataset(**fields()).digest


def test_it_survives_pickling():
    dataset = Dataset(**fields())
    again = pickle.loads(pickle.dumps(dataset))
    np.testing.assert_array_equal(again.X_train, dataset.X_train)
    assert again.digest == dataset.digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"X_test": np.zeros((2, 5), dtype=np.uint8)},
            "X_test must have shape (n, 6) for images of (2, 3), got (2, 5): "
            "reshape it, or give another image_shape",
        ),
        (
            {"X_train": np.zeros((5, 2, 3), dtype=np.uint8)},
            "X_train must have shape (n, 6) for images of (2, 3), got (5, 2, 3): "
            "reshape it, or give another image_shape",
        ),
        (
            {"y_train": np.arange(4)},
            "y_train must have shape (5,), one label for each image, got (4,): "
            "give as many labels as images",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(InvalidValueError) as caught:
        Dataset(**fields(**changes))
    assert str(caught.value) == message
