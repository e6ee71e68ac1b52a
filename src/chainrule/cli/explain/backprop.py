"""``chainrule explain backprop``: a step of gradient descent of a small network, written out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from chainrule.cli.command import command
from chainrule.cli.explain.options import base_settings, output_options, show
from chainrule.cli.options import AnyPath
from chainrule.errors import InvalidValueError

# As the tables have them, which take long to import; a test compares.
ACTIVATIONS = "sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, mish, softplus, identity"
LOSSES = (
    "squared, half_squared, absolute, huber, softmax_cross_entropy, sigmoid_cross_entropy, poisson"
)


@command(
    "chainrule explain backprop --example report",
    "chainrule explain backprop --example report -o step.html",
    'chainrule explain backprop --sizes 2,2,1 --weights "1,2,3,4; 1,-1" --biases 0,0,1/2 '
    '--x "1,2; 3,4" --y 1,0',
)
@click.argument("file", required=False, type=AnyPath())
@click.option("--sizes", metavar="N,N,N", help="Units of each layer, inputs first: 2,3,1.")
@click.option("--weights", metavar="NUMBERS", help="Layer by layer, a row for each unit below.")
@click.option("--biases", metavar="NUMBERS", help="Layer by layer.")
@click.option("--x", metavar="NUMBERS", help="Inputs, sample by sample.")
@click.option(
    "--y", metavar="NUMBERS", help="Targets, sample by sample; a class by its number, or one-hot."
)
@click.option(
    "--activation",
    metavar="NAMES",
    help=f"Of hidden layers, one or one for each: {ACTIVATIONS}.  [default: relu]",
)
@click.option("--output-activation", metavar="NAME", help="Of the output.  [default: identity]")
@click.option("--slope", metavar="NUMBER", help="Leaky ReLU's.  [default: 0.01]")
@click.option("--loss", metavar="NAME", help=f"One of {LOSSES}.  [default: squared]")
@click.option(
    "--reduction",
    metavar="NAME",
    help="Over samples, mean or sum.  [default: mean]",
)
@click.option("--learning-rate", metavar="NUMBER", help="Of the step.  [default: 0.01]")
@click.option("--title", help="Heading of the page.")
@output_options
def backprop(
    file: Path | None,
    example: str | None,
    format_name: str | None,
    out: Path | None,
    digits: int,
    **options: str | None,
) -> None:
    """Write out one step of gradient descent of a small network.

    Every number of the forward pass, the loss, every derivative by the chain rule, the step and
    the loss after it; compared with finite differences and with chainrule's engine.

    NUMBERS are decimals (0.1) or fractions (1/3) with commas between them; a semicolon may end a
    layer or a sample. FILE is TOML with the same names; options change what it says.
    """
    from chainrule.worked.backprop.explanation import explain_backprop
    from chainrule.worked.backprop.reading import EXAMPLES, read_toml

    given = {name: value for name, value in options.items() if value is not None}
    base = base_settings(file, example, EXAMPLES, read_toml)
    show(explain_backprop(**_settings(base, given)), format_name, out, digits, file=file)


def _settings(base: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """Return the base with what was given, numbers cut to the network's sizes."""
    from chainrule.worked.backprop.losses import WORKED_LOSSES
    from chainrule.worked.backprop.reading import (
        NUMBERS,
        check_complete,
        parse_biases,
        parse_classes,
        parse_samples,
        parse_sizes,
        parse_weights,
        sizes_of,
    )

    texts = {name: value for name, value in given.items() if name not in NUMBERS}
    texts.pop("sizes", None)
    settings: dict[str, Any] = base | texts
    if "activation" in given:
        settings["activation"] = [name.strip() for name in given["activation"].split(",")]
    numbers = {name: value for name, value in given.items() if name in NUMBERS}
    sizes = parse_sizes(given["sizes"]) if "sizes" in given else sizes_of(base)
    if "sizes" in given and base and sizes != sizes_of(base) and "weights" not in given:
        raise InvalidValueError(
            "sizes must be those of the example's weights", given["sizes"], "give weights as well"
        )
    if numbers and sizes is None:
        raise InvalidValueError(
            f"sizes must be given with {', '.join(numbers)}", None, "such as --sizes 2,3,1"
        )
    check_complete(base | given)
    if sizes is None:  # the base's weights are none: the example's own checks say so
        return settings
    cut: dict[str, Callable[[str], Any]] = {
        "weights": partial(parse_weights, sizes=sizes),
        "biases": partial(parse_biases, sizes=sizes),
        "x": partial(parse_samples, name="x", width=sizes[0]),
        "y": partial(parse_samples, name="y", width=sizes[-1]),
    }
    if WORKED_LOSSES[settings.get("loss", "squared")].takes_classes:
        cut["y"] = lambda text: parse_classes(text, _n_samples(settings["x"]), sizes[-1])
    for name, parse in cut.items():  # y after x, which says how many samples there are
        if name in numbers:
            settings[name] = parse(numbers[name])
    return settings


def _n_samples(x: Any) -> int:
    from chainrule.worked.numbers import is_list

    return len(x) if is_list(x) else 1
