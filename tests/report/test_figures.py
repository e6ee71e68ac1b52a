import xml.etree.ElementTree as ET

from matplotlib.figure import Figure

from chainrule.report.figures import FAINT, GRID, INK, SERIES, Line, draw_lines, to_svg

LINES = [
    Line("a", 0, False, [1, 2], [0.5, 0.2], [0.4, 0.1], [0.6, 0.3]),
    Line("b", 1, True, [1, 2], [0.5, 0.2], [0.5, 0.2], [0.5, 0.2]),
]


def drawn(description="two lines"):
    return to_svg(draw_lines, LINES, description=description)


def test_the_figure_is_one_svg_element_that_parses():
    root = ET.fromstring(str(drawn()))
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("width") is None
    assert root.get("viewBox")


def test_colours_are_the_page_s():
    svg = drawn()
    assert not any(color in svg for color in (INK, FAINT, GRID, *SERIES))
    for variable in ("--faint", "--grid", "--series-1", "--series-2"):
        assert f"var({variable})" in svg


def test_a_band_is_drawn_only_where_there_is_a_spread():
    def bands(lines):
        axes = Figure().add_subplot()
        draw_lines(lines, axes)
        return len(axes.collections)

    assert (bands(LINES), bands(LINES[1:])) == (1, 0)


def test_the_same_data_gives_the_same_bytes():
    assert drawn() == drawn()


def test_the_description_is_escaped():
    svg = str(drawn('<script>"x"'))
    assert "<script>" not in svg
    assert ET.fromstring(svg).get("aria-label") == '<script>"x"'


def test_text_stays_text_in_the_page_s_font():
    svg = str(drawn())
    assert "<text" in svg
    assert "DejaVu" not in svg
