"""The report of a run: one HTML file, drawn from the document that ``run.json`` has."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from chainrule._text import printable
from chainrule.report.images import Picture
from chainrule.report.page import duration, percent, share
from chainrule.report.page import render as fill_in
from chainrule.runs import figures
from chainrule.runs.columns import kind_words, missing_words, range_words, target_words
from chainrule.runs.tables import class_table, figure_table
from chainrule.runs.words import file_name, measured_on, name, number

Document = Mapping[str, Any]
MOST_COLUMNS = 200  # of a table in the report
MOST_CLASSES = 30  # of a confusion matrix in the report
MOST_BARS = 25  # of columns by importance, or features by how well they are kept


@dataclass(frozen=True)
class Bar:
    """A row with a bar: a name, a number in words, the length as a share."""

    name: str
    words: str
    share: float


def render(document: Document) -> str:
    """Return the page as HTML."""
    data, training = document["data"], document["training"]
    return fill_in(
        "chainrule.runs",
        "run.html",
        document=document,
        title=title(data),
        measured_on=measured_on(document),
        cards=cards(document["figures"]),
        facts=facts(document),
        columns=rows_of_columns(document),
        more_columns=max(0, len(data["columns"]) - MOST_COLUMNS),
        target=target_words(data),
        curves=figures.learning_curves(document),
        figure_table=figure_table(document["figures"]),
        class_table=class_table(document["figures"]),
        confusion=confusion(document["figures"]),
        predictions=figures.predictions(document),
        mistakes=[row for row in document["mistakes"] if "cells" in row],
        mistake_columns=mistake_columns(document),
        pictures=pictures(document),
        importance=importance(document),
        features=features(document),
        settings=settings(document),
        printable=name,
        number=number,
        layers=" → ".join(f"{size:,}" for size in training["layers"]),
        command=printable(document["command"]),
        predict=printable(shlex.join(document["predict"])),
    )


def title(data: Document) -> str:
    """Return what the page is about."""
    if data["target"] is None:
        return f"{file_name(data['name'])}, reproduced"
    return f"{name(data['target']['name'])}, from {file_name(data['name'])}"


def cards(found: Document) -> list[tuple[str, str]]:
    """Return the figures that stand on top, each with what it is."""
    constant = found["baseline"]
    if "accuracy" in found:
        return [
            (share(found["accuracy"]), "of its answers are right"),
            (share(constant["accuracy"]), f"always guessing {name(constant['class'])}"),
        ]
    r2 = "–" if found["r2"] is None else f"{found['r2']:z.3f}"
    if "mae" in found:
        return [
            (number(found["mae"]), "off on average"),
            (number(constant["mae"]), f"always guessing the mean, {number(constant['mean'])}"),
            (r2, "R²: 1 is perfect, 0 the mean"),
        ]
    return [
        (number(found["mse"]), "mean squared error"),
        (number(constant["mse"]), "with their mean in place of each"),
        (r2, "R²: 1 is perfect, 0 the mean"),
    ]


def facts(document: Document) -> list[tuple[str, str]]:
    """Return what stands in small print under the title."""
    rows, training = document["data"]["rows"], document["training"]
    return [
        (f"{rows['learnt_from']:,}", "rows learnt from"),
        (f"{document['figures']['n']:,}", "measured on"),
        (f"{training['n_parameters']:,}", "parameters"),
        (f"{training['epochs']:,}", "epochs"),
        (duration(training["seconds"]), "of training"),
    ]


def rows_of_columns(document: Document) -> list[dict[str, Any]]:
    """Return the table of columns, the target first."""
    data = document["data"]
    rows = [column_row(column, document) for column in data["columns"][:MOST_COLUMNS]]
    target = data["target"]
    if target is None:
        return rows
    classes = target["classes"] or {}
    of_target = {
        "name": target["name"],
        "kind": "target",
        "used": True,
        "n_missing": 0,
        "reason": "",
        "categories": dict(list(classes.items())[:MOST_CLASSES]),
        "n_categories": len(classes),
        "low": target["low"],
        "high": target["high"],
    }
    return [column_row(of_target, document), *rows]


def column_row(column: Document, document: Document) -> dict[str, Any]:
    """Return a row of the table of columns."""
    counts = document["histograms"].get(column["name"]) if column["used"] else None
    if counts is None:
        counts = list((column["categories"] or {}).values())
    drawn: Markup | str = ""
    if len(counts) > 1:
        drawn = figures.spark(counts, f"How the values of {name(column['name'])} are spread")
    return {
        "name": name(column["name"]),
        "kind": kind_words(column),
        "used": column["used"],
        "missing": missing_words(column, document["data"]["n_rows"]),
        "range": range_words(column),
        "spark": drawn,
    }


def confusion(found: Document) -> dict[str, Any] | None:
    """Return the confusion matrix with each row's shares; None where there is none to show."""
    matrix = found.get("confusion")
    if not matrix or len(matrix) > MOST_CLASSES:
        return None
    return {
        "classes": [name(one["name"]) for one in found["classes"]],
        "rows": [[(n, n / max(sum(row), 1)) for n in row] for row in matrix],
    }


def mistake_columns(document: Document) -> list[str]:
    """Return the columns that the table of mistakes shows."""
    rows = [row for row in document["mistakes"] if "cells" in row]
    return list(rows[0]["cells"]) if rows else []


def pictures(document: Document) -> list[Picture]:
    """Return mistakes on images."""
    return [
        Picture(
            row["image"],
            f"{said(row['said'])}, not {said(row['truth'])}",
            f"{share(row['share'])} sure" if "share" in row else name(row["place"]),
        )
        for row in document["mistakes"]
        if "image" in row
    ]


def said(value: str | float) -> str:
    """Return a class or a number for a caption."""
    return number(value) if isinstance(value, float) else name(value)


def importance(document: Document) -> list[Bar]:
    """Return the columns by how much is lost without them."""
    found = document["importance"][:MOST_BARS]
    most = max((one["loss"] for one in found), default=0)
    is_share = document["data"]["task"] == "classification"
    return [
        Bar(
            name(one["name"]),
            percent(one["loss"], 1) if is_share else f"{one['loss']:z.3f}",
            max(0.0, one["loss"] / most) if most > 0 else 0.0,
        )
        for one in found
    ]


def features(document: Document) -> list[Bar]:
    """Return the features of an autoencoder's data by how well they are kept, the worst first."""
    found = [one for one in document["figures"].get("features", []) if one["r2"] is not None]
    found.sort(key=lambda one: one["r2"])
    return [
        Bar(name(one["name"]), f"{one['r2']:z.3f}", min(1.0, max(0.0, one["r2"])))
        for one in found[:MOST_BARS]
    ]


def settings(document: Document) -> list[tuple[str, str, str]]:
    """Return the estimator's parameters, their values, and whose choice they are."""
    given = document["settings"]["given"]
    return [
        (key, name(value), "set" if key in given else "default")
        for key, value in document["training"]["parameters"].items()
        if key not in ("callbacks", "verbose", "progress", "warm_start", "checkpoint")
    ]
