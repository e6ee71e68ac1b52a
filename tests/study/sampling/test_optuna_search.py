import logging
import math
import sys
import warnings

import pytest

from chainrule.errors import InvalidValueError
from chainrule.study.sampling import SAMPLERS, Optuna, key_of

optuna = pytest.importorskip("optuna")

SPACE = {
    "rate": {"low": 1e-5, "high": 0.1, "log": True},
    "units": {"low": 16, "high": 256, "integer": True, "log": True},
    "momentum": {"low": 0.0, "high": 0.99},
    "layers": {"low": 1, "high": 9, "integer": True},
    "sizes": [[64], [64, 32], None],
}
SMALL = {"a": ["x", "y", "z"], "b": {"low": 1, "high": 4, "integer": True}}


def quality(values):
    """Return a score that is best at a rate of 0.001; None, as if it failed, for one size."""
    return None if values.get("sizes") == [64] else -abs(math.log10(values["rate"]) + 3)


def finished(sampler, renew=False):
    """Return all candidates and scores; trials end one at a time, the last of a batch first.

    With ``renew`` a new sampler is asked each time, as by a study that is killed all the time.
    """
    scores = {}
    while True:
        asked = Optuna.from_toml(sampler.to_toml()) if renew else sampler
        found = asked.candidates(scores)
        waiting = [candidate for candidate in found if candidate.number not in scores]
        if not waiting:
            return found, scores
        scores[waiting[-1].number] = quality(waiting[-1].values)


def test_a_study_that_was_killed_hears_the_same():
    found, scores = finished(Optuna(16, SPACE, seed=3, batch=3))
    again, same = finished(Optuna(16, SPACE, seed=3, batch=3), renew=True)
    assert [candidate.number for candidate in found] == list(range(16))
    assert (again, same) == (found, scores)
    assert finished(Optuna(16, SPACE, seed=4, batch=3))[0] != found


def test_the_next_batch_comes_when_the_whole_last_one_has_scores():
    sampler = Optuna(10, SPACE, batch=4)
    first = sampler.candidates()
    assert len(first) == 4
    scores = dict.fromkeys((0, 1, 3), 0.5)
    assert sampler.candidates(scores) == first
    assert len(sampler.candidates({**scores, 2: None})) == 8
    assert sampler.candidates(scores) == first  # what it was told since is forgotten


def test_it_learns_to_score_higher():
    found, scores = finished(Optuna(40, SPACE, seed=0))
    known = [scores[candidate.number] for candidate in found]
    early, late = ([s for s in part if s is not None] for part in (known[:10], known[30:]))
    assert sum(late) / len(late) > sum(early) / len(early) + 0.5


def test_it_is_optunas_own_sampler_told_in_the_order_of_the_numbers():
    def score(rate):
        return None if rate > 0.05 else -abs(math.log10(rate) + 3)

    sampler = Optuna(24, {"rate": SPACE["rate"]}, seed=1, batch=1)
    scores = {}
    while len(found := sampler.candidates(scores)) > len(scores):
        scores[len(scores)] = score(found[-1].values["rate"])
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():  # Optuna 4.0 called it experimental
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        tpe = optuna.samplers.TPESampler(seed=1, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=tpe)
    rates = []
    for _ in range(24):
        trial = study.ask({"rate": optuna.distributions.FloatDistribution(1e-5, 0.1, log=True)})
        rates.append(trial.params["rate"])
        value = score(float(f"{rates[-1]:.5g}"))
        failed = optuna.trial.TrialState.FAIL if value is None else None
        study.tell(trial, value, state=failed)
    assert [one.values["rate"] for one in found] == [float(f"{rate:.5g}") for rate in rates]
    assert None in scores.values()


@pytest.mark.parametrize("batch", [1, 5, 12])
def test_of_finitely_many_candidates_none_comes_twice(batch):
    sampler = Optuna(12, SMALL, batch=batch)
    scores = {}
    while len(found := sampler.candidates(scores)) > len(scores):
        scores |= {c.number: float(c.values["a"] == "x") for c in found}
    assert len({candidate.name for candidate in found}) == 12


def test_values_have_the_types_of_their_factors():
    found, _ = finished(Optuna(8, SPACE))
    for candidate in found:
        kinds = {name: type(value) for name, value in candidate.values.items()}
        assert kinds.pop("sizes") in (list, type(None))
        assert kinds == {"layers": int, "momentum": float, "rate": float, "units": int}


def test_optuna_logs_nothing_and_keeps_its_level(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("optuna"), "propagate", True)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    finished(Optuna(6, SPACE))
    assert not caplog.records
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


def test_from_its_table_and_back():
    sampler = Optuna(4, SPACE, seed=5, batch=2)
    assert SAMPLERS[key_of(sampler)].from_toml(sampler.to_toml()) == sampler


def test_without_optuna_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InvalidValueError) as caught:
        Optuna(4, SPACE)
    assert str(caught.value) == (
        "sampling by Optuna needs the optuna package, got none: run pip install optuna"
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"n": 13, **SMALL},
            "n in optuna must be at most 12, the number of different candidates, got 13: lower it, "
            "or use a grid",
        ),
        (
            {"n": 3, "batch": 0, **SMALL},
            "batch in optuna must be an integer of at least 1, got 0: change it",
        ),
        (SMALL, "optuna must say how many candidates there are, got none: add n = 20"),
        (
            {"n": 3, "a": 3},
            "a in optuna must be a distribution or a list of values, got 3: such as "
            "{low = 1e-4, high = 0.1, log = true} or [16, 64], or set it in fixed",
        ),
    ],
)
def test_what_is_refused(table, message):
    with pytest.raises(InvalidValueError) as caught:
        Optuna.from_toml(table)
    assert str(caught.value) == message


@pytest.mark.parametrize("batch", [1, 3])
def test_more_candidates_begin_with_the_same(batch):
    few, _ = finished(Optuna(7, SPACE, batch=batch))
    many, _ = finished(Optuna(13, SPACE, batch=batch))
    assert many[:7] == few
