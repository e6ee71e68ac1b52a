import json
import os

import pytest

from chainrule import load
from chainrule.errors import InvalidValueError
from chainrule.persist import model_file
from chainrule.runs.files import NAMES, check_folder, write_folder


def test_a_new_folder_and_its_parents(tmp_path):
    check_folder(tmp_path / "a" / "b", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_some_of_the_files(tmp_path, message_of):
    (tmp_path / "run.json").write_text("mine")
    assert message_of(InvalidValueError, check_folder, tmp_path, force=False) == (
        f"out must be a folder without a run's files, got {tmp_path} with run.json: choose "
        "another, or write over them with --force"
    )
    check_folder(tmp_path, force=True)


def test_a_folder_that_may_not_be_written_to_is_found_before_training(
    tmp_path, message_of, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    out = tmp_path / "new" / "run"
    assert message_of(InvalidValueError, check_folder, out, force=False) == (
        f"out must be in a folder that may be written to, got '{out}': choose another"
    )


@pytest.mark.parametrize("out", ["run", "a/b", "."])
def test_the_folder_s_name_may_be_any(flower_run, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path.__class__(out)
    write_folder(folder, flower_run.document, flower_run.model, force=False)
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    for name in NAMES:
        assert (folder / name).read_bytes() == (flower_run.folder / name).read_bytes()


def test_a_failed_write_names_the_folder_that_was_asked_for(flower_run, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/run'$"):
        write_folder(tmp_path / "run", flower_run.document, flower_run.model, force=False)
    assert list(tmp_path.iterdir()) == []


def test_names_in_bytes_that_are_no_utf8(flower_run, tmp_path):
    document = flower_run.document | {"command": "chainrule train caf\udce9.csv"}
    write_folder(tmp_path / "caf\udce9", document, flower_run.model, force=False)
    found = json.loads((tmp_path / "caf\udce9" / "run.json").read_bytes())
    assert found["command"] == document["command"]


def test_a_history_too_long_for_the_model_s_file_is_in_the_table(flower_run, tmp_path, monkeypatch):
    assert len(load(flower_run.folder).estimator.history_) > 0
    whole = (flower_run.folder / "model.safetensors").read_bytes()
    monkeypatch.setattr(model_file, "LONGEST_HEADER", int.from_bytes(whole[:8], "little") - 1)
    write_folder(tmp_path / "run", flower_run.document, flower_run.model, force=False)
    for name in ("history.csv", "report.html"):
        assert (tmp_path / "run" / name).read_bytes() == (flower_run.folder / name).read_bytes()
    assert len(load(tmp_path / "run").estimator.history_) == 0
