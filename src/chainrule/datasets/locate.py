"""Where the files of a data set may be, and in which order they are looked for.

The order is the table :data:`PLACES`. A place either has all four files, then it is taken,
or it is a miss, and the error at the end says of every place why it was one. What is in a
file is not looked at here: a file that is there but damaged is an error for the reader and
no reason to go on to the next place.

A folder that the caller names is another matter: nothing else is searched then.

In a folder the files may lie in a subfolder with the data set's name, or directly, or
directly with that name and a hyphen before their own, as the bundled ones do. Each may be
plain, or end in ``.gz`` or ``.xz``.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.errors import DataNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chainrule._files import as_path
from chainrule._files import as_path
from chainrule.datasets.catalogue import Entry

BUNDLED = Path(__file__).with_name("bundled")
"""The folder of the files that come with the package."""

VARIABLE = "CHAINRULE_DATA"
"""The environment variable that names a folder to search."""

# The subfolder goes first: two data sets have files of the same names.
_PATTERNS = ("{entry}/{file}", "{entry}-{file}", "{file}")
_ENDINGS = ("", ".gz", ".xz")


@dataclass(frozen=True)
class Place:
    """One line of the search order.

    Parameters
    ----------
    label : str
        What to call it.
    folder : callable from Entry to Path or None
        The folder to look in; None if there is none for this data set.
    unset : str
        What None means, in words.
    """

    label: str
    folder: Callable[[Entry], Path | None]
    unset: str


@dataclass(frozen=True)
class Location:
    """Where a data set was found.

    Parameters
    ----------
    place : str
        The label of the place.
    folder : Path
        The folder that was looked in.
    paths : mapping from str to Path
        For the name of each file of the data set, the file.
    """

    place: str
    folder: Path
    paths: Mapping[str, Path]

    @property
    def source(self) -> str:
        """The place and, unless it is the package itself, the folder."""
        return self.place if self.folder == BUNDLED else f"{self.place}, {self.folder}"


def cache_dir() -> Path:
    r"""Return the folder for downloads, where the operating system wants it.

    Returns
    -------
    Path
        ``chainrule`` in ``$XDG_CACHE_HOME`` or ``~/.cache``; on macOS in
        ``~/Library/Caches``; on Windows ``chainrule\\Cache`` in ``%LOCALAPPDATA%``.
        It need not exist.

    References
    ----------
    XDG Base Directory Specification; it says that a relative path is to be ignored.
    """
    platform: str = sys.platform  # as a str, or mypy checks one branch only
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "chainrule"
    if platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "chainrule" / "Cache"
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "chainrule"


def _from_variable(_: Entry) -> Path | None:
    value = os.environ.get(VARIABLE)
    return Path(value).expanduser() if value else None


PLACES = (
    Place("bundled", lambda entry: BUNDLED if entry.bundled else None, "it is not"),
    Place(VARIABLE, _from_variable, "the variable is not set"),
    Place("the system's data sets", lambda entry: entry.system_folder, "no package has it"),
    Place("the cache", lambda entry: cache_dir() / entry.name, ""),
)
"""The places that are searched, first to last."""


def locate(entry: Entry, data_dir: str | os.PathLike[str] | None = None) -> Location:
    """Find the four files of a data set.

    Parameters
    ----------
    entry : Entry
        The data set.
    data_dir : path-like, optional
        The only folder to look in. If it is left out, :data:`PLACES` is walked.

    Returns
    -------
    Location
        The first place that has all four.

    Raises
    ------
    DataNotFoundError
        If no place has them; it says why each one was a miss.
    """
    if data_dir is not None:
        return _in_data_dir(entry, as_path(data_dir, "data_dir", "name a folder").expanduser())
    misses = []
    for place in PLACES:
        folder = place.folder(entry)
        if folder is None:
            misses.append(f"{place.label}: {place.unset}")
            continue
        paths = _paths_in(folder, entry)
        if len(paths) == len(entry.files):
            return Location(place.label, folder, paths)
        misses.append(f"{place.label}: {folder} {_lack(folder, entry, paths)}")
    remedy = f"name the folder that has it with data_dir or {VARIABLE}"
    if entry.url is not None:
        remedy = f'download it with "chainrule data fetch {entry.name}", or {remedy}'
    raise DataNotFoundError(
        f"the data set {entry.name} must be in one of the places searched, "
        f"got none ({'; '.join(misses)}): {remedy}"
    )


def _in_data_dir(entry: Entry, folder: Path) -> Location:
    paths = _paths_in(folder, entry)
    if len(paths) == len(entry.files):
        return Location("data_dir", folder, paths)
    raise DataNotFoundError(
        f"data_dir must hold the files of {entry.name}, directly or in a folder {entry.name}, "
        f"got {folder}, which {_lack(folder, entry, paths)}: "
        f"name the folder that has them, or leave data_dir out to search the usual places"
    )


def _paths_in(folder: Path, entry: Entry) -> dict[str, Path]:
    """Return the files that are there, by the pattern that finds the most."""
    layouts = (
        {
            file.name: path
            for file in entry.files
            for path in _packings(folder / pattern.format(entry=entry.name, file=file.name))
        }
        for pattern in _PATTERNS
    )
    return max(layouts, key=len)  # the first of the longest


def _packings(path: Path) -> list[Path]:
    candidates = (path.with_name(path.name + ending) for ending in _ENDINGS)
    return [candidate for candidate in candidates if candidate.is_file()][:1]


def _lack(folder: Path, entry: Entry, paths: Mapping[str, Path]) -> str:
    if not folder.is_dir():
        return "is not a folder" if folder.exists() else "does not exist"
    missing = ", ".join(file.name for file in entry.files if file.name not in paths)
    return f"lacks {missing} (plain, .gz or .xz)"
