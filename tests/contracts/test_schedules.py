"""What every schedule must satisfy; a new entry of the table is tested without a change here."""

from __future__ import annotations

import inspect
import math
from dataclasses import MISSING, fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.engine.schedules import (
    SCHEDULES,
    Adaptive,
    Clock,
    Cosine,
    InvScaling,
    OneCycle,
    StepDecay,
    WarmupCosine,
)
from chainrule.errors import InvalidValueError


@pytest.fixture(params=list(SCHEDULES))
def rule(request):
    return SCHEDULES[request.param]


def needed(rule, **settings):
    """Build a schedule, with 100 for the settings that have no default."""
    names = [field.name for field in fields(rule) if field.default is MISSING]
    return rule(**dict.fromkeys(names, 100) | {"learning_rate": 0.1} | settings)


def falls(rates):
    return all(a >= b for a, b in pairwise(rates))


def test_its_docstring_gives_the_formula(rule):
    assert "lr" in inspect.getdoc(rule)


counts = st.one_of(st.integers(0, 300), st.integers(0, 10**12))
clocks = st.builds(Clock, step=counts, epoch=counts, samples=counts, plateaus=counts)
rates = st.floats(1e-12, 1e3)


@pytest.mark.parametrize("rule", SCHEDULES.values(), ids=list(SCHEDULES))
@given(data=st.data(), clock=clocks, learning_rate=rates)
def test_every_rate_is_finite_and_between_0_and_the_highest(rule, data, clock, learning_rate):
    settings = {"learning_rate": learning_rate}
    names = {field.name for field in fields(rule)}
    if "total_steps" in names:
        settings["total_steps"] = data.draw(st.integers(1, 10**6), "total_steps")
    if "warmup" in names:
        settings["warmup"] = data.draw(st.floats(0, 0.999), "warmup")
    if "factor" in names:
        settings["factor"] = data.draw(st.floats(1.001, 1e6), "factor")
    if "power" in names:
        settings["power"] = data.draw(st.floats(0, 100), "power")
    if "floor" in names:
        settings["floor"] = data.draw(st.sampled_from([0.0, 1e-6, 1.0]), "floor")
    rate = rule(**settings)(clock)
    assert isinstance(rate, float)
    highest = max(learning_rate, settings.get("floor", 0.0))
    assert settings.get("floor", 0.0) <= rate <= highest * (1 + 1e-12)


def test_has_no_state(rule):
    schedule, clock = needed(rule), Clock(step=50, epoch=5, samples=500, plateaus=2)
    first = schedule(clock)
    schedule(Clock(step=70, epoch=7, samples=700, plateaus=3))
    assert schedule(clock) == first
    assert schedule == needed(rule)


SETTINGS = {
    "learning_rate": ("must be positive and finite", [0, -1, math.inf, math.nan]),
    "power": ("must be at least 0 and finite", [-1, math.inf, math.nan]),
    "factor": ("must be above 1", [1, math.nan]),
    "floor": ("must be at least 0 and finite", [-1, math.inf, math.nan]),
    "every": ("must be at least 1 (epochs)", [0, math.nan]),
    "total_steps": ("must be at least 1 (steps)", [0, math.nan]),
    "warmup": ("must be in [0, 1) (a share of the steps)", [-0.1, 1, math.nan]),
    "start_factor": ("must be at least 1", [0.5, math.nan]),
    "end_factor": ("must be at least 1", [0.5, math.nan]),
}


def test_refuses_what_its_settings_cannot_be(rule, message_of):
    for field in fields(rule):
        allowed, wrong = SETTINGS[field.name]
        for value in wrong:
            message = message_of(InvalidValueError, needed, rule, **{field.name: value})
            assert message == f"{field.name} {allowed}, got {value}: change it"


def test_constant_is_constant():
    assert needed(SCHEDULES["constant"])(Clock(10**9, 10**6, 10**12, 100)) == 0.1


