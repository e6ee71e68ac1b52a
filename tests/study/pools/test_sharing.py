import mmap
import os
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from chainrule.study.pools import sharing


def is_mapped(array):
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, mmap.mmap)


def test_large_arrays_are_mapped_and_the_rest_is_as_it_was(tmp_path, rng):
    images = rng.integers(0, 256, (1000, 100), np.uint8)
    matrix = sparse.random(1000, 1000, 0.1, "csr", rng=rng)
    columns = np.asfortranarray(rng.normal(size=(200, 100)))
    names = np.array(["a", None] * 50_000, object)
    value = {"images": images, "csr": matrix, "fortran": columns, "names": names, "few": images[:9]}
    sharing.dump(value, tmp_path)
    got = sharing.load(tmp_path)
    for name in ("images", "fortran", "few", "names"):
        np.testing.assert_array_equal(got[name], value[name])
    assert (got["csr"] != matrix).nnz == 0
    assert got["fortran"].flags.f_contiguous
    mapped = {name: is_mapped(got[name]) for name in ("images", "fortran", "few", "names")}
    assert mapped == {"images": True, "fortran": True, "few": False, "names": False}
    assert is_mapped(got["csr"].data)
    assert (tmp_path / "value.pickle").stat().st_size < 2_000_000


def test_what_was_mapped_is_not_copied_again(tmp_path, rng):
    first, second = tmp_path / f"{sharing.PREFIX}1", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    numbers = rng.normal(size=(1000, 100))
    mapped = sharing.mapped({"X": numbers}, first)
    sharing.dump(mapped, second)
    np.testing.assert_array_equal(sharing.load(second)["X"], numbers)
    assert [path.name for path in second.iterdir()] == ["value.pickle"]


def test_what_a_process_writes_is_its_own(tmp_path):
    sharing.dump(np.zeros(100_000), tmp_path)
    sharing.load(tmp_path)[:] = 1
    assert not sharing.load(tmp_path).any()


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_that_is_mapped_already_is_not_copied(tmp_path, order, rng):
    numbers = np.asarray(rng.normal(size=(100, 1000)), order=order)
    path = tmp_path / "mine.npy"
    np.save(path, numbers)
    folder = tmp_path / "shared"
    folder.mkdir()
    mine = np.load(path, mmap_mode="r")
    sharing.dump({"X": mine, "part": mine[:50]}, folder)
    got = sharing.load(folder)
    np.testing.assert_array_equal(got["X"], numbers)
    np.testing.assert_array_equal(got["part"], numbers[:50])
    assert type(got["X"]) is np.memmap
    assert Path(got["X"].filename) == path
    assert [path.name for path in folder.glob("*.npy")] == ["1.npy"]  # the part


def test_a_folder_is_gone_at_the_end_and_so_are_a_killed_owner_s(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"{sharing.PREFIX}left"
    young = tmp_path / f"{sharing.PREFIX}young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "lock").touch()
    bare = tmp_path / f"{sharing.PREFIX}bare"  # its owner was killed before there was a lock
    bare.mkdir()
    then = time.time() - 3600
    with sharing.shared_folder() as living:
        os.utime(left, (then, then))
        os.utime(bare, (then, then))
        os.utime(living, (then, then))
        with sharing.shared_folder() as other:
            assert other != living
            assert sorted(tmp_path.iterdir()) == sorted([living, other, young])
    assert list(tmp_path.iterdir()) == [young]
