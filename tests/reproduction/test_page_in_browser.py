"""The page as a reader's browser has it: Chromium, offline, at a phone's width and a desktop's."""

import json
from itertools import pairwise

import pytest

from ..pages import check_links, check_printing, check_width, contrast, luminance

WIDTHS = (360, 1440)

# Text that is cut off or spills out of its own box.
SPILLS = """() => [...document.querySelectorAll("th, td, p, figcaption, h2, h3, .count, .badge")]
    .filter(element => !element.closest("svg, details:not([open])"))
    .filter(element => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
    .map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def path(finished):
    return finished[0] / "index.html"


@pytest.fixture
def claims(finished):
    return json.loads((finished[0] / "results.json").read_text())["claims"]


def test_every_claim_has_its_row_with_its_verdict(open_page, path, claims):
    page = open_page(path)
    for claim in claims:
        row = page.locator(f'tr[id="{claim["id"]}"]')
        assert row.locator(".badge").inner_text() == claim["verdict"]
        assert row.locator("th").inner_text() == claim["title"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_overflows(open_page, path, width, unfolded):
    page = open_page(path, width=width)
    if unfolded:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    check_width(page, width)
    assert page.evaluate(SPILLS) == []


def test_every_figure_is_there_and_says_what_it_shows(open_page, path):
    page = open_page(path)
    figures = page.locator("figure")
    assert figures.count() >= 10
    for figure in figures.all():
        drawing = figure.locator("svg[role=img], img").first
        box = drawing.bounding_box()
        assert box["width"] > 100
        assert box["height"] > 50
        assert drawing.get_attribute("aria-label") or drawing.get_attribute("alt")
        assert len(figure.locator("figcaption").inner_text()) > 20


def test_every_link_of_the_contents_leads_somewhere(open_page, path):
    page = open_page(path)
    check_links(page, least=1)


def test_the_keyboard_reaches_the_contents_and_follows_a_link(open_page, path):
    page = open_page(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') !== null")
    target = page.evaluate("document.activeElement.hash.slice(1)")
    page.keyboard.press("Enter")
    page.wait_for_function("scrollY > 0")
    page.wait_for_function(
        "id => Math.abs(document.getElementById(id).getBoundingClientRect().top) < innerHeight",
        arg=target,
    )


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_background(open_page, path, dark):
    page = open_page(path, dark=dark)
    colors = page.evaluate(
        """() => {
            const parts = color => color.match(/[0-9.]+/g).map(Number);
            const body = getComputedStyle(document.body);
            const faint = getComputedStyle(document.querySelector("figcaption"));
            return [body.backgroundColor, body.color, faint.color].map(parts);
        }"""
    )
    paper, *inks = colors
    assert (luminance(paper) < 0.2) is dark
    for ink in inks:  # WCAG 2.2, contrast of text: at least 4.5
        assert contrast(paper, ink) >= 4.5


def test_headings_skip_no_level_and_everything_is_named(open_page, path):
    page = open_page(path)
    levels = page.eval_on_selector_all(
        "h1,h2,h3,h4,h5,h6", "all => all.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert page.eval_on_selector_all("table", "all => all.every(t => t.querySelector('th'))")
    assert page.eval_on_selector_all(
        "section",
        "all => all.every(s => document.getElementById(s.getAttribute('aria-labelledby')))",
    )


def test_it_prints_on_pages_that_hold_all_of_it(open_page, path):
    page = open_page(path)
    check_printing(page)
