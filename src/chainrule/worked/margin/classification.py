"""From a hyperplane and samples to the document that says what the one says of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from chainrule._text import counted
from chainrule.errors import InvalidValueError
from chainrule.worked.document import (
    Block,
    Document,
    Formula,
    Heading,
    Inline,
    Note,
    Paragraph,
    Table,
)
from chainrule.worked.formula import Group, Ratio, row
from chainrule.worked.margin.classifier import Reading, read
from chainrule.worked.margin.data import plane_data
from chainrule.worked.margin.figure import collect_margin, figure_of
from chainrule.worked.margin.labels import Labels, build_labels
from chainrule.worked.margin.linear import root_or_float
from chainrule.worked.margin.points import Hyperplane, build_rows
from chainrule.worked.margin.words import (
    F_OF_X,
    MARGIN,
    NORM,
    function_of,
    margins,
    numbered,
    shape,
    value_at,
    vector,
)
from chainrule.worked.numbers import is_list, parse_number

_MOST_FORMULAS = 12  # samples beyond that stand in the table only
_DISTANCE = Ratio(Group(F_OF_X, "||"), NORM)


def explain_classifier(
    w: Any,
    b: Any,
    X: Any,
    y: Any = None,
    *,
    positive: Any = None,
    predict: Any = None,
    title: str = "A linear classifier",
) -> Document:
    """Work out what the classifier f(x) = w · x + b says of samples, in exact arithmetic.

    Numbers may be texts such as ``"1/3"`` or ``"0.1"``, integers, floats or fractions; a float
    stands for its shortest decimal.

    Parameters
    ----------
    w : list of shape (d,)
        The weights, not all 0.
    b : number
        The constant.
    X : list of shape (n, d)
        The samples.
    y : list of shape (n,), optional
        A label for each; at most two that differ.
    positive : text or number, optional
        The label that is +1. Otherwise it is the greater of two numbers, the first of two texts.
    predict : list of shape (m, d), optional
        Further points, whose class is asked for.
    title : str
        The document's.

    Returns
    -------
    Document
        ``document.render("html")`` and its like are the explanation, ``document.data`` the numbers.

    Raises
    ------
    InvalidValueError
        If the parts do not fit together, or there are too many to write out.
    """
    plane = build_plane(w, b)
    d = len(plane.w)
    rows = build_rows("x", X, d)
    labels = None if y is None else build_labels(y, len(rows), positive, fewest=1)
    samples = read(plane, rows, labels.y if labels else None)
    asked = [] if predict is None else read(plane, build_rows("predict", predict, d))
    blocks = [*_classifier(plane), *_samples(plane, samples, labels), *_support(samples)]
    if d == 2:
        blocks.append(_figure(plane, samples, asked, labels))
    if asked:
        blocks += _predictions(plane, asked, labels)
    lead = Paragraph(
        f"A {shape(d)} and {counted(len(samples), 'sample')}: on which side, how far away, "
        "and who lies on the margin?"
    )
    return Document(title, lead, blocks, _data(plane, samples, asked, labels))


def build_plane(w: Any, b: Any) -> Hyperplane:
    """Return a checked hyperplane."""
    normal = tuple(parse_number("w", value) for value in (w if is_list(w) else [w]))
    if not any(normal):
        raise InvalidValueError("w must not be 0", w, "with w = 0 there is no hyperplane")
    return Hyperplane(normal, parse_number("b", b))


def _classifier(plane: Hyperplane) -> Iterator[Block]:
    yield Heading("The classifier")
    yield Formula(function_of(plane))
    yield Paragraph(
        "The class is the sign of ", F_OF_X, ": +1 where it is positive, -1 where it is negative. "
        "Everything is calculated with exact fractions; ≈ stands before what is rounded.",
    )  # fmt: skip
    yield from margins(plane)


def _samples(
    plane: Hyperplane, samples: Sequence[Reading], labels: Labels | None
) -> Iterator[Block]:
    yield Heading("The samples")
    if len(samples) <= _MOST_FORMULAS:
        yield from (Formula(value_at(plane, sample.x)) for sample in samples)
    yield Paragraph(
        "The functional distance is ", Group(F_OF_X, "||"), ", the geometric one ", _DISTANCE,
        ", and the margin is where the first is 1." + (
            f" {labels.explained()}" if labels else ""
        ),
    )  # fmt: skip
    yield Table(
        ["sample", "x", *(["y"] if labels else []), F_OF_X, "class", *([MARGIN] if labels else []),
         Group(F_OF_X, "||"), _DISTANCE],
        [_row(i, sample, labels) for i, sample in enumerate(samples)],
    )  # fmt: skip
    if labels:
        yield _mistakes(samples)


def _row(i: int, sample: Reading, labels: Labels | None) -> list[Inline | Fraction]:
    label: list[Inline | Fraction] = [] if sample.y is None else [f"{sample.y:+d}"]
    margin = sample.functional_margin
    return [
        str(i + 1),
        vector(sample.x),
        *label,
        sample.value,
        _class(sample, labels),
        *([] if margin is None else [margin]),
        abs(sample.value),
        sample.distance,
    ]


def _class(sample: Reading, labels: Labels | None) -> str:
    if not sample.side:
        return "none: f(x) = 0"
    named = labels is not None and labels.explained() and sample.side in labels.names
    return f"{sample.side:+d}" + (f" “{labels.names[sample.side]}”" if labels and named else "")


def _mistakes(samples: Sequence[Reading]) -> Note:
    wrong = [i for i, sample in enumerate(samples) if sample.side != sample.y]
    if wrong:
        return Note(f"Not classified as labelled: {numbered(wrong, 'sample')}.", tone="bad")
    return Note("Every sample is classified as it is labelled.", tone="good")


def _support(samples: Sequence[Reading]) -> Iterator[Block]:
    yield Heading("Support vectors")
    on_margin = [i for i, sample in enumerate(samples) if sample.is_support_vector]
    one = Group(F_OF_X, "||")
    where = row(one if samples[0].y is None else MARGIN, "=", Fraction(1))
    if on_margin:
        verb = "lies" if len(on_margin) == 1 else "lie"
        yield Paragraph(
            "On the margin, where ",
            where,
            f", {verb} {numbered(on_margin, 'sample')}: the support vectors.",
        )
    else:
        yield Paragraph("No sample lies on the margin, where ", where, ".")
    inside = [i for i, sample in enumerate(samples) if abs(sample.value) < 1]
    if inside:
        yield Paragraph(
            "Inside the margin, ", row(one, "<", Fraction(1)), f": {numbered(inside, 'sample')}."
        )


def _figure(
    plane: Hyperplane,
    samples: Sequence[Reading],
    asked: Sequence[Reading],
    labels: Labels | None,
) -> Block:
    classes = [sample.side if sample.y is None else sample.y for sample in samples]
    picture = collect_margin(
        [sample.x for sample in (*samples, *asked)],
        [*classes, *(0 for _ in asked)],
        plane,
        [i for i, sample in enumerate(samples) if sample.is_support_vector],
        [*map(str, range(1, len(samples) + 1)), *("?" for _ in asked)],
    )
    description = "The samples, the line f(x) = 0, and the margin on both sides of it."
    return figure_of(picture, description, labels.explained() if labels else "")


def _predictions(
    plane: Hyperplane, asked: Sequence[Reading], labels: Labels | None
) -> Iterator[Block]:
    yield Heading("Predictions")
    for sample in asked:
        yield Formula(value_at(plane, sample.x))
    yield Table(
        ["x", F_OF_X, "class", _DISTANCE],
        [
            [vector(sample.x), sample.value, _class(sample, labels), sample.distance]
            for sample in asked
        ],
    )


def _data(
    plane: Hyperplane,
    samples: Sequence[Reading],
    asked: Sequence[Reading],
    labels: Labels | None,
) -> dict[str, Any]:
    return {
        "classifier": plane_data(plane),
        "classes": labels and {f"{sign:+d}": name for sign, name in labels.names.items()},
        "samples": [
            _numbers(sample)
            | {
                "y": sample.y,
                "functional_margin": sample.functional_margin,
                "support_vector": sample.is_support_vector,
            }
            for sample in samples
        ],
        "predictions": [_numbers(sample) for sample in asked],
    }


def _numbers(sample: Reading) -> dict[str, Any]:
    return {
        "x": sample.x,
        "f": sample.value,
        "class": sample.side,
        "distance": root_or_float(sample.squared_distance),
        "on_margin": sample.on_margin,
    }
