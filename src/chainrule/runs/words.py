"""The summary of a run, or of an evaluation, in sentences: what was learnt, and how well.

Each sentence is a function of a document; names from the data are made printable here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        f"On {_rows(figures['n'])} of {name(facts['data'])}, {quality(figures)}.",
        versus(figures),
        confusions(figures),
        met(facts),
    ]
    return [text for text in texts if text]


def learnt(document: Document) -> str:
    """Say what was learnt, and from how much."""
    data, rows = document["data"], document["data"]["rows"]
    n = sum(column["used"] for column in data["columns"])
    columns = f"{n:,} column{'s' * (n != 1)}"
    what = {
        "classification": lambda: (
            f"Learnt to tell the {len(data['target']['classes']):,} classes of "
            f"{name(data['target']['name'])} apart by {columns}"
        ),
        "regression": lambda: f"Learnt to predict {name(data['target']['name'])} from {columns}",
        "autoencoder": lambda: f"Learnt to reproduce {columns} through a narrow layer",
    }[data["task"]]()
    more = rows["stopping"]
    others = f"; {more:,} more decided when to stop" if more else ""
    return f"{what} of {name(data['name'])}, from {_rows(rows['learnt_from'])}{others}."


def how_well(document: Document) -> str:
    """Say how well the model does on rows that training has not looked at."""
    data, figures = document["data"], document["figures"]
    of = f" of {name(data['val'])}" if data["val"] else ""
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
        return (
            f"Training stopped after {epochs:,} of at most {most:,} epochs, as there was no "
            f"improvement on the stopping rows for {patience:,}; {kept}."
        )
    return f"Training ran all of its {most:,} epochs; {kept}."


def met(document: Document) -> str | None:
    """Say what held-out rows had and training had not."""
    texts = [
        f"{_rows(sum(values.values()))} had values of {name(column)} that training had not"
        for column, values in document["unseen"].items()
    ]
    imputed = sum(document["imputed"].values())
    if imputed:
        texts.append(f"{imputed:,} missing number{'s' * (imputed != 1)} stood for the mean")
    if document["ignored"]:
        ignored = ", ".join(map(name, document["ignored"][:MOST_CONFUSED]))
        texts.append(f"columns that training had not were left out ({ignored})")
    return f"Of the rows measured on, {'; '.join(texts)}." if texts else None


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


def share(part: float) -> str:
    """Return a share for a sentence: ``93.3 %``; all digits that few rows can have."""
    return percent(part, 1)


def number(value: float) -> str:
    """Return a number for a sentence, with four digits that count."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _rows(n: int) -> str:
    return f"{n:,} row{'s' * (n != 1)}"
