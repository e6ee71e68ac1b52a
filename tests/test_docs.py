"""What README and docs say must be so."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from chainrule.cli import cli, run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = [
    line.split("#")[0].strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("chainrule ")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_that_are_shown_can_be_given(command):
    words, group = shlex.split(command)[1:], cli
    context = click.Context(cli)
    while isinstance(group, click.Group):
        group = group.get_command(context, words.pop(0))
        assert group is not None
    group.make_context("chainrule", words)  # raises for an option that is not there


def test_commands_are_shown():
    assert len(COMMANDS) >= 8


def test_the_engine_s_loop_runs_and_training_goes_on_from_it(capsys):
    text = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
    loop, training = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    exec(compile(loop, "docs/engine.md", "exec"), names)
    loss = float(capsys.readouterr().out)
    assert loss < 0.02
    exec(compile(training, "docs/engine.md", "exec"), names)
    best, epoch = capsys.readouterr().out.split(" in epoch ")
    assert float(best) < loss
    assert 1 <= int(epoch) <= 50


def test_the_readme_s_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code, table, drop_in = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    shorter = code.replace("20, 128", "2, 128").replace("y_train)", "y_train[:6000])")
    shorter = shorter.replace("X_train,", "X_train[:6000],")
    assert shorter != code
    exec(compile(shorter, "README.md", "exec"), {})
    accuracy, losses = capsys.readouterr().out.splitlines()
    assert float(accuracy) > 0.7
    first, second = json.loads(losses)
    assert second < first
    exec(compile(drop_in, "README.md", "exec"), {})
    accuracy, best_epoch = capsys.readouterr().out.split()
    assert float(accuracy) > 0.9
    assert int(best_epoch) > 1
    Path("examples").symlink_to(ROOT / "examples")
    exec(compile(table, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[-1] == "['Gentoo']"


@pytest.mark.parametrize("name", ["preparation.md", "tables.md"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_pages_on_tables_show_what_their_code_prints(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("examples").symlink_to(ROOT / "examples")
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    names = {}
    for code, output in re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL):
        exec(compile(code, name, "exec"), names)
        assert capsys.readouterr().out == output


@pytest.mark.parametrize("name", ["estimators.md", "callbacks.md", "model-files.md"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_examples_of_a_page_run_in_their_order(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "model-files.md":
        pytest.importorskip("onnx")
    text = (ROOT / "docs" / name).read_text(encoding="utf-8").replace("max_iter=500", "max_iter=2")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(code, name, "exec"), names)
    assert names["net"].score(names["X"], names["y"]) > 0.1


def test_the_worked_example_s_page_shows_real_output(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    Path("network.toml").write_text(toml, encoding="utf-8")
    (csv,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    Path("points.csv").write_text(csv, encoding="utf-8")
    shown = dict.fromkeys(line for line in COMMANDS if line.startswith("chainrule explain"))
    commands = [line for line in shown if line in text]
    assert len(commands) == 11
    assert [run(shlex.split(command)[1:]) for command in commands] == [0] * 11
    printed = capsys.readouterr().out
    for output in re.findall(r"```text\n(.*?)```", text, re.DOTALL):
        assert output in printed + "\n"
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "explain.md", "exec"), {})
    assert capsys.readouterr().out.startswith("454301/30000 [[Fraction(-1143, 500)]")


def test_the_defaults_of_runs_are_the_code_s():
    from chainrule.preparation.defaults import SIZES

    text = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    for size in SIZES:
        rows = "more" if size.rows == float("inf") else f"{size.rows:,}"
        layers = ", ".join(map(str, size.hidden_layer_sizes))
        row = (
            f"| {rows} | {layers} | {size.batch_size} | {size.max_iter} | {size.n_iter_no_change} |"
        )
        assert row in text


def test_the_settings_of_runs_that_are_shown_can_be_read(tmp_path):
    from chainrule.runs.settings import TrainSettings, combined, read_config

    text = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "penguins.toml").write_text(toml, encoding="utf-8")
    arguments = combined(read_config(tmp_path / "penguins.toml"), {}, [])
    assert TrainSettings(data="penguins.csv", out=tmp_path, **arguments).columns["year"]


def test_the_study_s_page_shows_a_study_that_is_there_and_commands_that_run(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    spec = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0]
    folder = Path("examples") / "studies"
    example = (ROOT / folder / "activations.toml").read_text(encoding="utf-8")
    assert tomllib.loads(spec) == tomllib.loads(example)
    folder.mkdir(parents=True)
    shorter = spec.replace("max_iter = 5", "max_iter = 1").replace("seeds = 3", "seeds = 1")
    (folder / "activations.toml").write_text(shorter, encoding="utf-8")
    commands = {line: None for line in COMMANDS if "--out activations" in line}
    assert len(commands) == 6
    assert [run(shlex.split(command)[1:]) for command in commands] == [0] * 6
    printed = capsys.readouterr().out.splitlines()
    (shown,) = [
        block for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL) if "rank" in block
    ]
    assert printed[1].split() == shown.splitlines()[2].split()  # the table's heading
    assert shown.splitlines()[-2:] == printed[10:12]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_study_s_examples_in_python_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(code, "studies.md", "exec"), names)
    assert len(names["frame"]) == 2 * 2 * 3
    few, many = sorted(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert few < many


def test_the_readme_s_error_is_the_real_one():
    from chainrule import NeuralNetwork

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (call, shown) = re.search(
        r">>> (.*?)\nchainrule\.errors\.UnknownNameError: (.*?)```", text, re.DOTALL
    ).groups()
    with pytest.raises(ValueError, match="rleu") as error:
        eval(call, {"NeuralNetwork": NeuralNetwork})
    assert str(error.value) == " ".join(shown.split())


@pytest.mark.parametrize("name", ["engine.md", "estimators.md"])
def test_tables_are_the_code_s(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert runpy.run_path(str(ROOT / "tools" / "tables.py"))["page"](name, text) == text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_make_targets_that_are_named_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_no_placeholder_is_left():
    held = re.compile(r"\bTIME_|\bTODO\b")
    assert [page.name for page in PAGES if held.search(page.read_text(encoding="utf-8"))] == []


def test_nothing_says_to_install_what_is_on_no_index():
    index = re.compile(r'chainrule\[|pip install "?chainrule')
    sources = [*(ROOT / "src").rglob("*.py"), *PAGES]
    assert [path for path in sources if index.search(path.read_text(encoding="utf-8"))] == []


def test_the_readme_s_commands_run_as_written_in_their_order(tmp_path, monkeypatch, capsys):
    """All but those that train the report again or bring something from elsewhere."""
    pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    Path("examples").symlink_to(ROOT / "examples")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    runs = {"chainrule reproduce --sections A -o theory"}
    for kind, block in re.findall(r"```(sh|python)\n(.*?)```", text, re.DOTALL):
        if kind == "python":
            shorter = block.replace("20, 128", "1, 128").replace("_train)", "_train[:2000])")
            exec(compile(shorter.replace("X_train,", "X_train[:2000],"), "README.md", "exec"), {})
            continue
        for line in block.splitlines():
            command = line.partition("#")[0].strip()
            if not command.startswith("chainrule ") or "data fetch" in command:
                continue
            if command.startswith("chainrule reproduce") and command not in runs:
                continue
            assert run(shlex.split(command)[1:]) == 0, (command, capsys.readouterr().err)
    made = {"theory", "penguins", "predictions.csv", "penguins.html", "digits.safetensors"}
    made |= {"digits.html", "activations", "best.safetensors", "digits.onnx"}
    assert {path.name for path in tmp_path.iterdir()} >= made


def test_the_readme_s_reproductions_each_have_a_folder_of_their_own():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [
        shlex.split(line.partition("#")[0])
        for line in text.splitlines()
        if line.startswith("chainrule reproduce ")
    ]
    assert len(commands) >= 4
    folders = [one[one.index("-o") + 1] if "-o" in one else "reproduction" for one in commands]
    assert len(set(folders)) == len(folders)
    for words, folder in zip(commands, folders, strict=True):
        assert ("--resume" in words) == (folder == "reproduction")  # make reproduce has written it
