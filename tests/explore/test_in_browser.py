"""The page as a whole, in Chromium: it opens, follows its link, and does no more than is looked at.

What single panels show has tests of its own. That nothing is written to the console and nothing
asked for is a part of every test here.
"""

import io
import re

import numpy as np
import pytest
from PIL import Image

from .reading import Page, array, layers, network_input

sync = pytest.importorskip("playwright.sync_api")

KINDS = ["two classes", "three classes", "labels", "number", "numbers", "counts", "quantiles",
         "copies", "images", "report's", "flat"]  # fmt: skip
TABS = ["network", "chain", "samples", "code"]

# What the page's own modules compute for its samples: outputs, and the gradient by the input.
COMPUTED = """async () => {
    const { decode } = await import("#content");
    const { App } = await import("#app");
    const document_ = JSON.parse(document.querySelector("#content").textContent);
    const app = new App(decode(document_));
    const found = [];
    for (let sample = 0; sample < document_.samples.n; sample++) {
        app.set({ sample });
        found.push([[...app.pass().output], [...app.gradient().input]]);
    }
    return found;
}"""

# How often something changes within an element while a reader does something elsewhere.
WATCHED = """element => {
    window.changes = 0;
    const watcher = new MutationObserver(changes => { window.changes += changes.length; });
    const all = { subtree: true, childList: true, attributes: true, characterData: true };
    watcher.observe(element, all);
}"""


@pytest.fixture
def opened(open_page, page_of, in_memory):
    """Open the page of a model with a state; return it and what it was told."""

    def open_with(name, state="", **window):
        model, (X, y) = in_memory[name]
        _, path = page_of(model, X if y is None else (X, y))
        page = open_page(path, fragment=f"#{state}", **window)
        page.wait_for_selector("html[data-ready]")
        return page, Page(path).document

    return open_with


def draw(page, *points):
    """Draw a stroke through points, given as shares of the canvas."""
    box = page.locator("#drawing canvas.drawing").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def said(page):
    """Return the probabilities that the bars say."""
    bars = page.locator("#answer .probabilities li b").all_inner_texts()
    return [0 if "<" in text else float(text.rstrip(" %")) / 100 for text in bars]


def derivative_by_input(document, X, step=1e-5):
    """Return central differences of the loss of each row by each of its features."""
    y = np.array(document["samples"]["target"])

    def loss(inputs):
        shift, scale = (np.array(document["input"][one]) for one in ("shift", "scale"))
        probabilities = layers(document, inputs / scale + shift)[-1]
        return -np.log(probabilities[np.arange(len(y)), y])

    inputs = network_input(document, X)
    moves = step * np.eye(X.shape[1])
    return np.stack([(loss(inputs + h) - loss(inputs - h)) / (2 * step) for h in moves], axis=1)


@pytest.mark.parametrize("name", KINDS)
def test_every_view_of_every_model_opens(opened, name):
    page, _ = opened(name)
    for tab in page.get_by_role("tab").all():
        tab.click()
        sync.expect(tab).to_have_attribute("aria-selected", "true")
        view = page.locator(f"#{tab.get_attribute('aria-controls')}")
        sync.expect(view).to_be_visible()
        assert view.locator(".panel:not([hidden])").count() > 0


@pytest.mark.parametrize("name", ["three classes", "images"])
def test_the_page_s_modules_give_python_s_numbers(opened, name):
    page, document = opened(name)
    outputs, gradients = (np.array(part) for part in zip(*page.evaluate(COMPUTED), strict=True))
    X = array(document["samples"]["X"])
    wanted = layers(document, X)[-1]
    if wanted.shape[1] > 1:
        np.testing.assert_allclose(gradients, derivative_by_input(document, X), 0, 1e-4)
    np.testing.assert_allclose(outputs, wanted, 0, 1e-5)


@pytest.mark.parametrize("tab", TABS)
def test_a_link_opens_its_view_and_its_sample(opened, tab):
    page, document = opened("three classes", f"tab={tab}&sample=7&threshold=1")
    selected = page.locator("[role=tab][aria-selected=true]")
    sync.expect(selected).to_have_attribute("aria-controls", f"view-{tab}")
    probabilities = layers(document, array(document["samples"]["X"])[[7]])[-1][0]
    np.testing.assert_allclose(said(page), probabilities, atol=6e-3)
    sync.expect(page.locator("#answer .verdict b")).to_have_text("I don't know")


