"""Errors that are not chainrule's own get one line too."""

import errno
import os

import pytest

from chainrule.cli import run
from chainrule.cli.errors import in_words
from chainrule.errors import DataNotFoundError, FetchError, InvalidValueError

NUMBERS = [errno.ENOENT, errno.EACCES, errno.EROFS, errno.EISDIR, errno.ENOSPC, errno.EIO]


def broken(encoding, value):
    try:
        return value.encode(encoding) if isinstance(value, str) else value.decode(encoding)
    except UnicodeError as error:
        return error


ERRORS = [
    *(OSError(number, os.strerror(number), "some file") for number in NUMBERS),
    OSError(errno.EACCES, os.strerror(errno.EACCES)),
    OSError("a pipe broke"),
    TimeoutError(),
    MemoryError(),
    MemoryError("Unable to allocate 7.45 GiB"),
    broken("utf-8", "a\udcff"),
    broken("ascii", b"\xff"),
    InvalidValueError("k must be 1", 2, "change it"),
    DataNotFoundError("no such data: look"),
    FetchError("no network: wait"),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_an_error_is_one_line_and_status_2(error, monkeypatch, capsys):
    def fail(*arguments):
        raise error

    monkeypatch.setattr("chainrule.runs.evaluating.evaluate", fail)
    assert run(["evaluate", "none", "none"]) == 2
    line = capsys.readouterr().err
    assert line.startswith("error: ")
    assert line.count("\n") == 1
    assert len(line) > len("error: \n")
    assert "[Errno" not in line


def test_an_error_of_the_system_says_the_file_the_reason_and_what_to_do():
    error = PermissionError(errno.EACCES, "Permission denied", "model.safetensors")
    assert in_words(error) == (
        "model.safetensors: Permission denied: change its permissions, or choose another"
    )
    assert in_words(OSError(errno.EIO, "Input/output error", "a")) == (
        "a: Input/output error: check it and try again"
    )


def test_memory_says_how_much():
    assert in_words(MemoryError("Unable to allocate 7.45 GiB")) == (
        "there must be memory for what is asked (Unable to allocate 7.45 GiB): take a smaller "
        "network, batch or table"
    )


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("chainrule.runs.evaluating.evaluate", fail)
    with pytest.raises(ZeroDivisionError):
        run(["evaluate", "none", "none"])
