"""Made-up results of section B, for judges that read them."""

from types import SimpleNamespace

import numpy as np
import pytest

from chainrule.reproduction.claims import judge
from chainrule.reproduction.results import Results, configuration
from chainrule.study.trial import TrialResult
from chainrule.training.history import Epoch

FALLING = (2.0, 1.5, 1.0, 0.5)
# A tenth of the test labels is of the largest class.
TEST_LABELS = np.arange(100) % 10
SETTINGS = {"B": {"epochs": 4, "patience": 2}}


@pytest.fixture
def results_of():
    """Return results: results_of({names: [run of seed 0, run of seed 1]})."""

    def results_of(table, settings=SETTINGS):
        runs = [
            made_up(names, seed, **run)
            for names, by_seed in table.items()
            for seed, run in enumerate(by_seed)
        ]
        planned = [SimpleNamespace(configuration=r.configuration, seed=r.seed) for r in runs]
        return Results.of(runs, planned, settings, SimpleNamespace(y_test=TEST_LABELS))

    return results_of


def made_up(names, seed, losses=FALLING, train=None, error=None, **metrics):
    """Return a run with a validation and a training loss for each epoch."""
    epochs = [
        Epoch(n, trained, loss, {"validation_accuracy": 0.5}, 0.002, 1.0)
        for n, (trained, loss) in enumerate(zip(train or losses, losses, strict=True), 1)
    ]
    return TrialResult("id", configuration(*names), seed, metrics, epochs, 1.0, error)


@pytest.fixture
def judgement():
    """Judge one claim: judgement(claim, results)."""

    def judgement(claim, results):
        (one,) = judge([claim], results)
        assert one.note.startswith(claim.rule)
        return one

    return judgement
