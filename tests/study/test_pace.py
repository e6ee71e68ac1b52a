import pytest

from chainrule.study.pace import EXPECTATION_COUNTS, Pace
from chainrule.study.trial import Trial
from chainrule.training.history import Epoch

TRIALS = [Trial("B", name, 0, {}, "digest") for name in "abcd"]
WORK = dict(zip((trial.id for trial in TRIALS), (1.0, 1.0, 4.0, 4.0), strict=True))


def epoch(number):
    return Epoch(number, 1.0, None, {}, 0.1, 1.0)


def test_nothing_is_known_before_anything_is_done(clock):
    pace = Pace(clock=clock)
    pace.begin(4)
    assert pace.left is None
    pace.started(TRIALS[0])
    assert pace.left is None


def test_trials_of_unknown_size_count_the_same(clock):
    pace = Pace(clock=clock)
    pace.begin(4)
    pace.started(TRIALS[0])
    clock.now += 10
    pace.finished(TRIALS[0])
    assert pace.left == pytest.approx(30)


def test_what_is_left_is_by_work_and_not_by_number(clock):
    pace = Pace(WORK, clock=clock)
    pace.begin(4)
    for trial in TRIALS[:2]:
        pace.started(trial)
        clock.now += 3
        pace.finished(trial)
    assert pace.left == pytest.approx(6 / 2 * 8)


def test_epochs_of_a_running_trial_count(clock):
    pace = Pace(WORK, clock=clock)
    pace.begin(4)
    pace.started(TRIALS[2])
    clock.now += 5
    pace.epoch(TRIALS[2], epoch(1), 4)
    assert pace.done == 1
    assert pace.left == pytest.approx(5 * 9)


def test_what_was_kept_took_no_time_and_is_no_work(clock):
    pace = Pace(WORK, clock=clock)
    pace.begin(4)
    pace.finished(TRIALS[2])
    pace.started(TRIALS[0])
    clock.now += 2
    pace.finished(TRIALS[0])
    assert pace.total == 6
    assert pace.left == pytest.approx(2 * 5)


def test_an_expectation_holds_until_measurements_outweigh_it(clock):
    pace = Pace(WORK, seconds=100.0, clock=clock)
    pace.begin(4)
    assert pace.left == pytest.approx(100)
    pace.started(TRIALS[2])
    clock.now += EXPECTATION_COUNTS
    pace.epoch(TRIALS[2], epoch(2), 4)  # as expected: two tenths of the work in 20 s
    assert pace.left == pytest.approx(80)
    clock.now += 1_000_000
    pace.finished(TRIALS[2])
    assert pace.left == pytest.approx(1_000_000 / 4 * 6, rel=0.5)


def test_an_end_has_nothing_left(clock):
    pace = Pace(WORK, seconds=3.0, clock=clock)
    pace.begin(4)
    for trial in TRIALS:
        pace.started(trial)
        clock.now += 1
        pace.finished(trial)
    assert pace.left == 0
