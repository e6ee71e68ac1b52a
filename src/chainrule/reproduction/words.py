"""Figures of a claim in words, as a reader of the table wants them.

How a number is written follows from its name: what ends in ``accuracy`` or ``share`` is a
percentage, what ends in ``loss``, ``score`` or ``mse`` has four digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.report import page
from chainrule.reproduction.claims import Judgement


def claim_text(judgement: Judgement) -> tuple[str, str]:
    """Return claimed and measured."""
    return words(judgement.claimed), words(judgement.measured)


# Names whose words are not the name's own.
_LABELS = {
    "test_accuracy": "accuracy",
    "test_loss": "loss",
    "weight_init": "with",
    "majority_share": "largest class",
    "faulty_test_accuracy": "faulty variant",
    "faulty_weight_init": "faulty with",
    "highest_test_accuracy": "accuracy at most",
    "statement": "",
    "printed": "",
    "exact": "",
    "test_mse": "mean squared error",
    "relu_less_tanh_share": "ReLU less tanh",
    "relu_less_leaky_share": "ReLU less leaky ReLU:",
    "loss_turning_share": "the loss turns at",
    "std_accuracy": "standard deviation",
    "first_gradient_share": "first layer's gradient, of the last one's:",
    "remedied_accuracy": "accuracy with",
    "centring_gain_share": "gain by centring:",
    "zero_share": "zeros",
    "dead_share": "always zero",
    "element_time_share": "an element's time, of that of",
    "epoch_time_share": "an epoch's, of that of",
    "sharpness_share": "sharpness",
    "edges_share": "edges",
    "gap_share": "gap",
    "dead_on_plateaus_share": "dead on plateaus",
    "dead_outside_share": "dead elsewhere",
}
_IN_THE_NOTE = {
    "best_accuracy",
    "turning_share",
    "other_scores",
    "as_fractions",
    "median_first_gradient_share",
    "effects",
    "gaps_of_others_share",
}
_SHARES = ("accuracy", "share")
_LOSSES = ("loss", "score", "mse")


def words(figures: Mapping[str, Any]) -> str:
    """Return figures by name in words: ``accuracy 94.60 %; loss 0.1825``."""
    parts = [
        f"{_LABELS.get(name, name.replace('_', ' '))} {_value(name, value)}".strip()
        for name, value in figures.items()
        if name not in _IN_THE_NOTE and value is not None
    ]
    return "; ".join(parts) or "–"


def _value(name: str, value: Any) -> str:
    if isinstance(value, Mapping) and "mean" in value:
        return _spread(name, value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(name, item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(name, value)
    if isinstance(value, list | tuple):
        between = ", then " if name == "ranking" else ", "
        return between.join(_item(name, item) for item in value) or "none"
    return str(value)


def _item(name: str, item: Any) -> str:
    text = _value(name, item)
    return f"({text})" if isinstance(item, list | tuple) else text  # a point


def _spread(name: str, value: Mapping[str, Any]) -> str:
    mean = _number(name, value["mean"])
    if value["n"] == 1:
        return mean
    is_share = name.endswith(_SHARES)
    std = f"{100 * value['std']:.2f}" if is_share else _number(name, value["std"])
    return f"{mean} ± {std}"


def _number(name: str, value: float) -> str:
    if name.endswith(_SHARES):
        return page.percent(value)
    if abs(value) >= 1e4:
        return page.scientific(value)
    return f"{value:.4f}" if name.endswith(_LOSSES) else f"{value:.6g}"
