"""The report as a reader's browser has it: Chromium, offline, as wide as a phone or a desktop."""

import pytest

from ..pages import check_width
from .conftest import FAST, flower_rows, write_csv

RUNS = ["flower_run", "price_run", "shape_run", "copy_run", "row_run", "long_run"]


@pytest.fixture(scope="session")
def long_run(run_on, tmp_path_factory):
    """Return a run on columns and classes with long names, some of them hostile."""
    header, rows = flower_rows()
    header = ["length" * 20, '<script>alert("x")</script>', "a b " * 30, "kind"]
    rows = [[*row[:3], f"{row[3]}{'-of-a-kind' * 9}"] for row in rows]
    path = write_csv(tmp_path_factory.mktemp("data") / "long.csv", header, rows)
    return run_on(path, target="kind", model=FAST)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", RUNS)
def test_nothing_overflows_and_nothing_is_loaded(open_page, request, name, width):
    run = request.getfixturevalue(name)
    page = open_page(run.folder / "report.html", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    check_width(page, width)


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark(open_page, flower_run, dark):
    page = open_page(flower_run.folder / "report.html", dark=dark)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(paper.removeprefix("rgb(").split(",")[0]) < 60) is dark


def test_every_figure_says_what_it_shows(open_page, price_run):
    page = open_page(price_run.folder / "report.html")
    figures = page.locator("figure")
    assert figures.count() == 3
    for figure in figures.all():
        assert figure.locator("svg[role=img]").get_attribute("aria-label")
        assert len(figure.locator("figcaption").inner_text()) > 10
