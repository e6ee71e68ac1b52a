"""Text that came from elsewhere, made safe to print: class names, feature names, error messages.

A terminal obeys control characters, and a reader is deceived by ones that turn the direction of
writing. Python's own idea of what is printable leaves both out. HTML is Jinja's to escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_FORMULA_SIGNS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What makes a formula of a cell, in the full width of East Asian writing too."""

_SIGNED_NUMBER = re.compile(r"[+-](?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def encodable(text: str) -> str:
    r"""Return a text that UTF-8 has: what it has not is an escape, as JSON writes it too.

    Names of files can have bytes that are no UTF-8; Python has halves of surrogate pairs for them.

    Examples
    --------
    >>> encodable("caf\udce9")
    'caf\\udce9'
    """
    return text.encode(errors="backslashreplace").decode()


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet takes for text: a formula gets an apostrophe before it.

    A cell that begins with one of these characters may be computed, and a formula may run programs
    or send data away. A sign alone is text, and so is a number with one.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.

    Examples
    --------
    >>> [escape_formula(text) for text in ("=1+1", "a=b", "-", "-3.5", "-x")]
    ["'=1+1", 'a=b', '-', '-3.5', "'-x"]
    """
    is_formula = len(text) > 1 and text.lstrip("'").startswith(_FORMULA_SIGNS)
    return f"'{text}" if is_formula and not _SIGNED_NUMBER.fullmatch(text) else text


def no_formulas(cells: Iterable[Any]) -> list[Any]:
    """Return cells of which the texts are none that a spreadsheet computes; numbers stay."""
    return [escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]


def unescape_formula(text: str) -> str:
    """Return the text of which :func:`escape_formula` has made another one."""
    return text[1:] if text[1:] and escape_formula(text[1:]) == text else text


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: ``1 seed``, ``3,000 seeds``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def printable(text: str, longest: int | None = None) -> str:
    r"""Return a text in which every character can be seen, the others written as escapes.

    Parameters
    ----------
    text : str
        Anything.
    longest : int, optional
        More characters than these are cut off, and "…" put in their place.

    Examples
    --------
    >>> printable("caf\u00e9 \x1b[2J")
    'café \\x1b[2J'
    """
    seen = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return seen if longest is None or len(seen) <= longest else f"{seen[:longest]}…"
