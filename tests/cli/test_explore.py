"""``chainrule explore``: what it writes and says, and what it refuses in one line."""

from pathlib import Path

import numpy as np
import pytest

from chainrule import MLPClassifier
from chainrule.cli import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a model file and its data."""
    home = tmp_path_factory.mktemp("explore")
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (60, 8, 8), np.uint8)
    y = np.where(X[:, :4].mean(axis=(1, 2)) > X[:, 4:].mean(axis=(1, 2)), "top", "bottom")
    settings = {"hidden_layer_sizes": (4,), "solver": "lbfgs", "max_iter": 5000}
    model = MLPClassifier(input_scaling="standard", random_state=0, **settings)
    model.fit(X.reshape(60, -1), y).save(home / "model.safetensors")
    np.savez(home / "data.npz", X=X, y=y)
    np.savez(home / "small.npz", X=X[:, :4], y=y)
    return home


@pytest.fixture
def here(folder, tmp_path, monkeypatch):
    """Work in a folder of its own that has the files."""
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_page_is_written_and_its_size_said(here, capsys):
    words = ["explore", "model.safetensors", "--data", "data.npz", "-o", "page.html"]
    assert run([*words, "--samples", "20"]) == 0
    printed = capsys.readouterr()
    size = Path("page.html").stat().st_size
    assert printed.out == f"page: page.html ({size / 1e6:.1f} MB)\n"
    assert printed.err == "reading data.npz\n"
    text = Path("page.html").read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "rows of data.npz" in text
    assert '"samples":{"n":20,' in text


def test_without_data_it_says_what_is_missing(here, capsys):
    assert run(["explore", "model.safetensors", "-o", "page.html"]) == 0
    assert capsys.readouterr().err == (
        "There are no samples here, as no data was given: chainrule explore MODEL --data NAME "
        "puts some in, and what is measured on all of them.\n"
    )


def test_help_says_what_it_takes(capsys):
    assert run(["explore", "--help"]) == 0
    printed = capsys.readouterr().out
    for text in ("MODEL", "--data NAME|FILE", "-o, --out FILE", "--samples"):
        assert text in printed


REFUSED = [
    (["nothing", "-o", "page.html"], "there is no model nothing: give the folder that chainrule "
     "train has written, or a model file"),
    (["data.npz", "-o", "page.html"], None),
    (["model.safetensors"], "Missing option '-o' / '--out'. (see chainrule explore --help)"),
    (["model.safetensors", "-o", "no/page.html"],
     "the output file's folder must exist, got 'no/page.html': make it first"),
    (["model.safetensors", "-o", "."], "the output must be a file, got '.': add a name"),
    (["model.safetensors", "--data", "small.npz", "-o", "page.html"],
     "small.npz: there must be 64 values a row, as in training, got 32: pass data of the same "
     "size"),
    (["model.safetensors", "--data", "mnist", "-o", "page.html"],
     "mnist: there must be 64 values a row, as in training, got 784: pass data of the same size"),
    (["model.safetensors", "--data", "", "-o", "page.html"],
     "data must have a name, got '': give one, or leave it out"),
    (["model.safetensors", "--data", "nix.csv", "-o", "page.html"], None),
    (["model.safetensors", "--samples", "0", "-o", "page.html"], None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_one_line_and_exit_status_2(here, capsys, words, message):
    before = sorted(here.iterdir())
    assert run(["explore", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    error = printed.err.removeprefix("reading small.npz\n").removeprefix("reading mnist\n")
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    if message is not None:
        assert error == f"error: {message}\n"
    assert sorted(here.iterdir()) == before
