"""Streams that take little, nothing, or no more: what is written, what is lost, and the status."""

import errno
import io
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.cli import main
from chainrule.cli.output import print_json
from chainrule.cli.streams import LastingStream, lasting_streams
from chainrule.runs.files import NAMES


class Failing(io.RawIOBase):
    """Takes some writes, then fails."""

    def __init__(self, number, takes=0):
        self.number, self.takes, self.taken = number, takes, []

    def writable(self):
        return True

    def write(self, data):
        if len(self.taken) == self.takes:
            raise OSError(self.number, os.strerror(self.number))
        self.taken.append(bytes(data))
        return len(data)


def text_stream(raw, encoding="utf-8"):
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding)


def has_no_lines(text):
    return not any("\u2500" <= one < "\u2580" for one in text)


@given(
    text=st.text(st.characters(exclude_characters="\r\n–")).filter(has_no_lines),
    encoding=st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8"]),
)
def test_what_an_encoding_lacks_is_escaped(text, encoding):
    below = io.BytesIO()
    stream = LastingStream(io.TextIOWrapper(below, encoding))
    stream.write(text)
    assert stream.lost is None
    assert below.getvalue() == text.encode(encoding, "backslashreplace")


@pytest.mark.parametrize(
    ("text", "plain"), [("┌─┬─┐", "+-+-+"), ("│é║", r"|\xe9|"), ("━┿━ –", "-+- -"), ("═╬═", "-+-")]
)
def test_lines_are_drawn_in_ascii_where_they_must_be(text, plain):
    for encoding, shown in (("ascii", plain), ("utf-8", text)):
        below = io.BytesIO()
        stream = LastingStream(io.TextIOWrapper(below, encoding))
        print(text, end="", file=stream, flush=True)
        assert below.getvalue().decode(encoding) == shown


@pytest.mark.parametrize("takes", [0, 1])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EBADF])
def test_what_a_stream_does_not_take_is_lost_and_told(number, takes):
    raw = Failing(number, takes)
    stream = LastingStream(text_stream(raw))
    for word in ("one", "two", "three"):
        stream.write(word)
        stream.flush()
    assert stream.lost.errno == number
    assert raw.taken == [b"one"][:takes]


def test_a_reader_that_is_gone_is_no_loss():
    stream = LastingStream(text_stream(Failing(errno.EPIPE)))
    stream.write("more")
    assert stream.lost is None


def test_a_closed_stream_loses_what_is_written_and_nothing_else():
    stream = LastingStream(None)
    assert stream.lost is None
    assert not stream.isatty()
    with pytest.raises(io.UnsupportedOperation):
        stream.fileno()
    stream.write("gone")
    assert stream.lost.errno == errno.EBADF


def test_a_stream_is_what_it_was_but_for_its_errors(tmp_path):
    with (tmp_path / "file").open("w", encoding="latin-1", buffering=1) as file:
        stream = LastingStream(file)
        assert stream.fileno() == file.fileno()
        assert stream.encoding == "latin-1"
        assert stream.line_buffering
        assert not stream.isatty()
        print("line", file=stream)
        assert (tmp_path / "file").read_text() == "line\n"


def test_the_streams_are_given_back():
    before = sys.stdout, sys.stderr
    with lasting_streams() as lost:
        assert isinstance(sys.stdout, LastingStream)
        assert isinstance(sys.stderr, LastingStream)
        assert lost() is None
    assert (sys.stdout, sys.stderr) == before


