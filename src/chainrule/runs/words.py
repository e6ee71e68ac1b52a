"""The summary of a run, or of an evaluation, in sentences: what was learnt, and how well.

Each sentence is a function of a document; names from the data are made printable here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from chainrule._text import printable
from chainrule.report.page import percent

Document = Mapping[str, Any]
LONGEST_NAME = 60  # characters of a class or a column
MOST_CONFUSED = 3


def summary(document: Document) -> list[str]:
    """Return the sentences about a run."""
    found = [sentence(document) for sentence in SENTENCES]
    return [text for text in found if text]


def evaluated(facts: Document) -> list[str]:
    """Return the sentences about an evaluation."""
    figures = facts["figures"]
    texts = [
        f"On {_rows(figures['n'])} of {file_name(facts['data'])}, {quality(figures)}.",
        versus(figures),
        confusions(figures),
        met(facts),
        _LEARNT_FROM if facts["learnt_from"] else None,
    ]
    return [text for text in texts if text]


_LEARNT_FROM = (
    "The model has learnt from most of these very rows: how well it does on others is in its "
    "report."
)


def learnt(document: Document) -> str:
    """Say what was learnt, and from how much."""
    data, rows = document["data"], document["data"]["rows"]
    inputs = f"{_inputs(data['columns'])} of {file_name(data['name'])}"
    target = data["target"]
    if target is None:
        narrow = min(document["training"]["layers"])
        what = f"Learnt to reproduce {inputs} through a layer of {narrow:,} units"
    elif target["classes"]:
        n = len(target["classes"])
        what = f"Learnt to tell the {n:,} classes of {name(target['name'])} apart by {inputs}"
    else:
        what = f"Learnt to predict {name(target['name'])} from {inputs}"
    more = rows["stopping"]
    others = f"; {more:,} more decided when to stop" if more else ""
    return f"{what}, from {_rows(rows['learnt_from'])}{others}."


def _inputs(columns: Sequence[Document]) -> str:
    used = [column for column in columns if column["used"]]
    if len(used) == 1 and used[0]["shape"]:
        size = " x ".join(map(str, used[0]["shape"]))
        return f"the {size} {'pixels' if used[0]['kind'] == 'pixels' else 'numbers'} of each row"
    return f"{len(used):,} column{'s' * (len(used) != 1)}"


def how_well(document: Document) -> str:
    """Say how well the model does on rows that training has not looked at."""
    data, figures = document["data"], document["figures"]
    of = f" of {file_name(data['val'])}" if data["val"] else ""
    return f"On {_rows(figures['n'])}{of} that training did not look at, {quality(figures)}."


def quality(figures: Document) -> str:
    """Return the main figures, as the end of a sentence."""
    if "accuracy" in figures:
        low, high = figures["interval"]
        return (
            f"{share(figures['accuracy'])} of its answers are right (95 % interval: "
            f"{share(low)} to {share(high)})"
        )
    r2 = "" if figures["r2"] is None else f", R² is {figures['r2']:.3f}"
    if "mae" in figures:
        return (
            f"it is off by {number(figures['mae'])} on average (root mean square "
            f"{number(figures['rmse'])}){r2}"
        )
    return f"the mean squared error of a prepared column is {number(figures['mse'])}{r2}"


def baseline(document: Document) -> str:
    """Say what a constant guess does on the same rows, and whether the model is better."""
    return versus(document["figures"])


def versus(figures: Document) -> str:
    """Say how a model does beside a constant guess."""
    constant = figures["baseline"]
    if "accuracy" in figures:
        guess = (
            f"Always guessing the most frequent class, {name(constant['class'])}, is right on "
            f"{share(constant['accuracy'])}"
        )
    elif "mae" in figures:
        guess = (
            f"Always guessing their mean, {number(constant['mean'])}, is off by "
            f"{number(constant['mae'])} on average (root mean square {number(constant['rmse'])})"
        )
    else:
        guess = f"Putting their mean in place of every row has {number(constant['mse'])}"
    return f"{guess}: {_VERDICTS[figures['verdict']]}."


_VERDICTS = {
    "better": "the model is better",
    "perhaps": "the model is better on these rows, but they are too few to rule out luck",
    "not better": "the model is not better than that",
}


def confused(document: Document) -> str | None:
    """Say which classes are taken for others most often."""
    return confusions(document["figures"])


def confusions(figures: Document) -> str | None:
    """Say which classes are taken for others most often; None where there are none."""
    if "confusion" not in figures:
        return None
    names = [one["name"] for one in figures["classes"]]
    pairs = [
        (n, sum(row), names[true], names[said])
        for true, row in enumerate(figures["confusion"])
        for said, n in enumerate(row)
        if n and true != said
    ]
    if not pairs:
        return "No row was mistaken."
    pairs.sort(key=lambda pair: -pair[0])
    texts = [
        f"{name(true)} taken for {name(said)} ({n:,} of {total:,})"
        for n, total, true, said in pairs[:MOST_CONFUSED]
    ]
    return f"Most often confused: {', '.join(texts)}."


def stopped(document: Document) -> str:
    """Say how long training took, and why it ended."""
    training = document["training"]
    epochs, most = training["epochs"], training["parameters"]["max_iter"]
    best, patience = training["best_epoch"], training["parameters"]["n_iter_no_change"]
    if training["parameters"]["solver"] == "lbfgs":
        return f"L-BFGS ran {epochs:,} of at most {most:,} iterations."
    if not training["stops"]:
        why = (
            "nothing but the training loss said when to stop"
            if not training["parameters"]["early_stopping"]
            else "no rows said when to stop"
        )
        return f"Training ran {epochs:,} of at most {most:,} epochs; {why}."
    kept = f"the weights of epoch {best:,}, the best, were kept"
    if epochs < most:
        why = (
            f"as for {patience:,} there was no improvement by "
            f"{training['parameters']['tol']:g} on the stopping rows"
        )
        last = training["history"]["validation_loss"][-1]
        if last is None or not math.isfinite(last):  # None in JSON
            why = "where it diverged"
        return f"Training stopped after {epochs:,} of at most {most:,} epochs, {why}; {kept}."
    return f"Training ran all of its {most:,} epochs; {kept}."


def met(facts: Document) -> str | None:
    """Say what rows had that training had not, and what became of it."""
    texts = [
        f"{_rows(sum(values.values()))} had values of {name(column)} that training had not, and "
        "count as no category."
        for column, values in facts["unseen"].items()
    ]
    n = sum(facts["imputed"].values())
    if n:
        texts.append(f"{n:,} missing number{'s' * (n != 1)} stood for the mean of their column.")
    if facts["ignored"]:
        ignored = ", ".join(map(name, facts["ignored"][:MOST_CONFUSED]))
        texts.append(f"Columns that training had not were left out: {ignored}.")
    return " ".join(texts) or None


SENTENCES: list[Callable[[Document], str | None]] = [
    learnt,
    how_well,
    baseline,
    confused,
    stopped,
    met,
]


def name(text: object) -> str:
    """Return a name from the data, printable and not too long."""
    return printable(str(text), LONGEST_NAME)


def file_name(path: str) -> str:
    """Return what a data file is called, without the folders that it is in."""
    return name(PurePath(path).name or path)


def share(part: float) -> str:
    """Return a share for a sentence: ``93.3 %``; all digits that few rows can have."""
    return percent(part, 1)


def number(value: float) -> str:
    """Return a number for a sentence, with four digits that count."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _rows(n: int) -> str:
    return f"{n:,} row{'s' * (n != 1)}"
