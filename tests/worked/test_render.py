from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from chainrule.errors import UnknownNameError
from chainrule.worked.document import Document, Paragraph, Table, clean
from chainrule.worked.latex import escape_latex
from chainrule.worked.render import FORMATS
from chainrule.worked.render.to_markdown import escape_markdown


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_every_block(name, document):
    text = document.render(name)
    assert text.endswith("\n")
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_terminal_lines_keep_to_the_width(width, document):
    lines = document.render(width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert any(line.startswith("  f ≈ ") for line in lines)


def test_terminal_text_has_colours_only_if_asked(document):
    from chainrule.worked.document import Layout

    colored = FORMATS["terminal"].render(document, Layout(color=True))
    assert "\x1b[1m" in colored
    assert "\x1b[31m<script>" not in colored


def test_html_is_self_contained_and_escaped(document):
    page = Tags(document.render("html"))
    assert {"script", "img", "iframe", "object", "base"}.isdisjoint(page.tags)
    assert {"math", "table", "svg", "figure", "h3"} <= set(page.tags)
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert links == ["data:,"]
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "http" not in document.render("html").replace("http://www.w3.org", "")


def test_latex_compiles_and_keeps_to_the_page(document, compile_latex):
    text = document.render("latex")
    assert r"\input{/" not in text
    log = compile_latex(text)
    assert "Missing character" not in log


def test_every_printable_character_compiles(compile_latex):
    ascii_text = "".join(map(chr, range(32, 127)))
    others = "éüñçåßłØœ½·–—…“”≤≥≈∂Σ√ŷηβ中😀\u202f\u00a0\u0301"
    document = Document(ascii_text, Paragraph(others), [])
    log = compile_latex(document.render("latex"))
    assert "Missing character" not in log


def test_rows_of_a_latex_table_may_begin_with_any_sign(compile_latex):
    table = Table(["*", "b"], [["[a]", "*"], ["[b]", "x"], ["*", "y"], ["中", "z"]])
    assert "Missing character" not in compile_latex(
        Document("t", Paragraph("p"), [table]).render("latex")
    )


def test_latex_writes_what_it_cannot_show_as_its_code_point():
    assert escape_latex("a中\\$é") == r"a[U+4E2D]\textbackslash{}\ensuremath{\$}\'{e}"


def test_markdown_shows_text_as_it_is():
    assert escape_markdown("a*b_c <i> $x$ |") == r"a\*b\_c &lt;i\> \$x\$ \|"
    assert escape_markdown("1. first") == r"1\. first"
    assert escape_markdown("[a](b)") == r"\[a\]\(b)"
    assert escape_markdown("- item") == r"\- item"
    assert escape_markdown("plain: half-way (so)") == "plain: half-way (so)"


def test_json_is_strict_and_has_the_fractions(document):
    def refuse(constant):
        raise AssertionError(constant)

    data = json.loads(document.render("json", digits=3), parse_constant=refuse)
    assert data["third"] == {"exact": "1/3", "decimal": "0.333"}
    assert data["rows"] == [[1.5, None]]


def test_control_characters_are_replaced():
    assert clean("a\x1b[31m\u202eb\n c\x00") == "a�[31m�b c�"


def test_spaces_between_words_and_formulas_stay():
    assert Paragraph("a ", 1, " b", " ").parts[0::2] == ("a ", " b")


def test_an_unknown_format_is_refused(document, message_of):
    assert message_of(UnknownNameError, document.render, "htm") == (
        "format must be one of terminal, markdown, latex, html, json, got 'htm': "
        'did you mean "html"?'
    )
