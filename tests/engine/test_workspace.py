from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.errors import InvalidValueError


def workspace(activation="relu", dropout=0.0):
    return Workspace(NetworkSpec.of([4, 3, 3, 2], activation, dropout=dropout), capacity=6)


def lists(work):
    flat = [work.x, *work.z, *work.a, *work.inputs, *work.delta]
    return flat + [m for m in work.masks if m is not None] + [s for p in work.scratch for s in p]


def test_shares_what_may_be_shared():
    work = workspace("relu")
    assert all(z is a for z, a in zip(work.z, work.a, strict=False))
    assert work.inputs[0] is work.x
    assert all(a is h for a, h in zip(work.a, work.inputs[1:], strict=True))


def test_keeps_z_apart_where_the_derivative_needs_it():
    work = workspace("gelu")
    for z, a in zip(work.z, work.a, strict=False):
        assert not np.shares_memory(z, a)


def test_keeps_activations_apart_from_what_dropout_leaves_of_them():
    work = workspace(dropout=0.5)
    assert work.masks[0] is None
    assert work.inputs[0] is work.x
    for a, h, mask in zip(work.a, work.inputs[1:], work.masks[1:], strict=True):
        assert not np.shares_memory(a, h)
        assert mask.shape == h.shape


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_fewer_rows_are_views_that_share_alike(activation, dropout):
    work = workspace(activation, dropout)
    few = work.rows(2)
    assert few.capacity == 2
    whole, cut = lists(work), lists(few)
    for one, part in zip(whole, cut, strict=True):
        assert part.shape == (2, one.shape[1])
        assert np.shares_memory(part, one)
        assert part.flags.c_contiguous
    # The same object where it was the same object, and only there.
    assert [[a is b for b in whole] for a in whole] == [[a is b for b in cut] for a in cut]


def test_views_are_made_once():
    work = workspace()
    assert work.rows(2) is work.rows(2)
    assert work.rows(6) is work
    assert work.rows(2).rows(2) is work.rows(2)


def test_is_freed_as_soon_as_nobody_holds_it():
    gc.disable()  # buffers are large: they must not wait for the collector
    try:
        work = workspace()
        work.rows(2)
        gone = weakref.ref(work)
        del work
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("n", [0, 7])
def test_refuses_rows_that_it_does_not_have(n, message_of):
    message = message_of(InvalidValueError, workspace().rows, n)
    assert message == f"rows must be in [1, 6] (capacity), got {n}: make a larger workspace"


@pytest.mark.parametrize("capacity", [0, -1, 2.0, True, None])
def test_refuses_another_capacity(capacity, message_of):
    message = message_of(InvalidValueError, Workspace, NetworkSpec.of([4, 2]), capacity)
    assert message.startswith(f"capacity must be an integer of at least 1, got {capacity}: ")
