"""``chainrule evaluate``: how well a saved model does on raw data that has the target."""

from __future__ import annotations

from pathlib import Path

from chainrule.cli.command import command
from chainrule.cli.model_and_data import in_order
from chainrule.cli.options import DATA, JSON, MODEL, QUIET
from chainrule.cli.output import print_json


@command(
    "chainrule evaluate penguins new.csv",
    "chainrule evaluate penguins new.csv --quiet --json",
)
@MODEL
@DATA
@QUIET
@JSON
def evaluate(model: Path, data: str, as_json: bool) -> None:
    """Measure MODEL, the folder of chainrule train or a model file, on DATA with the target.

    The baseline is a constant guess that knows these very rows: their most frequent class, or
    their mean. Rows that training looked at are counted, and the others measured apart.
    """
    from chainrule.cli.run_display import paragraph, show_table
    from chainrule.cli.run_progress import run_listener
    from chainrule.runs.evaluating import evaluate as run
    from chainrule.runs.tables import class_table, figure_table
    from chainrule.runs.words import evaluated

    with in_order(model, data), run_listener(lambda _: None) as listener:
        facts = run(model, data, listener).facts()
    if as_json:
        print_json(facts)
        return
    for text in evaluated(facts):
        paragraph(text)
    for header, rows in (figure_table(facts["figures"]), class_table(facts["figures"])):
        if rows:
            print()
            show_table(header, rows)
