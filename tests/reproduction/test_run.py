import csv
import json
import re
from html.parser import HTMLParser

import pytest

from chainrule.errors import InvalidValueError, StoreError
from chainrule.reproduction.claims import Verdict
from chainrule.reproduction.plan import Reproduction
from chainrule.reproduction.run import RENEW_EVERY, Renewing, reproduce
from chainrule.reproduction.section_b.experiments import ABLATIONS, INITIALISATIONS, TRAINED
from chainrule.reproduction.sections import SECTIONS
from chainrule.study.pace import Pace
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult

N_USUAL = len(TRAINED) * len(INITIALISATIONS) + len(ABLATIONS)
N_CONFIGURATIONS = N_USUAL + 2  # few images, and the cost of activations

B = (SECTIONS["B"],)
HISTORY = [
    "section",
    "configuration",
    "seed",
    "epoch",
    "train_loss",
    "validation_loss",
    "validation_accuracy",
    "seconds",
]
IDS = [
    "B.relu.normal",
    "B.tanh.normal",
    "B.relu.random",
    "B.leaky_relu.best",
    "B.sigmoid.best",
    "B.zero",
    "B.ranking",
    "B.tanh_relu_alike",
    "B.early_stopping",
    "B.init.stable",
    "B.init.baseline",
    "B.init.symmetry",
    "B.sigmoid.vanishing",
    "B.sigmoid.centred",
    "B.relu.gradient",
    "B.relu.sparsity",
    "B.relu.cheap",
    "B.leaky_relu.worse",
    "B.leaky_relu.unstable",
]


def rows(folder):
    with (folder / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def without_times(folder):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows(folder)]


def measured(folder):
    """What a run found, but for what is measured in seconds."""
    claims = json.loads((folder / "results.json").read_text())["claims"]
    keys = ("id", "measured", "per_seed", "verdict")
    return [{k: claim[k] for k in keys} for claim in claims if claim["id"] != "B.relu.cheap"]


def test_results_have_every_claim_with_a_verdict(finished):
    document = json.loads((finished[0] / "results.json").read_text())
    wanted = {"version", "quick", "seeds", "environment", "claims", "timings"}
    assert wanted <= document.keys()
    assert document["seeds"] == [0, 1]
    assert document["quick"] is False
    assert [claim["id"] for claim in document["claims"]] == IDS
    for claim in document["claims"]:
        keys = {"id", "title", "claimed", "measured", "per_seed", "verdict", "note", "answer"}
        assert claim.keys() == keys
        assert claim["verdict"] in set(Verdict)
        if claim["id"] != "B.early_stopping":  # which has a row for each run that learns
            assert [row["seed"] for row in claim["per_seed"]] == [0, 1]
        assert claim["note"]
    assert len(document["timings"]["trials"]) == 2 * N_CONFIGURATIONS


