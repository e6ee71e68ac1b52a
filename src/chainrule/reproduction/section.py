"""What a section of the report is. Runs, pages and the command line know sections only as this.

A section is a folder: ``experiments`` says what is trained, ``claims`` what the report says about
it, ``reasons`` why it says so, ``figures`` what is drawn, ``page`` what its template gets. Its
``__init__`` puts them into one :class:`Section`, and
:data:`~chainrule.reproduction.sections.SECTIONS` has a line for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.reproduction.claims import Claim
from chainrule.reproduction.opened import Opened
from chainrule.reproduction.results import Results
from chainrule.reproduction.settings import Table, Values
from chainrule.reproduction.themes import Theme
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback


@dataclass(frozen=True)
class Scope:
    """How much of a section to run.

    Attributes
    ----------
    seeds : tuple of int
        The seeds of every configuration.
    settings : mapping
        Experiment to name to value.
    peers : tuple of str
        Other libraries that run the same experiments, where they can.
    """

    seeds: tuple[int, ...]
    settings: Values
    peers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """A configuration of ours beside a peer's.

    Attributes
    ----------
    library : str
        The peer.
    configuration : str
        What was trained.
    ours, theirs : mapping
        Figures by name, each with its spread.
    our_seconds, their_seconds : float
        The mean time of a training.
    """

    library: str
    configuration: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    our_seconds: float
    their_seconds: float


def _nothing_to_train(trial: Trial, data: Any, callbacks: Sequence[Callback]) -> TrialResult:
    raise AssertionError("a section with trials says how one is executed")


@dataclass(frozen=True)
class Section:
    """A section of the report; one without training leaves out all that is about it.

    Attributes
    ----------
    name : str
        Its letter.
    title : str
        What it is about.
    claims : sequence of Claim
        The report's figures, in its order.
    themes : sequence of Theme
        Its reasons, in a reader's order.
    page : callable
        (results) -> what the template ``section_<letter>.html`` knows as ``part``.
    settings : mapping
        Experiment to name to :class:`~chainrule.reproduction.settings.Setting`.
    builds_on : mapping
        Experiment to others whose settings decide it too.
    load : callable
        (data_dir or None) -> data: whatever ``execute`` and ``page`` need.
    check : callable
        (settings) -> None; raises for values that cannot be run, before anything is written.
    trials : callable
        (scope, data) -> list of Trial; run in this order.
    execute : callable
        (trial, data, callbacks) -> TrialResult.
    compare : callable
        (results) -> list of Compared; empty where no peer has run.
    opened : Opened or None
        The network that gets a page of its own.
    """

    name: str
    title: str
    claims: Sequence[Claim]
    page: Callable[[Results], Mapping[str, Any]]
    themes: Sequence[Theme] = ()
    settings: Table = field(default_factory=dict)
    builds_on: Mapping[str, Sequence[str]] = field(default_factory=dict)
    load: Callable[[str | None], Any] = lambda _: None
    check: Callable[[Values], None] = lambda _: None
    trials: Callable[[Scope, Any], list[Trial]] = lambda scope, data: []
    execute: Callable[[Trial, Any, Sequence[Callback]], TrialResult] = _nothing_to_train
    compare: Callable[[Results], list[Compared]] = lambda _: []
    opened: Opened | None = None

    @property
    def every_claim(self) -> list[Claim]:
        """Figures and reasons, experiment by experiment."""
        reasons = [claim for theme in self.themes for claim in theme.claims]
        return sorted([*self.claims, *reasons], key=lambda claim: claim.experiment)

    @property
    def template(self) -> str:
        """The file of its part of the page."""
        return f"section_{self.name.lower()}.html"
