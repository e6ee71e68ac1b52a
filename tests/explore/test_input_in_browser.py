"""Drawing, sliders, samples and the answer in a browser, beside what Python says of the input."""

from __future__ import annotations

import json

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from chainrule.explore.exploring import explore
from chainrule.preparation.saving import load


@pytest.fixture(scope="module")
def open_page(browser, tmp_path_factory):
    """Open the page of a model and fail at its end if it said or asked for anything."""
    opened = []

    def open_one(model, data, address=""):
        path = tmp_path_factory.mktemp("page") / "page.html"
        explore(model, data, path)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url[:60]))
        page.goto(path.as_uri() + address)
        page.wait_for_selector("html[data-ready]")
        opened.append((page, path, said))
        return page

    yield open_one
    for page, path, said in opened:
        ours = ("data:", path.as_uri()[:60], "Canvas2D: Multiple readback")  # by the tests
        assert [one for one in said if not one.startswith(ours)] == []
        page.close()


def probabilities(page):
    """Return what the bars say, as shares."""
    texts = page.locator("#answer .probabilities li b").all_text_contents()
    return np.array([{"<": 0.0, ">": 1.0}.get(t[0]) or float(t.strip("<>% ")) / 100 for t in texts])


def shown_pixels(page, shape):
    """Return the image that the page says the network gets."""
    values = page.evaluate(
        """async () => { for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        const seen = document.querySelector("#drawing canvas.pixels");
        return [...seen.getContext("2d").getImageData(0, 0, seen.width, seen.height).data]; }"""
    )
    return np.array(values, np.uint8)[::4].reshape(shape)


def clear(page):
    page.locator("#drawing canvas.drawing").focus()
    while page.get_by_role("button", name="Undo stroke").is_enabled():
        page.keyboard.press("Backspace")


def draw(page, points):
    box = page.locator("#drawing canvas.drawing").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


@pytest.fixture(scope="module")
def images(open_page, in_memory):
    """Return an open page of a network for images, and the network."""
    net, (X, y) = in_memory["report's"]
    return open_page(net, (X, y)), net


def test_a_stroke_gives_the_probabilities_that_python_gives(images):
    page, net = images
    draw(page, [(0.2, 0.3), (0.8, 0.35)])
    expect(page.locator("#drawing figcaption").last).to_contain_text("from the drawing")
    pixels = shown_pixels(page, (1, 64))
    assert pixels.any()
    wanted = net.predict_proba(pixels)[0]
    assert 0.05 < wanted.max() < 0.999
    np.testing.assert_allclose(probabilities(page), wanted, atol=6e-4)  # a tenth of a percent
    expect(page.locator("#answer .verdict b")).to_have_text(str(wanted.argmax()))


def test_what_is_drawn_lies_where_images_of_training_lie(images):
    page, _ = images
    clear(page)
    draw(page, [(0.05, 0.05), (0.2, 0.2)])
    rows, columns = np.nonzero(shown_pixels(page, (8, 8)))
    assert abs(rows.mean() - 3.5) <= 1
    assert abs(columns.mean() - 3.5) <= 1
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(4, abs=1)


def test_strokes_are_taken_back_and_erased(images):
    page, _ = images
    page.get_by_role("button", name="Clear").click()
    assert not shown_pixels(page, (8, 8)).any()
    draw(page, [(0.3, 0.5), (0.7, 0.5)])
    one = shown_pixels(page, (8, 8))
    draw(page, [(0.5, 0.2), (0.5, 0.8)])
    assert (shown_pixels(page, (8, 8)) != one).any()
    page.get_by_role("button", name="Undo stroke").click()
    np.testing.assert_array_equal(shown_pixels(page, (8, 8)), one)
    page.get_by_role("button", name="Eraser").click()
    page.get_by_label("Brush").select_option("thick")
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    assert not shown_pixels(page, (8, 8)).any()
    page.get_by_role("button", name="Eraser").click()


def test_the_keyboard_draws(images):
    page, net = images
    clear(page)
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")  # the pen is lifted
    expect(page.locator("#drawing .reading")).to_contain_text("Column")
    pixels = shown_pixels(page, (8, 8))
    rows, columns = np.nonzero(pixels > 100)
    assert np.ptp(rows) > np.ptp(columns)
    np.testing.assert_allclose(
        probabilities(page), net.predict_proba(pixels.reshape(1, -1))[0], atol=6e-4
    )


def test_below_the_threshold_the_answer_is_not_known(images):
    page, _ = images
    threshold = page.locator("#answer input[type=range]")
    threshold.fill("1")
    expect(page.locator("#answer .verdict b")).to_have_text("I don't know")
    threshold.fill("0")
    expect(page.locator("#answer .verdict b")).not_to_have_text("I don't know")
    page.wait_for_function("() => location.hash.includes('threshold=0')")


def test_samples_are_picked_by_class_and_by_mistake(images, in_memory):
    page, net = images
    X, y = in_memory["report's"][1]
    page.get_by_label("Which samples").select_option("1")
    page.locator("#samples .sample-tiles button").first.click()
    expect(page.locator("#answer .verdict .badge")).to_be_visible()
    expect(page.locator("#answer .probabilities li.best")).to_have_count(1)
    sample = shown_pixels(page, (1, 64))
    assert 1 in y[(sample == X).all(axis=1)]
    n = page.evaluate(
        """() => JSON.parse(document.querySelector("#content").textContent).samples.rows"""
    )
    wrong = int((net.predict(X[n]) != y[n]).sum())
    page.get_by_label("Which samples").select_option("wrong")
    about = page.locator("#samples .hint")
    expect(about).to_have_text(
        "There are none." if not wrong else f"1 to {min(wrong, 12)} of {wrong}"
    )


