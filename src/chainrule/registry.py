"""Tables from name to thing, with a hint when the name is wrong.

Every table of the package (activations, losses, initialisers, optimisers, schedules,
data sets) is a :class:`Registry`, so a misspelt name gets the same help everywhere and
the contract tests can walk over all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from chainrule.errors import UnknownNameError

T = TypeVar("T")


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return that of some names which a misspelt one is most like; None if it is like none."""
    return next(iter(difflib.get_close_matches(name.lower(), names, n=1)), None)


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

    Raises
    ------
    UnknownNameError
        On look-up of a name that is neither an entry nor an alias. It is no
        :class:`KeyError`: the message is for people.
    """

    def __init__(
        self, kind: str, entries: Mapping[str, T], *, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self._entries = dict(entries)
        self.aliases = dict(aliases or {})

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
        rule = f"{self.kind} must be one of {', '.join(self)}"
        close = closest(str(name), [*self._entries, *self.aliases])
        remedy = f'did you mean "{close}"?' if close else "choose one of these"
        return UnknownNameError(rule, name, remedy)
