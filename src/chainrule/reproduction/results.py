"""The finished trials of a section, as claims, figures and the page want them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.errors import DivergenceError
from chainrule.estimators.fitting import DIVERGED
from chainrule.reproduction.settings import Values
from chainrule.study.trial import Trial, TrialResult

Names = tuple[object, ...]  # of a configuration: ("relu", "normal")


def configuration(*names: object) -> str:
    """Return what a configuration is called in files and on the page: ``"relu, normal"``."""
    return ", ".join(map(str, names))


def only_divergence(result: TrialResult) -> TrialResult:
    """Return a result that is there, or says that training diverged; raise for another error.

    A training that diverges is a finding. Anything else is a fault, which no page must hide.
    """
    if result.error and not says_diverged(result.error):
        raise RuntimeError(f"{result.configuration}, seed {result.seed}: {result.error}")
    return result


_DIVERGED = (
    DivergenceError.__name__,
    DIVERGED,
    "contains NaN",
    "contains infinity",
)


def says_diverged(error: str) -> bool:
    """Return whether an error says that a network left the finite numbers.

    The estimators with scikit-learn's face raise its errors, which are ValueErrors like any other:
    of weights at the end of a fit, or of outputs, where a score or another network is given them.
    The pixels are finite.
    """
    return any(sign in error for sign in _DIVERGED)


@dataclass(frozen=True)
class Results:
    """The finished trials of a section.

    Attributes
    ----------
    by_configuration : mapping from str to list of TrialResult
        In the order of the seeds; trials that diverged are in it, without figures.
    planned : mapping from str to int
        How many trials each configuration should have.
    seeds : tuple of int
        The seeds that were planned.
    settings : mapping
        Experiment to name to value.
    data : object
        What the section's ``load`` returned.
    """

    by_configuration: Mapping[str, Sequence[TrialResult]]
    planned: Mapping[str, int]
    seeds: tuple[int, ...]
    settings: Values
    data: Any

    @classmethod
    def of(
        cls,
        done: Sequence[TrialResult],
        planned: Sequence[Trial],
        settings: Values,
        data: Any,
    ) -> Results:
        """Sort results by configuration and seed."""
        table: dict[str, list[TrialResult]] = {}
        for result in sorted(done, key=lambda r: r.seed):
            table.setdefault(result.configuration, []).append(result)
        return cls(
            table,
            Counter(trial.configuration for trial in planned),
            tuple(sorted({trial.seed for trial in planned})),
            settings,
            data,
        )

    @property
    def complete(self) -> bool:
        """Whether every planned trial is finished."""
        return all(len(self.runs(name)) == n for name, n in self.planned.items())

    def lacks(self, *names: object) -> bool:
        """Return whether a configuration has trials that are not finished, or none at all."""
        name = configuration(*names)
        return len(self.runs(name)) < self.planned.get(name, 1)

    def runs(self, *names: object) -> Sequence[TrialResult]:
        """Return the finished trials of a configuration, seed by seed; none if there are none."""
        return self.by_configuration.get(configuration(*names), [])

    def trained(self, *names: object) -> Sequence[TrialResult]:
        """Return those that did not diverge."""
        return [run for run in self.runs(*names) if not run.error]

    def values(self, metric: str, *names: object) -> list[Any]:
        """Return a metric of those that did not diverge."""
        return [run.metrics[metric] for run in self.trained(*names)]

    def differences(
        self, metric: str, names: Sequence[object], less: Sequence[object]
    ) -> list[float]:
        """Return a metric of one configuration less that of another, by seeds that have both."""
        others = {run.seed: run.metrics[metric] for run in self.trained(*less)}
        return [
            run.metrics[metric] - others[run.seed]
            for run in self.trained(*names)
            if run.seed in others
        ]
