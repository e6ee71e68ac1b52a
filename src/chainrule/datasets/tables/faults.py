"""The errors of the readers: the file, the place in it, the rule, what was there, the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chainrule._text import printable
from chainrule.errors import DataFormatError

_LONGEST = 120
_MOST_NAMES = 12


def fault(name: str, rule: str, value: object, remedy: str, *, place: str = "") -> DataFormatError:
    """Return the error for a file that is not what it should be; one line, safe to print.

    Parameters
    ----------
    name : str
        The file, as the user gave it.
    rule, remedy : str
        What must hold; what to do.
    value : object
        What was found instead, in words.
    place : str, optional
        Where in the file.
    """
    where = f"{name}, {place}" if place else name
    seen = printable(str(value), _LONGEST)
    return DataFormatError(
        f"{printable(where)}: {printable(rule)}, got {seen}: {printable(remedy)}"
    )


def listed(names: Iterable[str]) -> str:
    """Return names as a list for an error, cut off where it is long."""
    every = list(names)
    more = f", … ({len(every)} in all)" if len(every) > _MOST_NAMES else ""
    return ", ".join(every[:_MOST_NAMES]) + more


def check_unicode(name: str, texts: Sequence[str], remedy: str, *, place: str = "") -> None:
    """Raise DataFormatError if a text has half of a surrogate pair: a byte that is no UTF-8.

    No file of text could have it, so that a model which has learnt it could not be saved.
    """
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        first = next(text for text in texts if error.object[error.start] in text)
        raise fault(name, "its text must be Unicode", f'"{first}"', remedy, place=place) from None


def damaged(name: str, error: Exception) -> DataFormatError:
    """Return the error for a file whose compressed content cannot be unpacked."""
    return fault(name, "its compressed content must be whole", error, "get the file again")


def changed(name: str) -> DataFormatError:
    """Return the error for a file that is another one than a moment ago."""
    rule = "a file must stay as it is while it is read"
    return fault(name, rule, "another content than at first", "wait until it is written, try again")