def test_a_stream_of_text_alone_stays(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    with lasting_streams() as lost:
        print("a – b")
        assert lost() is None
    assert text.getvalue() == "a – b\n"


def test_without_a_buffer_lines_are_written_as_they_end():
    below = io.BytesIO()
    stream = LastingStream(io.TextIOWrapper(below, "utf-8", write_through=True))
    print("one", file=stream)
    assert below.getvalue() == b"one\n"


# -- commands --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a folder with data whose classes and columns are not ASCII, a run, and a study."""
    home = tmp_path_factory.mktemp("streams")
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{'äö'[int(x > 0)]}" for x in rng.normal(size=40)]
    (home / "data.csv").write_text("größe,art\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (home / "study.toml").write_text(
        'name = "Äpfel"\ndata = "data.csv"\ntarget = "art"\nseeds = 1\nmetrics = ["accuracy"]\n'
        "[fixed]\nhidden_layer_sizes = 2\nmax_iter = 2\n[grid]\nalpha = [0.1, 0.2]\n",
        encoding="utf-8",
    )
    before = Path.cwd()
    os.chdir(home)
    try:
        for words in (TRAIN, ["study", "run", "study.toml", "-q"]):
            assert status(words) == 0
    finally:
        os.chdir(before)
    return home


TRAIN = ["train", "data.csv", "--target", "art", "-o", "run", "--set", "max_iter=2"]
COMMANDS = [
    [*TRAIN, "--force"],
    ["predict", "run", "data.csv", "-o", "predictions.csv", "--force"],
    ["evaluate", "run", "data.csv"],
    ["evaluate", "run", "data.csv", "--json"],
    ["explore", "run", "--data", "data.csv", "-o", "page.html", "--force"],
    ["study", "run", "study.toml"],
    ["study", "status"],
    ["study", "show"],
    ["study", "report"],
    ["study", "best", "--export", "best.safetensors", "--force"],
    ["explain", "backprop", "--example", "report"],
    ["explain", "max-margin", "--example", "report"],
    ["explain", "classifier", "--example", "report"],
    ["data", "list"],
    ["data", "show", "fashion-mnist-report"],
    ["data", "fetch", "mnist"],
    ["info"],
    ["info", "run"],
    ["info", "run", "--json"],
    ["--help"],
    ["--version"],
]
# One for each way of printing: lines, tables, JSON, click's own.
PRINTING = [
    ["evaluate", "run", "data.csv"],
    ["evaluate", "run", "data.csv", "--json"],
    ["predict", "run", "data.csv", "-o", "-"],
    ["study", "show"],
    ["explain", "backprop", "--example", "report"],
    ["data", "list"],
    ["info", "run"],
    ["--help"],
    ["--version"],
]


def status(words):
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code


@pytest.fixture
def there(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_print_what_ascii_has(words, there, monkeypatch):
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, "ascii"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, "ascii"))
    assert status(words) == 0
    assert out.getvalue()
    assert out.getvalue().isascii()
    assert err.getvalue().isascii()
    assert b"Traceback" not in err.getvalue()


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_commands_survive_an_output_that_takes_nothing(words, number, there, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", text_stream(Failing(number)))
    assert status(words) == (0 if number == errno.EPIPE else 2)
    err = capsys.readouterr().err
    lost = "error: standard output must take what is printed, got 'No space left on device'"
    assert ("error: " in err) == (lost in err) == (number == errno.ENOSPC)
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_training_goes_on_where_nobody_reads(number, there, tmp_path, monkeypatch, capsys):
    words = [str(tmp_path / "new") if word == "run" else word for word in TRAIN]
    monkeypatch.setattr(sys, "stdout", text_stream(Failing(number)))
    monkeypatch.setattr(sys, "stderr", text_stream(Failing(number)))
    assert status(words) == (0 if number == errno.EPIPE else 2)
    assert {path.name for path in (tmp_path / "new").iterdir()} >= set(NAMES)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_may_be_closed(stream, there, monkeypatch):
    monkeypatch.setattr(sys, stream, None)
    assert status(["evaluate", "run", "data.csv"]) == (2 if stream == "stdout" else 0)
    assert status(["evaluate", "run", "absent.csv"]) == 2


def test_quiet_loses_nothing_on_a_full_disk(there, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", text_stream(Failing(errno.ENOSPC)))
    assert status([*TRAIN, "--force", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_predictions_that_are_printed_are_utf_8_whatever_the_terminal_has(there, monkeypatch):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, "ascii"))
    assert status(["predict", "run", "data.csv", "-o", "-", "-q"]) == 0
    assert set(out.getvalue().decode("utf-8").split("\n")) <= {"art", "ä", "ö", ""}


@pytest.mark.parametrize(
    "words",
    [
        [*TRAIN, "--force"],
        ["predict", "run", "data.csv", "-o", "predictions.csv", "--force"],
        ["explore", "run", "--data", "data.csv", "-o", "page.html", "--force"],
        ["study", "run", "study.toml"],
        ["study", "report"],
        ["explain", "backprop", "--example", "report", "-o", "step.md", "--force"],
        ["data", "fetch", "mnist"],
    ],
    ids=" ".join,
)
def test_quiet_prints_nothing(words, there, capsys):
    assert status([*words, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    # What should be known of the data stays.
    assert captured.err.startswith("The model has learnt from") == (words[0] == "explore")
    assert captured.err.count("\n") == (words[0] == "explore")


@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_quiet_leaves_what_was_asked_for(quiet, there, capsys):
    for words in (["evaluate", "run", "data.csv"], ["study", "best"]):
        assert status([*words, *quiet]) == 0
        captured = capsys.readouterr()
        assert "accuracy" in captured.out
        assert (captured.err == "") == (bool(quiet) or words[0] == "study")


def test_results_are_printed_as_strict_json(capsys):
    print_json({"mean": math.nan, "name": "caf\u00e9"})
    assert capsys.readouterr().out == '{\n "mean": null,\n "name": "caf\\u00e9"\n}\n'
