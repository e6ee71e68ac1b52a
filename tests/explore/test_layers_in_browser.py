"""Layers, one unit and the drawing of the network, as a reader uses them: Chromium, offline."""

import re
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from chainrule import MLPClassifier
from chainrule.explore import explore

from ..pages import check_width
from .conftest import bars
from .reading import Page

sync = pytest.importorskip("playwright.sync_api")

THREE_DIGITS = {"rel": 0.006, "abs": 6e-5}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="session")
def wide():
    """Return a classifier of images whose layers are too wide to be drawn whole, and its data."""
    X, y = bars()
    X = X.reshape(len(X), -1)
    model = MLPClassifier((24, 16), max_iter=4, input_scaling="standard", random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y), (X, y)


@pytest.fixture
def opened(open_page, tmp_path):
    """Write a page and open it with a state; return it, and the rows of its samples."""

    def open_with(made, state="", **window):
        model, data = made
        path = tmp_path / "page.html"
        explore(model, data, path, samples=20)
        page = open_page(path, fragment=f"#{state}", **window)
        page.wait_for_selector("html[data-ready]")
        rows = Page(path).document["samples"]["rows"]
        return page, data[0][rows]

    return open_with


def tell(page, layer, unit):
    """Return what the tiles of a layer tell of a unit, walking to it by keyboard."""
    grid = page.locator(f"#layers [data-layer='{layer}'] .unit-grid")
    grid.focus()
    grid.press("Home")
    for _ in range(unit):
        grid.press("ArrowRight")
    option = page.locator(f"[id='{grid.get_attribute('aria-activedescendant')}']")
    assert option.get_attribute("aria-posinset") == str(unit + 1)
    return option.get_attribute("aria-label")


def number(text):
    """Return a number that the page writes."""
    return float(text.replace("−", "-"))


def answers(page):
    """Return the table of answers without and with the change, by class, in full digits."""
    page.wait_for_selector(".before-after")
    found = {}
    for row in page.locator(".before-after tbody tr").all():
        cells = row.locator("td").all()
        found[row.locator("th").inner_text()] = [
            float(c.get_attribute("data-value")) for c in cells
        ]
    return found


def changed(predict, model, layer, unit, factor):
    """Return what is predicted if a hidden unit's activation is multiplied."""
    weights = model.coefs_[layer + 1][unit]
    kept = weights.copy()
    weights *= factor
    try:
        return predict()
    finally:
        weights[:] = kept


def check_answers(page, model, row, layer, unit, factor):
    """Compare both columns of the table with Python's probabilities."""
    before = model.predict_proba(row)[0]
    after = changed(lambda: model.predict_proba(row)[0], model, layer, unit, factor)
    assert not np.allclose(before, after, atol=1e-3)
    found = answers(page)
    assert found["0"] == pytest.approx([before[0], after[0]], abs=1e-5)
    assert found["1"] == pytest.approx([before[1], after[1]], abs=1e-5)


def strongest_unit(model, row):
    """Return the unit of the first layer without which the answer changes most."""
    units = range(model.coefs_[0].shape[1])
    answer = [changed(lambda: model.predict_proba(row)[0, 0], model, 0, j, 0) for j in units]
    return int(np.argmax(np.abs(answer - model.predict_proba(row)[0, 0])))


@pytest.mark.parametrize("layer", [0, 1])
def test_activations_are_pythons(opened, wide, layer):
    page, X = opened(wide, "sample=3")
    wanted = wide[0].transform(X[3:4], layer=layer)[0]
    for unit in [0, 1, 7, len(wanted) - 1]:
        name, value = tell(page, layer, unit).split(": ")
        assert name == f"unit {unit}"
        assert number(value) == pytest.approx(wanted[unit], **THREE_DIGITS)


def test_the_pointer_reads_a_tile(opened, wide):
    page, X = opened(wide)
    grid = page.locator("#layers [data-layer='1'] .unit-grid")
    size = grid.locator(".ring.cursor").bounding_box() or {"width": 25}
    grid.hover(position={"x": 2.5 * (size["width"] + 1), "y": 5})
    name, value = page.locator("#layers [data-layer='1'] .reading").inner_text().split(": ")
    assert name == "unit 2"
    wanted = wide[0].transform(X[:1], layer=1)[0, 2]
    assert number(value) == pytest.approx(wanted, **THREE_DIGITS)


