import base64
from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from chainrule.report.images import png, sheet


def pixels(address):
    kind, _, text = address.partition(",")
    assert kind == "data:image/png;base64"
    return imread(BytesIO(base64.b64decode(text)), format="png")


def test_an_image_comes_back_pixel_by_pixel():
    image = np.array([[0, 255], [51, 204], [102, 153]], np.uint8)
    found = pixels(png(image))
    assert found.shape == (3, 2, 4)
    np.testing.assert_allclose(found[..., 0], image / 255, atol=0.003)
    np.testing.assert_array_equal(found[..., 3], 1)


def test_colours_run_from_low_to_high():
    found = pixels(png(np.array([[-1.0, 0.0, 1.0]]), colors="RdBu", low=-1, high=1))
    red, white, blue = found[0]
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert white[:3].min() > 0.95


def test_the_same_image_gives_the_same_bytes_and_names_no_maker():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    address = png(image)
    assert address == png(image)
    assert b"atplotlib" not in base64.b64decode(address.partition(",")[2])


@pytest.mark.parametrize(("n", "shape"), [(4, (7, 5)), (5, (11, 5)), (1, (3, 5))])
def test_a_sheet_has_a_pixel_between_its_images(n, shape):
    images = np.arange(1, n + 1)[:, None, None] * np.ones((n, 3, 2), int)
    whole = sheet(images, columns=2, gap=-1)
    assert whole.shape == shape
    assert (whole[:3, :2] == 1).all()
    assert (whole[:3, 2] == -1).all()
    if n > 2:
        assert (whole[4:7, :2] == 3).all()
        assert (whole[3] == -1).all()