def test_a_drawing_comes_back_by_its_address(images, open_page, in_memory):
    page, _ = images
    page.get_by_label("Which samples").select_option("")
    page.locator("#samples .sample-tiles button").first.click()
    page.wait_for_function("() => !location.hash.includes('input=')")
    draw(page, [(0.3, 0.4)])  # a dot: the address is written once
    page.wait_for_function("() => location.hash.includes('input=')")
    assert shown_pixels(page, (8, 8)).any()
    net, data = in_memory["report's"]
    again = open_page(net, data, page.evaluate("location.hash"))
    np.testing.assert_array_equal(shown_pixels(again, (8, 8)), shown_pixels(page, (8, 8)))
    np.testing.assert_array_equal(probabilities(again), probabilities(page))


def test_a_second_finger_draws_nothing(images):
    page, _ = images
    draw(page, [(0.3, 0.5), (0.7, 0.5)])
    one = shown_pixels(page, (8, 8))
    page.locator("#drawing canvas.drawing").dispatch_event(
        "pointerdown", {"button": 0, "isPrimary": False, "pointerId": 7, "clientX": 60}
    )
    np.testing.assert_array_equal(shown_pixels(page, (8, 8)), one)


def test_an_empty_drawing_is_said_to_be_empty(images):
    page, _ = images
    caption = page.locator("#drawing figcaption").last
    draw(page, [(0.3, 0.5)])
    expect(caption).to_have_text("What the network gets: 8 × 8 pixels, from the drawing")
    page.locator("#drawing canvas.drawing").focus()
    clear(page)
    expect(caption).to_have_text(
        "What the network gets: 8 × 8 pixels, still empty; it answers all the same"
    )


def test_buttons_and_arrows_walk_over_the_samples(images):
    page, _ = images
    page.get_by_label("Which samples").select_option("")
    tiles = page.locator("#samples .sample-tiles button")
    pressed = page.locator("#samples .sample-tiles button[aria-pressed=true]")
    tiles.nth(11).click()
    page.get_by_role("button", name="Sample after", exact=True).click()
    expect(page.locator("#samples .hint")).to_contain_text("13 to 24 of")
    expect(pressed).to_have_attribute("data-sample", "12")
    page.get_by_role("button", name="Sample before", exact=True).click()
    expect(page.locator("#samples .hint")).to_contain_text("1 to 12 of")
    expect(pressed).to_have_attribute("data-sample", "11")
    expect(page.locator("#samples .sample-tiles button[tabindex='0']")).to_have_count(1)
    pressed.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(pressed).to_have_attribute("data-sample", "1")
    page.get_by_role("button", name="Random sample").click()
    expect(pressed).to_have_count(1)


def test_a_changed_network_is_said_to_be_changed_and_put_back(open_page, in_memory):
    net, data = in_memory["report's"]
    page = open_page(net, data, "#scales=0.1_0~1.2_2&steps=3")
    line = page.locator("#answer .altered")
    expect(line).to_contain_text("The network has 2 changed units and learnt 3 steps more.")
    line.get_by_role("button", name="As it was trained").click()
    expect(line).to_be_hidden()


def test_samples_are_picked_by_label(open_page, in_memory):
    net, (X, many) = in_memory["labels"]
    page = open_page(net, (X, many))
    page.get_by_label("Which samples").select_option("2")
    n = int(many[:, 2].sum())
    expect(page.locator("#samples .hint")).to_have_text(f"1 to 12 of {n}")
    first = page.locator("#samples .sample-tiles button b").first
    assert "2" in first.inner_text()
    page.locator("#samples .sample-tiles button").first.click()
    page.locator("#answer input[type=range]").fill("0.99")
    expect(page.locator("#answer .verdict b")).to_have_text("none of the labels")
    expect(page.locator("#answer .probabilities li .mark").nth(2)).to_have_text("✓")


def test_sliders_give_what_python_predicts(open_page, runs, tmp_path):
    folder, data = runs["flowers"]
    page = open_page(folder, data)
    petals = page.get_by_label("petals", exact=True)
    petals.fill("6")
    page.get_by_label("colour").select_option(label="red")
    length = page.get_by_label("length, as a number")
    length.fill("2.5")
    length.press("Enter")
    model = load(folder / "model.safetensors")
    wanted = model.predict_proba({"length": [2.5], "colour": ["red"], "petals": [6]})[0]
    page.wait_for_function(
        "wanted => document.querySelector('#answer li b').textContent.startsWith(wanted)",
        arg=f"{100 * wanted[0]:.1f}"[:3],
    )
    np.testing.assert_allclose(probabilities(page), wanted, atol=6e-4)
    length.fill("")
    length.press("Tab")
    expect(length).to_have_value("2.5")
    length.fill("99")
    length.press("Enter")
    expect(page.locator("#sliders small").first).to_contain_text("outside of")
    page.get_by_role("button", name="Back to the sample").click()
    expect(page.locator("#sliders small").first).to_be_hidden()
    expect(page.get_by_role("button", name="Back to the sample")).to_be_hidden()


def test_names_from_a_file_stay_text(open_page, in_memory):
    net, (X, y) = in_memory["two classes"]
    evil = "<img src=x onerror=document.title='owned'>"
    y = np.where(y == "up", evil, "</script><b>down")
    with pytest.warns(ConvergenceWarning):
        named = clone(net).fit(X, y)
    page = open_page(named, (X, y))
    assert evil in page.locator("#answer").inner_text()
    assert page.title() != "owned"
    assert page.locator("#answer img").count() == 0
    document = page.evaluate("""document.querySelector("#content").textContent""")
    assert evil in json.loads(document)["target"]["classes"]
