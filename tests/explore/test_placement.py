import numpy as np
import pytest

from chainrule import load_fashion_mnist, load_mnist
from chainrule.explore.placement import measured_placement


def test_mnist_s_digits_are_centred_by_mass_in_a_box_of_20():
    images = load_mnist().X_test[:1000].reshape(-1, 28, 28)
    found = measured_placement(images)
    assert (found.box, found.center, found.margin) == (20, "mass", 4.0)


def test_garments_fill_their_frame():
    images = load_fashion_mnist().X_test[:1000].reshape(-1, 28, 28)
    assert measured_placement(images).box == 28


def test_boxes_in_the_middle_are_centred_by_box():
    images = np.zeros((5, 12, 12), np.uint8)
    images[:, 3:9, 4:8] = 60
    images[:, 3:9, 4] = 255  # heavier on the left
    found = measured_placement(images)
    assert (found.box, found.center, found.margin) == (6, "box", 3.0)


@pytest.mark.parametrize("images", [np.zeros((3, 8, 8)), np.full((3, 8, 8), 200)])
def test_images_without_a_dark_background_have_none(images):
    assert measured_placement(images) is None
