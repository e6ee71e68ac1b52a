from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from chainrule.cli import data_display
from chainrule.cli.data import data
from chainrule.datasets import Dataset
from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.locate import BUNDLED, cache_dir
from chainrule.errors import DataNotFoundError, FetchError, UnknownNameError
from chainrule.registry import Registry

REPORT = "fashion-mnist-report"


@pytest.fixture(autouse=True)
def _nothing_from_this_machine(tmp_path, monkeypatch):
    """Nobody has complete Fashion-MNIST, and the terminal is plain and 80 wide."""
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("CHAINRULE_DATA", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    entries = {
        name: replace(entry, system_folder=tmp_path / "system") for name, entry in CATALOGUE.items()
    }
    monkeypatch.setattr("chainrule.datasets.catalogue.CATALOGUE", Registry("data set", entries))


def run(*arguments):
    result = CliRunner().invoke(data, arguments)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_list_has_a_line_for_each_data_set():
    heading, *lines = run("list").splitlines()
    assert heading.split() == ["name", "train", "test", "classes", "size", "licence", "where"]
    assert [line.split() for line in lines] == [
        ["mnist", "60,000", "10,000", "10", "55.0", "MB", "CC", "BY-SA", "3.0", "bundled"],
        [REPORT, "8,000", "2,000", "10", "7.8", "MB", "MIT", "bundled"],
        ["fashion-mnist", "60,000", "10,000", "10", "55.0", "MB", "MIT", "not", "here"],
    ]


def test_list_says_where_a_data_set_was_found(tmp_path, monkeypatch):
    for file in CATALOGUE["fashion-mnist"].files:
        (tmp_path / file.name).touch()
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    assert run("list").splitlines()[-1].split()[-1] == "CHAINRULE_DATA"
    assert json.loads(run("list", "--json"))[-1]["folder"] == str(tmp_path)


def test_list_as_json():
    mnist, report, fashion = json.loads(run("list", "--json"))
    assert mnist == {
        "name": "mnist",
        "description": CATALOGUE["mnist"].description,
        "n_train": 60000,
        "n_test": 10000,
        "n_classes": 10,
        "n_bytes": 54_950_000,
        "bundled": True,
        "place": "bundled",
        "folder": str(BUNDLED),
        "licence": "CC BY-SA 3.0",
    }
    assert (report["name"], report["n_train"], report["n_test"]) == (REPORT, 8000, 2000)
    assert (fashion["bundled"], fashion["place"], fashion["folder"]) == (False, None, None)


def test_show_has_the_facts_the_counts_and_the_pictures():
    output = run("show", REPORT)
    lines = output.splitlines()
    assert lines[0].startswith("fashion-mnist-report: The first 8,000 training and 2,000 test")
    rows = [line.split() for line in lines]
    assert ["licence", "MIT"] in rows
    assert ["source", "bundled"] in rows
    assert ["digest", CATALOGUE[REPORT].digest] in rows
    assert ["train", "8,000", "images", "of", "28", "x", "28", "pixels,", "uint8"] in rows
    assert ["test", "2,000", "images", "of", "28", "x", "28", "pixels,", "uint8"] in rows
    assert ["T-shirt/top", "747", "200"] in rows
    assert ["Ankle", "boot", "802", "188"] in rows
    # Five of 14 characters fit in a row, with their labels under them.
    assert ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"] in rows
    assert ["Sandal", "Shirt", "Sneaker", "Bag", "Ankle", "boot"] in rows
    assert set("▀▄█") <= set(output)
    assert "\x1b" not in output
    assert all(len(line) <= 80 for line in lines)


def test_show_as_json():
    facts = json.loads(run("show", REPORT, "--json"))
    classes = facts.pop("classes")
    assert facts == {
        "name": REPORT,
        "description": CATALOGUE[REPORT].description,
        "credit": CATALOGUE[REPORT].credit,
        "licence": "MIT",
        "source": "bundled",
        "digest": CATALOGUE[REPORT].digest,
        "n_train": 8000,
        "n_test": 2000,
        "image_shape": [28, 28],
        "dtype": "uint8",
    }
    assert len(classes) == 10
    assert classes[0] == {"name": "T-shirt/top", "n_train": 747, "n_test": 200}


def test_show_reads_the_folder_that_is_named(tmp_path):
    for path in BUNDLED.glob(f"{REPORT}-*.xz"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    facts = json.loads(run("show", REPORT, "--json", "--data-dir", str(tmp_path)))
    assert facts["source"] == f"data_dir, {tmp_path}"


def test_show_downloads_nothing():
    with pytest.raises(DataNotFoundError, match='"chainrule data fetch fashion-mnist"'):
        run("show", "fashion-mnist")


@pytest.mark.parametrize("command", ["show", "fetch"])
def test_a_misspelt_name_gets_a_hint(command):
    with pytest.raises(UnknownNameError, match='did you mean "mnist"'):
        run(command, "minst")


def test_there_is_nothing_to_fetch_of_a_bundled_data_set(monkeypatch):
    monkeypatch.setattr("chainrule.datasets.fetch.fetch", None)
    assert run("fetch", "mnist") == "mnist is bundled with chainrule: nothing to fetch\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_fetch_shows_its_progress_on_a_terminal_and_says_where_the_files_are(
    monkeypatch, capsys, terminal
):
    folder = cache_dir() / "fashion-mnist"

    def fake_fetch(entry, *, progress):
        for file in entry.files:
            progress(f"{file.name}.gz", file.gz_size // 2, file.gz_size)
            progress(f"{file.name}.gz", file.gz_size, file.gz_size)
        return folder

    monkeypatch.setattr("chainrule.datasets.fetch.fetch", fake_fetch)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    data(["fetch", "fashion-mnist"], standalone_mode=False)
    out, err = capsys.readouterr()
    assert out == f"fashion-mnist: 4 files, 30.9 MB, checked, in {folder}\n"
    assert ("train-images-idx3-ubyte.gz" in err) is terminal
    assert ("26.4/26.4 MB" in err) is terminal


def test_an_error_of_a_download_goes_up(monkeypatch):
    def fail(*_, **__):
        raise FetchError("no")

    monkeypatch.setattr("chainrule.datasets.fetch.fetch", fail)
    with pytest.raises(FetchError, match=r"^no$"):
        run("fetch", "fashion-mnist")


def a_dataset(image, n_classes=1):
    X = np.repeat(image.reshape(1, -1), n_classes, axis=0)
    y = np.arange(n_classes)
    names = tuple(f"class {i}" for i in range(n_classes))
    return Dataset(
        name="toy",
        X_train=X,
        y_train=y,
        X_test=X,
        y_test=y,
        class_names=names,
        image_shape=image.shape,
    )


def drawn(dataset, encoding="utf-8", **options):
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="\n") as file:
        console = Console(file=file, **options)
        console.print(data_display._gallery(dataset, console))
        file.flush()
        return raw.getvalue().decode(encoding)


IMAGE = np.array([[0, 255, 0, 255], [0, 0, 255, 255], [255, 0, 0, 0]], dtype=np.uint8)


def test_a_character_is_two_pixels():
    # Three rows of pixels: the fourth, which makes it even, is empty.
    lines = drawn(a_dataset(IMAGE), width=40).splitlines()
    assert [line.rstrip() for line in lines] == [" ▀▄█", "▀", "clas"]


def test_signs_take_the_place_of_blocks_where_there_are_none():
    lines = drawn(a_dataset(IMAGE), encoding="ascii", width=40).splitlines()
    assert [line.rstrip() for line in lines] == [" '.#", "'", "clas"]


def test_colours_carry_the_grey_values():
    text = drawn(
        a_dataset(np.array([[10], [200]], dtype=np.uint8)),
        width=40,
        force_terminal=True,
        color_system="truecolor",
    )
    assert "\x1b[38;2;10;10;10;48;2;200;200;200m▀\x1b[0m" in text


def test_ascii_goes_before_colours():
    text = drawn(a_dataset(IMAGE), "ascii", width=40, force_terminal=True, color_system="truecolor")
    assert "\x1b[38" not in text
    assert "'.#" in text


def test_pictures_are_halved_where_there_is_no_room_and_the_rest_goes_to_the_next_row():
    image = np.full((8, 8), 255, dtype=np.uint8)
    wide = drawn(a_dataset(image, 4), width=36).splitlines()
    assert [line.split() for line in wide] == 4 * [["█" * 8] * 4] + [
        ["class", "0", "class", "1", "class", "2", "class", "3"]
    ]
    narrow = drawn(a_dataset(image, 4), width=12).splitlines()
    assert [line.split() for line in narrow] == 2 * (2 * [["█" * 4] * 2] + [["clas"] * 2])


def test_a_halved_pixel_is_the_mean_of_four():
    image = np.array([[0, 100], [100, 200], [1, 2], [3, 4]], dtype=np.uint8)
    assert data_display._half_blocks(image, 2).tolist() == [[[100, 2]]]
