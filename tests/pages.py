"""What must hold of every page in a reader's browser."""

# What sticks out of the window, but for what scrolls in a box of its own.
_STICKS_OUT = """() => [...document.querySelectorAll("body *")]
    .filter(element => !element.closest(".scroll, svg, details:not([open]), .hidden"))
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .map(element => element.outerHTML.slice(0, 120))"""


def check_width(page, width):
    """Fail if the page is wider than the window."""
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(_STICKS_OUT) == []


def check_links(page, least):
    """Fail if a link within the page leads nowhere, or there are too few."""
    targets = page.eval_on_selector_all("a[href^='#']", "links => links.map(a => a.hash.slice(1))")
    assert len(targets) >= least
    for target in targets:
        assert page.locator(f'[id="{target}"]').count() == 1


def check_printing(page):
    """Fail if the page does not print, or is too wide then."""
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator("nav").first.is_hidden()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1440


def contrast(one, other):
    """Return the contrast of two colours (red, green, blue, from 0 to 255) as WCAG 2.2 has it."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def luminance(color):
    """Return a colour's relative luminance, from 0 to 1."""
    channels = [
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in color[:3]
    ]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))
