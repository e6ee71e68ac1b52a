from __future__ import annotations

import hashlib
import json
import sys

import numpy as np
import pandas as pd
import pytest

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule.cli import run
from chainrule.datasets.tables import table_of
from chainrule.preparation import Preparation, inspect, table_model

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(3).normal(size=(60, 4))
FEW = {"max_iter": 3, "random_state": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def hostile(path):
    """A model whose class and feature names are made to deceive."""
    names = np.array(["\x1b[31mred\x07", "<script>", "line\nfeed"])
    frame = pd.DataFrame(X, columns=["\x1b]0;title\x07", "a" * 99, "\u202eback", "b"])
    model = MLPClassifier((6, 5), ["gelu", "tanh"], input_scaling="standard", alpha=0.5, **FEW)
    model.fit(frame, names[np.arange(60) % 3]).save(path, optimizer=True)
    return path


def test_everything_inside_is_shown_and_safe_to_print(hostile, capsys):
    assert run(["info", str(hostile)]) == 0
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.split("\n"))
    lines = {line[:15].strip(): line[15:].strip() for line in shown.splitlines()}
    seconds = lines.pop("seconds")
    assert float(seconds) >= 0
    assert float(lines.pop("training loss")) > 0
    assert lines == {
        "estimator": "MLPClassifier",
        "task": "classification, 3 classes",
        "layers": "4, 6, 5, 3",
        "activations": "gelu, tanh",
        "loss": "softmax_cross_entropy",
        "dtype": "float32",
        "parameters": "83",
        "classes": r"\x1b[31mred\x07, <script>, line\nfeed",
        "features": r"\x1b]0;title\x07, " + "a" * 80 + r"…, \u202eback, b",
        "input scaling": "standard",
        "settings": "activation=['gelu', 'tanh'], alpha=0.5, hidden_layer_sizes=(6, 5), "
        "input_scaling='standard', max_iter=3, random_state=0",
        "epochs": "3",
        "best epoch": "3",
        "training state": "saved: training can go on",
        "chainrule": lines["chainrule"],
        "format": "1",
        "bytes": f"{hostile.stat().st_size}",
        "sha256": hashlib.sha256(hostile.read_bytes()).hexdigest(),
    }


def test_json_is_strict_and_ascii(hostile, capsys):
    assert run(["info", str(hostile), "--json"]) == 0
    text = capsys.readouterr().out
    assert text.isascii()
    assert "\x1b" not in text
    facts = json.loads(text)
    assert facts["classes"] == ["\x1b[31mred\x07", "<script>", "line\nfeed"]
    assert facts["layers"] == [4, 6, 5, 3]
    assert facts["settings"]["alpha"] == "0.5"
    assert facts["bytes"] == hostile.stat().st_size


