"""What the report says about section A, and how exact arithmetic judges it.

A figure is reproduced where the exact value, rounded to the digits that are printed, is what is
printed. Where it is not, arithmetic decides, so the claim is an erratum, and the figure that the
report's own way leads to stands beside the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.reproduction.claims import Claim, Judgement, Verdict, always
from chainrule.reproduction.results import Results
from chainrule.worked.report_examples import GradientStep, gradient_step

Exact = tuple[Fraction, ...] | Mapping[str, Fraction]


@dataclass(frozen=True)
class Quantity:
    """One figure of A1.

    Attributes
    ----------
    id : str
        The claim's.
    title : str
        What the report says, as a sentence.
    printed : tuple of str, or mapping from parameter to str
        As the report prints it, for each sample or each parameter.
    true : callable
        step -> the exact values.
    report_s_way : callable, optional
        step -> the exact values that the report's own steps lead to, where they are others.
    why : str
        Where the report's way parts from the true one.
    """

    id: str
    title: str
    printed: tuple[str, ...] | Mapping[str, str]
    true: Callable[[GradientStep], Exact]
    report_s_way: Callable[[GradientStep], Exact] | None = None
    why: str = ""


def rounds_to(value: Fraction, printed: str) -> bool:
    """Return whether an exact value, rounded to the digits of a printed one, is that."""
    digits = len(printed.partition(".")[2])
    return abs(value - Fraction(printed)) <= Fraction(1, 2 * 10**digits)


def by_name(values: Exact | tuple[str, ...] | Mapping[str, str]) -> dict[str, Any]:
    """Return values by parameter, or by number of the sample from 1."""
    if isinstance(values, Mapping):
        return dict(values)
    return {str(number): value for number, value in enumerate(values, 1)}


def _floats(values: Exact) -> Any:
    if isinstance(values, Mapping):
        return {name: float(value) for name, value in values.items()}
    return [float(value) for value in values]


def _fractions(values: Exact) -> Any:
    if isinstance(values, Mapping):
        return {name: str(value) for name, value in values.items()}
    return [str(value) for value in values]


def wrong(printed: Any, values: Exact) -> list[str]:
    """Return the names of the values that do not round to what is printed."""
    exact = by_name(values)
    return [name for name, text in by_name(printed).items() if not rounds_to(exact[name], text)]


def _judge(quantity: Quantity) -> Callable[[Claim, Results], Judgement]:
    def judge(claim: Claim, results: Results) -> Judgement:
        step = gradient_step()
        true = quantity.true(step)
        measured = {"exact": _floats(true), "as_fractions": _fractions(true)}
        slips = wrong(quantity.printed, true)
        if not slips:
            note = "Exact arithmetic, rounded to the digits that the report prints, agrees."
        else:
            note = f"Exact arithmetic gives other values for {_listed(slips)}. {quantity.why}"
        if quantity.report_s_way is not None:
            own = quantity.report_s_way(step)
            measured["by_the_report's_steps"] = _floats(own)
            own_slips = wrong(quantity.printed, own)
            note += (
                f" The report's own steps lead to another figure than it prints for "
                f"{_listed(own_slips)}."
                if own_slips
                else " The report's own steps lead to what it prints."
            )
        verdict = Verdict.ERRATUM if slips else Verdict.REPRODUCED
        return claim.judgement(verdict, note, measured)

    return judge


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


_TWICE = (
    "The report's output gradients already carry the third of the mean over three samples; it then "
    "takes the mean over the samples again, so its step is a third of the true one."
)

QUANTITIES = (
    Quantity(
        "A1.predictions",
        "The forward pass gives these three predictions.",
        ("0.16", "0.19", "0.22"),
        lambda step: step.predictions,
    ),
    Quantity(
        "A1.mse",
        "This is the mean squared error of the predictions.",
        ("15.1434",),
        lambda step: (step.mse,),
    ),
    Quantity(
        "A1.output_gradients",
        "These are the loss's derivatives by the three outputs.",
        ("-1.893", "-2.540", "-3.187"),
        lambda step: step.output_gradients,
    ),
    Quantity(
        "A1.dW2_per_sample",
        "Each sample adds this to the gradient of W2.",
        ("-0.379", "-0.762", "-1.275"),
        lambda step: step.dW2_per_sample,
    ),
    Quantity(
        "A1.dhidden",
        "The chain rule sends this back to the hidden unit.",
        ("-0.568", "-0.762", "-0.956"),
        lambda step: step.dhidden,
    ),
    Quantity(
        "A1.dW1_per_sample",
        "Each sample adds this to the gradient of W1.",
        ("-0.568", "-1.524", "-2.868"),
        lambda step: step.dW1_per_sample,
    ),
    Quantity(
        "A1.mean_gradients",
        "Averaged over the samples, these are the gradients.",
        {"W2": "-0.825", "b2": "-2.540", "W1": "-1.653", "b1": "-0.762"},
        lambda step: step.gradient,
        lambda step: step.mean_gradients,
        f"{_TWICE} And -0.825 is a slip: the mean of its three terms for W2 is another.",
    ),
    Quantity(
        "A1.updated",
        "One step of gradient descent leads to these parameters.",
        {"W1": "0.1165", "b1": "0.1076", "W2": "0.3081", "b2": "0.1254"},
        lambda step: step.updated,
        lambda step: step.updated_by_mean,
        f"{_TWICE} With its own gradient of -0.825, W2 would become 0.3083.",
    ),
)


def _printed(quantity: Quantity) -> Any:
    if isinstance(quantity.printed, Mapping):
        return {name: float(text) for name, text in quantity.printed.items()}
    return [float(text) for text in quantity.printed]


CLAIMS = tuple(
    Claim(quantity.id, quantity.title, {"printed": _printed(quantity)}, always(), _judge(quantity))
    for quantity in QUANTITIES
)
