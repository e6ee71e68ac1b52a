"""Tables from name to thing, with a hint when the name is wrong.

Every table of the package (activations, losses, initialisers, optimisers, schedules,
data sets) is a :class:`Registry`, so a misspelt name gets the same help everywhere and
the contract tests can walk over all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from chainrule.errors import UnknownNameError

T = TypeVar("T")
Synonyms = Collection[Collection[str]]
MOST_LISTED = 20  # names in the rule of an error


class Registry(Mapping[str, T], Generic[T]):
    """A read-only table from name to thing.

    Parameters
    ----------
    kind : str
        What the table holds, as an error message calls it: ``"activation"``.
    entries : mapping from str to thing
        The table, in the order in which it is shown.
    aliases : mapping from str to str, optional
        Other names for entries; accepted, but not listed.
    synonyms : collection of collections of str
        Names for one thing, each used somewhere; not accepted, but answered with the entry.

    Raises
    ------
    UnknownNameError
        On look-up of a name that is neither an entry nor an alias. It is no
        :class:`KeyError`: the message is for people.
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, T],
        *,
        aliases: Mapping[str, str] | None = None,
        synonyms: Synonyms = (),
    ) -> None:
        self.kind = kind
        self._entries = dict(entries)
        self.aliases = dict(aliases or {})
        self._synonyms = synonyms

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise self._unknown(name)
        return self._entries[self.aliases.get(name, name)]

    def __contains__(self, name: object) -> bool:
        # Only texts are names: a list, say, cannot even be looked up.
        return isinstance(name, str) and (name in self._entries or name in self.aliases)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _unknown(self, name: object) -> UnknownNameError:
        close = meant(str(name), [*self._entries, *self.aliases], self._synonyms)
        names = ", ".join(self)
        if len(self) > MOST_LISTED:  # what is meant is not to be looked for behind them
            rule, remedy = f"{self.kind} must have a known name", f"choose one of {names}"
        else:
            rule, remedy = f"{self.kind} must be one of {names}", "choose one of these"
        return UnknownNameError(rule, name, close or remedy)


def meant(name: str, known: Collection[str], synonyms: Synonyms = ()) -> str | None:
    """Return what to answer to a wrong name; None if no other is like it.

    Parameters
    ----------
    name : str
        That is not known.
    known : collection of str
        The right names.
    synonyms : collection of collections of str
        Names for one thing, each used somewhere.
    """
    right = synonym(name, known, synonyms)
    if right is not None:
        return f'it is called "{right}" here'
    close = closest(name, known)
    return f'did you mean "{close}"?' if close else None


def synonym(name: str, known: Collection[str], synonyms: Synonyms) -> str | None:
    """Return what is called by another name here; a name that is known is its own."""
    if name in known:
        return name
    for names in synonyms:
        here = [one for one in names if one in known]
        if name.lower() in names and here:
            return here[0]
    return None


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like another, if one is like it at all."""
    by_lower = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None
