from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA

from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.reproduction.section_c.measures import (
    DeadUnits,
    edges_share,
    principal_components,
    sharpness_share,
)


def test_a_unit_is_dead_that_is_zero_for_all_images():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    first = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, -1.0, -2.0, -1.0]])  # alive, dead, one, dead
    second = np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])  # alive, dead
    params = Parameters(NetworkSpec.of((2, 4, 2, 3), "relu"))
    params.W[0][...], params.W[1][...] = first, second
    watch = DeadUnits(X)
    for _ in range(2):
        assert not watch.epoch_end(SimpleNamespace(params=params))
    assert watch.metrics == {
        "dead_share_by_layer": [[0.5, 0.5], [0.5, 0.5]],
        "dead_share": [0.5, 0.5],
        # 3 + 3 + 2 + 3 of the first layer's 12 outputs less the alive unit's 3; 3 of 6.
        "zero_share": [pytest.approx((3 + 2 + 3 + 3) / 18)] * 2,
    }


@pytest.fixture
def originals():
    return np.random.default_rng(0).random((5, 8, 9))


def test_sharpness_is_the_mean_size_of_the_gradient(originals):
    images = np.random.default_rng(1).random((5, 8, 9))

    def by_hand(X):
        sizes = [
            np.sqrt((x[i, j + 1] - x[i, j]) ** 2 + (x[i + 1, j] - x[i, j]) ** 2)
            for x in X
            for i in range(7)
            for j in range(8)
        ]
        return np.mean(sizes)

    wanted = by_hand(images) / by_hand(originals)
    assert sharpness_share(images, originals) == pytest.approx(wanted)


def test_less_contrast_is_less_sharp_and_edges_are_as_strong(originals):
    assert sharpness_share(0.3 + 0.5 * originals, originals) == pytest.approx(0.5)
    assert edges_share(0.3 + 0.5 * originals, originals) == pytest.approx(0.5)


def test_edges_are_the_slope_of_the_gradients(originals):
    images = originals + np.random.default_rng(1).normal(size=originals.shape)

    def gradient(X):
        across, down = X[:, :-1, 1:] - X[:, :-1, :-1], X[:, 1:, :-1] - X[:, :-1, :-1]
        return np.concatenate([across.ravel(), down.ravel()])

    a, b = gradient(originals), gradient(images)
    # Through the origin: with each point mirrored the line of least squares passes it.
    wanted = stats.linregress([*a, *-a], [*b, *-b]).slope
    assert edges_share(images, originals) == pytest.approx(wanted)


def test_noise_is_sharp_and_brings_no_edges_back():
    rng = np.random.default_rng(0)
    originals, noise = rng.random((200, 28, 28)), rng.random((200, 28, 28))
    assert sharpness_share(2 * noise, originals) == pytest.approx(2, rel=0.01)
    assert abs(edges_share(2 * noise, originals)) < 0.02


def test_principal_components_are_scikit_learn_s():
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(60, 10)) * np.arange(1, 11)).astype(np.float32)
    X_test = rng.normal(size=(7, 10)).astype(np.float32)
    train, test = principal_components(X, X_test, 4)
    theirs = PCA(4, svd_solver="full").fit(X.astype(float))
    # Directions are given up to their signs.
    np.testing.assert_allclose(np.abs(train), np.abs(theirs.transform(X)), atol=1e-4)
    signs = np.sign(train[0] * theirs.transform(X)[0])
    np.testing.assert_allclose(test * signs, theirs.transform(X_test), atol=1e-4)
    assert train.dtype == np.float32
