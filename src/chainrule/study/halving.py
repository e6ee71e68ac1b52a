"""Successive halving: all candidates are trained a little, and the better ones go on.

A rung is a number of epochs and the candidates that get them. The first rung has all candidates,
each further one the best of the last, for ``factor`` times as many epochs in all. A trial of a
higher rung goes on from the checkpoint that the one below has left: to the same bits as one that
begins anew, which is what it does where there is no checkpoint, because it was deleted, or is on
another machine. So checkpoints save time and decide nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from chainrule.errors import DataFormatError, InvalidValueError, Words
from chainrule.estimators.mlp import BaseMLP
from chainrule.estimators.settings import has_horizon
from chainrule.registry import Registry
from chainrule.study.plan import Design, Identified, Results, score
from chainrule.study.sampling import Candidate, Sampler
from chainrule.study.statistics import rounded
from chainrule.study.trial import Trial
from chainrule.training import checkpoint

FACTOR = 3

T = TypeVar("T")


class Rung(NamedTuple):
    """How many candidates are trained for how many epochs, those of the rungs below included."""

    candidates: int
    epochs: int


@dataclass(frozen=True)
class Halving:
    """Successive halving with epochs as what is shared out.

    Jamieson and Talwalkar, arXiv:1502.07943; rungs as scikit-learn's ``HalvingGridSearchCV`` has
    them with ``resource="max_iter"``, ``min_resources`` and ``max_resources``.

    Parameters
    ----------
    min_epochs : int
        Of the first rung.
    max_epochs : int
        No rung has more.
    factor : int
        One candidate in so many goes on, for so many times as many epochs.

    Raises
    ------
    InvalidValueError
        If a value breaks a rule.
    """

    min_epochs: int
    max_epochs: int
    factor: int = FACTOR

    def __post_init__(self) -> None:
        least = {"factor": 2, "min_epochs": 1, "max_epochs": 1}
        for name, bound in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < bound:
                raise InvalidValueError(
                    f"{name} in halving must be an integer of at least {bound}", value, "change it"
                )
        if self.max_epochs < self.min_epochs * self.factor:
            raise InvalidValueError(
                "max_epochs in halving must be at least factor times min_epochs, "
                f"{self.min_epochs * self.factor}",
                self.max_epochs,
                "raise it, or lower min_epochs",
            )

    def rungs(self, n_candidates: int) -> list[Rung]:
        """Return the rungs of so many candidates, from the first on.

        There is a next one while more than one in ``factor`` is left and its epochs are not more
        than ``max_epochs``.
        """
        rungs = [Rung(n_candidates, self.min_epochs)]
        most = n_candidates  # of what is left, rounded down
        while (most := most // self.factor) and rungs[-1].epochs * self.factor <= self.max_epochs:
            left, epochs = rungs[-1]
            rungs.append(Rung(-(-left // self.factor), epochs * self.factor))
        return rungs

    def check(self, make: Callable[..., Any], parameters: Mapping[str, Any], where: str) -> None:
        """Raise InvalidValueError unless a longer training begins as a shorter one does.

        Parameters
        ----------
        make : callable
            The estimator's class.
        parameters : mapping
            Fixed ones and a candidate's.
        where : str
            What an error should say they are of: the candidate in words.
        """
        if "max_iter" not in inspect.signature(make).parameters:
            raise InvalidValueError(
                "halving needs an estimator with max_iter, which it raises",
                Words(getattr(make, "__name__", repr(make))),
                "choose another, or drop halving",
            )
        if "max_iter" in parameters:
            raise InvalidValueError(
                "max_iter must be left to halving", parameters["max_iter"], "drop it"
            )
        if not (isinstance(make, type) and issubclass(make, BaseMLP)):
            return
        if parameters.get("solver") == "lbfgs":
            raise InvalidValueError(
                "halving needs a solver that has epochs",
                Words(f"lbfgs in {where}"),
                "choose another solver, or drop halving",
            )
        if has_horizon(rate := parameters.get("learning_rate")):
            raise InvalidValueError(
                "halving needs a learning_rate that does not depend on max_iter",
                Words(f"{rate} in {where}"),
                'choose another, such as "constant" or "step", or drop halving',
            )

    @classmethod
    def from_toml(cls, given: Any) -> Halving:
        """Return what the table of a study's file says."""
        known = Registry("a key of halving", dict.fromkeys(("factor", "min_epochs", "max_epochs")))
        if not isinstance(given, Mapping):
            raise InvalidValueError("halving must be a table", given, "write [halving]")
        for key in given:
            known[key]
        for key in ("min_epochs", "max_epochs"):
            if key not in given:
                raise InvalidValueError(
                    f"halving must have {key}", Words(", ".join(given) or "none"), f"add {key} = …"
                )
        return cls(**given)

    def to_toml(self) -> dict[str, int]:
        """Return that table."""
        return {
            "factor": self.factor,
            "min_epochs": self.min_epochs,
            "max_epochs": self.max_epochs,
        }


