import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from chainrule.cli import run
from chainrule.cli.reproduce import announce

TINY = [
    "reproduce",
    "--sections",
    "B",
    "--seeds",
    "1",
    "--set",
    "train_samples=300",
    "--set",
    "epochs=2",
]


def test_a_run_prints_progress_verdicts_and_where_the_page_is(tmp_path, capsys):
    assert run([*TINY, "--out", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert captured.out.endswith(
        "19 not judged\nB is not judged. The report's scale decides, and this run has B.epochs 2 "
        "in place of 40, B.train_samples 300 in place of 60,000.\n"
        f"page: {tmp_path / 'index.html'}\n"
    )
    assert "Leaky ReLU gets no" in captured.out
    begin, lines = captured.err.splitlines()[:4], captured.err.splitlines()[4:]
    assert begin[0] == "The course report with changed settings, 1 seed:"
    assert begin[1] == "  B  The network from scratch, on MNIST: 24 trainings"
    assert "on this machine. Ctrl-C stops and keeps what is done." in begin[2]
    assert begin[3] == f"Page, renewed as experiments finish: {tmp_path / 'index.html'}"
    assert len(lines) == 24
    assert lines[0].startswith("[1/24] ")
    assert lines[-1].endswith("all done")
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["seeds"] == [0]
    assert document["settings"]["B"]["train_samples"] == 300
    page = (tmp_path / "index.html").read_text()
    assert "--set train_samples=300 --set epochs=2" in page


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_writes_what_is_finished_and_says_how_to_go_on(tmp_path):
    endless = ["reproduce", "--sections", "B", "--out", str(tmp_path), "--set"]
    endless.append("train_samples=1000")
    process = subprocess.Popen(
        [sys.executable, "-m", "chainrule", *endless],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    begin = [process.stderr.readline() for _ in range(4)]
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert begin[1].endswith("120 trainings\n")
    assert first.startswith("[1/120] ")
    assert process.returncode == 130
    stopped, command = rest.strip().splitlines()[-2:]
    assert stopped == f"stopped; 1 training finished, in {tmp_path}. To go on:"
    assert command == f"  chainrule {' '.join(endless)} --resume"
    assert "Traceback" not in rest
    assert (tmp_path / "index.html").exists()
    assert len((tmp_path / "history.csv").read_text().splitlines()) > 1
    document = json.loads((tmp_path / "results.json").read_text())
    assert {claim["verdict"] for claim in document["claims"]} == {None}


@pytest.mark.parametrize(("n", "said"), [(1, "1 training is there"), (2, "2 trainings are there")])
def test_what_an_earlier_run_has_left_is_told(n, said, tmp_path, capsys):
    plan = SimpleNamespace(out=tmp_path, seeds=(0,), sections=(), quick=True, overrides={})
    announce(SimpleNamespace(plan=plan, kept=set(range(n)), trials={}, new={}))
    assert f"{said} from an earlier run; --force runs all again." in capsys.readouterr().err
