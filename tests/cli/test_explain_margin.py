from __future__ import annotations

import json

import pytest

from chainrule.cli import run

POINTS = ["--x", "0,0; 1,0; 3,1; 1/2,4", "--y", "a,a,b,b"]


def margin(*arguments):
    return run(["explain", "max-margin", *arguments])


def classifier(*arguments):
    return run(["explain", "classifier", *arguments])


def test_the_report_s_examples(capsys):
    assert margin("--example", "report") == 0
    assert "f(x) = w · x + b = -2 · x₁ - 2 · x₂ + 3\n" in capsys.readouterr().out
    assert classifier("--example", "report") == 0
    assert "lie samples 2 and 3: the support vectors" in capsys.readouterr().out


def test_points_from_options(capsys):
    assert margin(*POINTS, "--positive", "b", "-C", "2", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["classes"] == {"+1": "b", "-1": "a"}
    assert data["points"][3]["x"][0]["exact"] == "1/2"
    assert data["soft"]["C"]["exact"] == "2"


def test_options_change_a_file(tmp_path, capsys):
    path = tmp_path / "points.csv"
    path.write_text("u,v,kind\n0,0,a\n1,0,a\n3,1,b\n")
    assert margin(str(path), "--y", "b,a,a", "--title", "Mine", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["title"] == "Mine"
    assert [point["label"] for point in data["points"]] == ["b", "a", "a"]


def test_a_classifier_from_options(capsys):
    options = ["--w", "-1,1/2", "--b", "-3", "--x", "1,2,4,1", "--y", "no,yes", "--predict", "2,2"]
    assert classifier(*options, "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [sample["f"]["exact"] for sample in data["samples"]] == ["-3", "-13/2"]
    assert data["predictions"][0]["f"]["exact"] == "-4"


def test_a_classifier_s_samples_from_a_file(tmp_path, capsys):
    path = tmp_path / "s.csv"
    path.write_text("1,2,yes\n4,1,no\n")
    assert classifier(str(path), "--w", "-2,0", "--b", "5", "--format", "json") == 0
    assert [s["y"] for s in json.loads(capsys.readouterr().out)["samples"]] == [1, -1]
    path = tmp_path / "s.toml"
    path.write_text("w = [-2, 0]\nb = 5\nx = [[1, 2], [4, 1]]\npredict = [[1, 3]]\n")
    assert classifier(str(path), "--predict", "0,0; 9,9", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [p["class"] for p in data["predictions"]] == [1, -1]


@pytest.mark.parametrize("suffix", [".html", ".tex", ".md", ".json", ".txt"])
def test_files_of_every_format(suffix, tmp_path, capsys):
    for command in (margin, classifier):
        path = tmp_path / f"{command.__name__}{suffix}"
        assert command("--example", "report", "-o", str(path)) == 0
        assert path.stat().st_size > 500


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "an example must have x, y, got 'no x, no y': give what is missing"),
        (["--example", "rapport"], "example must be one of report, got 'rapport': did you mean"),
        (["--x", "0,0;1,1"], "an example must have x, y, got 'no y'"),
        (["--x", "0,0;1", "--y", "a,b"], "point 2 of x must have 2 numbers, as many as the first"),
        (["--x", "0;1", "--y", "a,a"], "y must have two different labels, got ['a']"),
        (["--x", "0;1;2", "--y", "a,b,c"], "y must have two different labels, got ['a', 'b', 'c']"),
        (
            ["--x", "0;one", "--y", "a,b"],
            "coordinate 1 of point 2 of x must be a number, got 'one'",
        ),
        (
            ["--x", "0;nan", "--y", "a,b"],
            "coordinate 1 of point 2 of x must be a number, got 'nan'",
        ),
        (
            ["--x", "", "--y", "a,b"],
            "x must have no empty places between commas and semicolons, got '': ",
        ),
        (["--x", "0;1/0", "--y", "a,b"], "must not be a fraction with denominator 0"),
        ([*POINTS, "-C", "0"], "C must be greater than 0, got '0'"),
        ([*POINTS, "--positive", "c"], "positive must be a label of y, a or b, got 'c'"),
        (["absent.csv"], "there is no file absent.csv"),
        (["absent.toml"], "there is no file absent.toml"),
    ],
)
def test_bad_input_is_one_line(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert margin(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "an example must have w, b, x, got 'no w, no b, no x'"),
        (["--example", "report", "--w", "0,0"], "w must not be 0"),
        (["--example", "report", "--x", "1,2,3"], "x must have as many numbers for each point"),
        (["--example", "report", "--predict", "1;2"], "point 1 of predict must have 2 numbers"),
        (["--example", "report", "--b", "five"], "b must be a number, got 'five'"),
    ],
)
def test_bad_classifiers_are_one_line(arguments, message, capsys):
    assert classifier(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert message in captured.err


@pytest.mark.parametrize("name", ["w", "x", "y", "predict"])
def test_an_empty_place_in_a_list_is_refused(name, capsys):
    given = {"w": "1,1", "b": "1", "x": "1,1; 2,2", "y": "a,b", "predict": "1,1"}
    given[name] = "1,,1"
    options = [word for option, value in given.items() for word in (f"--{option}", value)]
    assert run(["explain", "classifier", *options]) == 2
    assert f"error: {name} must have no empty places" in capsys.readouterr().err
