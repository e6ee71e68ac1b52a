from __future__ import annotations

import json

import pytest

from chainrule.cli import run

NETWORK = ["--sizes", "2,2,1", "--weights", "1,2,3,4; 1,-1", "--biases", "0,0,1/2"]
SAMPLES = ["--x", "1,2; 3,4", "--y", "1,0"]


def explain(*arguments):
    return run(["explain", "backprop", *arguments])


def test_the_report_s_example_is_printed(capsys):
    assert explain("--example", "report") == 0
    text = capsys.readouterr().out
    assert text.startswith("The report's gradient step\n")
    assert "≈ 15.1434" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_network_from_options(capsys):
    assert explain(*NETWORK, *SAMPLES, "--format", "json", "--digits", "2") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["network"]["weights"][0][1][0] == {"exact": "3", "decimal": "3"}
    assert data["loss"]["exact"] == "109/4"
    assert data["loss"]["decimal"] == "27.25"


def test_options_change_a_file_s_numbers(tmp_path, capsys):
    path = tmp_path / "net.toml"
    path.write_text("weights=[[[0.1]],[[0.3]]]\nbiases=[[0.1],[0.1]]\nx=[1]\ny=[3]\n")
    assert explain(str(path), "--x", "1,2,3", "--y", "3,4,5", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["loss"]["exact"] == "454301/30000"


def test_classes_are_one_number_a_sample(capsys):
    network = [
        "--sizes",
        "1,3",
        "--weights",
        "1,2,3",
        "--biases",
        "0,0,0",
        "--x",
        "1,2",
        "--y",
        "0,2",
    ]
    assert explain(*network, "--loss", "softmax_cross_entropy", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [sample["y"] for sample in data["samples"]] == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("A.HTM", "<!DOCTYPE html>"),
        ("a.tex", "\\documentclass"),
        ("a.md", "# "),
        ("a.json", "{"),
        ("a.txt", "The report"),
    ],
)
def test_the_ending_of_the_file_says_the_format(name, beginning, tmp_path, capsys):
    path = tmp_path / name
    assert explain("--example", "report", "-o", str(path)) == 0
    assert path.read_text(encoding="utf-8").lstrip().startswith(beginning)
    assert capsys.readouterr().out == f"written: {path}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "an example must have weights, biases, x, y, got 'no weights, no biases, no x, no y'"),
        (["--example", "reprot"], "example must be one of report, got 'reprot': did you mean"),
        (["--example", "report", "--format", "pdf"], "format must be one of terminal, markdown"),
        (
            ["--example", "report", "-o", "a.pdf"],
            "the output file must end in one of .txt, .md, .markdown, .tex, .html, .htm, .json, "
            "got 'a.pdf': rename it, or say the format with --format",
        ),
        (["--example", "report", "-o", "absent/a.md"], "absent/"),
        (["--example", "report", "--digits", "0"], "0 is not in the range 1<=x<=50"),
        (["absent.toml"], "there is no file absent.toml: give a TOML file's name"),
        (
            ["absent.toml", "--example", "report"],
            "an example must come from a file or from --example, not both, got "
            "'absent.toml and report': leave one out",
        ),
        (["--weights", "1"], "sizes must be given with weights, got None: such as --sizes 2,3,1"),
        (
            ["--example", "report", "--sizes", "1,2,1"],
            "sizes must be those of the example's weights, got '1,2,1': give weights as well",
        ),
        ([*NETWORK, *SAMPLES[:3], "1"], "y must have as many samples as x, 2, got 1"),
        (["--example", "report", "--learning-rate", "fast"], "learning_rate must be a number"),
        (["--example", "report", "--activation", "rleu"], 'did you mean "relu"?'),
        (["--example", "report", "--x", "1,two,3"], "x must be a number, got 'two'"),
        (["--example", "report", "--x", "1,2/0,3"], "x must not be a fraction with denominator 0"),
    ],
)
def test_bad_input_is_one_line(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert explain(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("backprop", "weights = [[[1]]]\nbiases = [[0]]\nx = [1]\ny = [1]\n"),
        ("max-margin", "x = [[0, 0], [2, 1]]\ny = ['a', 'b']\n"),
        ("classifier", "w = [1, 2]\nb = 0\nx = [[1, 2], [2, 3]]\n"),
    ],
)
def test_an_explanation_takes_the_place_of_no_input(command, example, capsys, tmp_path):
    file, link = tmp_path / "file.toml", tmp_path / "file.md"
    file.write_text(example)
    assert run(["explain", command, str(file)]) == 0
    link.symlink_to(file)
    capsys.readouterr()
    for words in (["-o", str(link)], ["-o", str(file), "--format", "markdown"]):
        assert run(["explain", command, str(file), *words, "--force"]) == 2
        assert "must not take the place of a file that is read" in capsys.readouterr().err
    assert file.read_text() == example


def test_help_keeps_the_lines_of_its_examples(capsys):
    assert explain("--help") == 0
    assert "  chainrule explain backprop --example report\n" in capsys.readouterr().out


def test_the_group_has_help(capsys):
    assert run(["explain", "--help"]) == 0
    assert "backprop" in capsys.readouterr().out


@pytest.mark.parametrize("y", ["0,2", "0;2", "1,0,0; 0,0,1", "1,0,0,0,0,1"])
def test_classes_may_be_one_hot_rows(y, capsys):
    network = ["--sizes", "1,3", "--weights", "1,0,-1", "--biases", "0,0,0", "--x", "1;-1"]
    arguments = ["explain", "backprop", *network, "--loss", "softmax_cross_entropy", "--y"]
    outputs = []
    for one in (y, "0,2"):
        assert run([*arguments, one]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("name", ["sizes", "weights", "biases", "x", "y"])
def test_an_empty_place_among_numbers_is_refused(name, capsys):
    given = {"sizes": "1,1", "weights": "2", "biases": "0", "x": "1,1", "y": "1,1"}
    given[name] = "1,,1"
    options = [word for option, value in given.items() for word in (f"--{option}", value)]
    assert run(["explain", "backprop", *options]) == 2
    assert f"error: {name} must have no empty places" in capsys.readouterr().err


def test_a_file_that_has_come_since_it_was_looked_for_stays(tmp_path, monkeypatch, capsys):
    out = tmp_path / "s.md"
    out.write_text("another run's")
    monkeypatch.setattr("chainrule.cli.options.check_place", lambda path, over: None)
    words = ["explain", "backprop", "--example", "report", "-o", str(out)]
    assert run(words) == 2
    assert "the output file must not be there yet" in capsys.readouterr().err
    assert out.read_text() == "another run's"
    assert run([*words, "--force"]) == 0
    assert out.read_text() != "another run's"
