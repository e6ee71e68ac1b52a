"""What the page's head says of the model, in words."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule._text import counted
from chainrule.explore.content import Content, Measured
from chainrule.explore.packing import LARGEST_PAGE
from chainrule.report.page import scientific, share

Fact = tuple[str, str]  # what stands out, and what it is


def facts(content: Content) -> list[Fact]:
    """Return a few short facts: what kind of model, how large, how good, how exact this page is."""
    model, network = content.model, content.network
    kinds = dict.fromkeys(activation.name for activation in network.activations)
    return [
        (model.estimator, ", ".join(kinds) or "without hidden layers"),
        ("–".join(map(str, network.layer_sizes)), "units, layer by layer"),
        (f"{model.n_parameters:,}", "weights and biases"),
        *([] if content.measured is None else _measured(content.measured)),
        (network.weights.dtype, rounding(content)),
    ]


def _measured(measured: Measured) -> Iterator[Fact]:
    """Yield how good it is; of several labels a row is right if all of them are."""
    figures, rows = measured.figures, f"on {_rows(measured)}"
    if (accuracy := figures.get("accuracy")) is not None:
        right = "with all labels right" if "label_accuracy" in figures else "right"
        yield share(accuracy), f"{right} {rows}"
    elif (r2 := figures.get("r2")) is not None:
        yield f"R² {r2:.3f}", rows
    else:
        yield f"{measured.n:,}", f"{'row' if measured.n == 1 else 'rows'} of {measured.name}"


def _rows(measured: Measured) -> str:
    text, learnt = f"{counted(measured.n, 'row')} of {measured.name}", measured.n_learnt_from
    return text if learnt is None else f"{text}, {learnt:,} of which it has learnt from"


def rounding(content: Content) -> str:
    """Return how the page's weights differ from the model's, and what that does."""
    stored, outputs = content.network.weights.dtype, content.outputs_rounding
    if not content.weights_rounding:
        return "weights, as in the model"
    why = f"weights, rounded from {content.model.dtype}"
    if stored == "float16":
        full = 2 * len(content.network.weights.data)  # of base64
        why += (
            f", as in full they take {full / 1e6:.1f} MB"
            if full > LARGEST_PAGE
            else f" to keep the page below {LARGEST_PAGE / 1e6:.0f} MB"
        )
    if outputs is None:
        return f"{why}: a weight moves by at most {scientific(content.weights_rounding)}"
    what = "probability" if content.target.classes is not None else "prediction"
    return f"{why}: on these samples a {what} moves by at most {scientific(outputs)}"
