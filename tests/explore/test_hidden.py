import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from chainrule.explore.hidden import Moments

from .reading import Page, array, layers


@given(st.integers(1, 6), st.lists(st.integers(1, 20), min_size=2, max_size=4), st.integers(0, 99))
def test_components_are_scikit_learn_s_however_rows_come(width, sizes, seed):
    rows = np.random.default_rng(seed).normal(3, np.arange(1, width + 1), (sum(sizes), width))
    moments = Moments(width)
    for part in np.split(rows, np.cumsum(sizes)[:-1]):
        moments.add(part)
    mean, axes, explained = moments.components()
    n = min(2, width, len(rows) - 1)
    pca = PCA(n).fit(rows)
    np.testing.assert_allclose(mean, pca.mean_, atol=1e-9)
    np.testing.assert_allclose(explained[:n], pca.explained_variance_ratio_, atol=1e-9)
    if n == 2 and explained[0] - explained[1] > 1e-3 and explained[1] > 1e-3:
        cosines = (axes[0] @ pca.components_[0], np.linalg.norm(axes[0]))
        np.testing.assert_allclose(np.abs(cosines), 1, atol=1e-6)
    largest = np.abs(axes).argmax(axis=1)
    assert (axes[[0, 1], largest] >= 0).all()


@pytest.mark.parametrize("name", ["flowers", "bars", "petals"])
def test_points_are_where_the_axes_put_the_samples(runs, page_of, name):
    folder, data = runs[name]
    document = Page(page_of(folder, data, samples=40)[1]).document
    activations = layers(document, array(document["samples"]["X"]))
    spaces = document["measured"]["hidden"]
    assert [space["layer"] for space in spaces] == [1, 2]
    for space, values in zip(spaces, activations, strict=False):
        points = (values - array(space["mean"])) @ array(space["axes"]).T
        np.testing.assert_allclose(array(space["points"]), points, atol=1e-4)
        assert 0.3 < sum(space["explained"]) <= 1 + 1e-9


def test_a_layer_that_does_not_vary_explains_nothing():
    moments = Moments(3)
    moments.add(np.ones((5, 3)))
    mean, _, explained = moments.components()
    np.testing.assert_array_equal(mean, 1)
    assert explained == (0.0, 0.0)
