import json

import pytest

from chainrule.report.files import to_json, write_text


def test_text_is_written_as_it_is(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "é\r\nb\n")
    assert path.read_bytes() == "é\r\nb\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("broken", ["os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, broken):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(broken, full)
    message = r"No space left on device; the old file is kept: '.*a\.txt'"
    with pytest.raises(OSError, match=message):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_strict():
    value = {"a": [1.5, float("inf"), {"b": float("nan")}], "c": (True, None, "é")}
    text = to_json(value)
    assert json.loads(text) == {"a": [1.5, None, {"b": None}], "c": [True, None, "é"]}
    assert text.endswith("\n")
