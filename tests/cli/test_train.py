"""The commands for one's own data: what they print and leave, and what they refuse."""

import csv
import json
import os
import re
import shlex
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from chainrule.cli import run
from chainrule.runs.files import NAMES
from chainrule.runs.listening import Listener

HOSTILE = '<img src=x onerror="alert(1)">\x1b[2J'
SETTINGS = ["--set", "max_iter=5", "--set", "hidden_layer_sizes=8"]


def write(path, text, encoding="utf-8"):
    Path(path).write_text(text, encoding=encoding, newline="")


def flowers(n=60, kinds=("aster", "rose", "tulip"), header=("length", "colour", "kind")):
    rng = np.random.default_rng(0)
    lines = [",".join(header)]
    for i in range(n):
        k = i % len(kinds)
        lines.append(f"{k + rng.normal(0, 0.2):.3f},{rng.choice(['red', 'white'])},{kinds[k]}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in a folder of its own that has flowers.csv."""
    monkeypatch.chdir(tmp_path)
    write("flowers.csv", flowers())
    return tmp_path


def everything(folder):
    """Return every file below a folder, with its content."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def trained(*arguments, out="run", data="flowers.csv", target="kind"):
    words = ["train", data, "--target", target, "--out", out, *SETTINGS, *arguments]
    assert run(words) == 0
    return json.loads((Path(out) / "run.json").read_text(encoding="utf-8"))


# -- what works ------------------------------------------------------------------------------------


def test_formulas_in_predictions_are_text_unless_told_otherwise(here, capsys):
    write("flowers.csv", flowers(kinds=("=1+1", "@rose", "-")))
    trained()
    for option, apostrophe in (("--escape-formulas", "'"), ("--no-escape-formulas", "")):
        capsys.readouterr()
        assert run(["predict", "run", "flowers.csv", option, "-o", "-"]) == 0
        told = set(capsys.readouterr().out.split()[1:])
        assert told <= {f"{apostrophe}=1+1", f"{apostrophe}@rose", "-"}
        assert any(one.startswith(apostrophe + "=") for one in told)


def test_train_predict_and_evaluate(here, capsys):
    document = trained()
    printed = capsys.readouterr().out
    for text in (
        "flowers.csv: 60 rows",
        "length  number          –  -0.",
        "colour  category        –  white (",
        "48 rows are learnt from, 12 are held out.",
        "Learnt to tell the 3 classes of kind apart by 2 columns of flowers.csv",
        "Always guessing one of the most frequent classes, aster, is right on 33.3",
        "chainrule predict run flowers.csv -o predictions.csv",
    ):
        assert text in printed
    assert "\u202f" not in printed
    assert sorted(path.name for path in Path("run").iterdir()) == sorted(NAMES)
    (command,) = re.findall(r"^  (chainrule predict .*)$", printed, re.MULTILINE)
    assert run(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out == "60 predictions written: predictions.csv\n"
    with Path("predictions.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["kind"]
    assert len(rows) == 61
    assert run(["evaluate", "run", "flowers.csv"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("On 60 rows of flowers.csv, ")
    assert re.search(r"accuracy +\d\d\.\d\d % +33\.33 %", printed)
    assert re.search(r"tulip +20 ", printed)
    assert document["command"] == (
        "chainrule train flowers.csv --target kind --set max_iter=5 --set hidden_layer_sizes=8 "
        "--out run"
    )


def test_lines_are_as_long_as_the_terminal(here, capsys, monkeypatch):
    trained()
    Path("one.csv").write_text("length,colour\n1.0,red\n")
    monkeypatch.setenv("COLUMNS", "40")
    capsys.readouterr()
    assert run(["evaluate", "run", "flowers.csv"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40
    assert run(["predict", "run", "one.csv", "-o", "predictions.csv"]) == 0
    assert capsys.readouterr().out == "1 prediction written: predictions.csv\n"


def test_the_command_in_the_report_repeats_the_run(here, capsys):
    first = trained()
    again = shlex.split(first["command"])[1:]
    assert run([*again, "--force"]) == 0
    second = json.loads(Path("run/run.json").read_text())
    assert second["figures"] == first["figures"]


@pytest.mark.parametrize("command", ["train", "predict", "evaluate"])
def test_json_is_all_that_is_printed(here, capsys, command):
    trained()
    capsys.readouterr()
    arguments = {
        "train": ["flowers.csv", "--target", "kind", "--out", "other", *SETTINGS],
        "predict": ["run", "flowers.csv", "-o", "p.csv"],
        "evaluate": ["run", "flowers.csv"],
    }[command]
    assert run([command, *arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    if command == "train":
        assert document == json.loads(Path("other/run.json").read_text())
    else:
        assert {"train": None, "predict": "n_rows", "evaluate": "figures"}[command] in document


def test_a_dash_prints_predictions_and_nothing_else(here, capfdbinary):
    trained()
    capfdbinary.readouterr()
    assert run(["predict", "run", "flowers.csv", "-o", "-", "--proba"]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[0] == "kind,probability of aster,probability of rose,probability of tulip"
    assert len(lines) == 61


def test_a_file_of_settings(here):
    write("run.toml", 'target = "kind"\nseed = 3\n[model]\nactivation = "gelu"\nmax_iter = 4\n')
    words = ["train", "flowers.csv", "--config", "run.toml", "--out", "run", "--set", "max_iter=2"]
    assert run(words) == 0
    document = json.loads(Path("run/run.json").read_text())
    assert document["settings"]["seed"] == 3
    assert document["settings"]["given"] == {"activation": "gelu", "max_iter": 2}
    assert document["training"]["epochs"] == 2


def test_hostile_names_and_values_are_escaped(here, capsys):
    header = (HOSTILE, "colour", "kind\r")
    kinds = ("a&b</script>", "\x07bell", "c")
    text = flowers(kinds=tuple(f'"{kind}"' for kind in kinds), header=("x", "colour", "kind"))
    quoted = [f'"{name.replace(chr(34), 2 * chr(34))}"' for name in header]
    write("bad.csv", ",".join(quoted) + "\n" + text.split("\n", 1)[1])
    assert run(["train", "bad.csv", "--target", "kind", "--out", "run", *SETTINGS]) == 0
    captured = capsys.readouterr()
    page = Path("run/report.html").read_text(encoding="utf-8")
    for shown in (captured.out, captured.err, page):
        assert not set("\x1b\x07\r") & set(shown)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "a&amp;b&lt;/script&gt;" in page


def test_other_order_and_other_columns_do_not_matter(here, capsys):
    trained()
    rows = [line.split(",") for line in flowers().splitlines()]
    write("new.csv", "\n".join(f"{c},{i},{b},{a}" for i, (a, b, c) in enumerate(rows)) + "\n")
    Path("new.csv").write_text(Path("new.csv").read_text().replace("kind,0,", "kind,extra,", 1))
    assert run(["predict", "run", "new.csv", "-o", "new.jsonl"]) == 0
    assert run(["predict", "run", "flowers.csv", "-o", "old.jsonl"]) == 0
    assert Path("new.jsonl").read_bytes() == Path("old.jsonl").read_bytes()
    assert "Columns that training had not were left out: extra." in capsys.readouterr().err


def test_a_name_in_wrong_bytes_is_shown_and_trains(here, capsys):
    try:
        write("a\udcff.csv", flowers())
    except (OSError, UnicodeError):
        pytest.skip("this system's names are text")
    document = trained(data="a\udcff.csv")
    assert document["data"]["name"] == "a\udcff.csv"
    assert capsys.readouterr().out.startswith(r"a\udcff.csv: 60 rows")
    assert r"a\udcff.csv" in Path("run/report.html").read_text(encoding="utf-8")


# -- what is refused -------------------------------------------------------------------------------

GOOD = ["flowers.csv", "--target", "kind", "--out", "new"]
FILES = {
    "empty.csv": b"",
    "header.csv": b"length,kind\n",
    "ragged.csv": b"length,kind\n1,a\n2\n3,b\n",
    "bytes.csv": b"length,kind\n1,a\n2,\xff\n",
    "same.csv": b"length,kind\n1,a\n2,a\n3,a\n",
    "text.csv": flowers().replace("red", "1.5").replace("white", "2.5").encode()
    + b"1.0,red,rose\n",
    "gap.csv": flowers().encode() + b"1.0,red,\n",
    "classes.csv": flowers().encode() + b"1.0,red,lily\n",
    "moved.csv": b"lenght,colour,kind\n1,red,rose\n",
    "notes.toml": b"taget = 'kind'\n",
}

REFUSED = [
    (["train", "none.csv", *GOOD[1:]], 'nothing called "none.csv" in the folder "."'),
    (["train", "flower.csv", *GOOD[1:]], 'did you mean "flowers.csv"?'),
    (
        ["train", "empty.csv", *GOOD[1:]],
        "error: empty.csv: it must have a row of columns' names and rows of values, got an empty "
        "file: check that it was written",
    ),
    (
        ["train", "header.csv", *GOOD[1:]],
        "error: header.csv: it must have at least one row below the columns' names, got none: add "
        "rows, or check that it was written",
    ),
    (
        ["train", "ragged.csv", *GOOD[1:]],
        "error: ragged.csv, line 3: every row must have 2 values, one for each column, got 1: "
        'complete the row, or put quotes around a value that has a ","',
    ),
    (
        ["train", "bytes.csv", *GOOD[1:]],
        "error: bytes.csv, line 3, character 3: its text must be UTF-8 without zero bytes, got the "
        "byte 0xFF: save it as UTF-8",
    ),
    (
        ["train", "same.csv", *GOOD[1:]],
        "error: the target kind of same.csv must have at least two different values, got 'a' in "
        "every row: choose another column, or other rows",
    ),
    (
        ["train", "text.csv", *GOOD[1:]],
        "error: text.csv, line 62, column colour: 'red' is no number: mend it, or say "
        'colour = "category" under [columns]',
    ),
    (
        ["train", "gap.csv", *GOOD[1:]],
        "error: gap.csv, line 62, column kind: the target is missing: fill it in, or remove such "
        "rows",
    ),
    (
        ["train", "flowers.csv", "--out", "new"],
        "error: the target must be a column of flowers.csv (length, colour, kind), got none: name "
        'the column to predict, or choose the task "autoencoder"',
    ),
    (
        ["train", "flowers.csv", "--target", "kinds", "--out", "new"],
        "error: the target must be a column of flowers.csv (length, colour, kind), got 'kinds': "
        'did you mean "kind"?',
    ),
    (
        ["train", *GOOD, "--set", "columns.color=drop"],
        "error: [columns] must have columns of flowers.csv (length, colour, kind), got 'color': "
        'did you mean "colour"?',
    ),
    (
        ["train", *GOOD, "--task", "regression"],
        "error: flowers.csv, line 2, column kind: the target 'aster' is no number: mend it, or "
        'choose the task "classification"',
    ),
    (
        ["train", *GOOD, "--task", "regresion"],
        "error: task must be one of auto, classification, regression, autoencoder, got "
        "'regresion': did you mean \"regression\"?",
    ),
    (
        ["train", *GOOD, "--set", "hidden_layers=3"],
        "got 'hidden_layers': it is called \"hidden_layer_sizes\" here",
    ),
    (["train", *GOOD, "--set", "hidden_layer_sizes=10000000000000"], "memory must hold "),
    (["train", *GOOD, "--set", "activation=rleu"], 'did you mean "relu"?'),
    (
        ["train", *GOOD, "--config", "notes.toml"],
        "error: a setting in notes.toml must be one of target, task, val, val_fraction, seed, "
        "model, columns, got 'taget': did you mean \"target\"?",
    ),
    (
        ["train", *GOOD, "--config", "none.toml"],
        "error: there is no file none.toml: give a TOML file's name",
    ),
    (
        ["train", *GOOD, "--val", "classes.csv"],
        "error: classes.csv, line 62, column kind: 'lily' is no class of the model (aster, rose, "
        "tulip): leave such rows out, or train with them",
    ),
    (
        ["train", *GOOD, "--val-fraction", "0"],
        "error: val-fraction must be a number in (0, 1), got 0.0: 0.2 is usual",
    ),
    (
        ["train", *GOOD[:-1], "run"],
        "error: out must be a folder without a run's files, got run with model.safetensors, "
        "report.html, history.csv, training_rows.npy, run.json: choose another, or write over them "
        "with --force",
    ),
    (
        ["train", *GOOD[:-1], "flowers.csv"],
        "error: out must be a folder, got 'flowers.csv': choose another",
    ),
    (
        ["predict", "run", "moved.csv", "-o", "p.csv"],
        "error: moved.csv: there must be a column length, as in training, got lenght, colour, "
        'kind: rename the column "lenght" if it is the one',
    ),
    (
        ["predict", "run", "flowers.csv", "-o", "kept.csv"],
        "error: the output file must not be there yet, got 'kept.csv': choose another, or write "
        "over it with --force",
    ),
    (
        ["predict", "run", "flowers.csv", "-o", "-", "--json"],
        "error: --json must not be given with -o -, as both print, got 'both': name a file",
    ),
    (
        ["predict", "flowers.csv", "flowers.csv", "-o", "p.csv"],
        "flowers.csv",
    ),
    (
        ["predict", "nowhere", "flowers.csv", "-o", "p.csv"],
        "error: there is no model nowhere: give the folder that chainrule train has written, or a "
        "model file",
    ),
    (
        ["evaluate", "run", "classes.csv"],
        "error: classes.csv, line 62, column kind: 'lily' is no class of the model (aster, rose, "
        "tulip): leave such rows out, or train with them",
    ),
    (["evaluate", "run", "none.csv"], 'nothing called "none.csv" in the folder "."'),
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Return a folder with a run, and files of all kinds of bad data."""
    folder = tmp_path_factory.mktemp("refused")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "flowers.csv").write_text(flowers())
    (folder / "kept.csv").write_text("mine")
    before = Path.cwd()
    os.chdir(folder)
    try:
        trained()
    finally:
        os.chdir(before)
    return folder


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=lambda one: str(one)[:60])
def test_bad_input_is_one_line_and_nothing_is_written(
    arguments, message, prepared, monkeypatch, capsys
):
    monkeypatch.chdir(prepared)
    before = everything(prepared)
    assert run(arguments) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == message if message.startswith("error: ") else message in line
    assert everything(prepared) == before
    assert sorted(path.name for path in prepared.iterdir()) == sorted(
        {*FILES, "flowers.csv", "kept.csv", "run"}
    )


