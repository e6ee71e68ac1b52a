"""All sections in one run, on little data, through the command line."""

import csv
import json
import re

import pytest

from chainrule.cli import run
from chainrule.reproduction.sections import SECTIONS

LITTLE = {
    "B.train_samples": 300,
    "B.epochs": 2,
    "C.train_samples": 400,
    "C2.epochs": 2,
    "C3.epochs": 1,
    "C3.batch_size": 200,
    "C3.solver": "adam",
    "C4.epochs": 2,
    "C5.epochs": 2,
    "C5.learning_rate": 0.001,
}
COMMAND = ["reproduce", "--seeds", "1", "--peer", "sklearn"]
COMMAND += [word for name, value in LITTLE.items() for word in ("--set", f"{name}={value}")]
IDS = [claim.id for section in SECTIONS.values() for claim in section.every_claim]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("all")
    assert run([*COMMAND, "--out", str(out)]) == 0
    return out


def document(folder):
    return json.loads((folder / "results.json").read_text())


def test_the_ids_are_the_report_s_sections():
    assert list(SECTIONS) == ["A", "B", "C"]
    assert {name[:2] for name in IDS} >= {"A1", "B.", "C2", "C3", "C4", "C5"}


def test_every_claim_has_a_verdict_and_a_row(folder):
    claims = document(folder)["claims"]
    page = (folder / "index.html").read_text()
    assert [claim["id"] for claim in claims] == IDS
    for claim in claims:
        exact = claim["id"].startswith("A")  # the rest is not at the report's scale here
        allowed = {"reproduced", "differs", "erratum"} if exact else {"not judged"}
        assert claim["verdict"] in allowed, claim["id"]
        assert f'id="{claim["id"]}"' in page


def test_what_is_not_judged_says_why_and_what_was_measured(folder):
    claims = {claim["id"]: claim for claim in document(folder)["claims"]}
    assert claims["B.relu.normal"]["note"] == (
        "The report's scale decides, and this run has B.epochs 2 in place of 40, "
        "B.train_samples 300 in place of 60,000."
    )
    # Features are those of C4's autoencoder, and all of C has the same images.
    for words in ("C.train_samples 400", "C4.epochs 2", "C5.epochs 2"):
        assert words in claims["C5.shapes"]["note"]
    assert "C5.learning_rate" not in claims["C5.shapes"]["note"]  # the report leaves it open
    assert claims["C5.shapes"]["measured"]["train"] == [400, 32]


def test_results_name_sections_settings_and_peers(folder):
    results = document(folder)
    assert results["sections"] == ["A", "B", "C"]
    assert results["settings"]["C3"]["batch_size"] == [200]
    assert {row["library"] for row in results["peers"]} == {"scikit-learn"}
    assert {trial["section"] for trial in results["timings"]["trials"]} == {"B", "C"}


def test_the_history_has_every_section_that_trains(folder):
    with (folder / "history.csv").open(newline="") as file:
        assert {row["section"] for row in csv.DictReader(file)} == {"B", "C"}


def test_the_page_has_a_part_for_each_section_and_no_name_twice(folder):
    page = (folder / "index.html").read_text()
    for name, section in SECTIONS.items():
        assert f'<section id="section-{name}"' in page
        assert section.title in page
    outside = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    ids = re.findall(r' id="([^"]+)"', outside)
    assert len(ids) == len(set(ids))
    assert len(page) < 4_000_000


def test_a_finished_run_that_is_taken_up_again_leaves_the_same_page(folder):
    before = [(folder / name).read_bytes() for name in ("index.html", "history.csv")]
    assert run([*COMMAND, "--out", str(folder), "--resume"]) == 0
    assert [(folder / name).read_bytes() for name in ("index.html", "history.csv")] == before


def test_sections_can_be_left_out(tmp_path, capsys):
    assert run(["reproduce", "--sections", "a", "--out", str(tmp_path)]) == 0
    assert {claim["id"][0] for claim in document(tmp_path)["claims"]} == {"A"}
    assert "0 of 0" not in (tmp_path / "index.html").read_text()
    assert "One step" in capsys.readouterr().out


def test_a_setting_of_a_section_that_is_left_out_is_refused(tmp_path, capsys):
    words = ["reproduce", "--sections", "A", "--set", "B.epochs=3", "--out", str(tmp_path / "x")]
    assert run(words) == 2
    assert capsys.readouterr().err == (
        "error: set has nothing to change, as the chosen sections have no settings, got "
        "'B.epochs=3': leave it out\n"
    )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--set", "epochs=3"],
            "error: epochs must say whose it is, as B.epochs, C2.epochs, C3.epochs, C4.epochs, "
            "C5.epochs, got 'epochs=3': such as --set B.epochs=3\n",
        ),
        (
            ["--set", "C3.folds=1"],
            "error: C3.folds must be at least 2, got 1: raise it\n",
        ),
        (
            ["--sections", "A,D"],
            "error: sections must be a comma-separated list out of A, B, C, got 'A,D': leave it "
            "out to run all\n",
        ),
    ],
)
def test_what_cannot_be_run_is_one_line_and_writes_nothing(tmp_path, capsys, words, message):
    assert run(["reproduce", *words, "--out", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err == message
    assert not (tmp_path / "x").exists()
