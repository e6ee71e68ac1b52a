"""Strict JSON: the document's numbers as data; a fraction as what it is and as a decimal."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from chainrule.report import files
from chainrule.worked import document as doc
from chainrule.worked.numbers import decimal


def to_json(document: doc.Document, layout: doc.Layout) -> str:
    """Return the document's data; ``{"exact": "2/3", "decimal": "0.6667"}`` is a fraction."""
    return files.to_json(_plain({"title": document.title} | dict(document.data), layout.digits))


def _plain(value: Any, digits: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, digits) for item in value]
    if isinstance(value, Fraction):
        return {"exact": str(value), "decimal": str(decimal(value, digits))}
    return value