def test_invscaling_counts_the_samples_of_whole_epochs():
    schedule = InvScaling(0.1, power=0.5)
    assert schedule(Clock(step=3)) == 0.1
    assert math.isclose(schedule(Clock(step=3, epoch=1, samples=99)), 0.01)


def test_adaptive_divides_at_each_plateau_down_to_its_floor():
    schedule = Adaptive(0.1, factor=10, floor=5e-4)
    got = [schedule(Clock(plateaus=n)) for n in range(5)]
    assert got == pytest.approx([0.1, 0.01, 0.001, 5e-4, 5e-4])


def test_adaptive_divides_by_5_without_a_floor_unless_told():
    got = [Adaptive(0.1)(Clock(step=9, epoch=3, samples=99, plateaus=n)) for n in range(4)]
    assert got == pytest.approx([0.1, 0.02, 0.004, 0.0008], rel=1e-14)
    assert 0 < Adaptive(0.1)(Clock(plateaus=40)) < 1e-20
    assert Adaptive(0.1)(Clock(plateaus=10**6)) == 0


@pytest.mark.parametrize("learning_rate", [0.000125, 0.1, 0.078125, 2.5e-5])
def test_adaptive_rounds_as_scikit_learn_does(learning_rate):
    # The first of these is 1e-6 after 3 divisions at once, and a little more after 3 in a row.
    wanted = learning_rate
    for n in range(30):
        assert Adaptive(learning_rate)(Clock(plateaus=n)) == wanted
        wanted /= 5.0


def test_adaptive_ends_at_the_smallest_number_where_that_divided_is_itself():
    assert 0 < Adaptive(1e-300, factor=1.3)(Clock(plateaus=10**15)) < 1e-320


def test_adaptive_counts_nothing_but_plateaus():
    schedule = Adaptive(0.1)
    assert schedule(Clock(10**9, 10**6, 10**12, 0)) == 0.1
    assert {field.name for field in fields(Adaptive)} == {"learning_rate", "factor", "floor"}


def test_step_divides_once_every_so_many_epochs():
    schedule = StepDecay(1.0, factor=2, every=3)
    assert [schedule(Clock(epoch=n)) for n in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_step_reaches_0_after_more_epochs_than_a_float_can_count():
    assert StepDecay(1.0, every=1)(Clock(epoch=400)) == 0


def test_cosine_falls_from_the_rate_to_0_and_stays_there():
    schedule = Cosine(0.1, total_steps=50)
    got = [schedule(Clock(step=n)) for n in range(60)]
    assert falls(got)
    assert got[0] == 0.1
    assert got[25] == pytest.approx(0.05)
    assert got[50:] == [0] * 10


@pytest.mark.parametrize("total", [1, 2, 7, 40, 1000])
@pytest.mark.parametrize("warmup", [0, 0.05, 0.33, 0.9])
def test_warmup_rises_straight_to_the_rate_and_then_falls_to_0(total, warmup):
    schedule = WarmupCosine(0.1, total_steps=total, warmup=warmup)
    got = [schedule(Clock(step=n)) for n in range(total + 1)]
    top = math.ceil(warmup * total)
    assert got[:top] == pytest.approx([0.1 * (n + 1) / top for n in range(top)])
    assert falls(got[max(top - 1, 0) :])
    assert got[-1] == 0


@pytest.mark.parametrize("total", [1, 2, 3, 10, 997])
@pytest.mark.parametrize("warmup", [0, 0.3, 0.95])
def test_one_cycle_rises_once_and_falls_once(total, warmup):
    schedule = OneCycle(0.1, total_steps=total, warmup=warmup)
    got = [schedule(Clock(step=n)) for n in range(total + 2)]
    top = got.index(max(got))
    assert falls(got[top:])
    assert falls(got[top::-1])
    assert got[-1] == pytest.approx(0.1 / 25 / 1e4)
