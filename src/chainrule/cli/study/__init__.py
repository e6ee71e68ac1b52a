"""``chainrule study``: many trainings and what they say, one file a command."""

from __future__ import annotations

from chainrule.cli.lazy import group

COMMANDS = {
    "run": ("chainrule.cli.study.run", "run", "Run the study of a TOML file, or go on with it."),
    "status": ("chainrule.cli.study.status", "status", "Say how far a study is."),
    "show": ("chainrule.cli.study.show", "show", "Show the candidates, best first."),
    "report": ("chainrule.cli.study.report", "report", "Write the page of a study."),
    "best": ("chainrule.cli.study.best", "best", "Show the best candidate; save its model."),
}


@group(
    COMMANDS,
    "chainrule study run examples/studies/activations.toml -o activations",
    "chainrule study report -o activations",
)
def study() -> None:
    """Train many candidates with several seeds, and compare them."""
