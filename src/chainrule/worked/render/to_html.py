"""One self-contained HTML page: the reports' style, formulas as MathML, no script.

A formula is a row of small ``<math>`` elements, one for each term of its outermost sums: a browser
breaks lines between them, and never inside one.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from chainrule._version import __version__
from chainrule.report.page import render
from chainrule.worked import document as doc
from chainrule.worked.formula import Equation, Expression, Operator, Row
from chainrule.worked.notation import MathmlNotation


def to_html(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document as a page."""
    notation = MathmlNotation(layout.digits)
    page = render(
        "chainrule.worked",
        "document.html",
        document=document,
        inline=lambda part: _inline(part, notation),
        lines=lambda formula: _lines(formula, notation),
        version=__version__,
    )
    return page + "\n"


def _inline(part: doc.Inline, notation: MathmlNotation) -> Markup:
    return _math([part], notation) if isinstance(part, Expression) else escape(part)


def _lines(formula: Expression, notation: MathmlNotation) -> tuple[Markup, list[Markup]]:
    """Return the left side, and the others, each with the sign before it."""
    if not isinstance(formula, Equation):
        return _terms([formula], notation), []
    signs = formula.relations(notation.digits)
    return _terms([formula.sides[0]], notation), [
        _terms([sign, side], notation) for sign, side in zip(signs, formula.sides[1:], strict=True)
    ]


def _terms(expressions: list[Expression], notation: MathmlNotation) -> Markup:
    terms: list[list[Expression]] = [[]]
    for item in _flat(expressions):
        if isinstance(item, Operator) and item.sign in "+-=≈←" and terms[-1]:
            terms.append([])
        terms[-1].append(item)
    return Markup(" ").join(_math(term, notation) for term in terms)


def _flat(expressions: list[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield from expression.items if isinstance(expression, Row) else (expression,)


def _math(items: list[Expression], notation: MathmlNotation) -> Markup:
    inside = "".join(item.write(notation) for item in items)
    if inside.startswith("<mo>"):  # a browser would take it for a sign, without its spaces
        inside = inside.replace("<mo>", '<mo form="infix" lspace="0" rspace="0.27em">', 1)
    return Markup(f'<math displaystyle="true"><mrow>{inside}</mrow></math>')
