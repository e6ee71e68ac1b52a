from __future__ import annotations

import copy
import math
import pickle
import time

import pytest

from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError
from chainrule.training.callbacks import Progress
from chainrule.training.history import History
from chainrule.training.loop import Plan, Trainer
from chainrule.training.time_limit import TimeLimit

TRAINER = Trainer(Parameters(NetworkSpec.of([2, 3])), Plan(9, 1))


def run(limit, clock, seconds):
    """Show epochs that take so many seconds; return whether each asked to stop."""
    asked = []
    for taken in seconds:
        clock.now += taken
        asked.append(limit.epoch_end(Progress(TRAINER, History(), 9)))
    return asked


def begun(seconds, clock):
    limit = TimeLimit(seconds, clock)
    limit.train_begin(Progress(TRAINER, History(), 9))
    return limit


def test_it_stops_after_the_epoch_in_which_the_time_is_over(clock):
    assert run(begun(10, clock), clock, [4, 4, 4]) == [False, False, True]


def test_time_that_is_just_over_is_over(clock):
    assert run(begun(8, clock), clock, [4, 4]) == [False, True]


def test_a_later_training_has_all_the_time(clock):
    limit = begun(10, clock)
    run(limit, clock, [9])
    limit.train_begin(Progress(TRAINER, History(), 9))
    assert run(limit, clock, [9, 1]) == [False, True]


def test_the_time_before_training_does_not_count(clock):
    limit = TimeLimit(10, clock)
    clock.now += 1000
    limit.train_begin(Progress(TRAINER, History(), 9))
    assert run(limit, clock, [9]) == [False]


def test_a_training_from_a_checkpoint_has_what_is_left(clock):
    first = begun(10, clock)
    run(first, clock, [4])
    state = pickle.loads(pickle.dumps(first.state_dict()))
    clock.now += 1000  # until somebody goes on
    second = begun(10, clock)
    clock.now += 1  # what the checkpoint takes to load
    second.load_state_dict(state)
    assert run(second, clock, [3]) == [False]
    assert second.state_dict() == {"used": 7}
    assert run(second, clock, [3]) == [True]


def test_infinity_never_stops(clock):
    assert run(begun(math.inf, clock), clock, [1e9]) == [False]


@pytest.mark.parametrize("seconds", [0, -1, math.nan])
def test_no_time_at_all_is_refused(seconds, message_of):
    message = message_of(InvalidValueError, TimeLimit, seconds)
    assert message == f"seconds must be above 0, got {seconds}: raise it"


def test_its_clock_is_the_monotonic_one_and_it_can_be_copied():
    limit = pickle.loads(pickle.dumps(copy.deepcopy(TimeLimit(5))))
    assert limit.clock is time.monotonic
    assert limit.seconds == 5
