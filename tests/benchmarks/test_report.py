import re
from copy import deepcopy

import pytest
from benchmarks.charts import GROWTH, RATIOS, charts, collect_ratios
from benchmarks.contenders import LIMIT
from benchmarks.records import bests, fastest, growth, ratio, reached, record
from benchmarks.report import figure, page
from benchmarks.runner import Measured
from benchmarks.workloads import WORKLOADS

TURNS = {
    ("chainrule", 1): [0.04, 0.05],
    ("chainrule", 2): [0.019, 0.021, 0.020],
    ("scikit-learn, float64", 2): [0.150, 0.160, 0.100],
    ("PyTorch", 2): [0.070, 0.070, 0.080],
    ("PyTorch, compiled", 2): [0.050, 0.050, 0.050],
    ("products", 2): [0.020, 0.020, 0.020],
    ("products, rows split", 2): [0.015, 0.016, 0.010],
}
FIRST = dict.fromkeys(TURNS, 0.25)


@pytest.fixture
def image():
    failures = {("JAX", 1): "died with status 3"}
    return record(WORKLOADS["image"], Measured(deepcopy(TURNS), dict(FIRST), failures))


@pytest.fixture
def records(image):
    rows = [image] * 7
    return {
        "environment": {"cores": "2", "torch": "2.13.0"},
        "rounds": 3,
        "quick": False,
        "missing": ["JAX"],
        "workloads": {"image": image},
        "growth": {"width": growth((1, 2, 4, 8, 16, 32, 64), rows, "32 units to 2,048")},
    }


def test_the_better_number_of_threads_counts(image):
    best = bests(image)["chainrule"]
    assert (best.threads, best.median, best.first) == ("2", 0.020, 0.25)


def test_the_best_of_a_family_counts(image):
    assert fastest(image, "PyTorch").name == "PyTorch, compiled"
    assert fastest(image, LIMIT).median == 0.015
    assert fastest(image, "JAX") is None


def test_ratios_are_theirs_by_ours(image):
    assert ratio(image, "scikit-learn") == pytest.approx(7.5)
    assert ratio(image, LIMIT) == pytest.approx(0.75)
    assert ratio(image, "JAX") is None


def test_only_targets_of_what_was_measured_are_judged(records):
    assert [(t.family, t.wanted, got and round(got, 2)) for t, got in reached(records)] == [
        ("scikit-learn", 6, 7.5),
        ("PyTorch", 2.2, 2.5),
        ("JAX", 1.2, None),
        (LIMIT, 0.65, 0.75),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0512, "0.0512"), (1.5, "1.50"), (75, "75.0"), (152.4, "152"), (12345, "12,300")],
)
def test_figures_have_three_digits(value, text):
    assert figure(value) == text


def test_the_page_has_medians_ratios_targets_and_failures(records):
    text = page(records, [RATIOS, GROWTH])
    rows = [line for line in text.splitlines() if line.startswith("| **image**")]
    assert rows == [
        "| **image**, ms an epoch | 20.0 (2) |  | 150 (2) |  | 70.0 (2) | 50.0 (2) |  | 15.0 (2) |",
        "| **image** |  | 7.50 |  | 3.50 | 2.50 |  | 0.75 |",
        "| **image** | against scikit-learn | 6 | 7.50 | reached |",
        "| **image** | against PyTorch | 2.2 | 2.50 | reached |",
        "| **image** | against JAX | 1.2 | not measured |  |",
        "| **image** | share of the limit | 0.65 | 0.75 | reached |",
    ]
    assert "| chainrule | 2 | 20.0 | 19.0 to 21.0 | 1.00 | 0.25 |" in text
    assert "- JAX, 1 threads: died with status 3" not in text
    assert "- JAX, 1 thread: died with status 3" in text
    assert "Not installed, so not measured: JAX." in text
    assert "over 3 rounds" in " ".join(text.split())
    assert re.findall(r"!\[.+\]\(images/(.+)\)", text) == [RATIOS, GROWTH]


def test_a_figure_that_falls_short_is_said(records):
    for turns in records["workloads"]["image"]["contenders"]["chainrule"]["seconds"].values():
        turns[:] = [0.1]
    assert "| **image** | against scikit-learn | 6 | 1.50 | **not reached** |" in page(records)


def test_a_quick_run_says_that_it_is_rough(records):
    assert "This was a quick run" not in page(records)
    assert "This was a quick run" in page({**records, "quick": True})


def test_nothing_measured_is_a_page_too(records):
    assert "## Medians" not in page({**records, "workloads": {}, "growth": {}})


def test_every_row_of_a_table_is_as_long_as_its_head(records):
    length = 0
    for line in page(records).splitlines():
        length = (length or line.count("|")) if line.startswith("|") else 0
        assert not length or line.count("|") == length


def test_the_chart_has_each_contender_s_time_by_ours(records):
    data = collect_ratios(records)
    assert data.workloads == ["image"]
    assert data.ratios["chainrule"] == [1]
    assert data.ratios["scikit-learn, float64"] == [pytest.approx(7.5)]
    assert data.ratios["JAX"] == [None]
    assert data.ratios[LIMIT] == [pytest.approx(0.75)]


def test_charts_are_files_of_their_own_in_light_and_dark(records):
    drawn = charts(records)
    assert list(drawn) == [RATIOS, GROWTH]
    for svg in drawn.values():
        used = set(re.findall(r"var\((--[\w-]+)\)", svg))
        assert used
        style = svg[svg.index("<style>") : svg.index("</style>")]
        light, dark = style.split("@media (prefers-color-scheme: dark)")
        assert all(f"{name}:" in light and f"{name}:" in dark for name in used)
    assert charts({**records, "workloads": {}, "growth": {}}) == {}
