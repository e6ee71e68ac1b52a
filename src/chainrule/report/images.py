"""Small images inside a page: PNG as ``data:`` addresses, so that nothing is loaded."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.image import imsave

from chainrule._types import Array


@dataclass(frozen=True)
class Picture:
    """An image with a line or two under it.

    Attributes
    ----------
    address : str
        As :func:`png` gives it.
    caption, title : str
        The lines.
    """

    address: str
    caption: str
    title: str


def png(image: Array, *, colors: str = "gray", low: float = 0, high: float = 255) -> str:
    """Return an image as the address of a PNG.

    Parameters
    ----------
    image : array of shape (height, width)
        Numbers.
    colors : str
        The name of matplotlib's colour map.
    low, high : float
        Which numbers get the map's first and last colour.
    """
    file = BytesIO()
    without_maker: Any = {"Software": None}  # so that the same image gives the same bytes
    imsave(file, image, cmap=colors, vmin=low, vmax=high, format="png", metadata=without_maker)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def sheet(images: Array, columns: int, gap: float = 0) -> Array:
    """Arrange images in rows, a pixel between them.

    Parameters
    ----------
    images : array of shape (n, height, width)
        In the order of reading.
    columns : int
        Images in a row.
    gap : float
        The number between them, and where the last row has none.

    Returns
    -------
    array of shape (rows * (height + 1) - 1, columns * (width + 1) - 1)
    """
    n, height, width = images.shape
    rows = -(-n // columns)
    whole = np.full((rows * (height + 1), columns * (width + 1)), gap, images.dtype)
    for i, image in enumerate(images):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        whole[top : top + height, left : left + width] = image
    return whole[:-1, :-1]
