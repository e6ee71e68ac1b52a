import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from chainrule import load
from chainrule.cli import run
from chainrule.study.store import STORE, Store

SPEC = """
name = "two activations"
data = "data.csv"
target = "kind"
seeds = 2
metrics = ["accuracy", "neg_log_loss"]

[fixed]
hidden_layer_sizes = [4]
max_iter = 3

[grid]
activation = ["relu", "tanh"]
"""


@pytest.fixture
def spec(tmp_path, monkeypatch):
    """The file of a small study, in the folder where commands are run."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [
        f"{x:.3f},{'ab'[int(x > 0)]}{k % 2},{'yn'[int(x > 0)]}"
        for k, x in enumerate(rng.normal(size=80))
    ]
    (tmp_path / "data.csv").write_text("\n".join(["size,group,kind", *rows]) + "\n")
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def finished(spec, capsys):
    assert run(["study", "run", "spec.toml", "--out", "out", "--jobs", "1"]) == 0
    capsys.readouterr()
    return spec


def lines_of(capsys):
    return capsys.readouterr().out.splitlines()


def test_run_shows_each_trial_then_the_candidates_and_what_to_do_next(spec, capsys):
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 0
    printed = capsys.readouterr()
    progress = printed.err.splitlines()
    assert len(progress) == 4
    assert progress[0].startswith("[1/4] activation=")
    assert "accuracy 0." in progress[0]
    assert "neg_log_loss -" in progress[0]
    assert progress[-1].endswith("; all done")
    shown = printed.out.splitlines()
    assert shown[0].split() == ["rank", "activation", "accuracy", "neg_log_loss", "trials", "each"]
    assert [line.split()[0] for line in shown[1:3]] == ["1", "2"]
    assert shown[3:] == [
        "all candidates: chainrule study show --out out",
        "the whole page: chainrule study report --out out",
    ]


def test_the_same_command_goes_on_and_more_seeds_are_added(finished, capsys):
    finished.write_text(SPEC.replace("seeds = 2", "seeds = 3"))
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 0
    progress = capsys.readouterr().err.splitlines()
    assert progress[0] == "[4/6] 4 from an earlier run"
    assert [line.split()[0] for line in progress[1:]] == ["[5/6]", "[6/6]"]


def test_another_study_in_the_same_folder_is_refused(finished, capsys):
    finished.write_text(SPEC.replace("max_iter = 3", "max_iter = 4"))
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 2
    assert capsys.readouterr().err == (
        "error: the folder out must be this study's, got one that differs in fixed.max_iter: "
        "choose another --out folder, or change the study back; only seeds and candidates may be "
        "added\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "seeds = 2",
            "seed = 2",
            "spec.toml: a study's key must be one of name, data, target, task, estimator, columns, "
            "fixed, grid, candidates, random, optuna, seeds, evaluation, metrics, halving, got "
            "'seed': did you mean \"seeds\"?",
        ),
        (
            'data = "data.csv"',
            'data = "dat.csv"',
            "dat.csv: it must be a file, a folder of images or a bundled data set (mnist, "
            'fashion-mnist-report, fashion-mnist), got nothing called "dat.csv" in the folder '
            '".": did you mean "data.csv"?',
        ),
        (
            "activation =",
            "activations =",
            "candidates must set parameters of MLPClassifier, got 'activations': did you mean "
            '"activation"?',
        ),
        (
            "max_iter = 3",
            "max_iter = 0",
            "candidates must be what MLPClassifier takes (The 'max_iter' parameter of "
            "MLPClassifier must be an int in the range [1, inf). Got 0 instead), got "
            "activation=relu: change the value",
        ),
        (
            'target = "kind"',
            "",
            "the target must be a column of {data} (size, group, kind), got none: name the column "
            'to predict, or choose the task "autoencoder"',
        ),
    ],
)
def test_a_bad_study_is_one_line_and_leaves_nothing(spec, capsys, old, new, message):
    spec.write_text(SPEC.replace(old, new))
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 2
    wanted = message.replace("{data}", str(spec.with_name("data.csv")))
    assert capsys.readouterr().err == f"error: {wanted}\n"
    assert not spec.with_name("out").exists()


def test_jobs_and_schedulers_that_cannot_be_are_refused(spec, capsys):
    assert run(["study", "run", "spec.toml", "--jobs", "0"]) == 2
    assert capsys.readouterr().err == (
        "error: jobs must be at least 1, or -1, got 0: -1 uses every core\n"
    )
    assert run(["study", "run", "spec.toml", "--scheduler", "tcp://x"]) == 2
    assert capsys.readouterr().err == (
        "error: scheduler must be left out with the threads backend, got 'tcp://x': choose dask "
        "or ray, which run on clusters\n"
    )


def test_show_sorts_by_any_metric(finished, capsys):
    assert run(["study", "show", "--out", "out", "--sort", "train_accuracy"]) == 0
    heading = lines_of(capsys)[1].split()
    assert heading[:4] == ["rank", "activation", "accuracy", "accuracy"]  # one is train_accuracy
    assert run(["study", "show", "--out", "out", "--sort", "acuracy"]) == 2
    assert capsys.readouterr().err == (
        "error: metric must be one of accuracy, neg_log_loss, train_accuracy, "
        "train_neg_log_loss, score_time, fit_time, got 'acuracy': did you mean \"accuracy\"?\n"
    )


def test_show_prints_json(finished, capsys):
    assert run(["study", "show", "--out", "out", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["rank"] for row in rows] == [1, 2]
    assert {row["values"]["activation"] for row in rows} == {"relu", "tanh"}
    for row in rows:
        accuracy = row["metrics"]["accuracy"]
        assert accuracy["low"] <= accuracy["mean"] <= accuracy["high"]
        assert (accuracy["n"], accuracy["over"]) == (2, "seeds")
        assert (row["trials"], row["failed"], row["errors"]) == (2, 0, [])
    assert rows[0]["metrics"]["accuracy"]["mean"] >= rows[1]["metrics"]["accuracy"]["mean"]


def test_show_has_a_failed_candidate_with_its_error(spec, capsys):
    text = SPEC.replace('activation = ["relu", "tanh"]', "learning_rate_init = [0.1, 1e300]")
    spec.write_text(text)
    with np.errstate(all="ignore"):
        assert run(["study", "run", "spec.toml", "--out", "out"]) == 0
    capsys.readouterr()
    assert run(["study", "show", "--out", "out"]) == 0
    last = lines_of(capsys)[-1]
    assert last.split()[:4] == ["-", "1e+300", "-", "-"]
    assert "2 failed: " in last


def test_status_says_how_far_a_study_is(finished, capsys):
    assert run(["study", "status", "--out", "out"]) == 0
    name, done, trained, running, best = lines_of(capsys)
    assert (name, done, running) == (
        "two activations",
        "  finished: 4 of 4 trials",
        "  running: no",
    )
    assert trained.startswith("  trained: ")
    assert best.startswith("  best: activation=")
    with Store(finished.with_name("out") / STORE):
        assert run(["study", "status", "--out", "out", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["planned"], facts["finished"], facts["failed"]) == (4, 4, 0)
    assert facts["running"].startswith("process ")


def test_the_best_candidate_becomes_a_model(finished, capsys):
    assert run(["study", "best", "--out", "out", "--export", "m.safetensors"]) == 0
    name, accuracy, loss, written = lines_of(capsys)
    assert name.startswith("activation=")
    assert accuracy.startswith("  accuracy: 0.")
    assert accuracy.endswith(" over 2 seeds")
    assert loss.startswith("  neg_log_loss: -")
    assert written == "written: m.safetensors"
    model = load("m.safetensors")
    assert set(model.predict({"group": ["a0", "b1"], "size": [-2.0, 2.0]})) <= {"y", "n"}


def test_no_output_of_a_study_takes_the_place_of_its_data(spec, capsys):
    Path("out").mkdir()
    Path("data.csv").rename("out/trials.csv")
    spec.write_text(SPEC.replace("data.csv", "out/trials.csv"))
    before = Path("out/trials.csv").read_bytes()
    assert run(["study", "run", "spec.toml", "--out", "out", "--jobs", "1"]) == 0
    capsys.readouterr()
    Path("data.safetensors").symlink_to("out/trials.csv")
    Path("store.safetensors").symlink_to("out/trials.sqlite")
    for words in (
        ["report", "--out", "out"],
        ["best", "--out", "out", "--export", "data.safetensors", "--force"],
        ["best", "--out", "out", "--export", "store.safetensors", "--force"],
    ):
        assert run(["study", *words]) == 2
        assert "must not take the place of a file that is read" in capsys.readouterr().err
    assert Path("out/trials.csv").read_bytes() == before
    assert not Path("out/index.html").exists()
    assert run(["study", "show", "--out", "out"]) == 0


def test_best_prints_json(finished, capsys):
    assert run(["study", "best", "--out", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rank"] == 1


def test_the_page_and_the_tables_are_written_into_the_folder(finished, capsys):
    assert run(["study", "report", "--out", "out"]) == 0
    page = Path("out") / "index.html"
    assert lines_of(capsys) == [f"written: {page}, trials.csv, history.csv"]
    assert "two activations" in page.read_text()
    assert len(page.with_name("trials.csv").read_text().splitlines()) == 1 + 4
    assert len(page.with_name("history.csv").read_text().splitlines()) == 1 + 4 * 3


@pytest.mark.parametrize("command", ["status", "show", "best", "report"])
def test_a_folder_without_a_study_is_refused(spec, capsys, command):
    assert run(["study", command, "--out", "nowhere"]) == 2
    assert capsys.readouterr().err == (
        "error: the folder must be one that chainrule study run has written to (with "
        "trials.sqlite), got 'nowhere': give the --out folder of a study\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(spec, capsys):
    long = SPEC.replace('["relu", "tanh"]', '["relu", "tanh", "gelu", "elu"]')
    spec.write_text(
        long.replace("max_iter = 3", "max_iter = 2000\ntol = 0.0\nn_iter_no_change = inf")
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "chainrule", "study", "run", "spec.toml", "--out", "out"],
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert first.startswith("[1/8] ")
    assert process.returncode == 130
    assert rest.strip().splitlines()[-1] == (
        "stopped; what is finished is in out. The same command goes on."
    )
    assert "Traceback" not in rest
    assert run(["study", "status", "--out", "out", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert 1 <= facts["finished"] < facts["planned"] == 8
    assert facts["running"] is None


DAMAGE = [
    ("notes", "SET text = 'nonsense' WHERE key = 'study'", "study status show report best run"),
    ("notes", "SET text = '{}' WHERE key = 'study'", "study status show report best run"),
    ("notes", "SET text = '[[1]]' WHERE key = 'planned'", "planned status show report best"),
    ("trials", "SET result = '{' WHERE rowid = 2", "trials status show report best run"),
    ("trials", "SET trial = '[]' WHERE rowid = 2", "trials status show report best"),
]


def change(path, sql):
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(sql)


@pytest.mark.parametrize(("table", "damage", "commands"), DAMAGE)
def test_a_damaged_row_is_named_in_one_line_and_taken_out_costs_nothing_else(
    table, damage, commands, finished, capsys
):
    path = finished.with_name("out") / STORE
    change(path, f"UPDATE {table} {damage}")
    row, *names = commands.split()
    for name in names:
        words = ["run", "spec.toml"] if name == "run" else [name]
        assert run(["study", *words, "--out", "out"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: the row ")
        assert f" of {table} in out" in line
        assert row == "trials" or f"the row {row} of notes" in line
    taken_out = re.search(r'"(DELETE .*)"', line)[1]
    change(path, taken_out)
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 0
    trained_anew = [one for one in capsys.readouterr().err.splitlines() if "accuracy" in one]
    assert len(trained_anew) == (1 if table == "trials" else 0)
    assert run(["study", "status", "--out", "out"]) == 0


def test_trials_of_something_else_are_still_refused(finished, capsys):
    change(finished.with_name("out") / STORE, "DELETE FROM notes WHERE key = 'study'")
    finished.write_text(SPEC.replace("max_iter = 3", "max_iter = 4"))
    assert run(["study", "run", "spec.toml", "--out", "out"]) == 2
    assert "trials of something else" in capsys.readouterr().err


def test_ties_of_the_best_are_said(finished, capsys):
    change(
        finished.with_name("out") / STORE,
        "UPDATE trials SET result = json_set(result, '$.metrics.accuracy', 0.5, "
        "'$.metrics.neg_log_loss', NULL)",
    )
    assert run(["study", "best", "--out", "out"]) == 0
    assert lines_of(capsys) == [
        "activation=relu, and 1 other as good",
        "  accuracy: 0.5000 ± 0.0000 over 2 seeds",
        "  neg_log_loss: undefined",
    ]
    assert run(["study", "status", "--out", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["as_good"] == ["activation=tanh"]
    assert run(["study", "show", "--out", "out", "--sort", "neg_log_loss"]) == 0
    assert "2 without a finite neg_log_loss" in capsys.readouterr().out
