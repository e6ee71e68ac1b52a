"""``chainrule explain``: worked examples, one file a command; options they share in ``options``."""

from __future__ import annotations

from chainrule.cli.lazy import group

COMMANDS = {
    "backprop": ("chainrule.cli.explain.backprop", "backprop", "A step of gradient descent."),
    "max-margin": (
        "chainrule.cli.explain.max_margin",
        "max_margin",
        "The hyperplane with the widest margin.",
    ),
    "classifier": (
        "chainrule.cli.explain.classifier",
        "classifier",
        "What a given hyperplane says of samples.",
    ),
}


@group(
    COMMANDS,
    "chainrule explain backprop --example report",
    "chainrule explain max-margin points.csv -o margin.html",
)
def explain() -> None:
    """Write a small calculation out, number by number."""
