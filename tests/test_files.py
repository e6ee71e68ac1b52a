import fcntl
import json
import os
import stat
from io import BytesIO
from pathlib import Path

import pytest

from chainrule import _files
from chainrule._files import as_path, check_place, put_in_place, replace_file, write_text
from chainrule.errors import InvalidValueError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    return path


def test_text_is_written_as_it_is(path):
    write_text(path, "é\r\nb\n")
    assert path.read_bytes() == "é\r\nb\n".encode()


def test_half_of_a_pair_is_an_escape(path):
    write_text(path, "caf\udce9")
    assert path.read_text() == "caf\\udce9"


@pytest.mark.parametrize("given", ["a/b", b"a/b", Path("a/b")])
def test_what_is_a_path(given):
    assert as_path(given, "it") == Path("a/b")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "must be a text or a pathlib.Path, got None"),
        (3, "must be a text or a pathlib.Path, got an object of the type int"),
        (BytesIO(), "must be a text or a pathlib.Path, got an object of the type BytesIO"),
        ("", "must not be empty, got ''"),
        (b"", "must not be empty, got ''"),
        ("a\0b", "must have no zero bytes, got 'a\\x00b'"),
    ],
)
def test_what_is_no_path(given, message, message_of):
    expected = f"it {message}: pass a file's name"
    assert message_of(InvalidValueError, as_path, given, "it") == expected


def test_permissions_are_the_user_s_and_stay(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "b", "new")
        assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o640
        (tmp_path / "b").chmod(0o604)
        write_text(tmp_path / "b", "newer")
        assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o604
    finally:
        os.umask(before)


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch, broken):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, full)
    message = r"No space left on device; the old file is kept: '.*a\.txt'"
    with pytest.raises(OSError, match=message):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_error_of_the_file_system_leaves_the_old_file_too(path):
    def interrupted(file):
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_file(path, interrupted)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_and_nothing_else(path):
    left = path.with_name(".a.txt.0123abcd")
    others = [path.with_name(name) for name in (".a.txt.0123", ".b.txt.0123abcd", "a.txt.0123abcd")]
    for file in [left, *others]:
        file.write_text("half")
    write_text(path, "new")
    assert sorted(path.parent.iterdir()) == sorted([path, *others])


def test_what_is_still_being_written_stays(path):
    def while_another_writes(file):
        write_text(path, "in between")
        file.write(b"last")

    replace_file(path, while_another_writes)
    assert path.read_text() == "last"
    assert list(path.parent.iterdir()) == [path]


def test_without_locks_what_is_left_is_removed_too(path, monkeypatch):
    monkeypatch.setattr(_files, "fcntl", None)
    path.with_name(".a.txt.0123abcd").write_text("half")
    write_text(path, "new")
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_taken_away_before_it_is_locked_is_begun_again(path, monkeypatch):
    lock, taken = fcntl.flock, []

    def late(file, how):
        if how == fcntl.LOCK_EX and not taken:
            taken.extend(path.parent.glob(".a.txt.*"))
            taken[0].unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    write_text(path, "new")
    assert len(taken) == 1
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_followed_and_not_replaced(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    write_text(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*none/a'$"):
        write_text(tmp_path / "none" / "a", "new")


def test_a_name_in_wrong_bytes_is_written_as_json_has_it(path):
    write_text(path, '{"file": "a\udcff.csv"}')
    assert path.read_bytes() == b'{"file": "a\\udcff.csv"}'
    assert json.loads(path.read_text()) == {"file": "a\udcff.csv"}


@pytest.mark.parametrize(
    ("name", "over", "rule"),
    [
        ("there", False, "the output file must not be there yet"),
        (".", True, "the output must be a file"),
        ("none/file", True, "the output file's folder must exist"),
        ("there/file", True, "the output file's folder must exist"),
    ],
)
def test_where_no_file_can_be_written_is_said_before(name, over, rule, tmp_path):
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InvalidValueError, match=rule):
        check_place(tmp_path / name, over=over)


@pytest.mark.parametrize(("name", "over"), [("there", True), ("new", False), ("new", True)])
def test_where_a_file_can_be_written_nothing_is_said(name, over, tmp_path):
    (tmp_path / "there").write_text("mine")
    check_place(tmp_path / name, over=over)


def test_a_device_is_no_place_for_a_file(tmp_path):
    (tmp_path / "link.csv").symlink_to(os.devnull)
    with pytest.raises(InvalidValueError, match="the output must be an ordinary file"):
        check_place(tmp_path / "link.csv", over=True)


def no_links(*arguments):
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("has_links", [True, False])
def test_of_two_writers_of_a_new_file_one_wins_and_the_other_is_told(
    tmp_path, monkeypatch, has_links
):
    path = tmp_path / "new.txt"
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)

    def slow(file):  # meanwhile another one begins, and is done first
        file.write(b"slow")
        write_text(path, "quick", over=False)

    with pytest.raises(InvalidValueError, match=r"must not be there yet, got '.*new\.txt'"):
        replace_file(path, slow, over=False)
    assert path.read_text() == "quick"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_file_is_written_where_none_is(tmp_path, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    write_text(tmp_path / "new", "all", over=False)
    assert (tmp_path / "new").read_text() == "all"
    assert (tmp_path / "new").stat().st_nlink == 1


def test_a_file_that_was_written_elsewhere_takes_no_other_one_s_place(path, tmp_path):
    (tmp_path / "written").write_text("mine")
    with pytest.raises(InvalidValueError, match="must not be there yet"):
        put_in_place(tmp_path / "written", path, over=False)
    assert path.read_text() == "old"
    put_in_place(tmp_path / "written", path, over=True)
    assert path.read_text() == "mine"
