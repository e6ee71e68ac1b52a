"""What holds for every command: the walk goes over all of them, so a new one is held to it too."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from chainrule.cli import cli, reproduce, run
from chainrule.cli.command import Command
from chainrule.cli.explain import backprop, options
from chainrule.cli.options import AnyPath, OutFile, Renamed
from chainrule.engine.activations import ACTIVATIONS
from chainrule.reproduction.sections import SECTIONS
from chainrule.worked.backprop.example import REDUCTIONS
from chainrule.worked.backprop.losses import WORKED_LOSSES
from chainrule.worked.render import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
SHARED = {
    "out": ["-o", "--out"],
    "force": ["--force"],
    "quiet": ["-q", "--quiet"],
    "seed": ["--seed"],
    "as_json": ["--json"],
}
# Their folder is their own: `run` goes on and loses nothing, `report` draws its files again, and
# the others only read it.
OWN_FOLDER = {"study run", "study report", "study status", "study show"}
HEAVY = (
    "numpy", "scipy", "sklearn", "matplotlib", "pandas", "jinja2", "joblib", "PIL", "rich",
)  # fmt: skip


def walk(group, path=()):
    """Yield every command with its path, groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))


ALL = {"": cli, **dict(walk(cli))}
LEAVES = {path: one for path, one in ALL.items() if not isinstance(one, click.Group)}
each_command = pytest.mark.parametrize("path", LEAVES)


def options_of(path):
    return [one for one in LEAVES[path].params if isinstance(one, click.Option)]


def shared_of(path):
    return {one.name for one in options_of(path) if one.name in SHARED}