def test_history_has_a_row_for_every_epoch(finished):
    table = rows(finished[0])
    assert list(table[0]) == HISTORY
    assert len(table) == 2 * (N_USUAL * 3 + 7)  # the few images for two and a half times as long
    assert {row["section"] for row in table} == {"B"}
    assert len({(row["configuration"], row["seed"], row["epoch"]) for row in table}) == len(table)
    assert all(0 <= float(row["validation_accuracy"]) <= 1 for row in table)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.loads, self.open = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.add(values.get("id"))
        self.loads += [v for k, v in attributes if k in ("src", "href", "xlink:href", "action")]
        if tag not in {"meta", "link", "br", "img", "path", "use", "rect", "clippath"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_the_page_has_every_claim_and_loads_nothing(finished):
    text = (finished[0] / "index.html").read_text()
    page = Page(text)
    assert set(IDS) <= page.ids
    assert all(
        link == "explore-b.html" or link.startswith(("#", "data:,", "data:image/png;base64,"))
        for link in page.loads
    )
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    assert not page.open
    assert len(text) < 4_000_000
    themes = re.findall(r'<section class="theme".*?</section>', text, flags=re.DOTALL)
    assert len(themes) == len(SECTIONS["B"].themes)
    assert all("<figure" in theme for theme in themes)
    others = text.count("<figure") - sum(theme.count("<figure") for theme in themes)
    assert others == 4 + 4 + 4 + 3 + 1 + 1 + 1  # two sets of layers are all 0
    assert "chainrule reproduce --out here" in text


def test_ids_in_the_page_s_figures_do_not_clash(finished):
    text = (finished[0] / "index.html").read_text()
    paths = re.findall(r'<clipPath id="([^"]+)"', text)
    markers = re.findall(r'<path id="([^"]+)"', text)
    assert paths
    bodies = re.findall(r'<(?:clipPath|path) id="([^"]+)"(.*?)/?>', text, flags=re.DOTALL)
    by_id = {}
    for name, body in bodies:
        assert by_id.setdefault(name, body) == body
    assert markers


def test_results_do_not_depend_on_jobs(finished, tmp_path, plan_in, silent):
    reproduce(plan_in(tmp_path), listener=silent)
    assert without_times(tmp_path) == without_times(finished[0])
    assert measured(tmp_path) == measured(finished[0])


class StopAfter:
    def __init__(self, n):
        self.left = n

    def begin(self, trials):
        pass

    def started(self, trial):
        pass

    def epoch(self, trial, row, epochs):
        pass

    def finished(self, trial, result):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_a_stopped_run_keeps_what_is_finished_and_goes_on(finished, tmp_path, plan_in, silent):
    with pytest.raises(KeyboardInterrupt):
        reproduce(plan_in(tmp_path), listener=StopAfter(10))
    assert len(rows(tmp_path)) == 10 * 3
    text = (tmp_path / "index.html").read_text()
    assert "This run is not complete: 38 trainings are missing" in text
    assert "<figure" not in text
    assert {claim["verdict"] for claim in measured(tmp_path)} == {None}

    class NothingTwice(StopAfter):
        def started(self, trial):
            assert (trial.seed, trial.configuration) not in done

    done = {(int(row["seed"]), row["configuration"]) for row in rows(tmp_path)}
    outcome = reproduce(plan_in(tmp_path, resume=True), listener=NothingTwice(-1))
    assert (outcome.finished, outcome.planned) == (48, 48)
    assert without_times(tmp_path) == without_times(finished[0])
    assert measured(tmp_path) == measured(finished[0])


def test_a_stopped_run_does_not_pass_old_results_for_its_own(finished, tmp_path, plan_in):
    (tmp_path / "trials.sqlite").write_bytes((finished[0] / "trials.sqlite").read_bytes())
    with pytest.raises(KeyboardInterrupt):
        reproduce(plan_in(tmp_path, force=True), listener=StopAfter(1))
    assert len(rows(tmp_path)) == 3
    assert "47 trainings are missing" in (tmp_path / "index.html").read_text()


def test_a_failure_keeps_what_is_finished_and_its_own_message(tmp_path, plan_in, monkeypatch):
    save = Store.save

    def full(store, trial, result):
        if trial.configuration == "sigmoid, random":
            raise StoreError("the disk is full")
        save(store, trial, result)

    monkeypatch.setattr(Store, "save", full)
    with pytest.raises(StoreError, match="the disk is full"):
        reproduce(plan_in(tmp_path), listener=StopAfter(-1))
    assert {row["configuration"] for row in rows(tmp_path)} == {"sigmoid, zero"}
    text = (tmp_path / "index.html").read_text()
    assert "This run is not complete" in text
    assert 'id="running"' not in text


def test_files_that_cannot_be_written_do_not_hide_what_stopped_the_run(
    tmp_path, plan_in, monkeypatch
):
    def full(store, trial, result):
        monkeypatch.setattr("chainrule.reproduction.output.write_text", no_space)
        raise StoreError("the disk is full")

    def no_space(path, text):
        raise OSError("no space for files either")

    monkeypatch.setattr(Store, "save", full)
    with pytest.raises(StoreError, match="the disk is full"):
        reproduce(plan_in(tmp_path), listener=StopAfter(-1))


def test_the_page_is_there_before_the_first_training_ends(tmp_path, plan_in):
    pages = []

    class Reader(StopAfter):
        def finished(self, trial, result):
            pages.append((tmp_path / "index.html").read_text())
            super().finished(trial, result)

    with pytest.raises(KeyboardInterrupt):
        reproduce(plan_in(tmp_path, (0,)), listener=Reader(1))
    (text,) = pages
    assert "0 of 24 trainings were finished" in text
    assert 'http-equiv="refresh"' in text
    reasons = sum(len(theme.claims) for theme in SECTIONS["B"].themes)
    assert text.count(">running</span>") == len(IDS) + reasons  # these stand in the table too
    stopped = (tmp_path / "index.html").read_text()
    assert 'http-equiv="refresh"' not in stopped
    assert 'id="running"' not in stopped


def test_the_files_are_renewed_now_and_then(monkeypatch, silent, clock):
    counts = []

    class Files:
        def write(self, finished, seconds, running):
            counts.append(len(finished))

    monkeypatch.setattr("chainrule.reproduction.run.monotonic", clock)
    renewing = Renewing(silent, Files(), Pace())
    renewing.begin(7)
    for name in "abcdefg":
        clock.now += 0.4 * RENEW_EVERY
        trial = Trial("B", name, 0, {}, "")
        renewing.finished(trial, TrialResult(trial.id, name, 0))
    assert counts == [0, 3, 6]


def test_a_folder_that_has_a_run_is_refused_unless_it_is_gone_on_with_or_replaced(tmp_path):
    for name in ("trials.sqlite", "index.html", "results.json", "history.csv"):
        (tmp_path / name).write_text("an earlier run's")
    with pytest.raises(InvalidValueError, match=r"a folder without a run, .* with --resume"):
        Reproduction(tmp_path, B, (0,), False, {}, "")
    Reproduction(tmp_path, B, (0,), False, {}, "", resume=True)
    Reproduction(tmp_path, B, (0,), False, {}, "", force=True)
    assert (tmp_path / "index.html").read_text() == "an earlier run's"


@pytest.mark.parametrize("name", ["index.html", "results.json", "history.csv"])
@pytest.mark.parametrize("resume", [False, True])
def test_files_of_something_else_are_not_written_over(tmp_path, name, resume):
    (tmp_path / name).write_text("mine")
    with pytest.raises(InvalidValueError, match=rf"a folder without {name}, .* with --force"):
        Reproduction(tmp_path, B, (0,), False, {}, "", resume=resume)
    Reproduction(tmp_path, B, (0,), False, {}, "", force=True)


def test_what_is_kept_is_known_before_the_run_begins(finished, tmp_path, plan_in):
    prepared = plan_in(finished[0], (0, 1, 2), resume=True)
    assert len(prepared.kept) == 2 * N_CONFIGURATIONS
    assert {trial.seed for trial in prepared.new} == {2}


def test_changed_settings_are_named_on_the_page(finished):
    text = (finished[0] / "index.html").read_text()
    assert "changed settings" in text
    assert "This run changes B.batch_size, B.epochs, B.train_samples" in text


def test_a_split_that_leaves_nothing_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InvalidValueError, match="of 4 train_samples must leave at least one"):
        Reproduction(tmp_path / "out", B, (0,), False, {"B.train_samples": 4}, "")
    assert not (tmp_path / "out").exists()


def test_fewer_seeds_can_be_taken_from_a_finished_run(finished, tmp_path, plan_in, silent):
    (tmp_path / "trials.sqlite").write_bytes((finished[0] / "trials.sqlite").read_bytes())
    outcome = reproduce(plan_in(tmp_path, (0,), resume=True), listener=silent)
    assert outcome.finished == N_CONFIGURATIONS
    assert {row["seed"] for row in rows(tmp_path)} == {"0"}


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    path = tmp_path / "notes"
    path.write_text("mine")
    with pytest.raises(InvalidValueError, match=r"out must be a folder, got .*: choose another"):
        Reproduction(path, B, (0,), False, {}, "")
    assert path.read_text() == "mine"


def test_a_wrong_setting_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InvalidValueError, match="epochs must be an integer of at least 1, got 0"):
        Reproduction(tmp_path / "out", B, (0,), False, {"B.epochs": 0}, "")
    assert not (tmp_path / "out").exists()


def test_to_go_on_and_to_replace_exclude_each_other(tmp_path, plan_in):
    with pytest.raises(InvalidValueError, match="leave one out"):
        plan_in(tmp_path, resume=True, force=True)