@pytest.mark.parametrize(
    ("model", "y", "task"),
    [
        (MLPRegressor(**FEW), X[:, :2], "regression, 2 to a sample"),
        (MLPClassifier(**FEW), (X > 0).astype(int), "classification, any of 4 labels"),
        (MLPClassifier(**FEW), (X > 0) + 1, "classification, 4 columns of classes"),
        (MLPClassifier(**FEW), X[:, 0] > 0, "classification, two classes"),
        (MLPClassifier(**FEW), np.zeros(60), "classification, one class"),
        (MLPAutoencoder((2,), **FEW), None, "reconstruction"),
        (
            NeuralNetwork(3, [4, 5, 20], 0.1, "relu", "normal", 1, 8),
            np.arange(60) % 20,
            "classification, 20 classes",
        ),
        (MLPClassifier(solver="lbfgs", **FEW), X[:, 0] > 0, "classification, two classes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_task_has_a_name(model, y, task, path, capsys):
    model.fit(X, y).save(path, history="hidden" not in task)
    assert run(["info", str(path)]) == 0
    assert f"task             {task}\n".replace(" ", "") in capsys.readouterr().out.replace(" ", "")
    assert run(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["task"] == task


def test_many_classes_are_cut(path, capsys):
    MLPClassifier((3,), **FEW).fit(X, np.arange(60) % 20).save(path, history=False)
    assert run(["info", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (20 in all)\n" in shown
    assert "epochs" not in shown


def test_no_weight_is_read(hostile, monkeypatch, capsys):
    from chainrule.persist import model_file

    monkeypatch.setattr(model_file, "_numbers", None)
    assert run(["info", str(hostile)]) == 0
    assert "MLPClassifier" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["info"], ["export", "--onnx", "out.onnx"]])
def test_bad_input_is_one_line_and_status_2(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = {"empty": b"", "pickle": b"\x80\x04N.", "text\x1b[31m": b"x" * 100}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in [*files, ".", "missing"]:
        assert run([command[0], name, *command[1:]]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("error: ")
        assert captured.err.count("\n") == 1
        assert captured.err.strip().isprintable()
    assert not (tmp_path / "out.onnx").exists()


def test_export_writes_what_the_runtime_reads(hostile, tmp_path, capsys):
    runtime = pytest.importorskip("onnxruntime")
    target = tmp_path / "out.onnx"
    assert run(["export", str(hostile), "--onnx", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}: input X, outputs label, probabilities\n"
    session = runtime.InferenceSession(target.read_bytes(), providers=["CPUExecutionProvider"])
    label, probabilities = session.run(None, {"X": X.astype(np.float32)})
    assert label.shape == (60,)
    assert probabilities.shape == (60, 3)


def test_an_export_takes_no_model_s_place(hostile, tmp_path, capsys):
    link = tmp_path / "link.onnx"
    link.symlink_to(hostile)
    before = hostile.read_bytes()
    for model in (hostile, link):
        assert run(["export", str(model), "-o", str(link), "--force"]) == 2
        assert "must not take the place of a file that is read" in capsys.readouterr().err
    assert hostile.read_bytes() == before


def test_export_without_onnx_says_what_to_install(hostile, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert run(["export", str(hostile), "--onnx", str(tmp_path / "out.onnx")]) == 2
    assert "run pip install onnx" in capsys.readouterr().err


def test_without_a_file_it_says_what_trains_and_why(capsys, monkeypatch):
    monkeypatch.setenv("CHAINRULE_BACKEND", "numpy")
    assert run(["info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(None, 1) == ["backend", "numpy: chosen by CHAINRULE_BACKEND"]
    assert any(line.startswith("scipy ") for line in lines)
    assert run(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backend"].startswith("numpy: ")


def test_without_a_file_it_says_which_instructions_the_kernels_use(capsys, monkeypatch):
    monkeypatch.setattr("chainrule.cli.info_facts.MISSING", None)
    monkeypatch.setattr("chainrule.cli.info_facts.LEVEL", "avx2")
    assert run(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["instructions"] == "avx2"
    monkeypatch.setattr("chainrule.cli.info_facts.MISSING", "no compiler")
    assert run(["info", "--json"]) == 0
    assert "instructions" not in json.loads(capsys.readouterr().out)


def test_instructions_that_are_not_there_are_one_line(capsys, monkeypatch):
    monkeypatch.setenv("CHAINRULE_INSTRUCTIONS", "sse9")
    assert run(["info"]) == 2
    assert capsys.readouterr().err.startswith("error: CHAINRULE_INSTRUCTIONS must be one of")


def test_a_backend_that_is_not_there_is_one_line(capsys, monkeypatch):
    monkeypatch.setenv("CHAINRULE_BACKEND", "fortran")
    assert run(["info"]) == 2
    assert capsys.readouterr().err.startswith("error: CHAINRULE_BACKEND must be one of")


@pytest.fixture
def prepared(path):
    """A model of columns, some of whose names are made to deceive."""
    data = {
        "size": X[:, 0],
        "\x1b[31m": np.array(["red\x07", "blue"], object)[np.arange(60) % 2],
        "id": np.arange(60),
        "price": X[:, 1],
    }
    table = table_of(data)
    preparation = Preparation.learn(inspect(table, target="price"))
    net = MLPRegressor(hidden_layer_sizes=(4,), **FEW).fit(*preparation.rows(table))
    table_model(net, preparation).save(path)
    return path


def test_columns_are_shown(prepared, capsys):
    assert run(["info", str(prepared)]) == 0
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.split("\n"))
    lines = {line[:15].strip(): line[15:].strip() for line in shown.splitlines()}
    assert lines["target"] == "price"
    assert lines["columns"] == r"size=number, \x1b[31m=category"
    assert lines["categories"] == r"\x1b[31m=blue, red\x07"
    assert lines["left out"] == "id=identifier"
    assert lines["format"] == "2"
    assert run(["info", str(prepared), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["columns"] == {"size": "number", "\x1b[31m": "category"}
    assert facts["left_out"] == {"id": "identifier"}


def test_the_network_of_a_model_of_columns_is_exported_and_it_is_said(prepared, tmp_path, capsys):
    pytest.importorskip("onnx")
    target = tmp_path / "model.onnx"
    assert run(["export", str(prepared), "--onnx", str(target)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{target}: input X, outputs variable",
        "The preparation of columns is not in it: X is the 3 prepared columns, which "
        "load(…).prepare(…) makes. Its output is not in the target's units yet.",
    ]
