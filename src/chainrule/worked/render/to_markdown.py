r"""Markdown with formulas in dollar signs, as GitHub, pandoc and notebooks draw them."""

from __future__ import annotations

import re

from chainrule.worked import document as doc
from chainrule.worked.formula import Expression
from chainrule.worked.notation import MarkdownNotation

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|$~&^@:-])")
_BEGINNING = re.compile(r"^(\d+)([.)])")  # would begin a numbered list
_TONES = {"note": "Note", "good": "Check", "bad": "Warning"}


def to_markdown(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document as Markdown."""
    blocks = _Blocks(MarkdownNotation(layout.digits))
    shown = [f"# {escape_markdown(document.title)}"]
    shown += [blocks.show(block) for block in (document.lead, *document.blocks)]
    return "\n\n".join(shown) + "\n"


def escape_markdown(text: str) -> str:
    """Return Markdown that shows a text as it is; punctuation that means nothing stays."""
    return _BEGINNING.sub(r"\1\\\2", _SPECIAL.sub(_escaped, text))


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    before, after = match.string[: match.start()], match.string[match.end() :]
    # Parentheses, hyphens and colons of plain prose mean nothing and read better bare.
    if sign in "()" and not before.endswith("]"):
        return sign
    if sign in "-+:" and before and before[-1] != sign and not after.startswith(("/", sign)):
        return sign
    return "&lt;" if sign == "<" else "\\" + sign


class _Blocks:
    """One method for each kind of block."""

    def __init__(self, notation: MarkdownNotation) -> None:
        self.notation = notation

    def show(self, block: doc.Block) -> str:
        shown: str = getattr(self, block.kind)(block)
        return shown

    def heading(self, block: doc.Heading) -> str:
        return f"{'#' * block.level} {escape_markdown(block.text)}"

    def paragraph(self, block: doc.Paragraph) -> str:
        return "".join(self._inline(part) for part in block.parts)

    def note(self, block: doc.Note) -> str:
        return f"> **{_TONES[block.tone]}.** {self.paragraph(block)}"

    def formula(self, block: doc.Formula) -> str:
        left, lines = self.notation.lines(block.expression)
        if not lines:
            return f"$$\n{left}\n$$"
        rows = [f"{sign} {side}" for sign, side in lines]
        inside = f"{left} &" + " \\\\\n&".join(rows)
        return f"$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$"

    def table(self, block: doc.Table) -> str:
        rows = [
            self._cells(block.header),
            "|" + "|".join("---:" if numeric else "---" for numeric in block.numeric) + "|",
            *(self._cells(row) for row in block.rows),
        ]
        caption = f"{escape_markdown(block.caption)}\n\n" if block.caption else ""
        return caption + "\n".join(rows)

    def figure(self, block: doc.Figure) -> str:
        return f"*Figure: {escape_markdown(block.description)}*"

    def _cells(self, row: tuple[doc.Inline, ...]) -> str:
        return "| " + " | ".join(self._inline(cell) for cell in row) + " |"

    def _inline(self, part: doc.Inline) -> str:
        if isinstance(part, Expression):
            return f"${part.write(self.notation).strip()}$"
        return escape_markdown(part)
