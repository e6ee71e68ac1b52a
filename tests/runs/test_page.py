import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from chainrule.runs.figures import curve, draw_errors, draw_points, predictions, spark
from chainrule.runs.page import render

RUNS = ["flower_run", "price_run", "shape_run", "copy_run", "row_run"]


@pytest.fixture(params=RUNS)
def run(request):
    return request.getfixturevalue(request.param)


def test_the_page_is_drawn_from_the_document_that_is_saved(run):
    document = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert render(document) == (run.folder / "report.html").read_text(encoding="utf-8")


def test_the_page_has_the_summary_and_every_column(run):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    for text in run.document["summary"]:
        assert text.replace("&", "&amp;") in page
    for column in run.document["data"]["columns"]:
        assert f'<th scope="row">{column["name"]}</th><td>{column["kind"]}' in page


def test_the_page_loads_nothing(run):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "url(" not in page.replace("url(#", "")


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("flower_run", ["mistakes", "columns"]),
        ("price_run", ["mistakes", "columns"]),
        ("copy_run", []),
    ],
)
def test_sections_are_there_where_there_is_something_to_show(name, sections, request):
    page = (request.getfixturevalue(name).folder / "report.html").read_text(encoding="utf-8")
    found = re.findall(r'<section id="(.*?)"', page)
    assert [one for one in found if one in ("mistakes", "columns")] == sections
    assert re.findall(r'<a href="#(.*?)"', page) == found


def test_images_are_shown_beside_what_becomes_of_them(copy_run):
    page = (copy_run.folder / "report.html").read_text(encoding="utf-8")
    assert page.count('alt="input ') == page.count('alt="reconstruction ') == 10


def test_a_curve_leaves_out_what_was_not_measured():
    history = {"loss": [3.0, None, float("inf"), 1.0]}
    line = curve(history, "loss", "label", 0)
    assert (line.x, line.mean) == ((1, 4), (3.0, 1.0))
    assert curve(history, "other", "label", 0) is None


def test_numbers_are_drawn_beside_the_truth(price_run):
    points, errors = predictions(price_run.document)
    assert points.rows[0][0] == f"{price_run.document['points'][0][0]:,.0f}"
    assert sum(int(n) for _, n in errors.rows) == 30


def test_drawings():
    axes = Figure().add_subplot()
    draw_points(np.array([[1.0, 2.0], [3.0, 2.5]]), axes)
    assert axes.lines[0].get_xdata().tolist() == [1.0, 3.0]
    assert axes.collections[0].get_offsets().tolist() == [[1.0, 2.0], [3.0, 2.5]]
    draw_errors((np.array([1, 2]), np.array([0.0, 1.0, 2.0])), axes)
    assert axes.patches[0].get_data().values.tolist() == [1, 2]


def test_a_small_histogram_has_a_bar_for_each_count():
    svg = spark([4, 0, 2], 'of "x" <b>')
    assert svg.count("<rect") == 2
    assert 'y="0.0" width="31.0" height="24.0"' in svg
    assert 'x="64.0" y="12.0"' in svg
    assert "of &#34;x&#34; &lt;b&gt;" in svg
    assert spark([], "") == spark([0, 0], "") == ""