def test_ctrl_c_keeps_what_there_is_and_names_the_command_that_goes_on(here, capsys, monkeypatch):
    whole = trained(out="whole")

    class Interrupting(Listener):
        def epoch(self, row, epochs):
            if row.epoch == 3:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        listening = nullcontext(Interrupting())
        patch.setattr("chainrule.cli.run_progress.run_listener", lambda _: listening)
        assert run(["train", "flowers.csv", "--target", "kind", "--out", "run", *SETTINGS]) == 130
    captured = capsys.readouterr()
    assert str(Path("run", "training.checkpoint")) in captured.out.split("Files:")[-1].split()
    assert "Training was interrupted after 3 of at most 5 epochs" in captured.out
    line = captured.err.strip().splitlines()[-1]
    goes_on = (
        "chainrule train flowers.csv --target kind --set max_iter=5 --set hidden_layer_sizes=8 "
        "--out run --resume"
    )
    assert line == f"interrupted after epoch 3; its weights are kept. To go on: {goes_on}"
    assert run(["evaluate", "run", "flowers.csv"]) == 0
    assert run(shlex.split(goes_on)[1:]) == 0
    document = json.loads(Path("run/run.json").read_text())
    assert document["figures"] == whole["figures"]
    assert document["command"] == goes_on.removesuffix(" --resume")
    assert run(shlex.split(goes_on)[1:]) == 2  # it is finished