@dataclass(frozen=True)
class HalvingPlan:
    """The trials of all rungs that are known by now: a plan, a round a rung.

    A candidate that failed does not go on. Of equal ones those with the lower numbers do.

    Parameters
    ----------
    halving : Halving
        The rungs.
    sampler : Sampler
        The candidates, all known from the start.
    design : Design
        What is trained of each.
    metric : str
        The metric that decides, higher is better.

    Raises
    ------
    InvalidValueError
        If the sampler learns from scores: those of different rungs do not compare.
    """

    halving: Halving
    sampler: Sampler
    design: Design
    metric: str

    def __post_init__(self) -> None:
        if self.sampler.adapts:
            raise InvalidValueError(
                "halving needs candidates that are known from the start",
                Words(type(self.sampler).__name__),
                "use a grid, candidates or random, or drop halving",
            )

    def __call__(self, results: Results) -> list[Trial]:
        """Return every trial that is known by now, rung after rung."""
        return [trial for rung in self.known(results) for trial in rung.values()]

    def known(self, results: Results) -> list[Identified]:
        """Return the trials, by id, of each rung that is known by now."""
        left = self.sampler.candidates()
        found: list[Identified] = []
        for size, epochs in self.halving.rungs(len(left)):
            if found and not all(trial in results for trial in found[-1]):
                break
            if found:
                left = self._best(left, results, size, epochs // self.halving.factor)
            trials = [self.design.trials(candidate, epochs) for candidate in left]
            found.append({name: trial for one in trials for name, trial in one.items()})
        return found

    def _best(
        self, candidates: list[Candidate], results: Results, size: int, epochs: int
    ) -> list[Candidate]:
        scored = [
            (value, candidate)
            for candidate in candidates
            if (value := score(self.design.trials(candidate, epochs), results, self.metric))
            is not None
        ]
        best = sorted(scored, key=lambda pair: -rounded(pair[0]))[:size]  # of equal ones the first
        return sorted((candidate for _, candidate in best), key=lambda one: one.number)

    def waiting(self, results: Results) -> list[Trial]:
        """Return the trials whose checkpoints are of use: those that may still go on."""
        known = self.known(results)
        is_last = len(known) == len(self.halving.rungs(len(self.sampler.candidates())))
        return [trial for name, trial in known[-1].items() if not (is_last and name in results)]


@dataclass(frozen=True)
class Checkpoints:
    """A folder with a checkpoint for each candidate, seed and fold that may go on.

    Parameters
    ----------
    folder : Path
        Part of the study's; on another machine it may be missing.
    """

    folder: Path

    def path(self, trial: Trial) -> Path:
        """Return where a trial's checkpoint is, which the same one on other rungs shares."""
        settings = {name: value for name, value in trial.settings.items() if name != "epochs"}
        return self.folder / f"{replace(trial, settings=settings).id}.checkpoint"

    def fit(self, trial: Trial, fit: Callable[[Path | None], T]) -> T:
        """Call ``fit`` with a trial's checkpoint; without, where none can be kept or gone on from.

        Parameters
        ----------
        trial : Trial
            What is trained.
        fit : callable
            Trains from the start or, given a checkpoint, from there.
        """
        path = self.path(trial)
        try:
            self._discard_unusable(path, trial.settings["epochs"])
            return fit(path if self.folder.is_dir() else None)
        except (OSError, DataFormatError):  # a full disk, say, must not decide about a candidate
            return fit(None)

    def _discard_unusable(self, path: Path, epochs: int) -> None:
        try:
            usable = not path.exists() or checkpoint.read(path)[1]["epochs_done"] <= epochs
        except DataFormatError:
            usable = False
        if not usable:
            path.unlink(missing_ok=True)

    def sweep(self, waiting: Iterable[Trial]) -> None:
        """Remove all checkpoints but those of some trials; the folder too when it is empty.

        Nothing may be training meanwhile. What cannot be made or removed is left.
        """
        keep = {self.path(trial) for trial in waiting}
        with suppress(OSError):
            if keep:
                self.folder.mkdir(parents=True, exist_ok=True)
            elif not self.folder.is_dir():
                return
            for path in self.folder.iterdir():  # what killed writers have left as well
                if path not in keep:
                    path.unlink(missing_ok=True)
            if not keep:
                self.folder.rmdir()