def refused(capsys, *arguments):
    """Return the one line that a refused command line gets."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    return captured.err


def closest(capsys, *arguments):
    """Return what is said of a wrong option, after its name."""
    return refused(capsys, *arguments).partition(arguments[-1].partition("=")[0])[2]


@each_command
def test_commands_have_examples_that_can_be_given(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(LEAVES[path], Command)
    assert LEAVES[path].examples
    for example in LEAVES[path].examples:
        words = shlex.split(example)
        assert " ".join(words).startswith(f"chainrule {path}")
        LEAVES[path].make_context(path, words[1 + len(path.split()) :])


@pytest.mark.parametrize("path", list(ALL))
def test_examples_are_in_the_help_as_they_are_typed(path, capsys):
    assert run([*path.split(), "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ALL[path].examples
    assert {f"  {example}" for example in ALL[path].examples} <= set(lines)


@each_command
def test_the_same_word_is_the_same_everywhere(path):
    for one in options_of(path):
        if one.name in SHARED:
            assert one.opts == SHARED[one.name]
        else:
            assert not set(one.opts) & {word for words in SHARED.values() for word in words}


@each_command
def test_what_could_be_written_over_needs_force(path):
    shared = shared_of(path)
    # A file that is to be written, under whatever name.
    writes = any(isinstance(one.type, OutFile) for one in options_of(path)) or "out" in shared
    assert ("force" in shared) == (writes and path not in OWN_FOLDER)


def test_the_page_has_the_shared_options_of_every_command():
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w[\w -]*)` \|(.*)\|$", text, re.MULTILINE)
    told = {path: [bool(cell.strip()) for cell in cells.split("|")] for path, cells in rows}
    assert told == {path: [name in shared_of(path) for name in SHARED] for path in LEAVES}


@pytest.mark.parametrize("width", ["50", "80", "200"])
@pytest.mark.parametrize("path", list(ALL))
def test_no_help_is_cut(path, width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    assert run([*path.split(), "--help"]) == 0
    usage, text = capsys.readouterr().out.split("\n\n", 1)
    assert usage.startswith("Usage: chainrule")
    assert "..." not in text
    assert text.isascii()


def test_the_list_of_commands_has_a_line_for_each(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for path in ("", "study", "explain", "data"):
        assert run([*path.split(), "--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        for name, (_, _, summary) in ALL[path].homes.items():
            assert sum(line.split(None, 1) == [name, summary] for line in lines) == 1


@each_command
def test_an_option_given_twice_is_refused(path, capsys):
    for one in options_of(path):
        for word in [] if one.is_flag or one.multiple else one.opts:
            line = refused(capsys, *path.split(), word, "1", word, "1")
            assert f"Option '{one.opts[-1]}' must be given once" in line


def test_an_option_and_its_earlier_name_are_given_twice_too(capsys):
    line = refused(capsys, "predict", "m", "d", "--output", "a.csv", "-o", "a.csv")
    assert "Option '--out' must be given once" in line


def test_what_may_be_given_again_and_again_may(capsys):
    line = refused(capsys, "train", "d", "--set", "a=1", "--set", "b=1", "--force", "--force")
    assert "Missing option '-o' / '--out'" in line


@each_command
def test_a_wrong_option_gets_the_closest(path, capsys):
    for one in options_of(path):
        word = max(one.opts, key=len)
        if len(word) > 4:
            assert word in closest(capsys, *path.split(), f"{word}e")


@each_command
def test_one_dash_is_not_taken_for_a_letter_and_its_value(path, capsys):
    for one in options_of(path):
        word = max(one.opts, key=len)
        if word.startswith("--") and len(word) > 4:
            assert word in closest(capsys, *path.split(), f"{word[1:]}=x")


@pytest.mark.parametrize("path", [path for path in ALL if path])
def test_a_wrong_command_gets_the_closest(path, capsys):
    *group, name = path.split()
    assert f'did you mean "{name}"?' in refused(capsys, *group, f"{name}e")


@each_command
def test_a_path_has_a_name(path, capsys):
    for one in options_of(path):
        if isinstance(one.type, AnyPath):
            line = refused(capsys, *path.split(), one.opts[-1], "")
            assert f"{one.name} must have a name, got ''" in line
    arguments = [one for one in LEAVES[path].params if isinstance(one, click.Argument)]
    if arguments and isinstance(arguments[0].type, AnyPath):
        line = refused(capsys, *path.split(), *[""] * len(arguments))
        assert f"{arguments[0].human_readable_name} must have a name" in line


def written_files():
    """Yield path, option and a good name for every file that a command writes."""
    for path in LEAVES:
        for one in options_of(path):
            if isinstance(one.type, OutFile):
                yield path, one.opts[-1], f"out{one.type.suffixes[0]}"


@pytest.mark.parametrize(("path", "option", "name"), list(written_files()))
def test_where_a_file_goes_is_checked_first(path, option, name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("mine")
    Path("folder.csv").mkdir()
    missing = ["none"] * sum(isinstance(one, click.Argument) for one in LEAVES[path].params)
    rules = {
        name: "the output file must not be there yet",
        "none/x.csv": "the output file's folder must exist",
        "folder.csv": "the output must be a file",
        "out.xyz": "the output file must end in",
    }
    for given, rule in rules.items():
        assert rule in refused(capsys, *path.split(), *missing, option, given)
    assert Path(name).read_text() == "mine"
    # With --force it is the model that is not there, and the like.
    line = refused(capsys, *path.split(), *missing, option, name, "--force")
    assert "output" not in line
    assert Path(name).read_text() == "mine"


@each_command
def test_earlier_names_work_and_are_not_shown(path, capsys):
    for one in options_of(path):
        if isinstance(one, Renamed):
            for earlier in one.earlier:
                assert "requires an argument" in refused(capsys, *path.split(), earlier)
                assert run([*path.split(), "--help"]) == 0
                assert f"{earlier} " not in capsys.readouterr().out


def test_help_and_refusals_import_nothing_that_takes_long():
    # Everything in one new interpreter, as what is imported stays.
    lines = [
        words
        for path in ["", *LEAVES, *(path for path in ALL if path in {"study", "explain", "data"})]
        for words in ([*path.split(), "--help"], [*path.split(), "--nonsense"])
    ]
    lines += [["trian"], ["study", "shwo"], ["train", "data.csv"], ["predict", "m", "d"]]
    script = (
        "import sys\n"
        "from io import StringIO\n"
        "from contextlib import redirect_stderr as err, redirect_stdout as out\n"
        "from chainrule.cli import run\n"
        "with out(StringIO()), err(StringIO()):\n"
        f"    found = [run(words) for words in {lines!r}]\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])\n"
        "print(*found)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    imported, statuses = done.stdout.split("\n")[:2]
    assert imported == ""
    assert statuses.split() == ["0" if words[-1] == "--help" else "2" for words in lines]


def test_commands_print_by_print():
    # click's echo writes UTF-8 where a terminal has ASCII.
    folder = Path(backprop.__file__).parents[1]
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*.py")}
    echo = {name for name, path in files.items() if "click.echo" in path.read_text("utf-8")}
    assert not echo


def test_names_in_the_help_are_the_tables():
    assert backprop.ACTIVATIONS.split(", ") == list(ACTIVATIONS)
    assert backprop.LOSSES.split(", ") == list(WORKED_LOSSES)
    assert list(REDUCTIONS) == ["mean", "sum"]
    assert reproduce.SECTIONS.split(",") == list(SECTIONS)
    assert list(FORMATS) == list(options.NAMES)
    assert [ending for one in FORMATS.values() for ending in one.suffixes] == list(options.SUFFIXES)


@pytest.mark.parametrize("words", [["--epochs", "3"], ["--epochs=3"]])
def test_an_option_that_another_program_has_is_answered_with_set(words, capsys):
    assert run(["train", "data.csv", "-o", "out", *words]) == 2
    assert capsys.readouterr().err == ("error: No such option '--epochs': give --set max_iter=3.\n")


def test_such_an_option_without_a_value_has_an_answer_too(capsys):
    assert run(["train", "data.csv", "-o", "out", "--lr"]) == 2
    assert "give --set learning_rate_init=VALUE." in capsys.readouterr().err
