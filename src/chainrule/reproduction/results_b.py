"""The finished trials of section B, as claims, figures and the page want them."""

from __future__ import annotations

import math
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
        Seed by seed, all configurations with the same seeds; trials that failed have no metrics.
    majority : float
        The accuracy of always guessing the most frequent class of the test labels.
    """

    by_configuration: Mapping[str, Sequence[TrialResult]]
    majority: float

    @classmethod
    def of(cls, results: Sequence[TrialResult], majority: float) -> Results:
        """Sort results by configuration and seed."""
        table: dict[str, list[TrialResult]] = {}
        for result in sorted(results, key=lambda r: r.seed):
            table.setdefault(result.configuration, []).append(result)
        return cls(table, majority)

    def runs(self, activation: str, weight_init: str) -> Sequence[TrialResult]:
        """Return the finished trials of a configuration, seed by seed; none if there are none."""
        return self.by_configuration.get(configuration(activation, weight_init), [])

    def values(self, metric: str, activation: str, weight_init: str) -> list[float]:
        """Return a metric seed by seed; an accuracy of a run that diverged counts as chance."""
        chance = {"test_accuracy": self.majority, "test_loss": math.inf}
        runs = self.runs(activation, weight_init)
        return [run.metrics.get(metric, chance[metric]) for run in runs]

    def seeds(self) -> list[int]:
        """Return the seeds of the first configuration."""
        return [run.seed for run in next(iter(self.by_configuration.values()))]

    def best(self, activation: str) -> tuple[str, Spread]:
        """Return the initialisation with the highest mean accuracy, and that accuracy."""
        spreads = {
            init: Spread.of(self.values("test_accuracy", activation, init))
            for init in INITIALISATIONS
        }
        winner = max(spreads, key=lambda init: spreads[init].mean)
        return winner, spreads[winner]
