"""Terminal text, by rich: as wide as it may be, with or without colours."""

from __future__ import annotations

from io import StringIO
from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleRenderable
from rich.table import Table as RichTable
from rich.text import Text

from chainrule.worked import document as doc
from chainrule.worked.formula import Expression
from chainrule.worked.notation import NO_BREAK, TIMES, TextNotation

_BOX = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")  # a line below the header
_NARROW = 20  # characters that a formula gets in a line, however little room there is
_TONES = {"note": "yellow", "good": "green", "bad": "bold red"}


def to_terminal(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document as text, with colours if the layout wants them."""
    stream = StringIO()
    console = Console(
        file=stream,
        width=layout.width,
        force_terminal=layout.color,
        color_system="standard" if layout.color else None,
        no_color=not layout.color,
        highlight=False,
        legacy_windows=False,
    )
    blocks = _Blocks(TextNotation(layout.digits), layout.width)
    console.print(Text(document.title, style="bold"))
    before: doc.Block | None = None
    for block in (document.lead, *document.blocks):
        if not (isinstance(before, doc.Formula) and isinstance(block, doc.Formula)):
            console.print()
        console.print(blocks.show(block))
        before = block
    # No-break spaces have done their work when lines are broken.
    lines = [line.rstrip().replace(NO_BREAK, " ") for line in stream.getvalue().splitlines()]
    # Tables bring empty lines of their own.
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept) + "\n"


class _Blocks:
    """One method for each kind of block."""

    def __init__(self, notation: TextNotation, width: int) -> None:
        self.notation = notation
        self.width = width

    def show(self, block: doc.Block) -> ConsoleRenderable:
        shown: ConsoleRenderable = getattr(self, block.kind)(block)
        return shown

    def heading(self, block: doc.Heading) -> ConsoleRenderable:
        return Text(block.text, style="bold underline" if block.level == 2 else "bold")

    def paragraph(self, block: doc.Paragraph) -> Text:
        return Text("".join(self._inline(part) for part in block.parts))

    def note(self, block: doc.Note) -> ConsoleRenderable:
        table = RichTable.grid()
        table.add_column(width=2, style=_TONES[block.tone])
        table.add_column(overflow="fold")
        text = self.paragraph(block)
        table.add_row("! " if block.tone == "bad" else "* ", text)
        return table

    def formula(self, block: doc.Formula) -> ConsoleRenderable:
        left, lines = self.notation.lines(block.expression)
        if not lines:
            return Text("\n".join(_wrapped("  ", left, self.width)), no_wrap=True)
        whole = left + "".join(sign + side for sign, side in lines)
        if cell_len(whole) + 2 <= self.width:
            return Text("  " + whole, no_wrap=True)
        indent = " " * cell_len(left)
        shown = [
            line
            for number, (sign, side) in enumerate(lines)
            for line in _wrapped("  " + (indent if number else left) + sign, side, self.width)
        ]
        return Text("\n".join(shown), no_wrap=True, overflow="ignore")

    def table(self, block: doc.Table) -> ConsoleRenderable:
        table = RichTable(
            box=_BOX,
            caption=Text(block.caption) if block.caption else None,
            caption_justify="left",
            pad_edge=False,
        )
        for cell, numeric in zip(block.header, block.numeric, strict=True):
            table.add_column(
                Text(self._inline(cell)), justify="right" if numeric else "left", overflow="fold"
            )
        for row in block.rows:
            table.add_row(*(Text(self._inline(cell)) for cell in row))
        return table

    def figure(self, block: doc.Figure) -> ConsoleRenderable:
        return Text(f"[{block.description}]", style="dim")

    def _inline(self, part: doc.Inline) -> str:
        return part.write(self.notation) if isinstance(part, Expression) else part


def _wrapped(head: str, text: str, width: int) -> list[str]:
    """Return ``head`` and ``text`` in lines; those after the first stand below the text."""
    room = max(width - cell_len(head), _NARROW)
    if any(len(term) > room for term in text.split(" ")):
        text = text.replace(TIMES, " · ")
    lines = wrap(text, room, break_on_hyphens=False, break_long_words=False)
    return [
        (head if number == 0 else " " * cell_len(head)) + line for number, line in enumerate(lines)
    ]