@pytest.mark.parametrize(
    "state",
    [
        "sample=99999&unit=-1",
        "input=1,2",
        "scales=9.9_9&weight=a",
        "tab=<img src=x>",
        "%",
        "a=b&",
    ],
)
def test_a_broken_link_opens_the_page_as_it_is(opened, state):
    page, document = opened("three classes", state)
    sync.expect(page.locator("#view-network")).to_be_visible()
    probabilities = layers(document, array(document["samples"]["X"])[:1])[-1][0]
    np.testing.assert_allclose(said(page), probabilities, atol=6e-3)


def test_the_page_follows_a_link_while_it_is_open(opened):
    page, _ = opened("three classes")
    page.evaluate("location.hash = 'tab=chain&threshold=1'")
    sync.expect(page.locator("#view-chain")).to_be_visible()
    sync.expect(page.locator("#answer .verdict b")).to_have_text("I don't know")
    page.go_back()
    sync.expect(page.locator("#view-network")).to_be_visible()


def test_a_drawing_is_in_the_address_and_comes_back(opened):
    page, _ = opened("images")
    draw(page, (0.4, 0.6))  # a dot: a stroke could be written halfway
    sync.expect(page).to_have_url(re.compile("input=[A-Za-z0-9_-]+"))
    bars = page.locator("#answer .probabilities").inner_text()
    again, _ = opened("images", page.url.split("#")[1])
    sync.expect(again.locator("#answer .probabilities")).to_have_text(bars, use_inner_text=True)


def test_a_narrow_window_has_a_way_from_the_answer_to_the_network(opened):
    page, _ = opened("images", "sample=3", width=360)
    way, tabs = page.get_by_role("button", name="To the network"), page.locator("#tabs")
    sync.expect(tabs).not_to_be_in_viewport()
    way.click()
    sync.expect(tabs).to_be_in_viewport()
    sync.expect(tabs.locator("[aria-selected=true]")).to_be_focused()
    assert page.url.endswith("#sample=3")
    page.set_viewport_size({"width": 1180, "height": 900})
    sync.expect(way).to_be_hidden()


def test_the_left_column_fades_out_where_there_is_more_of_it(opened):
    page, _ = opened("images", width=1180, height=700)
    left = page.locator(".now")
    page.locator("#layers").evaluate("element => element.scrollIntoView({behavior: 'instant'})")
    clip = left.bounding_box() | {"width": left.evaluate("element => element.clientWidth")}
    assert left.evaluate("element => element.scrollHeight > element.clientHeight")
    assert clip["y"] + clip["height"] == 700
    strip = clip | {"y": 660, "height": 40}
    pixels = np.array(Image.open(io.BytesIO(page.screenshot(clip=strip))).convert("RGB"))
    assert np.ptp(pixels[0], axis=0).max() > 10  # what is cut
    assert np.ptp(pixels[-1], axis=0).max() == 0
    left.evaluate("element => element.scrollTo(0, element.scrollHeight)")
    last = page.locator("#samples .sample-tiles li").last.bounding_box()
    assert last["y"] + last["height"] < 670


@pytest.mark.parametrize("view", TABS)
def test_views_that_are_closed_do_nothing(opened, view):
    page, _ = opened("images", f"tab={view}")
    sync.expect(page.locator(f"#view-{view}")).to_be_visible()
    other = "code" if view == "chain" else "chain"
    page.evaluate("state => { location.hash = state; }", f"tab={other}")
    sync.expect(page.locator(f"#view-{view}")).to_be_hidden()
    before = page.locator("#answer .probabilities").inner_text()
    page.locator(f"#view-{view}").evaluate(WATCHED)
    draw(page, (0.2, 0.8), (0.5, 0.2), (0.8, 0.8))
    sync.expect(page.locator("#answer .probabilities")).not_to_have_text(
        before, use_inner_text=True
    )
    sync.expect(page).to_have_url(re.compile("input="))
    assert page.evaluate("window.changes") == 0