def test_a_layer_says_how_many_units_are_silent(opened, wide):
    page, X = opened(wide)
    sizes = np.abs(wide[0].transform(X[:1], layer=0)[0])
    silent = (sizes <= 0.01 * sizes.max()).sum()
    summary = page.locator("#layers [data-layer='0'] .summary").inner_text()
    assert f"{silent} of 24 units" in summary
    assert f"Largest: unit {sizes.argmax()}," in summary


def test_a_unit_is_chosen_by_keyboard(opened, wide):
    page, _ = opened(wide)
    tell(page, 1, 5)
    page.keyboard.press("Enter")
    sync.expect(page.locator(".unit-name")).to_have_text("Unit 5 of hidden layer 2")
    sync.expect(page.locator(".node[aria-pressed=true] title")).to_have_text(re.compile("unit 5: "))
    page.wait_for_url("**layer=1&unit=5")


def test_a_node_of_the_drawing_is_chosen_by_keyboard(opened, wide):
    page, _ = opened(wide)
    page.locator(".node[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator(".node:focus")
    assert focused.get_attribute("data-column") == "2"
    unit = focused.get_attribute("data-unit")
    page.keyboard.press("Enter")
    sync.expect(page.locator(".unit-name")).to_have_text(f"Unit {unit} of hidden layer 2")
    assert page.locator(".node:focus").get_attribute("data-unit") == unit


def test_a_unit_is_switched_off_and_on_again(opened, wide):
    model = wide[0]
    page, X = opened(wide)
    row = X[:1]
    unit = strongest_unit(model, row)
    page.get_by_label("Unit", exact=True).fill(str(unit))
    page.get_by_role("button", name="Switch off").click()
    check_answers(page, model, row, 0, unit, 0)
    assert page.locator(".changes").inner_text().startswith(f"Unit {unit} of hidden layer 1")
    assert tell(page, 0, unit) == f"unit {unit}: 0"

    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_selector(".before-after", state="detached")
    assert page.get_by_role("button", name="Switch off").is_visible()
    page.get_by_role("button", name="Redo", exact=True).click()
    check_answers(page, model, row, 0, unit, 0)
    page.get_by_role("button", name=f"Reset Unit {unit} of hidden layer 1").click()
    page.wait_for_selector(".before-after", state="detached")
    assert page.locator(".changes li").count() == 0


def test_a_unit_is_scaled(opened, wide):
    model = wide[0]
    page, X = opened(wide, "sample=1&unit=0")
    unit = strongest_unit(model, X[1:2])
    page.get_by_label("Unit", exact=True).fill(str(unit))
    slider = page.get_by_label("Activation ×")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    sync.expect(page.locator(".experiment output")).to_have_text("2.00")
    check_answers(page, model, X[1:2], 0, unit, 2)


def test_changes_come_with_the_link_and_go_together(opened, wide):
    page, _ = opened(wide, "layer=1&unit=2&scales=0.3_0~1.2_1.5")
    page.wait_for_selector(".changes li")
    assert page.locator(".changes li").all_inner_texts() == [
        "Unit 3 of hidden layer 1\nswitched off\nReset",
        "Unit 2 of hidden layer 2\n× 1.50\nReset",
    ]
    page.get_by_role("button", name="Reset all units").click()
    sync.expect(page.locator(".changes li")).to_have_count(0)
    page.wait_for_url("**#layer=1&unit=2")


def test_weights_of_a_unit_are_pythons(opened, wide):
    model = wide[0]
    page, _ = opened(wide, "layer=0&unit=4")
    canvas = page.locator(".weight-images canvas").first
    side = canvas.bounding_box()["width"]
    canvas.hover(position={"x": side * 2.5 / 8, "y": side * 3.5 / 8})
    name, value = page.locator(".weight-images .reading").first.inner_text().split(": ")
    assert name == "pixel 3, 2"
    assert number(value) == pytest.approx(model.coefs_[0][3 * 8 + 2, 4], **THREE_DIGITS)

    sent = model.coefs_[1][4]
    rows = page.get_by_role("list", name="Outgoing weights").locator("li").all_inner_texts()
    order = np.argsort(-np.abs(sent))[:12]
    assert [row.split("\n")[0] for row in rows] == [f"unit {j}" for j in order]
    values = [number(row.split("\n")[-1]) for row in rows]
    assert values == [pytest.approx(value, **THREE_DIGITS) for value in sent[order]]


def test_samples_that_excite_a_unit_come_from_all_of_them(opened, wide):
    page, X = opened(wide, "layer=1&unit=2")
    responses = wide[0].transform(X, layer=1)[:, 2]
    page.wait_for_selector("#unit .sample-tiles button")
    tiles = page.locator("#unit .sample-tiles button").all()
    found = [int(tile.get_attribute("data-sample")) for tile in tiles]
    assert responses[found] == pytest.approx(np.sort(responses)[::-1][:12], abs=1e-5)
    tiles[2].click()
    page.wait_for_url(f"**sample={found[2]}*")


def test_an_output_has_weights_but_no_switch(opened, wide):
    page, _ = opened(wide, "layer=2&unit=0")
    sync.expect(page.locator(".unit-name")).to_have_text(re.compile("Output "))
    assert page.get_by_role("button", name="Switch off").is_hidden()
    page.get_by_role("list", name="Strongest incoming weights").locator("button").first.click()
    page.wait_for_url("**layer=1*")
    assert page.evaluate("document.activeElement.className") == "unit-name"


@pytest.mark.parametrize("dark", [False, True])
def test_the_drawing_is_saved_as_a_file_of_its_own(opened, wide, tmp_path, dark):
    page, _ = opened(wide, "layer=0&unit=4", dark=dark)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    assert download.value.suggested_filename == "network.svg"
    path = tmp_path / "network.svg"
    download.value.save_as(path)
    root = ET.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    nodes = [node for node in root.iter(f"{SVG}g") if "node" in node.get("class", "").split()]
    assert len(nodes) == 14 + 10 + 10 + len(wide[0].coefs_[2][0])
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert "… 14 more" in texts
    assert "… 6 more" in texts
    assert "var(" not in path.read_text("utf-8")
    fill = root.find(f"{SVG}rect").get("fill")
    assert fill == ("#1b1f28" if dark else "#ffffff")


def test_what_flows_can_be_shown_instead_of_weights(opened, wide):
    page, _ = opened(wide)
    before = page.locator(".diagram svg .edges").first.inner_html()
    page.get_by_label("Show what flows").check()
    assert page.locator(".diagram svg .edges").first.inner_html() != before
    assert "positive flow" in page.locator(".diagram svg").text_content()


@pytest.mark.parametrize("width", [360, 1180, 1920])
def test_nothing_sticks_out(opened, wide, width):
    page, _ = opened(wide, "layer=0&unit=4&scales=0.3_0", width=width)
    page.wait_for_selector("#unit .sample-tiles button")
    check_width(page, width)


def test_a_regression_answers_in_the_targets_units(opened, in_memory):
    model, _ = in_memory["number"]
    page, rows = opened(in_memory["number"], "layer=0&unit=2&scales=0.2_0")
    before = model.predict(rows[:1])[0]
    after = changed(lambda: model.predict(rows[:1])[0], model, 0, 2, 0)
    (found,) = answers(page).values()
    assert found == pytest.approx([before, after], rel=1e-4)


def test_columns_of_a_table_have_their_names(open_page, runs, tmp_path):
    explore(runs["flowers"][0], out=tmp_path / "page.html")
    page = open_page(tmp_path / "page.html", fragment="#layer=0&unit=1")
    names = page.get_by_role("list", name="Strongest incoming weights").locator(
        "li > span:first-child"
    )
    names.first.wait_for()
    assert {"length", "petals", "colour = red"} <= set(names.all_inner_texts())
    drawn = page.locator(".diagram text").all_text_contents()
    assert "petals" in drawn
    assert "tulip" in " ".join(drawn)
