import json

import pytest

from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

TRIAL = Trial("B", "relu, normal", 0, {"epochs": 2, "lr": 0.1}, "digest")


@pytest.mark.parametrize(
    "change",
    [
        {"section": "C"},
        {"configuration": "tanh, normal"},
        {"seed": 1},
        {"settings": {"epochs": 3, "lr": 0.1}},
        {"data": "other"},
    ],
)
def test_id_depends_on_everything_that_decides_the_result(change):
    fields = {**vars(TRIAL), **change}
    assert Trial(**fields).id != TRIAL.id


def test_id_does_not_depend_on_the_order_of_settings():
    assert Trial("B", "relu, normal", 0, {"lr": 0.1, "epochs": 2}, "digest").id == TRIAL.id


def test_id_does_not_depend_on_the_candidate_s_place_among_others():
    numbered = [Trial("B", "relu", 0, {"number": n}, "digest") for n in (1, 2)]
    assert numbered[0].id == numbered[1].id


def test_id_depends_on_the_library_version(monkeypatch):
    before = TRIAL.id
    monkeypatch.setattr("chainrule.study.trial.__version__", "9.9")
    assert TRIAL.id != before


def test_result_survives_json_to_the_bit():
    result = TrialResult(
        TRIAL.id,
        TRIAL.configuration,
        0,
        {"test_accuracy": 1 / 3, "norms": [1e-300, 0.1]},
        [
            Epoch(1, 0.1 + 0.2, None, {}, 0.1, 1.5),
            Epoch(2, 1e-17, 0.3, {"validation_accuracy": 0.9, "r2": 1 / 3}, 0.1, 1.5, 0.1 + 0.7),
        ],
        3.0,
    )
    text = result.to_json()
    assert TrialResult.from_json(text) == result
    assert json.loads(text)["error"] is None
