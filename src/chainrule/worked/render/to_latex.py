r"""A LaTeX document that pdfLaTeX compiles with what texlive-latex-base has.

Formulas stand in ``$\displaystyle … $`` in a paragraph of their own, so that LaTeX breaks long ones
at = and +, and no line leaves the page.
"""

from __future__ import annotations

from chainrule.worked import document as doc
from chainrule.worked.formula import Expression
from chainrule.worked.latex import escape_latex
from chainrule.worked.notation import LatexNotation

_HEAD = r"""\documentclass[a4paper,11pt]{article}
\usepackage{amsmath}
\usepackage[margin=2.2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{3em}
\raggedbottom
% A formula may be broken at = and +; each line after the first stands further in.
\newenvironment{formula}{\par\raggedright\leftskip=4.5em\noindent\hspace*{-3em}}{\par}
"""
_AIRY = r"\renewcommand{\arraystretch}{1.25}"
_SECTIONS = {2: "section*", 3: "subsection*", 4: "paragraph*"}
_TONES = {"note": "Note.", "good": "Check.", "bad": "Warning."}


def to_latex(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document as a complete LaTeX file."""
    blocks = _Blocks(LatexNotation(layout.digits))
    body = [blocks.show(block) for block in (document.lead, *document.blocks)]
    title = rf"{{\LARGE\bfseries\raggedright {escape_latex(document.title)}\par}}"
    return "\n\n".join([_HEAD + r"\begin{document}", title, *body, r"\end{document}"]) + "\n"


class _Blocks:
    """One method for each kind of block."""

    def __init__(self, notation: LatexNotation) -> None:
        self.notation = notation

    def show(self, block: doc.Block) -> str:
        shown: str = getattr(self, block.kind)(block)
        return shown

    def heading(self, block: doc.Heading) -> str:
        return rf"\{_SECTIONS[block.level]}{{{escape_latex(block.text)}}}"

    def paragraph(self, block: doc.Paragraph) -> str:
        return "".join(self._inline(part) for part in block.parts)

    def note(self, block: doc.Note) -> str:
        text = rf"\textbf{{{_TONES[block.tone]}}} {self.paragraph(block)}"
        return f"\\begin{{quote}}\n{text}\n\\end{{quote}}"

    def formula(self, block: doc.Formula) -> str:
        formula = block.expression.write(self.notation)
        return f"\\begin{{formula}}\n$\\displaystyle {formula}$\n\\end{{formula}}"

    def table(self, block: doc.Table) -> str:
        columns = "".join("r" if numeric else "l" for numeric in block.numeric)
        rows = [self._cells(block.header) + r" \hline", *map(self._cells, block.rows)]
        tabular = "\n".join(
            [rf"\begin{{tabular}}{{{columns}}}", *rows, r"\hline", r"\end{tabular}"]
        )
        caption = f"{escape_latex(block.caption)}\\par\\smallskip\n" if block.caption else ""
        return f"\\begin{{center}}\n{_AIRY}%\n{caption}{tabular}\n\\end{{center}}"

    def figure(self, block: doc.Figure) -> str:
        return rf"\emph{{Figure: {escape_latex(block.description)}}}"

    def _cells(self, row: tuple[doc.Inline, ...]) -> str:
        # {} first: the \\ of the row before would take a [ or a * for its own.
        return "{}" + " & ".join(self._inline(cell) for cell in row) + r" \\"

    def _inline(self, part: doc.Inline) -> str:
        if isinstance(part, Expression):
            return f"${part.write(self.notation)}$"
        return escape_latex(part)
