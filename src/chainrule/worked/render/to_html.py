"""One self-contained HTML page: the reports' style, formulas as MathML, no script.

A formula is a row of small ``<math>`` elements, one for each term of its outermost sums: a browser
breaks lines between them, and never inside one.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from chainrule._version import __version__
from chainrule.report.page import render
from chainrule.worked import document as doc
from chainrule.worked.formula import Equation, Expression, Operator, Row
from chainrule.worked.notation import MathmlNotation


def to_html(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document as a page."""
    notation = MathmlNotation(layout.digits)
    return render(
        "chainrule.worked",
        "document.html",
        document=document,
        inline=lambda part: _inline(part, notation),
        lines=lambda formula: _lines(formula, notation),
        version=__version__,
    )


def _inline(part: doc.Inline, notation: MathmlNotation) -> Markup:
    return _math([part], notation) if isinstance(part, Expression) else escape(part)


def _lines(formula: Expression, notation: MathmlNotation) -> list[tuple[Markup, Markup, Markup]]:
    """Return for each line the left side, the sign after it, and the right side."""
    if not isinstance(formula, Equation):
        return [(Markup(""), Markup(""), _terms(formula, notation))]
    left, signs = _terms(formula.sides[0], notation), formula.relations(notation.digits)
    return [
        (left if number == 0 else Markup(""), _math([sign], notation), _terms(side, notation))
        for number, (sign, side) in enumerate(zip(signs, formula.sides[1:], strict=True))
    ]


def _terms(expression: Expression, notation: MathmlNotation) -> Markup:
    terms: list[list[Expression]] = [[]]
    for item in expression.items if isinstance(expression, Row) else (expression,):
        if isinstance(item, Operator) and item.sign in "+-=≈←" and terms[-1]:
            terms.append([])
        terms[-1].append(item)
    return Markup(" ").join(_math(term, notation) for term in terms)


def _math(items: list[Expression], notation: MathmlNotation) -> Markup:
    inside = "".join(item.write(notation) for item in items)
    return Markup(f'<math displaystyle="true"><mrow>{inside}</mrow></math>')
