"""What each column of a table was taken for, and why: for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple, Self

from chainrule._text import counted, printable
from chainrule.preparation.inspection import Inspection
from chainrule.preparation.kinds import USED
from chainrule.preparation.preparation import Preparation
from chainrule.preparation.prepared import Prepared

_HEADS = ("column", "kind", "why")


class ColumnKind(NamedTuple):
    """What a column was taken for.

    Attributes
    ----------
    name : str
        Of the column.
    kind : str
        ``"number"``, ``"category"``, ``"pixels"`` or ``"block"``; or why it is left out:
        ``"constant"``, ``"identifier"``, ``"date"``, ``"text"``, ``"drop"``.
    reason : str
        Why, in words.
    """

    name: str
    kind: str
    reason: str

    @property
    def used(self) -> bool:
        """Whether the network sees it."""
        return self.kind in USED

    @property
    def _cells(self) -> tuple[str, str, str]:
        kind = self.kind if self.used else f"{self.kind}, left out"
        return printable(self.name), kind, printable(self.reason)


class ColumnKinds(tuple[ColumnKind, ...]):
    """The kinds of all columns; prints as a table."""

    __slots__ = ()

    @classmethod
    def found(cls, first: Inspection, second: Inspection, said: Mapping[str, str]) -> Self:
        """Return those of a table that was inspected, in its order.

        Parameters
        ----------
        first : Inspection
            Of all rows.
        second : Inspection
            Of those that are learnt from, in which a column may have no value.
        said : mapping from str to str
            Of kinds that were known before: why.
        """
        both = zip(first.columns, second.columns, strict=True)
        columns = [two if one.used and not two.used else one for one, two in both]
        return cls(
            ColumnKind(one.name, one.kind, said.get(one.name, one.reason))
            if one.used
            else ColumnKind(one.name, one.kind, one.reason)
            for one in columns
        )

    @classmethod
    def saved(cls, preparation: Preparation) -> Self:
        """Return those of a preparation, which has what was learnt and not why."""
        used = [ColumnKind(one.name, one.kind, _learnt(one)) for one in preparation.columns]
        left_out = preparation.left_out.items()
        return cls([*used, *(ColumnKind(name, kind, "as in training") for name, kind in left_out)])

    def __repr__(self) -> str:
        rows = [_HEADS, *(one._cells for one in self)]
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body = "".join(_html_row("td", one._cells) for one in self)
        head = _html_row("th", _HEADS)
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _learnt(column: Prepared) -> str:
    if column.categories:
        return counted(len(column.categories), "different value")
    if column.shape:
        return f"{' x '.join(map(str, column.shape))} {column.kind} a row"
    return f"mean {column.mean[0]:.6g}, deviation {column.scale[0]:.6g}"
