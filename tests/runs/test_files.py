import json

import pytest

from chainrule import load
from chainrule._output import own_folder
from chainrule.errors import InvalidValueError
from chainrule.persist import model_file
from chainrule.runs.files import CHECKPOINT, MODEL, NAMES, ROWS, check_folder, write_folder
from chainrule.runs.training_rows import TrainingRows


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


def test_a_run_that_was_interrupted_may_be_gone_on_with(tmp_path, message_of):
    check_folder(tmp_path, force=False, resume=True)  # nothing there: it begins
    (tmp_path / CHECKPOINT).write_text("so far")
    assert message_of(InvalidValueError, check_folder, tmp_path, force=False).endswith(
        f"got {tmp_path} with {CHECKPOINT}: choose another, go on with --resume, or write over "
        "them with --force"
    )
    check_folder(tmp_path, force=False, resume=True)
    check_folder(tmp_path, force=True)
    (tmp_path / CHECKPOINT).rename(tmp_path / "run.json")
    assert message_of(InvalidValueError, check_folder, tmp_path, force=False, resume=True) == (
        f"resume must have a run to go on with, one that was interrupted, got {tmp_path} with one "
        "that is finished: choose another folder, or write over it with --force"
    )


def test_a_folder_in_a_file_s_place_is_found_before_training(tmp_path, message_of):
    (tmp_path / "run.json").mkdir()
    assert message_of(InvalidValueError, check_folder, tmp_path, force=True) == (
        f"out must be a folder where a run's files can be, got {tmp_path} with a folder run.json: "
        "choose another"
    )


@pytest.mark.parametrize("out", ["run", "a/b", "."])
def test_the_folder_s_name_may_be_any(flower_run, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path.__class__(out)
    rows = TrainingRows.load(flower_run.folder / ROWS)
    with own_folder(folder):
        (folder / ".writing").mkdir()
        (folder / ".writing" / MODEL).write_text("half")  # of a run that was killed
        write_folder(folder, flower_run.document, flower_run.model, rows)
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    for name in NAMES:
        assert (folder / name).read_bytes() == (flower_run.folder / name).read_bytes()


def test_a_failed_write_names_the_folder_that_was_asked_for(flower_run, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chainrule.runs.files.replace_file", full)
    rows = TrainingRows.load(flower_run.folder / ROWS)
    full_disk = pytest.raises(OSError, match=r"No space left on device: '.*/run'$")
    with full_disk, own_folder(tmp_path / "run"):
        write_folder(tmp_path / "run", flower_run.document, flower_run.model, rows)
    assert list(tmp_path.iterdir()) == []


def written(folder, run, document):
    with own_folder(folder):
        write_folder(folder, document, run.model, TrainingRows.load(run.folder / ROWS))


def test_names_in_bytes_that_are_no_utf8(flower_run, tmp_path):
    document = flower_run.document | {"command": "chainrule train caf\udce9.csv"}
    written(tmp_path / "caf\udce9", flower_run, document)
    found = json.loads((tmp_path / "caf\udce9" / "run.json").read_bytes())
    assert found["command"] == document["command"]


def test_a_history_too_long_for_the_model_s_file_is_in_the_table(flower_run, tmp_path, monkeypatch):
    assert len(load(flower_run.folder).network_.history_) > 0
    whole = (flower_run.folder / "model.safetensors").read_bytes()
    monkeypatch.setattr(model_file, "LONGEST_HEADER", int.from_bytes(whole[:8], "little") - 1)
    written(tmp_path / "run", flower_run, flower_run.document)
    for name in ("history.csv", "report.html"):
        assert (tmp_path / "run" / name).read_bytes() == (flower_run.folder / name).read_bytes()
    assert len(load(tmp_path / "run").network_.history_) == 0
