import numpy as np
import pytest

from chainrule.datasets import Dataset
from chainrule.reproduction.looks import Looks, labelled, measure_looks, pack, unpack
from chainrule.study.trial import TrialResult

Y = np.array([0, 1, 2, 0, 1])
SHARES = np.array(
    [[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.0, 1.0], [0.0, 0.8, 0.2], [0.2, 0.7, 0.1]]
)


@pytest.fixture
def data(rng):
    X = rng.integers(0, 256, (5, 4), dtype=np.uint8)
    return Dataset(
        name="tiny",
        X_train=X,
        y_train=Y,
        X_test=X,
        y_test=Y,
        class_names=("a", "b", "c"),
        image_shape=(2, 2),
    )


def test_confusions_are_counted_by_true_class_and_answer(rng):
    measured = measure_looks(SHARES, Y, rng.normal(size=(4, 3)))
    assert measured["confusion"] == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_mistakes_come_with_the_most_confident_first(rng):
    measured = measure_looks(SHARES, Y, rng.normal(size=(4, 3)))
    assert measured["mistakes"] == [
        {"row": 3, "label": 0, "said": 1, "share": 0.8},
        {"row": 1, "label": 1, "said": 0, "share": 0.6},
    ]


def test_weights_are_those_of_the_units_with_the_longest_vectors():
    weights = np.array([[0.1, 3.0, 0.0], [0.0, -1.5, 0.0], [0.0, 0.0, 0.0], [0.2, 0.0, 0.0]])
    packed = unpack(measure_looks(SHARES, Y, weights)["first_weights"], np.int8, (2, 2))
    assert packed.tolist() == [
        [[127, -64], [0, 0]],
        [[64, 0], [0, 127]],
        [[0, 0], [0, 0]],  # a unit without weights is no error
    ]


def test_what_is_packed_comes_back(rng):
    values = rng.integers(0, 256, (3, 2, 2), dtype=np.uint8)
    np.testing.assert_array_equal(unpack(pack(values), np.uint8, (2, 2)), values)


def test_looks_are_in_words_and_pictures(data, rng):
    metrics = measure_looks(SHARES, Y, rng.normal(size=(4, 3)))
    looks = Looks.of("net", metrics, data)
    assert looks.confusion[0] == [(1, 0.5), (1, 0.5), (0, 0.0)]
    assert [picture.caption for picture in looks.mistakes] == ["b, not a", "a, not b"]
    assert [picture.title for picture in looks.mistakes] == ["80.0 % sure", "60.0 % sure"]
    assert all(p.address.startswith("data:image/png;base64,") for p in looks.mistakes)


def test_the_best_run_is_the_most_accurate(data, rng):
    metrics = measure_looks(SHARES, Y, rng.normal(size=(4, 3)))
    runs = [
        TrialResult("id", name, seed, metrics | {"test_accuracy": accuracy})
        for name, seed, accuracy in (("x", 0, 0.5), ("x", 1, 0.9), ("y", 0, 0.7))
    ]
    assert Looks.of_best([runs[:2], runs[2:]], data).name == "x, seed 1"
    assert Looks.of_best([[]], data) is None


def test_labelled_images_are_the_first(data):
    assert [picture.caption for picture in labelled(data, 3)] == ["a", "b", "c"]