def test_ctrl_c_after_training_names_the_command_too(here, capsys, monkeypatch):
    def interrupted(document):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("chainrule.runs.page.render", interrupted)
        assert run(["train", "flowers.csv", "--target", "kind", "--out", "run", *SETTINGS]) == 130
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("interrupted; to go on: chainrule train flowers.csv ")
    assert run(shlex.split(line.partition("chainrule")[2])) == 0


@pytest.mark.parametrize("out", ["flowers.csv", "link.csv", "hard.csv"])
def test_predictions_take_the_place_of_no_input(here, out, capsys):
    trained()
    Path("link.csv").symlink_to("flowers.csv")
    Path("hard.csv").hardlink_to("flowers.csv")
    before = everything(here)
    assert run(["predict", "run", "flowers.csv", "-o", out, "--force"]) == 2
    assert "must not take the place of a file that is read" in capsys.readouterr().err
    assert run(["predict", "run", "flowers.csv", "-o", "run/history.csv", "--force"]) == 2
    assert everything(here) == before


def test_a_run_takes_the_place_of_no_input(here, capsys):
    Path("out").mkdir()
    Path("flowers.csv").rename("out/history.csv")
    for data, val in (("out/history.csv", []), ("other.csv", ["--val", "out/history.csv"])):
        write("other.csv", flowers())
        words = ["train", data, "--target", "kind", "--out", "out", "--force", *val, *SETTINGS]
        assert run(words) == 2
        assert "must not take the place of a file that is read" in capsys.readouterr().err
    assert [path.name for path in Path("out").iterdir()] == ["history.csv"]


