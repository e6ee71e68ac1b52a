"""What to try next, where there is a sign for it; each rule is a function of a run's document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule._text import counted
from chainrule.report.page import share
from chainrule.runs.words import name

Document = Mapping[str, Any]

STILL = 0.95  # the best epoch after this share of all epochs: the loss was still falling
OVERFITTED = 2.0  # times the training loss, at the best epoch
FEW_MEASURED = 50
FEW_LEARNT = 200
RARE, MISSED = 0.5, 0.5  # a class is rare below this share of an even one; missed below this recall


def advice(document: Document) -> list[str]:
    """Return what to try, the most promising first."""
    found = [rule(document) for rule in RULES]
    return [text for text in found if text]


def _not_better(document: Document) -> str | None:
    if document["figures"]["verdict"] != "not better":
        return None
    if document["data"]["task"] == "autoencoder":
        sizes = document["training"]["parameters"]["hidden_layer_sizes"]
        wider = ",".join(str(2 * n) for n in (sizes if isinstance(sizes, list) else [sizes]))
        return f"Widen the bottleneck: --set hidden_layer_sizes={wider}."
    if document["figures"]["baseline"].get("accuracy") == 1.0:
        return "Measure on rows of more than one class: of a single one no model beats a guess."
    target = name(document["data"]["target"]["name"])
    return f"Check whether the columns can say anything about {target}; the report shows them."


def _too_good(document: Document) -> str | None:
    figures = document["figures"]
    perfect = figures.get("accuracy", figures.get("r2")) == 1.0 and figures["n"] >= FEW_MEASURED
    if not perfect or figures["verdict"] != "better" or not document["importance"]:
        return None
    first = name(document["importance"][0]["name"])
    return f"It makes no mistake: check that no column, such as {first}, gives the answer away."


def _still_improving(document: Document) -> str | None:
    training = document["training"]
    most, best = training["parameters"]["max_iter"], training["best_epoch"]
    if not training["stops"] or training["ended"] != "max_iter" or best < STILL * most:
        return None
    return (
        f"The best epoch, {best:,}, was one of the last: more may help, --set max_iter={2 * most}."
    )


def _overfitting(document: Document) -> str | None:
    training = document["training"]
    losses, best = training["history"], training["best_epoch"]
    if not training["stops"] or best >= training["epochs"]:
        return None
    train, validation = (losses[key][best - 1] for key in ("train_loss", "validation_loss"))
    # Some losses go below zero, where twice as much says nothing.
    if validation is None or not validation > OVERFITTED * train > 0:
        return None
    dropout = float(training["parameters"]["dropout"] or 0) + 0.2
    return (
        f"It may learn its rows by heart (loss {train:.3g} on them, {validation:.3g} on the "
        f"stopping rows): try more rows, --set dropout={dropout:.1f}, or fewer units."
    )


def _few_rows(document: Document) -> str | None:
    n, learnt_from = document["figures"]["n"], document["data"]["rows"]["learnt_from"]
    if n >= FEW_MEASURED and learnt_from >= FEW_LEARNT:
        return None
    if n >= FEW_MEASURED:
        return f"More rows: {learnt_from:,} are few to learn from."
    others = "" if document["data"]["val"] else "; another --seed holds out others"
    return f"Take the figures with care, they rest on {counted(n, 'row')}{others}."


def _imbalance(document: Document) -> str | None:
    classes = document["figures"].get("classes")
    if not classes or document["training"]["parameters"].get("class_weight") is not None:
        return None
    even = document["figures"]["n"] / len(classes)
    missed = [one for one in classes if 0 < one["n"] < RARE * even and _is_missed(one)]
    if not missed:
        return None
    worst = min(missed, key=lambda one: one["recall"])
    return (
        f"Rare classes are missed (of {name(worst['name'])} it finds {share(worst['recall'])}): "
        "--set class_weight=balanced."
    )


def _is_missed(one: Document) -> bool:
    return one["recall"] is not None and one["recall"] < MISSED


def _complaints(document: Document) -> str | None:
    return "; ".join(document["complaints"]) or None


RULES: list[Callable[[Document], str | None]] = [
    _not_better,
    _too_good,
    _still_improving,
    _overfitting,
    _imbalance,
    _few_rows,
    _complaints,
]
