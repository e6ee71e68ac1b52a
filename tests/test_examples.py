"""The examples that are files: they are what they say, and run."""

from dataclasses import replace
from pathlib import Path

import pytest

from chainrule import load_fashion_mnist
from chainrule.reproduction.section_c.grid_search import searches
from chainrule.reproduction.section_c.settings import SETTINGS
from chainrule.reproduction.settings import values
from chainrule.study import Study

ROOT = Path(__file__).parents[1]
STUDIES = sorted((ROOT / "examples" / "studies").glob("*.toml"))
FEW = 600


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_runs(path, tmp_path):
    study = Study.from_toml(path)
    images = load_fashion_mnist()
    shorter = {} if study.halving else {"max_iter": 1}
    small = replace(
        study,
        data=(images.X_train[:FEW], images.y_train[:FEW]),
        fixed={**study.fixed, **shorter},
        seeds=1,
    )
    results = small.run(tmp_path)
    assert all(one.failed == 0 for one in results.candidates())
    assert len(results.candidates()) == len(study.sampler.candidates())


def test_there_is_a_study_of_each_kind():
    assert {"activations", "grid", "halving"} <= {path.stem for path in STUDIES}


def test_the_grid_is_the_report_s():
    study = Study.from_toml(ROOT / "examples" / "studies" / "grid.toml")
    ours = searches(values(SETTINGS, False, {}), "chainrule")["grid"]
    assert [one.values for one in study.sampler.candidates()] == [
        one.values for one in ours.sampler.candidates()
    ]
    assert study.evaluation == ours.evaluation
    assert study.metrics == ours.metrics
    for name, value in study.fixed.items():
        assert (
            list(ours.fixed[name]) == value
            if isinstance(value, list)
            else ours.fixed[name] == value
        )
