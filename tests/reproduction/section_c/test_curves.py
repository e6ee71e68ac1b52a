import numpy as np
import pytest

from chainrule.reproduction.section_c.curves import falling_share, on_plateau, plateaus


def falling(start, end, n=100):
    return np.geomspace(start, end, n).tolist()


@pytest.mark.parametrize(
    ("losses", "n"),
    [
        (falling(2, 0.1, 20), 0),
        ([1.0] * 20, 1),
        ([1.0] * 8 + falling(0.9, 0.2, 10) + [0.2] * 8, 2),
        # Flat windows that overlap are one plateau, as they are drawn.
        ([1.0, 1.02] + [1.0] * 6, 1),
        ([1.0] * 5, 0),
        ([], 0),
    ],
)
def test_plateaus(losses, n):
    assert plateaus(losses) == n


@pytest.mark.parametrize(
    ("losses", "share"), [([3, 2, 1], 1.0), ([3, 2, 2], 0.5), ([1, 2], 0.0), ([1], 0.0)]
)
def test_falling_share(losses, share):
    assert falling_share(losses) == share


def test_the_five_epochs_that_gain_little_are_on_the_plateau():
    # Halves, stays for six epochs, halves again: two windows of five lie flat.
    losses = [4.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.25]
    assert [i for i, flat in enumerate(on_plateau(losses)) if flat] == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("losses", [falling(2, 0.1, 20), [1.0] * 5, [1.0], []])
def test_without_a_plateau_no_epoch_is_on_one(losses):
    assert on_plateau(losses) == [False] * len(losses)
    assert plateaus(losses) == 0
