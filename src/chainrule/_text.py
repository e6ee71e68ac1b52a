"""Text that came from elsewhere, made safe to print: class names, feature names, error messages.

A terminal obeys control characters, and a reader is deceived by ones that turn the direction of
writing. Python's own idea of what is printable leaves both out. HTML is Jinja's to escape.
"""

from __future__ import annotations


def encodable(text: str) -> str:
    r"""Return a text that UTF-8 has: what it has not is an escape, as JSON writes it too.

    Names of files can have bytes that are no UTF-8; Python has halves of surrogate pairs for them.

    Examples
    --------
    >>> encodable("caf\udce9")
    'caf\\udce9'
    """
    return text.encode(errors="backslashreplace").decode()


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
