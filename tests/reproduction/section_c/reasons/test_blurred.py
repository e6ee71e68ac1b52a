from itertools import pairwise

import pytest

from chainrule.reproduction.section_c.reasons.blurred import THEME
from chainrule.reproduction.section_c.settings import (
    MIRRORED,
    OTHER_AUTOENCODERS,
    OTHER_LAYERS,
)

ERRORS = {"relu": 0.03, "identity": 0.02, "tanh": 0.025, OTHER_LAYERS: 0.022}


def rows(errors=None, sharpness=0.7, edges=0.3):
    return {
        f"C4, {name}": [
            ({"test_mse": error, "sharpness_share": sharpness, "edges_share": edges}, [])
        ]
        * 2
        for name, error in (ERRORS | (errors or {})).items()
    }


@pytest.mark.parametrize(
    ("sharpness", "edges", "verdict"),
    [
        (0.80, 0.3, "reproduced"),
        (0.81, 0.9, "differs"),
        (1.70, 0.3, "undecided"),  # noise
    ],
)
def test_relu_s_images_are_blurred_up_to_a_sharpness(judged, sharpness, edges, verdict):
    found = judged(THEME, rows(sharpness=sharpness, edges=edges))
    assert found["C4.blurred"].verdict == verdict


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [
        ({}, "differs"),
        ({"tanh": 0.0190}, "reproduced"),
        ({OTHER_LAYERS: 0.0190}, "reproduced"),
        ({OTHER_LAYERS: 0.0191}, "differs"),
        ({"relu": 0.01, OTHER_LAYERS: 0.0190}, "differs"),  # the better of the report's counts
    ],
)
def test_one_other_network_must_have_a_lower_error_than_both(judged, errors, verdict):
    assert judged(THEME, rows(errors))["C4.improvable"].verdict == verdict


def test_the_answer_has_both_ratios(judged):
    assert judged(THEME, rows())["C4.improvable"].answer == (
        "The error on test images is 0.0200 with identity, the better of the report's two; with "
        "tanh 1.25 times that and with relu 135-32-135 1.10 times that."
    )


def n_weights(hidden):
    sizes = (784, *hidden, 784)
    return sum(a * b for a, b in pairwise(sizes))


def test_the_other_layers_have_about_as_many_weights():
    assert n_weights(MIRRORED) == 221_184
    assert n_weights(OTHER_AUTOENCODERS[OTHER_LAYERS]["hidden_layer_sizes"]) == 220_320


def test_the_picture_has_all_four(results_of):
    (drawing,) = THEME.draw(results_of(rows()))
    sharpness, errors = drawing.panels
    assert sharpness.rows[0] == ["relu", "70.0%", "30.0%"]
    assert [row[1] for row in errors.rows] == ["0.03", "0.02", "0.025", "0.022"]
