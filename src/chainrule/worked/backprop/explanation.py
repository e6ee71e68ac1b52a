"""From the numbers of a step to the document that explains them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chainrule._text import counted
from chainrule.engine.activations import Identity
from chainrule.worked.backprop import chain
from chainrule.worked.backprop.calculation import Step, calculate
from chainrule.worked.backprop.check import Check, check, kinks
from chainrule.worked.backprop.data import data_of
from chainrule.worked.backprop.example import Example, Key, build
from chainrule.worked.backprop.names import Names
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
from chainrule.worked.formula import Equation, Symbol, Words, listed, row
from chainrule.worked.numbers import Value


def explain_backprop(
    weights: Any,
    biases: Any,
    x: Any,
    y: Any,
    *,
    activation: str | Sequence[str] = "relu",
    output_activation: str = "identity",
    loss: str = "squared",
    reduction: str = "mean",
    learning_rate: Any = "0.01",
    slope: Any = None,
    title: str = "One step of gradient descent",
) -> Document:
    """Write out one step of gradient descent: every number, and the chain rule factor by factor.

    Numbers may be texts such as ``"1/3"`` or ``"0.1"``, integers, floats or fractions; a float
    stands for its shortest decimal. With piecewise linear activations and a loss of the difference
    ŷ - y everything is calculated exactly, with fractions; otherwise in float64. The gradient is
    compared with finite differences and with the engine's.

    Parameters
    ----------
    weights : list of matrices
        One for each layer, of shape (fan_in, fan_out): a row for each unit that it comes from.
    biases : list of vectors
        One for each layer, of shape (fan_out,).
    x : list of shape (n, n_inputs)
        The samples; with one input a list of numbers will do.
    y : list of shape (n, n_outputs) or (n,)
        Their targets; classes from 0, or one-hot rows, for the loss softmax_cross_entropy.
    activation : str or list of str
        Of the hidden layers: one name, or one for each.
    output_activation : str
        Of the output layer; only with losses that have no output function of their own.
    loss : str
        ``"squared"`` is Σ (ŷ - y)² over outputs, ``"half_squared"`` half of it, as the engine's; or
        absolute, huber, softmax_cross_entropy, sigmoid_cross_entropy, poisson.
    reduction : {"mean", "sum"}
        What is taken over samples.
    learning_rate : number
        Of the step.
    slope : number, optional
        Leaky ReLU's, for negative numbers; 0.01 if left out, and refused where no layer has one.
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

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
    """
    example = build(
        weights,
        biases,
        x,
        y,
        activation=activation,
        output_activation=output_activation,
        loss=loss,
        reduction=reduction,
        learning_rate=learning_rate,
        slope=slope,
        title=title,
    )
    return explain(calculate(example))


def explain(step: Step) -> Document:
    """Return the document of a calculated step."""
    checks = check(step)
    example = step.example
    blocks = [
        *_setting(example),
        *_samples(step),
        *_gradient(step),
        *_after(step),
        *_checks(step, checks),
    ]
    lead = Paragraph(
        f"A network of {'-'.join(map(str, example.sizes))} units, "
        f"{counted(len(example.X), 'sample')}, one step of gradient descent: every number, and "
        "the chain rule factor by factor."
    )
    return Document(example.title, lead, blocks, data_of(step, checks))


def _setting(example: Example) -> Iterator[Block]:
    names = Names.of(example)
    yield Heading("The network")
    yield Table(
        ["parameter", "value"],
        [[names.parameter(key), value] for key, value in example.parameters.items()],
    )
    if names.last:
        yield Paragraph("A superscript is the layer.")
    if max(example.sizes) > 1:
        yield Paragraph(
            "The indices of a weight are the unit that it comes from and the unit that it goes to."
        )
    seen = []
    for f in example.functions:
        if f.label not in seen and not isinstance(f.engine, Identity):
            seen.append(f.label)
            z = Symbol("z")
            yield Paragraph(f"The activation {f.label} and its derivative:")
            yield Formula(Equation.of(row(Symbol(f.label), listed(z)), f.value(z)))
            yield Formula(Equation.of(row(Symbol(f.label + "′"), listed(z)), f.slope(z)))
    yield from _conventions(example)


def _conventions(example: Example) -> Iterator[Block]:
    what = "mean" if example.mean else "sum"
    several = example.sizes[-1] > 1 and not example.loss.takes_classes
    outputs = ", summed over outputs" if several else ""
    yield Paragraph(
        "The loss ",
        chain.LOSS,
        f" is the {what} over samples of each sample's loss ",
        chain.ELL,
        f", {_LOSSES[example.loss.name]}{outputs}.",
    )
    if example.exact:
        yield Paragraph(
            "Everything is calculated with exact fractions. Numbers are rounded where they are "
            "shown, and nowhere else; ≈ stands before those."
        )
    else:
        yield Paragraph("Everything is calculated in float64, and rounded where it is shown.")


_LOSSES = {
    "squared": "the squared error, without a factor ½",
    "half_squared": "half the squared error",
    "absolute": "the absolute error",
    "huber": "the Huber loss with delta 1",
    "softmax_cross_entropy": "the cross-entropy of the softmax of the outputs z",
    "sigmoid_cross_entropy": "the cross-entropy of the sigmoid of the outputs z",
    "poisson": "half the Poisson deviance of the exponential of the outputs z",
}


def _samples(step: Step) -> Iterator[Block]:
    example = step.example
    for number, (x, y) in enumerate(zip(example.X, example.Y, strict=True), 1):
        sample = chain.Chain(step, step.samples[number - 1], y)
        yield Heading(f"Sample {number}")
        yield Paragraph(
            "Input ", _vector("x", x), ", target ", _vector("y", y), ". Forward, layer by layer:"
        )
        yield from map(Formula, sample.forward())
        yield Paragraph("Its loss:")
        yield Formula(sample.loss())
        yield Paragraph("Backward, from the loss down to the units:")
        yield from map(Formula, sample.backward())
        yield Paragraph("and to the parameters, by the chain rule:")
        yield from (Formula(sample.derivative(key)) for key in _downwards(example))


def _vector(name: str, values: Sequence[Value]) -> Equation:
    return Equation.of(name, values[0] if len(values) == 1 else listed(*values))


def _downwards(example: Example) -> list[Key]:
    return sorted(example.parameters, key=lambda key: -key.layer)


def _gradient(step: Step) -> Iterator[Block]:
    yield Heading("The loss, the gradient and the step")
    yield Paragraph("The loss of all samples:")
    yield Formula(chain.overall(step))
    if len(step.samples) > 1:
        yield Paragraph("Its derivative by each parameter:")
        yield from (Formula(chain.gradient(step, key)) for key in _downwards(step.example))
    else:
        yield Paragraph("There is one sample, so its derivatives are the gradient.")
    yield Paragraph(
        "A step of gradient descent with learning rate ",
        Equation.of(chain.RATE, step.example.learning_rate),
        ":",
    )
    yield from (Formula(chain.update(step, key)) for key in _downwards(step.example))


def _after(step: Step) -> Iterator[Block]:
    yield Heading("After the step")
    names = Names.of(step.example)
    yield Table(
        ["parameter", "before", "gradient", "after"],
        [
            [names.parameter(key), value, step.gradient[key], step.updated[key]]
            for key, value in step.example.parameters.items()
        ],
    )
    outputs = range(step.example.sizes[-1])
    predictions = [names.prediction(k) for k in outputs]
    rows = zip(step.samples, step.predictions_after, step.losses_after, strict=True)
    yield Table(
        [
            "sample",
            *(
                part
                for p in predictions
                for part in (row(p, Words(" before")), row(p, Words(" after")))
            ),
            "loss before",
            "loss after",
        ],
        [
            [
                str(number),
                *(part for k in outputs for part in (sample.prediction[k], after[k])),
                sample.loss,
                loss_after,
            ]
            for number, (sample, after, loss_after) in enumerate(rows, 1)
        ],
    )
    change = "falls" if step.loss_after < step.loss else "does not fall"
    yield Note(
        f"The loss {change}: from ",
        step.loss,
        " to ",
        step.loss_after,
        ".",
        tone="good" if step.loss_after < step.loss else "note",
    )


def _checks(step: Step, checks: Sequence[Check]) -> Iterator[Block]:
    yield Heading("Checks")
    names = Names.of(step.example)
    yield Table(
        ["parameter", "chain rule", *(c.name for c in checks)],
        [
            [names.parameter(key), value, *(c.gradient[key] for c in checks)]
            for key, value in step.gradient.items()
        ],
        caption="The gradient, found in three ways.",
    )
    at = kinks(step)
    for number, key in at:
        yield Note(*_kink(names, number, key))
    for other in checks:
        yield _verdict(other, bool(at))


def _kink(names: Names, number: int, key: Key | None) -> list[Inline]:
    if key is None:
        return [
            f"In sample {number} a prediction meets its target exactly, where this loss has no "
            "derivative; 0 is taken."
        ]
    return [
        f"In sample {number}, ",
        names.z(key.layer, key.unit),
        " is exactly 0, where the activation has a kink and no derivative; the one from the left "
        "is taken, as everywhere in the field.",
    ]


def _verdict(other: Check, at_kink: bool) -> Note:
    parts = (
        "The largest difference between the chain rule and ",
        other.name,
        " is ",
        other.difference,
    )
    if other.agrees:
        allowed = ["."] if other.difference == 0 else [", within rounding."]
        return Note(*parts, *allowed, tone="good")
    if at_kink:
        return Note(*parts, f": at a kink {other.at_kink}.")
    return Note(
        "They disagree. ",
        *parts,
        ", and rounding explains at most ",
        other.tolerance,
        ".",
        tone="bad",
    )
