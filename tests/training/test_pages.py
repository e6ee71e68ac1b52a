from __future__ import annotations

import mmap
import os

import numpy as np
import pytest

from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError
from chainrule.training import pages
from chainrule.training.evaluator import Evaluator
from chainrule.training.pages import Pages
from chainrule.training.source import Source


@pytest.fixture
def given_back(monkeypatch):
    """Count how often pages are given back, in a budget of three rows."""
    calls = []

    class Counting(mmap.mmap):
        def madvise(self, option, *rest):
            calls.append(option)
            return super().madvise(option, *rest)

    monkeypatch.setattr(mmap, "mmap", Counting)
    monkeypatch.setattr(pages, "FAULT_BYTES", 1)
    return calls


def memory_map(tmp_path, mode):
    path = tmp_path / "X.npy"
    np.save(path, np.arange(40, dtype=np.float64).reshape(10, 4))
    return np.load(path, mmap_mode=mode)


@pytest.mark.parametrize("mode", ["r", "r+"])
@pytest.mark.parametrize("view", [lambda X: X, np.asarray, lambda X: X[2:], lambda X: X[:, :2]])
def test_a_shared_map_is_found_behind_views(tmp_path, mode, view):
    assert Pages(view(memory_map(tmp_path, mode))).mapped


def test_a_private_map_keeps_its_pages(tmp_path):
    X = memory_map(tmp_path, "c")
    X[0, 0] = -1
    held = Pages(X)
    assert not held.mapped
    held.read(10**9)
    assert X[0, 0] == -1


@pytest.mark.parametrize("thing", [np.zeros((3, 2)), [[1.0]], None, np.zeros((0, 3))])
def test_what_is_no_map_has_none(thing):
    held = Pages(thing)
    assert not held.mapped
    held.read(10**9)


def test_pages_are_given_back_when_the_budget_is_read(tmp_path, given_back, monkeypatch):
    monkeypatch.setattr(pages, "BUDGET_BYTES", 3 * 32)
    X = memory_map(tmp_path, "r")
    held = Pages(X)
    for _ in range(4):
        held.read(1)
    assert given_back == [mmap.MADV_DONTNEED]
    np.testing.assert_array_equal(X[9], [36, 37, 38, 39])  # read again from the file


def test_what_was_written_to_a_shared_map_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "BUDGET_BYTES", 0)
    X = memory_map(tmp_path, "r+")
    X[1] = -7
    Pages(X).read(5)
    np.testing.assert_array_equal(X[1], [-7] * 4)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_file_that_has_become_shorter_is_refused_before_it_is_read(tmp_path, mode, message_of):
    X = memory_map(tmp_path, mode)
    source = Source(X, np.zeros((10, 1)))
    os.truncate(X.filename, 100)
    rule = f"the file of a memory map must keep its {X.offset + X.nbytes} bytes, got 100"
    evaluator = Evaluator(Parameters(NetworkSpec.of([4, 1], loss="squared")))
    for use in (lambda: Pages(X[2:]), lambda: evaluator.measure(source)):
        assert message_of(InvalidValueError, use).startswith(rule)


def test_a_file_that_is_gone_or_has_grown_can_be_read(tmp_path):
    X = memory_map(tmp_path, "r")
    os.truncate(X.filename, 1000)
    X.filename.unlink()
    Pages(X).check()
