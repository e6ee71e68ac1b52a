"""A worked example as a sequence of blocks, which every renderer turns into its own format.

Whoever explains an example writes a :class:`Document` once. Text may come from a user: each
renderer escapes it, and control characters are taken out here, as no format has a use for them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from markupsafe import Markup

from chainrule.worked.formula import Expression, Number
from chainrule.worked.numbers import DIGITS, Value

Inline = str | Expression


def clean(text: str) -> str:
    """Return a text on one line, with every control character replaced by �."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs")
        else letter
        for letter in " ".join(text.split())
    )


def _inline(part: Inline | Value) -> Inline:
    if isinstance(part, str):
        # Spaces at the ends belong to the sentence that goes on with a formula.
        left, right = " " * part[:1].isspace(), " " * part[-1:].isspace()
        return f"{left}{clean(part)}{right}" if part.strip() else " " * bool(part)
    return part if isinstance(part, Expression) else Number(part)


@dataclass(frozen=True)
class Heading:
    """A heading of a section (level 2) or of a part of one (level 3)."""

    text: str
    level: int = 2
    kind: ClassVar[str] = "heading"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


class Paragraph:
    """Sentences: texts, and formulas and numbers among them."""

    kind: ClassVar[str] = "paragraph"

    def __init__(self, *parts: Inline | Value) -> None:
        self.parts = tuple(_inline(part) for part in parts)


class Note(Paragraph):
    """A paragraph that stands out.

    Parameters
    ----------
    *parts : str, Expression or number
        Its sentences.
    tone : {"note", "good", "bad"}
        A remark, a check that passed, or one that failed.
    """

    kind: ClassVar[str] = "note"

    def __init__(self, *parts: Inline | Value, tone: str = "note") -> None:
        super().__init__(*parts)
        self.tone = tone


@dataclass(frozen=True)
class Formula:
    """A formula on lines of its own; an equation has one line for each side."""

    expression: Expression
    kind: ClassVar[str] = "formula"


class Table:
    """A table; columns of numbers stand right.

    Parameters
    ----------
    header : sequence of str or Expression
        The columns' names.
    rows : sequence of sequences of str, Expression or number
        The cells; the first of a row is its name.
    caption : str
        What the table shows.
    """

    kind: ClassVar[str] = "table"

    def __init__(
        self,
        header: Sequence[Inline],
        rows: Sequence[Sequence[Inline | Value]],
        caption: str = "",
    ) -> None:
        self.header = tuple(_inline(cell) for cell in header)
        self.rows = tuple(tuple(_inline(cell) for cell in row) for row in rows)
        self.caption = clean(caption)
        self.numeric = tuple(
            all(isinstance(cell, Number) for cell in column)
            for column in zip(*self.rows, strict=True)
        )


@dataclass(frozen=True)
class Figure:
    """A drawing from :func:`chainrule.report.figures.to_svg`.

    HTML shows it; the other formats give its description.
    """

    svg: Markup
    description: str
    caption: str = ""
    kind: ClassVar[str] = "figure"

    def __post_init__(self) -> None:
        object.__setattr__(self, "description", clean(self.description))
        object.__setattr__(self, "caption", clean(self.caption))


Block = Heading | Paragraph | Note | Formula | Table | Figure


@dataclass(frozen=True)
class Document:
    """A worked example.

    Parameters
    ----------
    title : str
        The example's name.
    lead : Paragraph
        What it shows, in a sentence or two.
    blocks : sequence of Block
        The explanation.
    data : mapping
        The numbers for programs: texts, whole numbers, floats, fractions, lists and mappings.
    """

    title: str
    lead: Paragraph
    blocks: Sequence[Block]
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title))

    def render(
        self, format_name: str = "terminal", *, digits: int = DIGITS, width: int = 80
    ) -> str:
        """Return the document as text in a format.

        Parameters
        ----------
        format_name : {"terminal", "markdown", "latex", "html", "json"}
            The format.
        digits : int
            Digits after the point.
        width : int
            Characters in a line of terminal text.

        Raises
        ------
        UnknownNameError
            For another format.
        """
        from chainrule.worked.render import FORMATS  # renderers import this module

        return FORMATS[format_name].render(self, Layout(digits, width))


@dataclass(frozen=True)
class Layout:
    """How a document is to look.

    Attributes
    ----------
    digits : int
        Digits after the point.
    width : int
        Characters in a line of terminal text.
    color : bool
        Whether terminal text may have colours.
    """

    digits: int = DIGITS
    width: int = 80
    color: bool = False
