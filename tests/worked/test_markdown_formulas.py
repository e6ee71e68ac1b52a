"""The Markdown of worked examples, given to those who draw it: KaTeX, MathJax, markdown-it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chainrule import explain_backprop, explain_classifier, explain_max_margin
from chainrule.engine.activations import ACTIVATIONS
from chainrule.worked.backprop.losses import WORKED_LOSSES
from chainrule.worked.backprop.reading import EXAMPLES
from chainrule.worked.document import Document, Formula, Paragraph, Table, clean
from chainrule.worked.formula import Group, Symbol, Words, row
from chainrule.worked.margin.reading import CLASSIFIER_EXAMPLES, MARGIN_EXAMPLES
from chainrule.worked.notation import LatexNotation

ROOT = Path(__file__).parents[2]
FORMULA = re.compile(r"\$\$\n(.+?)\n\$\$|(?<![\\$])\$([^$\n]+?)(?<!\\)\$(?!\$)", re.DOTALL)
POINTS = [[0, 0], [1, 0], ["3.5", 1], ["1/2", 4]]
UGLY = ["50%_{a}|$#1&\\x", "½ é中 ~^'\"`*[1]<b>"]
LETTERS = [*map(chr, range(33, 127)), *"éüñçåßłØœ½·–—…“”≤≥≈∂Σ√ŷηβμΦ∞ℓ′中¿\u00a0"]


def backprop(loss):
    return explain_backprop(
        [[["0.3"]], [["-7e-9", "1/3"]]],
        [["0.1"], [0, 0]],
        [1],
        [0] if WORKED_LOSSES[loss].takes_classes else [[0, 1]],
        loss=loss,
        title=UGLY[0],
    )


def activated(name):
    return explain_backprop([[["0.5"]], [[2]]], [["0.1"], [0]], [1], [1], activation=name)


def examples():
    labels = [UGLY[0], UGLY[0], UGLY[1], UGLY[1]]
    yield explain_backprop(**EXAMPLES["report"])
    yield explain_max_margin(**MARGIN_EXAMPLES["report"])
    yield explain_classifier(**CLASSIFIER_EXAMPLES["report"])
    yield from map(backprop, WORKED_LOSSES)
    yield from map(activated, ACTIVATIONS)
    yield explain_max_margin(POINTS, labels, title=UGLY[1])
    yield explain_max_margin([[0, 0], [2, 2], [0, 2], [2, 0]], labels)  # not to be separated
    yield explain_max_margin([[0], [1], [3]], [0, 1, 0], C="1/3")
    yield explain_classifier([1, "-1/2"], 2, POINTS, labels, predict=[[1, 1]], title=UGLY[0])


def formulas_of(text):
    return [(block or inline, bool(block)) for block, inline in FORMULA.findall(text)]


@pytest.fixture
def complaints(program):
    """Render formulas with KaTeX and MathJax, and return what they say of them."""
    node = program("node")
    if not (ROOT / "node_modules/mathjax").is_dir():
        refuse = pytest.fail if os.environ.get("CHAINRULE_REQUIRE_TOOLS") else pytest.skip
        refuse("KaTeX and MathJax are not installed: make lint does that")

    def render(formulas):
        done = subprocess.run(
            [node, "tests/worked/render_formulas.js"],
            input=json.dumps(formulas),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return render


def test_katex_and_mathjax_draw_every_formula(complaints):
    ugly = [
        Formula(row(Words(f"f {text}"), Symbol("x", text, text * 2), Symbol(text, hat=True)))
        for text in [*LETTERS, *UGLY]
    ]
    documents = [*examples(), Document("Ugly", Paragraph("-"), ugly)]
    formulas = {one for document in documents for one in formulas_of(document.render("markdown"))}
    assert len(formulas) > 400
    assert complaints(sorted(formulas)) == []


def test_what_does_not_render_is_noticed(complaints):
    said = complaints([(r"\text{\ensuremath{'}}", False), (r"\thickspace", True), ("x^2", False)])
    assert [line.split(":")[0] for line in said] == ["KaTeX", "MathJax", "MathJax"]


def test_latex_has_no_code_points_of_its_own_words():
    for document in examples():
        assert set(re.findall(r"\[U\+\w+\]", document.render("latex"))) <= {"[U+4E2D]"}


def test_a_norm_in_a_table_stays_one():
    # A cell's \| is | before anybody looks for formulas.
    table = Table(["name", Group(Symbol("w"), "‖‖")], [["a|b", Group(Symbol("w"), "||")]])
    text = Document("t", Paragraph("p"), [table]).render("markdown")
    assert MarkdownIt().enable("table").render(text).count("<td>") == 2
    assert r"$\Vert w\Vert$" in text


def test_letters_of_all_scripts_stay_in_markdown_s_formulas():
    document = Document("t", Paragraph(Words("é中 α")), [])
    assert r"$\text{é中 }\alpha$" in document.render("markdown")
    assert Words("é中").write(LatexNotation()) == r"\text{\'{e}[U+4E2D]}"


@given(st.text(alphabet="ab1 .)(|*_`#+-<>$~&;^@:/\\[]{}=!'\"é", min_size=1))
@example("1. first")
@example("a - b")
@example("&amp;")
def test_markdown_shows_every_text_as_it_is(text):
    text = clean(text)
    if not text:
        return
    document = Document(text, Paragraph(text), [Table(["h", text], [[text, "b"]])])
    tokens = MarkdownIt().enable("table").parse(document.render("markdown"))
    shown = ["".join(child.content for child in t.children) for t in tokens if t.type == "inline"]
    assert shown == [text, text, "h", text, text, "b"]
