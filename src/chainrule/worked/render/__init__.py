"""Renderers: each turns the same document into one format.

A renderer is a function from a :class:`~chainrule.worked.document.Document` and a
:class:`~chainrule.worked.document.Layout` to text, in a file of its own. To add one: write it, and
give it a line in :data:`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.registry import Registry
from chainrule.worked.document import Document, Layout
from chainrule.worked.render.to_html import to_html
from chainrule.worked.render.to_json import to_json
from chainrule.worked.render.to_latex import to_latex
from chainrule.worked.render.to_markdown import to_markdown
from chainrule.worked.render.to_terminal import to_terminal


@dataclass(frozen=True)
class Format:
    """A format: the renderer, and the endings of files that are in it."""

    render: Callable[[Document, Layout], str]
    suffixes: tuple[str, ...]


FORMATS: Registry[Format] = Registry(
    "format",
    {
        "terminal": Format(to_terminal, (".txt",)),
        "markdown": Format(to_markdown, (".md", ".markdown")),
        "latex": Format(to_latex, (".tex",)),
        "html": Format(to_html, (".html", ".htm")),
        "json": Format(to_json, (".json",)),
    },
)