def test_force_and_resume_are_two_wishes(here, capsys):
    assert run(["train", *GOOD, "--force", "--resume"]) == 2
    assert "--resume goes on with a run, --force writes over it" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_found_before_data_is_read(here, capsys, monkeypatch):
    monkeypatch.delattr("chainrule.runs.training.open_table")
    assert run(["train", *GOOD[:-1], "flowers.csv/run"]) == 2
    assert "error: out must be in a folder that may be written to" in capsys.readouterr().err


def test_ctrl_c_says_that_nothing_was_written(here, capsys, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.runs.training.train", interrupted)
    assert run(["train", *GOOD]) == 130
    assert capsys.readouterr().err.strip() == "stopped; nothing was written"
    assert not Path("new").exists()


@pytest.mark.parametrize("model", ["run", "run/model.safetensors"])
@pytest.mark.parametrize(
    ("command", "options"), [("predict", ["--out", "new.csv", "--proba"]), ("evaluate", [])]
)
def test_model_and_data_that_are_swapped_are_turned_round(
    command, options, model, prepared, monkeypatch, capsys
):
    monkeypatch.chdir(prepared)
    for data in ("flowers.csv", "absent.csv"):
        assert run([command, data, model, *options]) == 2
        turned = shlex.join(["chainrule", command, model, data, *options])
        assert capsys.readouterr().err.splitlines()[-1] == (
            f"error: MODEL must come before DATA, got '{data} {model}': turn them round: {turned}"
        )


def test_what_is_wrong_in_the_right_order_is_said_as_it_is(prepared, monkeypatch, capsys):
    monkeypatch.chdir(prepared)
    for model, data in (("run", "absent.csv"), ("run", "run"), ("flowers.csv", "flowers.csv")):
        assert run(["evaluate", model, data]) == 2
        assert "MODEL must come" not in capsys.readouterr().err


def test_every_command_that_takes_a_model_takes_the_folder_of_a_run(
    prepared, tmp_path, monkeypatch, capsys
):
    pytest.importorskip("onnx")
    monkeypatch.chdir(prepared)
    for words in (["info"], ["export", "-o", "OUT.onnx"], ["explore", "-o", "OUT.html"]):
        outputs = []
        for model in ("run", "run/model.safetensors"):
            out = tmp_path / model.replace("/", "-")
            assert (
                run([words[0], model, *(word.replace("OUT", str(out)) for word in words[1:])]) == 0
            )
            outputs.append(capsys.readouterr().out.replace(str(out), ""))
        assert outputs[0] == outputs[1] != ""
        assert run([words[0], "flower", *words[1:]]) == 2
        assert "there is no model flower: give the folder" in capsys.readouterr().err


def test_the_earlier_names_of_out_write(prepared, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(prepared)
    out = tmp_path / "p.csv"
    assert run(["predict", "run", "flowers.csv", "--output", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 61


def test_a_training_that_diverges_is_said_to(here, capsys):
    lines = [f"{i % 7},{1000.0 * (i % 11)}" for i in range(200)]
    Path("steep.csv").write_text("\n".join(["a,t", *lines]))
    sets = ["solver=sgd", "learning_rate_init=1000", "max_iter=30"]
    words = [word for one in sets for word in ("--set", one)]
    assert (
        run(["train", "steep.csv", "--target", "t", "--task", "regression", "-o", "d", *words]) == 2
    )
    assert "training must keep to finite numbers" in capsys.readouterr().err
    assert not Path("d").exists()
