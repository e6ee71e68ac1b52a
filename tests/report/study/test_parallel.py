import re
from itertools import pairwise

import pytest

from chainrule.report.study.parallel import HEIGHT, LEFT, MOST_AXES, MOST_LINES, STEP, TOP, collect
from chainrule.study.results import Results


@pytest.fixture
def drawn(pair_of):
    def draw(*values, scores=None):
        scores = scores or [i / 10 for i in range(len(values))]
        pairs = [
            pair_of(i, s, values=v) for i, (v, s) in enumerate(zip(values, scores, strict=True))
        ]
        results = Results.of(pairs)
        return collect(results.candidates(), results.factors, "accuracy", "{:.2f}".format)

    return draw


def points(path):
    return [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", path.d)]


def test_a_line_goes_through_the_candidate_s_values(drawn):
    it = drawn({"a": "x", "b": 1}, {"a": "y", "b": 2})
    assert [axis.title for axis in it.axes] == ["a", "b", "accuracy"]
    best = it.paths[-1]  # on top
    assert (best.rank, best.share, best.title) == (1, 1.0, "1. a=y, b=2: accuracy 0.10")
    middle = [TOP + HEIGHT * share for share in (0.25, 0.25, 0.0)]
    assert points(best) == [(LEFT + i * STEP, y) for i, y in enumerate(middle)]


def test_numbers_over_two_powers_of_ten_are_logarithmic(drawn):
    it = drawn(*({"rate": 10.0**-k} for k in range(8)))
    heights = [y for path in it.paths for _, y in points(path)[:1]]
    steps = [abs(a - b) for a, b in pairwise(heights)]
    assert steps == pytest.approx([HEIGHT / 7] * 7, abs=0.2)
    assert "0.001" in [text for _, text in it.axes[0].labels]


def test_close_numbers_are_linear(drawn):
    it = drawn(*({"x": x} for x in (1, 2, 3, 4, 5, 6, 11)))
    assert [y for path in it.paths for _, y in points(path)[:1]][5] == TOP + HEIGHT / 2


def test_a_candidate_without_a_factor_has_a_gap(drawn):
    it = drawn({"a": 1, "b": 1}, {"b": 2}, {"a": 2, "b": 3})
    lacking = next(path for path in it.paths if "b=2" in path.title)
    assert lacking.d.count("M") == 1
    assert len(points(lacking)) == 2


def test_there_is_nothing_to_draw_for_one_candidate_or_one_value(drawn):
    assert drawn({"a": 1}) is None
    assert drawn({"a": 1}, {"a": 1}) is None


def test_identical_scores_lie_in_the_middle(drawn):
    it = drawn({"a": 1}, {"a": 2}, scores=[0.5, 0.5])
    assert {path.share for path in it.paths} == {0.5}


def test_there_are_limits(drawn):
    it = drawn(*({f"f{k}": n for k in range(MOST_AXES + 3)} for n in range(MOST_LINES + 20)))
    assert (len(it.paths), len(it.axes)) == (MOST_LINES, MOST_AXES + 1)
