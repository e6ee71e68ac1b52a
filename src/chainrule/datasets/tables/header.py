"""The names of columns: each there, none twice, and not a row of values by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chainrule.datasets.tables.faults import check_unicode, fault


def checked_names(name: str, names: Sequence[str], *, place: str = "") -> tuple[str, ...]:
    """Return the names of columns, stripped, if they can be told apart.

    Parameters
    ----------
    name : str
        The file, for errors.
    names : sequence of str
        As they stand in it.
    place : str, optional
        Where they stand.

    Raises
    ------
    DataFormatError
        If a name is empty, the same as another one, or not Unicode.
    """
    stripped = tuple(one.strip() for one in names)
    check_unicode(name, stripped, "rename the column", place=place)
    first: dict[str, int] = {}
    for number, one in enumerate(stripped, 1):
        if not one:
            raise fault(
                name,
                "every column must have a name",
                f"none for column {number} of {len(stripped)}",
                "name it, or leave the column out (pandas writes its index so: index=False)",
                place=place,
            )
        if (earlier := first.setdefault(one, number)) != number:
            raise fault(
                name,
                "every column must have a name of its own",
                f'"{one}" for column {earlier} and column {number}',
                "rename one of them",
                place=place,
            )
    return stripped


def looks_like_values(names: Sequence[str]) -> bool:
    """Say whether names are numbers alone, in no order: a file without a row of names.

    Numbers that ascend may be names: 0, 1, 2, … or wavelengths.
    """
    try:
        numbers = [float(one) for one in names]
    except ValueError:
        return False
    return not all(a < b for a, b in pairwise(numbers))
