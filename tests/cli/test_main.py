import subprocess
import sys

import click
import pytest

from chainrule import __version__, cli
from chainrule.cli import COMMANDS, main, run


def command_paths():
    yield ()
    for name in COMMANDS:
        yield (name,)
        command = cli.cli.get_command(None, name)
        if isinstance(command, click.Group):
            yield from ((name, child) for child in command.list_commands(None))


@pytest.mark.parametrize("path", list(command_paths()), ids=" ".join)
def test_every_command_has_help_that_runs(path, capsys):
    assert run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: chainrule {' '.join(path)}".rstrip())
    assert len(text.splitlines()) > 4


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"chainrule {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reprodoce"], "got 'reprodoce': did you mean \"reproduce\"?"),
        (["--nonsense"], "No such option"),
        (["data", "show"], "Missing argument 'NAME'"),
        (["data", "show", "minst"], 'did you mean "mnist"?'),
        (["reproduce", "--seeds", "0"], "0 is not in the range 1<=x<=1000"),
        (["reproduce", "--seeds", "many"], "'many' is not a valid integer"),
        (
            ["reproduce", "--sections", "Q"],
            "sections must be a comma-separated list out of A, B, C",
        ),
        (["reproduce", "--sections", ""], "sections must be a comma-separated list out of A, B, C"),
        (["reproduce", "--jobs", "0"], "jobs must be at least 1, or -1, got 0"),
        (["reproduce", "--set", "epochs"], "set takes NAME=VALUE"),
        (["reproduce", "--set", "epoch=3"], "set takes NAME=VALUE"),
        (["reproduce", "--set", "epochs=3"], "epochs must say whose it is, as B.epochs, C2.epochs"),
        (["reproduce", "--set", "C3.epochs=x"], "epochs must be a whole number, got 'x'"),
        (["reproduce", "--set", "B.epochs=x"], "epochs must be a whole number, got 'x'"),
        (["reproduce", "--set", "B.learning_rate=x"], "learning_rate must be a number, got 'x'"),
        (["reproduce", "--set", "B.epochs=0"], "epochs must be an integer of at least 1, got 0"),
        (["reproduce", "--set", "B.train_samples=0"], "train_samples must be"),
        (["reproduce", "--set", "B.train_samples=60001"], "train_samples must be"),
        (["reproduce", "--set", "B.learning_rate=nan"], "lr must be a number"),
        (["reproduce", "--data-dir", "/absent/folder"], "/absent/folder"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err
    assert not any(tmp_path.iterdir())


def test_no_arguments_show_the_help(capsys):
    assert run([]) == 2
    assert "Usage: chainrule" in capsys.readouterr().out


def test_an_unwritable_folder_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert run(["reproduce", "--quick", "--out", str(tmp_path / "file" / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_main_exits_with_the_status(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["chainrule", "--version"])
    with pytest.raises(SystemExit) as status:
        main()
    assert status.value.code == 0


def test_python_m_chainrule_is_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"chainrule {__version__}\n"
