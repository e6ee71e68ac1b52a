import subprocess
import sys
from pathlib import Path

import pytest

from chainrule import _output
from chainrule._output import LOCK, is_locked, own_folder, refuse_inputs
from chainrule.errors import InvalidValueError

# -- files that are read ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["same", "dots", "symlink", "hardlink"])
def test_an_output_takes_the_place_of_no_input(tmp_path, kind):
    data, out = tmp_path / "data.csv", tmp_path / "out.csv"
    data.write_text("mine")
    (tmp_path / "a").mkdir()
    make = {
        "same": lambda: data,
        "dots": lambda: tmp_path / "a" / ".." / "data.csv",
        "symlink": lambda: out.symlink_to(data) or out,
        "hardlink": lambda: out.hardlink_to(data) or out,
    }
    with pytest.raises(InvalidValueError, match="must not take the place of a file that is read"):
        refuse_inputs([tmp_path / "other", make[kind]()], [None, "mnist", str(data)])


def test_an_input_that_is_reached_by_a_link_is_the_file_that_it_leads_to(
    tmp_path, monkeypatch, message_of
):
    monkeypatch.chdir(tmp_path)
    data, link = Path("data.csv"), Path("link.csv")
    data.write_text("mine")
    link.symlink_to(data)
    assert message_of(InvalidValueError, refuse_inputs, [data], [link]) == (
        "the output must not take the place of a file that is read, got 'data.csv', which is "
        "'link.csv': choose another name"
    )


def test_other_files_may_be_written(tmp_path):
    (tmp_path / "data.csv").write_text("mine")
    refuse_inputs([tmp_path / "new.csv"], [tmp_path / "data.csv", tmp_path / "none", "a\0b", None])


# -- folders ---------------------------------------------------------------------------------------


def test_a_folder_is_made_and_removed_again_if_nothing_is_left_in_it(tmp_path):
    folder = tmp_path / "a" / "b"
    with own_folder(folder):
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []
    with own_folder(folder):
        (folder / "file").write_text("kept")
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_a_folder_that_was_there_stays(tmp_path):
    with pytest.raises(KeyError), own_folder(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_one_run_has_a_folder(tmp_path, message_of):
    def enter():
        with own_folder(tmp_path):
            raise AssertionError("two runs have the folder")

    with own_folder(tmp_path):
        for _ in range(2):  # a refusal frees nothing
            assert message_of(InvalidValueError, enter) == (
                f"out must be a folder of its own for each run, got {tmp_path}: the folder is in "
                "use by another run: wait for that to end, or choose another"
            )
    with own_folder(tmp_path):
        pass


def test_whether_a_file_is_locked_is_told_and_none_is_made(tmp_path):
    lock = tmp_path / LOCK
    assert not is_locked(lock)
    assert not lock.exists()
    with own_folder(tmp_path):
        assert is_locked(lock)
    lock.write_bytes(b"")
    assert not is_locked(lock)


def test_another_process_is_kept_out_and_a_killed_one_keeps_nobody_out(tmp_path):
    code = (
        "import sys; from pathlib import Path; from chainrule._output import own_folder\n"
        "with own_folder(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], **pipes) as other:
        assert other.stdout.readline().split() == [b"in"]
        with pytest.raises(InvalidValueError, match="in use by another run"), own_folder(tmp_path):
            pass
        other.kill()
    assert (tmp_path / LOCK).exists()
    with own_folder(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_on_a_file_that_is_gone_is_none(tmp_path, monkeypatch):
    # Its owner may remove the file just before another, who has it open already, gets the lock.
    lock, take = tmp_path / LOCK, _output._exclusive
    removed = []

    def taken_late(path):
        connection = take(path)
        if len(removed) < 2:
            removed.append(path.unlink())
        return connection

    monkeypatch.setattr(_output, "_exclusive", taken_late)
    with own_folder(tmp_path):
        assert lock.exists()
        with pytest.raises(InvalidValueError, match="in use"), own_folder(tmp_path):
            pass
    assert len(removed) == 2


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path, out):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InvalidValueError, match="out must be"), own_folder(tmp_path / out):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_lock_that_is_no_lock(tmp_path):
    (tmp_path / LOCK).write_text("something else" * 100)
    with pytest.raises(InvalidValueError, match="cannot be locked"), own_folder(Path(tmp_path)):
        pass
