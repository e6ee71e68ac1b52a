"""The course report's worked examples: its own arithmetic beside the right one, both exact.

A1 is one step of gradient descent by hand. The report's loss is the mean over three samples, and
its output gradients already carry the third of that mean; it then takes the mean over the samples
again. :func:`gradient_step` does both, the true step by :mod:`chainrule.worked.backprop` and the
report's from its own derivatives. Verdicts are for whoever compares them with what is in print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.worked.backprop.calculation import Step, calculate
from chainrule.worked.backprop.example import Key, build
from chainrule.worked.backprop.reading import EXAMPLES
from chainrule.worked.numbers import Value

PARAMETERS = {
    "W1": Key(0, 0, 0),
    "b1": Key(0, None, 0),
    "W2": Key(1, 0, 0),
    "b2": Key(1, None, 0),
}
# What the report prints as the mean of its three dW2; they are -0.379, -0.762, -1.275.
PRINTED_MEAN_DW2 = Fraction("-0.825")


@dataclass(frozen=True)
class GradientStep:
    """The quantities of A1, exactly; a number for each sample, or for each parameter.

    Attributes
    ----------
    predictions, hidden : tuple of Fraction
        ŷ and the hidden unit of each sample.
    squared_errors : tuple of Fraction
        (ŷ - y)² of each sample.
    mse : Fraction
        Their mean.
    output_gradients : tuple of Fraction
        ∂MSE/∂ŷ of each sample, 2/3 of its error.
    dW2_per_sample, dhidden, dW1_per_sample : tuple of Fraction
        Each sample's part of ∂MSE/∂W2, ∂MSE/∂h and ∂MSE/∂W1.
    gradient : mapping from str to Fraction
        ∂MSE by W1, b1, W2, b2: the sum of the samples' parts.
    updated : mapping from str to Fraction
        The parameters after the true step.
    mean_gradients : mapping from str to Fraction
        The mean of the samples' parts, a third of the gradient: the report's.
    updated_by_mean : mapping from str to Fraction
        The parameters after the report's step, from its derivatives without its slip.
    updated_by_print : mapping from str to Fraction
        The same with -0.825 in place of dW2's mean, as the report prints it.
    """

    predictions: tuple[Fraction, ...]
    hidden: tuple[Fraction, ...]
    squared_errors: tuple[Fraction, ...]
    mse: Fraction
    output_gradients: tuple[Fraction, ...]
    dW2_per_sample: tuple[Fraction, ...]  # noqa: N815 - the claim's own name
    dhidden: tuple[Fraction, ...]
    dW1_per_sample: tuple[Fraction, ...]  # noqa: N815
    gradient: Mapping[str, Fraction]
    updated: Mapping[str, Fraction]
    mean_gradients: Mapping[str, Fraction]
    updated_by_mean: Mapping[str, Fraction]
    updated_by_print: Mapping[str, Fraction]


def gradient_step() -> GradientStep:
    """Return the quantities of A1."""
    step = calculate(build(**EXAMPLES["report"]))
    samples = step.samples
    parts = {
        name: _shared(step, [sample.gradient[key] for sample in samples])
        for name, key in PARAMETERS.items()
    }
    means = {name: sum(part, Fraction(0)) / len(part) for name, part in parts.items()}
    return GradientStep(
        predictions=_exact(sample.prediction[0] for sample in samples),
        hidden=_exact(sample.a[1][0] for sample in samples),
        squared_errors=_exact(sample.loss for sample in samples),
        mse=Fraction(step.loss),
        output_gradients=_shared(step, [sample.da[1][0] for sample in samples]),
        dW2_per_sample=parts["W2"],
        dhidden=_shared(step, [sample.da[0][0] for sample in samples]),
        dW1_per_sample=parts["W1"],
        gradient={name: Fraction(step.gradient[key]) for name, key in PARAMETERS.items()},
        updated={name: Fraction(step.updated[key]) for name, key in PARAMETERS.items()},
        mean_gradients=means,
        updated_by_mean=_stepped(step, means),
        updated_by_print=_stepped(step, means | {"W2": PRINTED_MEAN_DW2}),
    )


def _exact(values: Iterable[Value]) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in values)


def _shared(step: Step, values: Sequence[Value]) -> tuple[Fraction, ...]:
    return tuple(Fraction(step.example.share * value) for value in values)


def _stepped(step: Step, gradient: Mapping[str, Fraction]) -> dict[str, Fraction]:
    rate = Fraction(step.example.learning_rate)
    return {
        name: Fraction(step.example.parameters[key]) - rate * gradient[name]
        for name, key in PARAMETERS.items()
    }
