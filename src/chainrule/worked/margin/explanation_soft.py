"""The sentences about the soft margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chainrule.worked.document import (
    Block,
    Formula,
    Heading,
    Note,
    Paragraph,
    Table,
)
from chainrule.worked.formula import (
    Equation,
    Words,
    product,
    row,
    squared,
)
from chainrule.worked.margin.figure import collect_margin, figure_of
from chainrule.worked.margin.soft import Soft
from chainrule.worked.margin.words import (
    ALPHA,
    F_OF_X,
    HALF,
    MARGIN,
    NORM,
    SLACK,
    as_fractions,
    function_of,
    margins,
    numbered,
    problem,
    vector,
)


def tell_soft(soft: Soft, *, after_hard: bool) -> Iterator[Block]:
    """Yield the explanation of a soft margin; after a hard one, or in its place."""
    points, plane = soft.points, soft.plane
    yield Heading("The soft margin")
    yield Paragraph(
        "A soft margin may be violated" if after_hard else "As none separates, a soft margin has "
        "to do: it may be violated",
        ", by ", row(SLACK, "≥", Fraction(0)), " for each point, at a price of ",
        Equation.of("C", soft.C), " for a unit:",
    )  # fmt: skip
    price = product("C", row(Words("Σ "), SLACK))
    yield from problem("+", price, bound=row(Fraction(1), "-", SLACK))
    yield Formula(function_of(plane))
    yield from as_fractions(plane)
    if not any(plane.w):
        yield Note(
            "w is 0: for these points and this C nothing is gained by any direction, and ", F_OF_X,
            " is the same everywhere.",
        )  # fmt: skip
    else:
        yield from margins(plane)
    found = points.margins(plane)
    yield Table(
        ["point", "x", "y", MARGIN, SLACK, ALPHA],
        [
            [str(i + 1), vector(x), Fraction(y), found[i], soft.slacks[i], soft.multipliers[i]]
            for i, (x, y) in enumerate(zip(points.X, points.y, strict=True))
        ],
    )
    yield from _violations(found)
    if points.dimensions == 2 and any(plane.w):
        ringed = [i for i, a in enumerate(soft.multipliers) if a > soft.C / 10**6]
        picture = collect_margin(points.X, points.y, plane, ringed)
        description = "The points, the line with the soft margin, and the margin on both sides."
        yield figure_of(picture, description, points.labels.explained())
    yield from _soft_checks(soft)


def _violations(found: Sequence[Fraction]) -> Iterator[Block]:
    wrong = [i for i, margin in enumerate(found) if margin < 0]
    on_it = [i for i, margin in enumerate(found) if margin == 0]
    inside = [i for i, margin in enumerate(found) if 0 < margin < 1]
    places = {"On the wrong side": wrong, "Where f(x) is 0": on_it}
    places |= {"On the right side, but inside the margin": inside}
    said = [f"{place}: {numbered(indices)}." for place, indices in places.items() if indices]
    if said:
        yield Paragraph(" ".join(said))


def _soft_checks(soft: Soft) -> Iterator[Block]:
    yield Paragraph("The objective, and that of the dual problem, which is never larger:")
    zeta = row(Words("Σ "), SLACK)
    yield Formula(
        Equation.of(row(HALF, "·", squared(NORM), "+", product("C", zeta)), soft.objective)
    )
    yield Formula(
        Equation.of(row(Words("Σ "), ALPHA, "-", HALF, "·", squared(NORM)), soft.dual_objective)
    )
    if soft.exact:
        yield Note(
            "They are equal, and every condition holds exactly, so there is no better one.",
            tone="good",
        )
    elif soft.holds:
        yield Note(
            "They agree within rounding, so there is no better one but for rounding.", tone="good"
        )
    else:
        yield Note(
            "They differ by ", soft.objective - soft.dual_objective,
            ": the solver did not come to an end. Take points of like size, or a smaller C.",
            tone="bad",
        )  # fmt: skip
