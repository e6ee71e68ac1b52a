"""The weights of a fitted estimator as images, as a display in scikit-learn's manner.

Functions collect and choose what is shown, of chainrule's and scikit-learn's estimators, and are
tested on values; :class:`WeightsDisplay` draws. matplotlib is imported when something is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule._types import Array
from chainrule.engine.checks import check_integer
from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.validation import (
    as_numbers,
    check_is_fitted,
    check_number,
)

if TYPE_CHECKING:
    from matplotlib.colorbar import Colorbar
    from matplotlib.image import AxesImage


def collect_weights(estimator: Any, layer: int = 0) -> Array:
    """Return a copy of one layer's weights, shape (fan_in, fan_out).

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    InvalidValueError
        If it has no layers, or not this one.
    """
    params = getattr(estimator, "params_", None)
    layers = getattr(estimator, "coefs_", None) if params is None else params.W
    if layers is None:
        check_is_fitted(estimator, "n_features_in_")
        raise InvalidValueError(
            "estimator must have layers of weights, in params_ or coefs_",
            Words(f"a {type(estimator).__name__}"),
            "pass a multilayer perceptron, out of its pipeline",
        )
    if layer not in range(len(layers)):
        rule = f"layer must be in 0 … {len(layers) - 1}"
        raise InvalidValueError(rule, layer, "0 is the first layer")
    return np.array(layers[layer])


def choose_units(weights: Array, units: Any) -> list[int]:
    """Return unit numbers: those given, or the ``units`` with the largest norms, largest first."""
    n_units = weights.shape[1]
    if np.ndim(units) == 0:
        check_integer("units", units, 1, "16 is the default")
        order = np.argsort(-np.linalg.norm(weights, axis=0), kind="stable")
        return [int(unit) for unit in order[:units]]
    numbers = [int(unit) for unit in units if unit in range(n_units)]
    if not numbers or len(numbers) < len(units):
        raise InvalidValueError(
            f"units must be a number or unit numbers in 0 … {n_units - 1}",
            list(units),
            "pass units=16 for the units with the largest norms",
        )
    return numbers


def as_images(weights: Array, image_shape: tuple[int, ...], limit: float) -> Array:
    """Return each unit's weights as an image, shape (n_units, *image_shape).

    Of colour images -limit … limit becomes 0 … 1, so that 0 is grey; others keep their values.
    """
    images: Array = weights.T.reshape(-1, *image_shape)
    return np.clip(0.5 + images / (2 * limit), 0, 1) if len(image_shape) == 3 else images


class WeightsDisplay:
    """The weights into each unit of a layer, as images.

    :meth:`from_estimator` makes one of a fitted estimator. All images share one scale with 0 in
    its middle.

    Parameters
    ----------
    weights : array of shape (n_features, n_units)
        One column a unit.
    image_shape : tuple of int, optional
        (height, width), or (height, width, 3) for colours; a square if left out.
    estimator_name : str, optional
        Shown at the colour bar.

    Attributes
    ----------
    axes_ : array of matplotlib.axes.Axes
        One a unit, in the form of the grid or as given; those left over are off.
    figure_ : matplotlib.figure.Figure
        The figure around them.
    images_ : list of matplotlib.image.AxesImage
        One a unit.
    units_ : list of int
        The number of each unit, which is above its image.
    colorbar_ : matplotlib.colorbar.Colorbar or None
        None where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import WeightsDisplay
    >>> weights = np.array([[0.1, 0.9], [0.0, -0.5], [0.2, 0.3], [0.0, 0.0]])
    >>> WeightsDisplay(weights=weights, image_shape=(2, 2)).plot().units_
    [1, 0]
    """

    axes_: Array
    figure_: Any
    images_: list[AxesImage]
    units_: list[int]
    colorbar_: Colorbar | None

    def __init__(
        self,
        *,
        weights: Any,
        image_shape: tuple[int, ...] | None = None,
        estimator_name: str | None = None,
    ) -> None:
        self.weights = _check_weights(weights)
        self.image_shape = _check_shape(image_shape, len(self.weights))
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        axes: Any = None,
        *,
        image_shape: tuple[int, ...] | None = None,
        layer: int = 0,
        **plot_kw: Any,
    ) -> WeightsDisplay:
        """Draw the weights of a fitted estimator.

        Parameters
        ----------
        estimator : object
            With ``params_``, as :class:`chainrule.NeuralNetwork` has, or ``coefs_``, as
            scikit-learn's multilayer perceptrons have.
        layer : int
            Which layer's weights, from 0.
        image_shape, axes, **plot_kw
            As in the class and :meth:`plot`; the name is the class's if left out.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        InvalidValueError
            If it has no such layer, or the images are of another size.
        """
        weights, name = collect_weights(estimator, layer), type(estimator).__name__
        display = cls(weights=weights, image_shape=image_shape, estimator_name=name)
        return display.plot(axes, **plot_kw)

    def plot(
        self,
        axes: Any = None,
        *,
        name: str | None = None,
        units: int | Sequence[int] = 16,
        columns: int | None = None,
        cmap: Any = "RdBu_r",
        limit: float | None = None,
        colorbar: bool = True,
        **image_kw: Any,
    ) -> WeightsDisplay:
        """Draw the display.

        Parameters
        ----------
        axes : array of matplotlib.axes.Axes, optional
            Where to draw, one for each unit; a new figure if left out.
        name : str, optional
            Shown at the colour bar, instead of ``estimator_name``.
        units : int or sequence of int
            How many units, those with the largest norms, largest first; or which ones.
        columns : int, optional
            Of a new figure; about as many as rows if left out.
        cmap : str or matplotlib.colors.Colormap
            Of images without colours of their own.
        limit : float, optional
            Colours reach from -limit to limit; the largest magnitude drawn if left out.
        colorbar : bool
            Whether there is a colour bar; images in colours have none.
        **image_kw
            Passed to :meth:`matplotlib.axes.Axes.imshow` for each image.

        Returns
        -------
        WeightsDisplay
            Itself.
        """
        self.units_ = choose_units(self.weights, units)
        weights = self.weights[:, self.units_]
        if limit is None:
            limit = float(np.abs(weights).max()) or 1.0  # any scale shows zeros
        check_number("limit", limit, 0, math.inf, "None takes the largest magnitude")
        self.axes_ = _make_axes(axes, len(self.units_), columns)
        self.figure_ = self.axes_.flat[0].figure
        style = {"cmap": cmap, "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        images = as_images(weights, self.image_shape, limit)
        self.images_, self.colorbar_ = [], None
        for ax, unit, image in zip(self.axes_.flat, self.units_, images, strict=False):
            self.images_.append(ax.imshow(image, **style | image_kw))
            ax.set(xticks=[], yticks=[])
            ax.set_title(str(unit), fontsize="small", pad=2)
        for ax in self.axes_.flat[len(self.units_) :]:
            ax.set_axis_off()
        if colorbar and len(self.image_shape) == 2:
            name = name or self.estimator_name
            label = f"weight in {name}" if name else "weight"
            self.colorbar_ = self.figure_.colorbar(self.images_[0], ax=self.axes_, label=label)
        return self


def _make_axes(axes: Any, n_units: int, columns: int | None) -> Array:
    """Return an array of axes, of a new figure or those given."""
    from matplotlib import pyplot as plt

    if axes is None:
        if columns is None:
            columns = math.ceil(math.sqrt(n_units))
        check_integer("columns", columns, 1, "None makes about as many columns as rows")
        rows = math.ceil(n_units / columns)
        size = max(1.2 * columns + 1, 4), max(1.3 * rows, 3)
        _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="compressed")
    grid = np.atleast_1d(np.asarray(axes, dtype=object))
    if grid.size < n_units:
        raise InvalidValueError(
            f"axes must be one for each of {n_units} units",
            grid.size,
            f"pass units={grid.size} or more axes",
        )
    return grid


def _check_weights(values: Any) -> Array:
    weights = as_numbers(values, "weights")
    if weights.ndim != 2 or not weights.size:
        rule = "weights must have shape (n_features, n_units)"
        raise InvalidValueError(rule, weights.shape, "pass one layer's, one column a unit")
    wrong = weights[~np.isfinite(weights)]
    if wrong.size:
        remedy = "train with a lower learning rate"
        raise InvalidValueError("weights must be finite", float(wrong[0]), remedy)
    return weights


def _check_shape(image_shape: tuple[int, ...] | None, n_features: int) -> tuple[int, ...]:
    side = math.isqrt(n_features)
    shape = (side, side) if image_shape is None else tuple(np.atleast_1d(image_shape).tolist())
    whole = all(isinstance(side, int) and side > 0 for side in shape)
    if (len(shape) != 2 and shape[2:] != (3,)) or not whole or math.prod(shape) != n_features:
        raise InvalidValueError(
            f"image_shape must be (height, width) or (height, width, 3) of {n_features} features",
            shape,
            "it is a square if left out",
        )
    return shape
