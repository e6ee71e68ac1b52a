import pytest

from chainrule.reproduction.claims import judge
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.settings import SETTINGS
from chainrule.reproduction.settings import values
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch


def history(losses):
    return [Epoch(i, loss, loss, {}, 1e-5, 1.0) for i, loss in enumerate(losses, 1)]


@pytest.fixture(scope="session")
def results_of():
    """Make results at the report's scale: {configuration: [(metrics, losses), one a seed]}."""

    def make(rows):
        runs = [
            TrialResult("id", name, seed, metrics, history(losses), 1.0)
            for name, seeds in rows.items()
            for seed, (metrics, losses) in enumerate(seeds)
        ]
        planned = [Trial("C", run.configuration, run.seed, {}, "") for run in runs]
        return Results.of(runs, planned, values(SETTINGS, False, {}), None)

    return make


@pytest.fixture(scope="session")
def judged(results_of):
    """Judge a theme's claims on made-up results: {id: Judgement}."""

    def judgements(theme, rows):
        return {one.id: one for one in judge(theme.claims, results_of(rows))}

    return judgements
