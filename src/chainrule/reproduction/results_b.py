"""The finished trials of section B, as claims, figures and the page want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.reproduction.claims import Spread
from chainrule.reproduction.section_b import INITIALISATIONS, configuration
from chainrule.study.trial import TrialResult


@dataclass(frozen=True)
class Results:
    """The finished trials of the section.

    Attributes
    ----------
    by_configuration : mapping from str to list of TrialResult
        In the order of the seeds; trials that diverged are in it, without figures.
    seeds : tuple of int
        The seeds that were planned.
    majority : float
        The accuracy of always guessing the most frequent class of the test labels.
    """

    by_configuration: Mapping[str, Sequence[TrialResult]]
    seeds: tuple[int, ...]
    majority: float

    @classmethod
    def of(cls, results: Sequence[TrialResult], seeds: Sequence[int], majority: float) -> Results:
        """Sort results by configuration and seed."""
        table: dict[str, list[TrialResult]] = {}
        for result in sorted(results, key=lambda r: r.seed):
            table.setdefault(result.configuration, []).append(result)
        return cls(table, tuple(seeds), majority)

    def runs(self, activation: str, weight_init: str) -> Sequence[TrialResult]:
        """Return the finished trials of a configuration, seed by seed; none if there are none."""
        return self.by_configuration.get(configuration(activation, weight_init), [])

    def trained(self, activation: str, weight_init: str) -> Sequence[TrialResult]:
        """Return those that did not diverge."""
        return [run for run in self.runs(activation, weight_init) if not run.error]

    def values(self, metric: str, activation: str, weight_init: str) -> list[float]:
        """Return a metric of those that did not diverge."""
        return [run.metrics[metric] for run in self.trained(activation, weight_init)]

    def best(self, activation: str) -> tuple[str, Spread] | None:
        """Return the initialisation with the highest mean accuracy, and it; None without runs."""
        spreads = {
            init: Spread.of(values)
            for init in INITIALISATIONS
            if (values := self.values("test_accuracy", activation, init))
        }
        if not spreads:
            return None
        winner = max(spreads, key=lambda init: spreads[init].mean)
        return winner, spreads[winner]
