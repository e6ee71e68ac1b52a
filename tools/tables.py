"""Writes the tables of docs/engine.md and docs/estimators.md from the code: tools/tables.py."""

from __future__ import annotations

from pathlib import Path

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.initializers import INITIALIZERS
from chainrule.engine.losses import LOSSES
from chainrule.engine.optimizers import OPTIMIZERS
from chainrule.engine.schedules import SCHEDULES
from chainrule.estimators.effects import CONDITIONS

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- tables: made by tools/tables.py -->", "<!-- end of tables -->"
TABLES = (ACTIVATIONS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES)


def first_line(thing: object) -> str:
    kind = thing if isinstance(thing, type) else type(thing)
    return (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def table(registry) -> str:
    names = {name: [name] for name in registry}
    for alias, name in registry.aliases.items():
        names[name].append(alias)
    lines = [f"**{registry.kind}**", "", "| name | what it is |", "|---|---|"]
    for name, thing in registry.items():
        # An initialiser's entries differ in their settings, which its repr shows.
        what = repr(thing) if registry is INITIALIZERS else first_line(thing)
        lines.append(f"| {', '.join(f'`{n}`' for n in names[name])} | {' '.join(what.split())} |")
    return "\n".join(lines)


def conditions() -> str:
    names: dict[str, list[str]] = {}
    for name, condition in CONDITIONS.items():
        names.setdefault(condition.text, []).append(f"`{name}`")
    rows = [f"| {', '.join(those)} | {text} |" for text, those in names.items()]
    return "\n".join(["| parameters | have an effect only with |", "|---|---|", *rows])


CONTENTS = {
    "engine.md": "\n\n".join(map(table, TABLES)),
    "estimators.md": conditions(),
}


def page(name: str, text: str) -> str:
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n\n{CONTENTS[name]}\n\n{END}{tail}"


if __name__ == "__main__":
    for name in CONTENTS:
        path = DOCS / name
        path.write_text(page(name, path.read_text(encoding="utf-8")), encoding="utf-8")
