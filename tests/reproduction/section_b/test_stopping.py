import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import NeuralNetwork
from chainrule.reproduction.section_b.stopping import Stop, early_stopping


@pytest.mark.parametrize(
    ("losses", "patience", "min_delta", "stop"),
    [
        ([3, 2, 1], 1, 0, Stop(3, 3, False)),
        ([3, 2, 2.5, 1], 1, 0, Stop(2, 3, True)),
        ([3, 2, 2.5, 1], 2, 0, Stop(4, 4, False)),
        ([3, 2.95, 2.9, 2], 2, 0.1, Stop(3, 3, True)),
        ([3, 2.5, 2.9, 2.8], None, 0, Stop(2, 4, False)),
        ([math.nan, math.nan], 2, 0, Stop(None, 2, True)),
        ([], 1, 0, Stop(None, 0, False)),
    ],
)
def test_where_a_counter_stops(losses, patience, min_delta, stop):
    assert early_stopping(losses, patience, min_delta) == stop


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 4))
def test_it_stops_after_the_first_run_of_patience_epochs_without_a_new_best(losses, patience):
    best = [min(losses[:n]) for n in range(1, len(losses) + 1)]
    fails = [n > 0 and losses[n] >= best[n - 1] for n in range(len(losses))]
    last = next(
        (
            n + 1
            for n in range(len(losses))
            if n + 1 >= patience and all(fails[n + 1 - patience : n + 1])
        ),
        len(losses),
    )
    stop = early_stopping(losses, patience)
    assert (stop.best, stop.last) == (1 + int(np.argmin(losses[:last])), last)


def test_it_agrees_with_a_network_that_has_the_counter():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)

    def train(patience):
        net = NeuralNetwork(3, [3, 8, 2], 2.0, "tanh", "normal", 30, 5, patience=patience,
                            random_state=0)  # fmt: skip
        return net.fit(X[:20], y[:20], X[20:], y[20:]).history_

    losses = train(None).column("validation_loss")
    counted = train(2)
    assert early_stopping(losses, 2) == Stop(counted.best_epoch, len(counted), True)
