from __future__ import annotations

import mmap

import numpy as np
import pytest

from chainrule.engine.spec import NetworkSpec
from chainrule.engine.workspace import Workspace
from chainrule.training import pages
from chainrule.training.pages import Pages
from chainrule.training.source import Source

pytestmark = pytest.mark.skipif(
    not hasattr(mmap, "MADV_DONTNEED"), reason="this system does not take pages back"
)


@pytest.fixture
def path(tmp_path, rng):
    np.save(tmp_path / "X.npy", rng.integers(0, 256, (300, 40), dtype=np.uint8))
    return tmp_path / "X.npy"


VIEWS = {
    "whole": lambda X: X,
    "rows": lambda X: X[10:200:3],
    "array": np.asarray,
    "view of an array": lambda X: np.asarray(X)[5:].view(),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_shared_map_and_what_looks_into_it_have_pages(view, mode, path):
    assert Pages(view(np.load(path, mmap_mode=mode))).mapped


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_a_private_map_keeps_what_was_written_to_it(view, path):
    X = np.load(path, mmap_mode="c")
    X[...] = 7
    held = Pages(view(X))
    assert not held.mapped
    held.read(10**9)
    assert (X == 7).all()


def test_what_is_in_memory_has_none(path):
    for X in (np.zeros((3, 2)), np.load(path), np.load(path, mmap_mode="r").copy(), None, "text"):
        held = Pages(X)
        assert not held.mapped
        held.read(10**9)


class Map:
    """Counts how often pages are given back."""

    def __init__(self):
        self.given_back = 0

    def madvise(self, advice):
        assert advice == mmap.MADV_DONTNEED
        self.given_back += 1


def test_pages_are_given_back_once_they_may_be_too_many(path, monkeypatch):
    monkeypatch.setattr(pages, "BUDGET_BYTES", 10 * pages.FAULT_BYTES)
    held = Pages(np.load(path, mmap_mode="r"))
    held._map = Map()
    # A row of 40 bytes brings in all that is mapped around it.
    counts = []
    for _ in range(7):
        held.read(4)
        counts.append(held._map.given_back)
    assert counts == [0, 0, 1, 1, 1, 2, 2]


def test_rows_longer_than_a_fault_count_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "BUDGET_BYTES", 10 * pages.FAULT_BYTES)
    np.save(tmp_path / "X.npy", np.zeros((3, 4 * pages.FAULT_BYTES), np.uint8))
    held = Pages(np.load(tmp_path / "X.npy", mmap_mode="r"))
    held._map = Map()
    held.read(2)
    assert held._map.given_back == 0
    held.read(1)
    assert held._map.given_back == 1


def test_a_map_without_rows_has_nothing_to_count(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros((1, 4)))
    held = Pages(np.load(tmp_path / "X.npy", mmap_mode="r")[:0])
    assert held.mapped
    held.read(0)


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_rows_are_the_same_after_their_pages_were_given_back(mode, path, monkeypatch):
    monkeypatch.setattr(pages, "BUDGET_BYTES", 0)  # after every batch
    X = np.load(path, mmap_mode=mode)
    if mode == "r+":
        X[:] += 1
    wanted = np.array(X)
    source, work = Source(X), Workspace(NetworkSpec.of([40, 2]), 16)
    for _ in range(2):
        seen = [view.x.copy() for view, _, _ in source.batches(work)]
        np.testing.assert_array_equal(np.concatenate(seen), wanted)


def test_a_source_counts_what_it_reads(path):
    source, work = Source(np.load(path, mmap_mode="r")), Workspace(NetworkSpec.of([40, 2]), 128)
    read = []
    source._pages.read = read.append
    for _ in source.batches(work):
        pass
    assert read == [128, 128, 44]
