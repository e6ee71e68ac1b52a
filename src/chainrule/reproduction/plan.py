"""What to run of the report, and where its files go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule._output import check_folder_place
from chainrule.errors import InvalidValueError, Words
from chainrule.reproduction.section import Scope, Section
from chainrule.reproduction.settings import Table, Values, values
from chainrule.study.store import STORE

PAGE, RESULTS, HISTORY = "index.html", "results.json", "history.csv"


@dataclass(frozen=True)
class Reproduction:
    """What to run, and where its files go.

    Parameters
    ----------
    out : Path
        The folder for the files; made if absent.
    sections : tuple of Section
        What to run, in the report's order.
    seeds : tuple of int
        The seeds of every configuration.
    quick : bool
        Whether to train on less, to see in a minute that everything works.
    overrides : mapping
        Settings to change, by full name: ``"C3.epochs"``.
    command : str
        The command that repeats this, for the page.
    peers : tuple of str
        Other libraries that run the same experiments, where they can.
    resume : bool
        Whether trainings that the folder already has are taken from there.
    force : bool
        Whether a run that the folder already has may be replaced.

    Raises
    ------
    InvalidValueError
        If a setting's value cannot be run with, ``out`` is not a folder, or it has a run that is
        neither to be gone on with nor to be replaced, or files of
        something else that a run would write over.
    """

    out: Path
    sections: tuple[Section, ...]
    seeds: tuple[int, ...]
    quick: bool
    overrides: Mapping[str, Any]
    command: str
    peers: tuple[str, ...] = ()
    resume: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        check_folder_place(self.out)
        if self.resume and self.force:
            raise InvalidValueError(
                "resume goes on from a run, force replaces it", Words("both"), "leave one out"
            )
        is_ours = (self.out / STORE).exists()
        if is_ours and not (self.resume or self.force):
            raise InvalidValueError(
                "out must be a folder without a run",
                str(self.out),
                "go on from what it has with --resume, replace it with --force, or choose another",
            )
        others = [name for name in (PAGE, RESULTS, HISTORY) if (self.out / name).exists()]
        if others and not (is_ours or self.force):
            raise InvalidValueError(
                f"out must be a folder without {others[0]}",
                str(self.out),
                "choose another, or write over it with --force",
            )
        for section in self.sections:
            section.check(self.settings)

    @property
    def table(self) -> Table:
        """Every setting of the sections, by experiment and name."""
        return table_of(self.sections)

    @property
    def settings(self) -> Values:
        """The settings as they are in this run, by experiment and name."""
        return values(self.table, self.quick, self.overrides)

    @property
    def scope(self) -> Scope:
        """How much of each section to run."""
        return Scope(self.seeds, self.settings, self.peers)


def table_of(sections: Sequence[Section]) -> Table:
    """Return every setting of some sections, by experiment and name."""
    return {name: group for section in sections for name, group in section.settings.items()}
