"""Documents for every renderer, and the tool that compiles LaTeX."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import pytest
from markupsafe import Markup

from chainrule.worked.document import Document, Figure, Formula, Heading, Note, Paragraph, Table
from chainrule.worked.formula import Equation, Symbol, product, total

HOSTILE = (
    "\x1b[31m<script>alert(1)</script> $x_1^2$ \\input{/etc/passwd} `a` [l](u) & 50% # | 中 é ~{}"
)


@pytest.fixture
def document():
    w = Symbol("w", sub="1")
    terms = [product(Fraction(i, 7), Symbol("x", sub=str(i))) for i in range(1, 30)]
    return Document(
        HOSTILE,
        Paragraph("About ", w, ": ", HOSTILE),
        [
            Heading(HOSTILE),
            Heading("A part", 3),
            Formula(Equation.of("f", total(*terms), Fraction(1, 3))),
            Formula(total("a", 1)),
            Table(["name", w, HOSTILE], [[HOSTILE, Fraction(1, 3), w]], caption=HOSTILE),
            Figure(Markup('<svg role="img"></svg>'), HOSTILE, HOSTILE),
            Note(HOSTILE),
            Note("It passed.", tone="good"),
            Note("It failed.", tone="bad"),
        ],
        {"third": Fraction(1, 3), "text": HOSTILE, "rows": [(1.5, float("nan"))]},
    )


@pytest.fixture
def compile_latex(tmp_path, program):
    """Compile a LaTeX document and return pdfLaTeX's log."""
    path = program("pdflatex")

    def compiled(text):
        (tmp_path / "page.tex").write_text(text, encoding="utf-8")
        command = [path, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        log = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, log[-2000:]
        return log

    return compiled
