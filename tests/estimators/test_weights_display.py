from __future__ import annotations

import math
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from chainrule import NeuralNetwork, WeightsDisplay
from chainrule.errors import InvalidValueError
from chainrule.estimators.weights_display import as_images, choose_units, collect_weights


@pytest.fixture(autouse=True)
def _no_figure_is_left():
    before = mpl.get_backend()
    plt.switch_backend("Agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


def network():
    return NeuralNetwork(3, [64, 6, 10], 0.3, "relu", "normal", 1, 32, random_state=0)


@pytest.fixture(scope="module")
def net(digits):
    return network().fit(*digits)


@pytest.fixture(scope="module")
def plain(digits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return MLPClassifier((6,), random_state=0, max_iter=1).fit(*digits)


@pytest.fixture
def weights(rng):
    return rng.normal(size=(12, 7))


@pytest.fixture
def plot(weights):
    return WeightsDisplay(weights=weights, image_shape=(3, 4)).plot


# --- what is collected --------------------------------------------------------------------------


def test_weights_are_copied(net, plain):
    for estimator, layers in ((net, net.params_.W), (plain, plain.coefs_)):
        for layer in (0, 1):
            weights = collect_weights(estimator, layer)
            np.testing.assert_array_equal(weights, layers[layer])
            assert not np.shares_memory(weights, layers[layer])


def test_units_are_the_largest_or_those_given():
    weights = np.array([[1, -3, 0, 2], [0, 0, 0, 2]])
    assert choose_units(weights, 3) == [1, 3, 0]
    assert choose_units(weights, 9) == [1, 3, 0, 2]
    assert choose_units(weights, np.int64(1)) == [1]
    assert choose_units(weights, (2, 0, 2)) == [2, 0, 2]
    assert choose_units(weights, np.array([3])) == [3]
    tied = np.tile([[1, 2]], (2, 50))  # goes by the units' numbers
    assert choose_units(tied, 100) == [*range(1, 100, 2), *range(0, 100, 2)]


def test_a_column_becomes_an_image():
    images = as_images(np.arange(12.0).reshape(6, 2), (2, 3), 1.0)
    np.testing.assert_array_equal(images[1], [[1, 3, 5], [7, 9, 11]])


def test_colours_are_scaled_around_grey():
    weights = np.array([[0], [2], [-2], [1], [-1], [5]])
    images = as_images(weights, (1, 2, 3), 2.0)
    np.testing.assert_array_equal(images, [[[[0.5, 1, 0], [0.75, 0.25, 1]]]])


# --- what is drawn ------------------------------------------------------------------------------


def test_draws_the_units_with_the_largest_norms(weights):
    display = WeightsDisplay(weights=weights, image_shape=(3, 4), estimator_name="Net")
    assert display.plot(units=5) is display
    order = np.argsort(-np.sqrt((weights**2).sum(axis=0)))[:5]
    assert display.units_ == list(order)
    assert display.axes_.shape == (2, 3)
    for image, ax, unit in zip(display.images_, display.axes_.flat, order, strict=False):
        np.testing.assert_array_equal(image.get_array(), weights[:, unit].reshape(3, 4))
        assert image.axes is ax
        assert ax.get_title() == str(unit)
        assert ax.get_xticks().size == ax.get_yticks().size == 0
    assert [ax.axison for ax in display.axes_.flat] == [True] * 5 + [False]
    assert display.figure_ is plt.gcf()
    assert display.colorbar_.ax.get_ylabel() == "weight in Net"


def test_all_images_share_symmetric_limits(plot, weights):
    display = plot(units=[4, 2])
    largest = np.abs(weights[:, [4, 2]]).max()
    assert [image.get_clim() for image in display.images_] == [(-largest, largest)] * 2
    assert display.colorbar_.ax.get_ylabel() == "weight"
    assert {image.get_clim() for image in plot(limit=0.1).images_} == {(-0.1, 0.1)}


def test_zeros_are_in_the_middle_of_the_colours():
    display = WeightsDisplay(weights=np.zeros((4, 2)), image_shape=(2, 2)).plot()
    assert {image.get_clim() for image in display.images_} == {(-1, 1)}


def test_the_form_of_the_grid(plot):
    assert plot(columns=5).axes_.shape == (2, 5)
    assert plot(units=1).axes_.shape == (1, 1)


@pytest.mark.parametrize("units", [1, 7])
def test_a_new_figure_has_room(plot, units):
    display = plot(units=units, name="NeuralNetwork")
    display.figure_.canvas.draw()
    boxes = [image.axes.get_window_extent() for image in display.images_]
    assert min(box.width for box in boxes) > 0.8 * display.figure_.dpi
    assert max(box.x1 for box in boxes) < display.colorbar_.ax.get_window_extent().x0
    label = display.colorbar_.ax.get_tightbbox()
    assert label.x1 < display.figure_.bbox.x1
    assert label.height < display.figure_.bbox.height


@pytest.mark.parametrize("shape", [(12, 1), (1, 12), (2, 2, 3)])
@pytest.mark.parametrize("units", [1, 7])
def test_every_form_can_be_drawn(weights, shape, units):
    display = WeightsDisplay(weights=weights, image_shape=shape).plot(units=units)
    display.figure_.canvas.draw()  # a layout without room would warn


def test_the_style_of_the_images(plot):
    display = plot(cmap="PuOr", colorbar=False, interpolation="bilinear")
    assert display.images_[0].get_cmap().name == "PuOr"
    assert display.images_[0].get_interpolation() == "bilinear"
    assert display.colorbar_ is None


def test_colour_images(weights):
    display = WeightsDisplay(weights=weights, image_shape=(2, 2, 3)).plot(units=[1])
    largest = np.abs(weights[:, 1]).max()
    wanted = 0.5 + weights[:, 1].reshape(2, 2, 3) / (2 * largest)
    np.testing.assert_allclose(display.images_[0].get_array(), wanted, rtol=1e-12)
    assert display.colorbar_ is None


def test_axes_that_are_given_take_a_unit_each(plot):
    figure, axes = plt.subplots(2, 2, layout="constrained")
    display = plot(axes, units=[5, 0, 1])
    assert display.axes_.shape == (2, 2)
    assert display.figure_ is figure
    assert [ax.get_title() for ax in axes.flat] == ["5", "0", "1", ""]
    assert [ax.axison for ax in axes.flat] == [True, True, True, False]
    assert plt.get_fignums() == [figure.number]
    assert plot(list(axes.flat), units=4).axes_.shape == (4,)
    assert plot(axes[0, 0], units=[3]).axes_[0] is axes[0, 0]


def test_from_estimator_draws(net, plain):
    display = WeightsDisplay.from_estimator(net, units=[2, 3], limit=1)
    image = net.params_.W[0][:, 2].reshape(8, 8)
    np.testing.assert_array_equal(display.images_[0].get_array(), image)
    assert display.colorbar_.ax.get_ylabel() == "weight in NeuralNetwork"

    _, axes = plt.subplots(1, 4)
    display = WeightsDisplay.from_estimator(
        plain, axes, layer=1, image_shape=(2, 3), units=4, name="theirs"
    )
    assert list(display.axes_) == list(axes)
    image = plain.coefs_[1][:, display.units_[0]].reshape(2, 3)
    np.testing.assert_array_equal(display.images_[0].get_array(), image)
    assert display.colorbar_.ax.get_ylabel() == "weight in theirs"


# --- what is refused ----------------------------------------------------------------------------


def test_weights_need_a_fit(message_of):
    assert message_of(NotFittedError, WeightsDisplay.from_estimator, network()) == (
        "this NeuralNetwork is not fitted yet: call fit(X, y) first"
    )


def test_estimators_without_layers(message_of, digits):
    model = LogisticRegression(max_iter=500).fit(*digits)
    assert message_of(InvalidValueError, WeightsDisplay.from_estimator, model) == (
        "estimator must have layers of weights, in params_ or coefs_, got a LogisticRegression: "
        "pass a multilayer perceptron, out of its pipeline"
    )


@pytest.mark.parametrize("layer", [2, -1])
def test_layers_that_are_not_there(message_of, net, layer):
    message = message_of(InvalidValueError, WeightsDisplay.from_estimator, net, layer=layer)
    assert message == f"layer must be in 0 … 1, got {layer}: 0 is the first layer"


@pytest.mark.parametrize(
    "shape", [(8, 9), (64,), (8, 8, 1), (-8, -8), (8.0, 8), ("8", "8"), 64, None]
)
def test_image_shapes_that_do_not_fit(message_of, shape):
    weights = np.zeros((65 if shape is None else 64, 2))
    shown = {64: (64,), None: (8, 8), (8.0, 8): (8.0, 8.0)}.get(shape, shape)
    assert message_of(InvalidValueError, WeightsDisplay, weights=weights, image_shape=shape) == (
        f"image_shape must be (height, width) or (height, width, 3) of {len(weights)} features, "
        f"got {shown}: it is a square if left out"
    )


@pytest.mark.parametrize("shape", [(4,), (4, 0), (2, 2, 2)])
def test_weights_of_another_shape(message_of, shape):
    assert message_of(InvalidValueError, WeightsDisplay, weights=np.zeros(shape)) == (
        f"weights must have shape (n_features, n_units), got {shape}: "
        "pass one layer's, one column a unit"
    )


def test_weights_that_are_not_finite(message_of):
    assert message_of(InvalidValueError, WeightsDisplay, weights=[[1, math.inf]]) == (
        "weights must be finite, got inf: train with a lower learning rate"
    )


def test_units_that_are_not_there(message_of, plot):
    for units in ([0, 7], [-1], [1.5], []):
        assert message_of(InvalidValueError, plot, units=units) == (
            f"units must be a number or unit numbers in 0 … 6, got {units}: "
            "pass units=16 for the units with the largest norms"
        )
    for units in (0, True, 2.5, None):
        assert message_of(InvalidValueError, plot, units=units) == (
            f"units must be an integer of at least 1, got {units}: 16 is the default"
        )


def test_limits_and_columns_that_cannot_be(message_of, plot):
    assert message_of(InvalidValueError, plot, limit=0) == (
        "limit must be a number in (0, inf), got 0: None takes the largest magnitude"
    )
    assert message_of(InvalidValueError, plot, columns=0) == (
        "columns must be an integer of at least 1, got 0: None makes about as many columns as rows"
    )
    assert plt.get_fignums() == []


def test_too_few_axes(message_of, plot):
    _, axes = plt.subplots(2, 2)
    assert message_of(InvalidValueError, plot, axes) == (
        "axes must be one for each of 7 units, got 4: pass units=4 or more axes"
    )
