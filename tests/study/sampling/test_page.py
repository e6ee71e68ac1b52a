"""The page about samplers says what they do."""

import re
import tomllib
from pathlib import Path

import pytest

from chainrule import MLPClassifier
from chainrule.study import Choice, Halving, Integer, LogInteger, LogUniform, Study, Uniform
from chainrule.study.sampling import SAMPLERS
from chainrule.study.sampling.distributions import read_distributions

PAGE = (Path(__file__).parents[3] / "docs" / "sampling.md").read_text(encoding="utf-8")
FILES = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
COUNTS = {"grid": [8, 4], "candidates": [3], "random": [20], "optuna": [40]}


def test_each_table_has_an_example():
    assert [key for file in FILES for key in file] == [
        *("grid", "grid", "candidates", "random", "optuna", "halving")
    ]


@pytest.mark.parametrize("file", FILES[:-1], ids=lambda file: next(iter(file)))
def test_candidates_are_what_an_estimator_takes(file):
    if "optuna" in file:
        pytest.importorskip("optuna")
    sampler = Study.from_dict({"name": "a", "data": "digits.csv", **file}).sampler
    candidates = sampler.candidates()
    assert len(candidates) in (*COUNTS[next(iter(file))], sampler.adapts and sampler.batch)
    for candidate in candidates:
        MLPClassifier(**candidate.values)._validate_params()


def test_the_table_of_distributions():
    rows = re.findall(r"^\| `(\S.*?)`(?: or `.*?`)? \| `(\w+\(.*?\))` \|", PAGE, re.MULTILINE)
    names = {k.__name__: k for k in (Choice, Integer, LogInteger, LogUniform, Uniform)}
    for table, python in rows:
        value = tomllib.loads(f"x = {table}")
        assert read_distributions(value, "random")["x"] == eval(python, dict(names))
    assert {python.partition("(")[0] for _, python in rows} == set(names)


def test_the_picture_of_halving():
    halving = Halving.from_toml(FILES[-1]["halving"])
    first, second, third = halving.rungs(9)
    assert [first, second, third] == [(9, 5), (3, 15), (1, 45)]
    epochs = 9 * 5 + 3 * (15 - 5) + 1 * (45 - 15)
    assert f"9·5 + 3·10 + 1·30 = {epochs} epochs instead of 9·45 = {9 * 45}" in PAGE
    assert halving.rungs(3)[-1].epochs == 15
    assert set(SAMPLERS) == set(COUNTS)
