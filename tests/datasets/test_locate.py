from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chainrule.datasets import locate as module
from chainrule.datasets.locate import cache_dir, locate
from chainrule.errors import DataNotFoundError


@pytest.fixture
def everywhere(toy, tmp_path, monkeypatch):
    """The toy in every place that is searched; the folders in the order of the search."""
    folders = {
        "bundled": tmp_path / "bundled",
        "CHAINRULE_DATA": tmp_path / "variable",
        "the system's data sets": toy.entry.system_folder,
        "the cache": cache_dir() / "toy",
    }
    monkeypatch.setattr(module, "BUNDLED", folders["bundled"])
    monkeypatch.setenv("CHAINRULE_DATA", str(folders["CHAINRULE_DATA"]))
    toy.entry = replace(toy.entry, bundled=True)
    for folder in folders.values():
        toy.write(folder, ".gz")
    return folders


def test_the_places_are_searched_in_order(toy, everywhere):
    for place, folder in everywhere.items():
        location = locate(toy.entry)
        assert (location.place, location.folder) == (place, folder)
        assert set(location.paths) == {file.name for file in toy.entry.files}
        (folder / "test-labels.gz").unlink()
    with pytest.raises(DataNotFoundError):
        locate(toy.entry)


def test_a_named_folder_is_the_only_one(toy, everywhere, tmp_path):
    assert everywhere
    named = toy.write(tmp_path / "named")
    assert locate(toy.entry, named).place == "data_dir"
    (named / "test-labels").unlink()
    with pytest.raises(DataNotFoundError):
        locate(toy.entry, named)


@pytest.mark.parametrize("pattern", ["{file}", "toy/{file}", "toy-{file}"])
@pytest.mark.parametrize("ending", ["", ".gz", ".xz"])
def test_a_folder_may_be_laid_out_in_three_ways(toy, tmp_path, pattern, ending):
    folder = toy.write(tmp_path, ending, pattern)
    location = locate(toy.entry, str(folder))
    assert location.paths == {
        name: folder / pattern.format(file=name + ending) for name in toy.contents
    }
    assert location.source == f"data_dir, {folder}"


def test_the_folder_with_its_name_goes_before_the_files_of_another_data_set(toy, tmp_path):
    toy.write(tmp_path)
    toy.write(tmp_path, pattern="toy/{file}")
    assert locate(toy.entry, tmp_path).paths["test-labels"] == tmp_path / "toy" / "test-labels"


def test_the_home_folder_may_be_written_as_a_tilde(toy, monkeypatch):
    toy.write(Path.home() / "mine")
    assert locate(toy.entry, "~/mine").folder == Path.home() / "mine"
    monkeypatch.setenv("CHAINRULE_DATA", "~/mine")
    assert locate(toy.entry).folder == Path.home() / "mine"


def test_the_source_of_bundled_files_names_no_folder_of_this_machine(toy, everywhere):
    assert everywhere
    assert locate(toy.entry).source == "bundled"


def test_the_error_says_of_every_place_why_it_was_a_miss(toy, tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.write_text("a file")
    monkeypatch.setenv("CHAINRULE_DATA", str(data))
    toy.write(toy.entry.system_folder)
    for name in ("train-images", "test-labels"):
        (toy.entry.system_folder / name).unlink()
    with pytest.raises(DataNotFoundError) as caught:
        locate(replace(toy.entry, url="https://example.org/"))
    assert str(caught.value) == (
        "the data set toy must be in one of the places searched, got none "
        "(bundled: it is not; "
        f"CHAINRULE_DATA: {data} is not a folder; "
        f"the system's data sets: {toy.entry.system_folder} lacks train-images, test-labels "
        "(plain, .gz or .xz); "
        f"the cache: {cache_dir() / 'toy'} does not exist): "
        'download it with "chainrule data fetch toy", '
        "or name the folder that has it with data_dir or CHAINRULE_DATA"
    )


def test_an_empty_variable_is_not_set_and_no_download_is_offered_without_an_address(
    toy, monkeypatch
):
    monkeypatch.setenv("CHAINRULE_DATA", "")
    with pytest.raises(DataNotFoundError) as caught:
        locate(replace(toy.entry, system_folder=None))
    assert str(caught.value) == (
        "the data set toy must be in one of the places searched, got none "
        "(bundled: it is not; CHAINRULE_DATA: the variable is not set; "
        "the system's data sets: no package has it; "
        f"the cache: {cache_dir() / 'toy'} does not exist): "
        "name the folder that has it with data_dir or CHAINRULE_DATA"
    )


def test_a_named_folder_that_lacks_files_is_an_error_with_their_names(toy, tmp_path):
    folder = toy.write(tmp_path / "named", ".gz")
    (folder / "test-images.gz").unlink()
    with pytest.raises(DataNotFoundError) as caught:
        locate(toy.entry, folder)
    assert str(caught.value) == (
        "data_dir must hold the files of toy, directly or in a folder toy, "
        f"got {folder}, which lacks test-images (plain, .gz or .xz): "
        "name the folder that has them, or leave data_dir out to search the usual places"
    )


def test_a_named_folder_that_does_not_exist_is_an_error(toy, tmp_path):
    with pytest.raises(DataNotFoundError, match="nowhere, which does not exist: name the folder"):
        locate(toy.entry, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, ".cache/chainrule"),
        ("linux", {"XDG_CACHE_HOME": "{home}/xdg"}, "xdg/chainrule"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, ".cache/chainrule"),
        ("darwin", {"XDG_CACHE_HOME": "{home}/xdg"}, "Library/Caches/chainrule"),
        ("win32", {}, "AppData/Local/chainrule/Cache"),
        ("win32", {"LOCALAPPDATA": "{home}/local"}, "local/chainrule/Cache"),
    ],
)
def test_the_cache_is_where_the_system_wants_it(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(home=Path.home()))
    assert cache_dir() == Path.home() / expected
