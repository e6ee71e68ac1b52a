import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS, Relu
from chainrule.reproduction.section_b import cost

STUDIED = {name: ACTIVATIONS[name] for name in ("relu", "tanh", "sigmoid")}


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on only where a test says so."""
    now = [0.0]
    monkeypatch.setattr(cost, "perf_counter", lambda: now[0])
    return now


def test_a_ratio_is_the_median_of_the_rounds_own(clock):
    # What slows the machine down in one round slows both down.
    slow = iter([1, 1, 10, 1, 1, 1, 1])

    def passing(seconds):
        def train():
            clock[0] += seconds * clock[1]

        return train

    def first():
        clock[1:] = [next(slow)]
        passing(2)()

    measured = cost.time_epochs({"relu": first, "tanh": passing(3), "sigmoid": passing(8)})
    assert measured["epoch_seconds"] == pytest.approx({"relu": 2, "tanh": 3, "sigmoid": 8})
    assert measured["epoch_ratios"] == pytest.approx({"relu": 1, "tanh": 2 / 3, "sigmoid": 1 / 4})


def test_an_element_s_time_is_the_call_s_by_the_number_of_elements(clock):
    numbers = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)

    class Passing(Relu):
        def __init__(self, seconds):
            object.__setattr__(self, "seconds", seconds)

        def forward(self, z, out, scratch):
            assert (z == numbers).all()  # new in each round: the call may overwrite them
            super().forward(z, out, scratch)
            z.fill(0)
            clock[0] += self.seconds

        def backward(self, z, a, delta, scratch):
            assert (delta == 1).all()
            super().backward(z, a, delta, scratch)
            clock[0] += self.seconds

    measured = cost.time_elements({"relu": Passing(3.0), "tanh": Passing(12.0)}, (4, 6), 0)
    assert measured["element_seconds"] == pytest.approx({"relu": 6 / 24, "tanh": 1.0})
    assert measured["element_ratios"] == pytest.approx({"relu": 1, "tanh": 1 / 4})


def test_a_clock_that_does_not_tick_has_no_ratio(clock):
    measured = cost.time_elements(STUDIED, (4, 6), 0)
    assert measured["element_ratios"] == dict.fromkeys(STUDIED)


def test_every_activation_is_timed():
    measured = cost.time_elements(STUDIED, (8, 16), 0)
    assert all(measured[name].keys() == STUDIED.keys() for name in measured)
    assert all(seconds > 0 for seconds in measured["element_seconds"].values())
