"""The summary of a run, or of an evaluation, in sentences: what was learnt, and how well.

Each sentence is a function of a document; names from the data are made printable here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from chainrule._text import counted, printable
from chainrule.report.page import percent, share
from chainrule.runs.endings import stopped

Document = Mapping[str, Any]
LONGEST_NAME = 60  # characters of a class or a column
MOST_CONFUSED = 3
MOST_NAMES = 3


def summary(document: Document) -> list[str]:
    """Return the sentences about a run."""
    found = [sentence(document) for sentence in SENTENCES]
    return [text for text in found if text]


def evaluated(facts: Document) -> list[str]:
    """Return the sentences about an evaluation."""
    figures = facts["figures"]
    texts = [
        f"On {counted(figures['n'], 'row')} of {file_name(facts['data'])}, {quality(figures)}.",
        versus(figures),
        undefined(figures),
        confusions(figures),
        met(facts),
        _of_training(facts),
    ]
    return [text for text in texts if text]


def _of_training(facts: Document) -> str | None:
    """Say what is known of rows that training has looked at."""
    if facts["seen"]:
        return seen(facts)
    if facts["learnt_from"]:
        return (
            "This is the very file that the model was trained on: how well it does on other rows "
            "is in its report."
        )
    return (
        "Whether training looked at some of these rows is not known: training_rows.npy, which says "
        "so, is missing beside the model or damaged."
    )


def learnt(document: Document) -> str:
    """Say what was learnt, and from how much."""
    data, rows = document["data"], document["data"]["rows"]
    inputs = f"{_inputs(data['columns'])} of {file_name(data['name'])}"
    target = data["target"]
    if target is None:
        narrow = min(document["training"]["layers"][1:-1])
        what = f"Learnt to reproduce {inputs} through a layer of {counted(narrow, 'unit')}"
    elif target["classes"]:
        n = len(target["classes"])
        what = f"Learnt to tell the {n:,} classes of {name(target['name'])} apart by {inputs}"
    else:
        what = f"Learnt to predict {name(target['name'])} from {inputs}"
    more = rows["stopping"]
    others = f"; {more:,} more decided when to stop" if more else ""
    return f"{what}, from {counted(rows['learnt_from'], 'row')}{others}."


def _inputs(columns: Sequence[Document]) -> str:
    used = [column for column in columns if column["used"]]
    if len(used) == 1 and used[0]["shape"]:
        size = " x ".join(map(str, used[0]["shape"]))
        return f"the {size} {'pixels' if used[0]['kind'] == 'pixels' else 'numbers'} of each row"
    return counted(len(used), "column")


def how_well(document: Document) -> str:
    """Say how well the model does on the rows that it was measured on."""
    return f"On {measured_on(document)}, {quality(document['figures'])}."


def measured_on(document: Document) -> str:
    """Return which rows were measured on, and no more of them than is known."""
    data, n, known = document["data"], document["figures"]["n"], document["seen"]
    if known["compared"] == n and not known["known"]:
        of = f" of {file_name(data['val'])}" if data["val"] else ""
        return f"{counted(n, 'row')}{of} that training did not look at"
    where = f"of {file_name(data['val'])}" if data["val"] else "held out"
    return f"{counted(n, 'row')} {where}"


def seen(document: Document) -> str | None:
    """Say how many of the rows training has looked at, and how well the model does on others."""
    known = document["seen"]
    if not known or not known["known"]:
        return None
    n, n_known = known["compared"], known["known"]
    some = "" if n == document["figures"]["n"] else " that were compared"
    one = "is a row" if n_known == 1 else "are rows"
    text = (
        f"{n_known:,} of the {counted(n, 'row')}{some} {one} that training looked at, or equal in "
        "every column used"
    )
    if known["others"] is None:
        return f"{text}: there is no other to tell how well it does on new ones."
    others = "the other" if n - n_known == 1 else f"the other {n - n_known:,}"
    return f"{text}. On {others}, {quality(known['others'])}."


def quality(figures: Document) -> str:
    """Return the main figures, as the end of a sentence."""
    if "accuracy" in figures:
        low, high = figures["interval"]
        return (
            f"{share(figures['accuracy'])} of its answers are right (95 % interval: "
            f"{percent(low, 1)} to {percent(high, 1)})"
        )
    r2 = "" if figures["r2"] is None else f", R² is {figures['r2']:z.3f}"
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
            f"Always guessing {_most_frequent(figures)}, {name(constant['class'])}, is right on "
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


def _most_frequent(figures: Document) -> str:
    counts = [one["n"] for one in figures["classes"]]
    tied = counts.count(max(counts)) > 1
    return "one of the most frequent classes" if tied else "the most frequent class"


_VERDICTS = {
    "better": "the model is better",
    "perhaps": "the model is better on these rows, but not so clearly that it cannot be luck",
    "not better": "the model is not better than that",
}


def unknown(document: Document) -> str | None:
    """Say what the rows leave unknown."""
    return undefined(document["figures"])


def undefined(figures: Document) -> str | None:
    """Say which figures are undefined on these rows, and why; None where all are known."""
    if "classes" in figures:
        absent = [name(one["name"]) for one in figures["classes"] if not one["n"]]
        if not absent:
            return None
        area = "roc_auc" in figures and figures["roc_auc"] is None
        both = ", and there is no area under the ROC curve" if area else ""
        return f"No row is of {listed(absent)}: how many of such rows it finds is unknown{both}."
    if figures["r2"] is None:
        if figures["n"] == 1:
            return "R² is undefined, as there is but one row."
        return "R² is undefined, as the rows are all alike in what is to be predicted."
    return None


def listed(names: Sequence[str]) -> str:
    """Return names with commas between: a few of them, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


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


def met(facts: Document) -> str | None:
    """Say what rows had that training had not, and what became of it."""
    texts = [_unseen(column, n, facts["unseen"][column]) for column, n in facts["n_unseen"].items()]
    n = sum(facts["imputed"].values())
    if n:
        texts.append(
            "1 missing number counts as the mean of its column."
            if n == 1
            else f"{n:,} missing numbers count as the means of their columns."
        )
    if facts["ignored"]:
        ignored = listed([name(column) for column in facts["ignored"]])
        texts.append(f"Columns that training had not were left out: {ignored}.")
    return " ".join(texts) or None


def _unseen(column: str, n: int, values: Mapping[str, int]) -> str:
    what, counts = ("a value", "it counts") if n == 1 else ("values", "they count")
    few = ", ".join([name(value) for value in values][:MOST_NAMES])
    few += ", …" if len(values) > MOST_NAMES else ""
    return (
        f"{counted(n, 'row')} had {what} of {name(column)} that training had not ({few}): {counts} "
        "as no category."
    )


SENTENCES: list[Callable[[Document], str | None]] = [
    learnt,
    how_well,
    seen,
    baseline,
    unknown,
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


def number(value: float) -> str:
    """Return a number for a sentence, with four digits that count."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:z.4g}"
