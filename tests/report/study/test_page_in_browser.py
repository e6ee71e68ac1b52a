"""The page as a reader's browser has it: Chromium, offline, at a phone's width and a desktop's."""

from itertools import pairwise

import pytest

from ...pages import check_links, check_printing, check_width, contrast

WIDTHS = (360, 1440)

# Text that is cut off or spills out of its own box.
SPILLS = """() => [...document.querySelectorAll("th, td, p, figcaption, h1, h2, h3, h4, label")]
    .filter(element => !element.closest("svg, .scroll, details:not([open])"))
    .filter(element => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
    .map(element => element.outerHTML.slice(0, 120))"""

CONTRAST = """() => {
    const parts = color => {
        const found = color.match(/[0-9.]+/g).map(Number);
        return color.startsWith("color(srgb") ? found.map(c => 255 * c) : found;
    };
    const card = element => {
        for (let e = element; e; e = e.parentElement) {
            const color = getComputedStyle(e).backgroundColor;
            if (color !== "rgba(0, 0, 0, 0)") return parts(color);
        }
    };
    const all = "p, th, td, figcaption, .noise, .clear, a, b, label, li, .axis span, code";
    return [...document.querySelectorAll(all)]
        .filter(e => e.textContent.trim() && e.checkVisibility())
        .map(e => [card(e), parts(getComputedStyle(e).color), e.outerHTML.slice(0, 80)]);
}"""


@pytest.fixture(scope="session")
def paths(page_of, grid, everything, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    found = {"grid": folder / "grid.html", "everything": folder / "everything.html"}
    for path, results in zip(found.values(), (grid, everything), strict=True):
        path.write_text(page_of(results), encoding="utf-8")
    return found


@pytest.fixture(params=["everything"])
def path(request, paths):
    return paths[request.param]


both = pytest.mark.parametrize("path", ["grid", "everything"], indirect=True)


@both
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_overflows(open_page, path, width, unfolded):
    page = open_page(path, width=width)
    if unfolded:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    check_width(page, width)
    assert page.evaluate(SPILLS) == []


def test_every_figure_has_a_caption_and_is_described(open_page, path):
    page = open_page(path)
    figures = page.locator("figure:visible")
    assert figures.count() >= 4
    for figure in figures.all():
        assert len(figure.locator("figcaption").inner_text()) > 15
        assert figure.locator("svg[role=img][aria-label], table").count() >= 1


def test_dots_lie_where_the_numbers_are(open_page, path):
    page = open_page(path)
    places = page.eval_on_selector_all(
        "#ranking .dots b", "all => all.map(b => b.getBoundingClientRect().left)"
    )
    means = page.eval_on_selector_all(
        "#ranking tbody tr > td:nth-child(4)", "all => all.map(td => parseFloat(td.textContent))"
    )
    rows = len(places)
    by_mean = sorted(range(rows), key=lambda i: means[i])
    assert [places[i] for i in by_mean] == sorted(places)


def test_every_link_of_the_contents_leads_somewhere(open_page, path):
    page = open_page(path)
    check_links(page, least=5)


def test_the_keyboard_picks_a_line_out(open_page, path):
    page = open_page(path)
    line = page.locator("#parallel path.line-2")
    width = "path => parseFloat(getComputedStyle(path).strokeWidth)"
    before = line.evaluate(width)
    page.locator("#pick-2").focus()
    page.keyboard.press("Space")
    assert line.evaluate(width) > before
    assert (
        page.locator("#parallel path.line-1").evaluate("p => getComputedStyle(p).opacity") == "0.12"
    )


def test_the_keyboard_unfolds_the_numbers(open_page, path):
    page = open_page(path)
    summary = page.locator("#ranking summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#ranking table.data").is_visible()


@both
@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_background(open_page, path, dark):
    page = open_page(path, dark=dark)
    found = page.evaluate(CONTRAST)
    assert len(found) > 50
    for paper, ink, html in found:
        assert contrast(paper, ink) >= 4.5, html  # WCAG 2.2, contrast of text


def test_headings_skip_no_level_and_everything_is_named(open_page, path):
    page = open_page(path)
    levels = page.eval_on_selector_all(
        "h1,h2,h3,h4,h5,h6", "all => all.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    # A figure's heading is an h4, wherever it stands.
    without_figures = [level for level in levels if level != 4]
    assert all(later <= earlier + 1 for earlier, later in pairwise(without_figures))
    assert page.eval_on_selector_all("table", "all => all.every(t => t.querySelector('th'))")
    assert page.eval_on_selector_all(
        "section",
        "all => all.every(s => document.getElementById(s.getAttribute('aria-labelledby')))",
    )


def test_it_prints_on_pages_that_hold_all_of_it(open_page, path):
    page = open_page(path)
    check_printing(page)
