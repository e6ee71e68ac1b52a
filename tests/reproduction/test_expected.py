import pytest

from chainrule.reproduction import expected
from chainrule.reproduction.section import Scope
from chainrule.reproduction.sections import SECTIONS
from chainrule.reproduction.settings import values
from chainrule.study.trial import Trial

ROW = {"epochs": 40, "planned": 40, "samples": 1000, "seconds": 8.0}
EARLY = {"epochs": 10, "planned": 40, "samples": 1000, "seconds": 2.0}
QUICK = {"epochs": 7, "planned": 8, "samples": 200, "seconds": 1.5}
REFERENCE = {
    "product_seconds": 0.5,
    "trainings": {"B": {"relu, normal": [ROW], "sigmoid, zero": [EARLY, QUICK]}},
}


@pytest.fixture
def reference(monkeypatch):
    monkeypatch.setattr(expected, "reference", lambda: REFERENCE)


def trial(name, epochs=40, samples=1000, section="B"):
    return Trial(section, name, 0, {"fixed": {"epochs": epochs}, "train_samples": samples}, "")


@pytest.mark.parametrize(
    ("trial", "seconds"),
    [
        (trial("relu, normal"), 8),
        (trial("relu, normal", epochs=20), 4),
        (trial("relu, normal", samples=500), 4),
        (trial("sigmoid, zero"), 2),  # it stopped after 10 epochs
        (trial("sigmoid, zero", epochs=20), 2),
        (trial("sigmoid, zero", epochs=5), 1),
        (trial("sigmoid, zero", epochs=8, samples=200), 1.5),  # as it was measured
        (trial("relu, of another library"), 8),  # both rows take 0.2 ms an epoch and image
        (trial("anything", section="C"), 8),
    ],
)
def test_work_is_that_of_the_reference_scaled(reference, trial, seconds):
    assert expected.expected_work([trial]) == {trial.id: pytest.approx(seconds)}


@pytest.mark.parametrize(("jobs", "seconds"), [(1, 200), (2, 100), (8, 50)])
def test_seconds_are_by_this_machine_s_speed_and_cores(reference, monkeypatch, jobs, seconds):
    monkeypatch.setattr(expected, "product_seconds", lambda: 1.0)
    monkeypatch.setattr(expected, "count_jobs", lambda jobs: 4)
    assert expected.expected_seconds(100, jobs) == pytest.approx(seconds)


def test_the_committed_reference_has_every_training_of_the_report():
    settings = values({k: v for s in SECTIONS.values() for k, v in s.settings.items()}, False, {})
    for section in SECTIONS.values():
        data = section.load(None)
        for one in section.trials(Scope((0,), settings), data):
            # Some need all of Fashion-MNIST, and one trains nothing for long.
            if "complete" in one.configuration or one.configuration == "cost of activations":
                continue
            row = expected.reference()["trainings"][one.section][one.configuration][0]
            assert row["planned"] == expected.planned_epochs(one)
            assert row["samples"] == one.settings["train_samples"]
            assert 0 < row["epochs"] <= row["planned"]
            assert row["seconds"] > 0


def test_a_product_takes_time():
    assert 0 < expected.product_seconds() < 1
