"""The plan of a study: candidates x seeds x folds, as trials.

A plan is a pure function of what is finished. The runner asks it again and again until there is
nothing new, so that a grid is one round and a sampler that learns from scores a round a batch. A
study that was killed asks with what the store has, and comes to the same trials.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from chainrule.study.sampling import Candidate, Sampler
from chainrule.study.trial import Trial, TrialResult

Results = Mapping[str, TrialResult]  # by Trial.id
Identified = dict[str, Trial]  # by Trial.id, in order


@dataclass(frozen=True)
class Design:
    """What the trials of a candidate are: one for each seed and fold.

    Parameters
    ----------
    section : str
        The study's name.
    settings : mapping
        Whatever decides a result beside the candidate, seed and fold: copied into each trial.
    data : str
        A digest of the data.
    seeds : sequence of int
        Each candidate is trained with all of them.
    folds : int or None
        Of the cross-validation; None where there is none.
    """

    section: str
    settings: Mapping[str, Any]
    data: str
    seeds: Sequence[int]
    folds: int | None = None
    _made: dict[tuple[int, int | None], Identified] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def trials(self, candidate: Candidate, epochs: int | None = None) -> Identified:
        """Return a candidate's trials by their ids; with ``epochs``, of so long a training."""
        key = candidate.number, epochs
        if key not in self._made:  # a plan is asked often, and an id is a hash
            made = [
                self._trial(candidate, seed, fold, epochs)
                for seed in self.seeds
                for fold in (range(self.folds) if self.folds is not None else (None,))
            ]
            self._made[key] = {trial.id: trial for trial in made}
        return self._made[key]

    def _trial(
        self, candidate: Candidate, seed: int, fold: int | None, epochs: int | None
    ) -> Trial:
        settings = {
            **self.settings,
            "candidate": dict(candidate.values),
            "number": candidate.number,
            **({} if fold is None else {"fold": fold}),
            **({} if epochs is None else {"epochs": epochs}),
        }
        return Trial(self.section, candidate.name, seed, settings, self.data)


@dataclass(frozen=True)
class SamplerPlan:
    """Every candidate of a sampler, trained as the design says: a plan.

    Parameters
    ----------
    sampler : Sampler
        Decides on the candidates.
    design : Design
        What is trained of each.
    metric : str
        The metric that decides, higher is better.
    """

    sampler: Sampler
    design: Design
    metric: str

    def __call__(self, results: Results) -> list[Trial]:
        """Return every trial that is known by now, in order.

        Parameters
        ----------
        results : mapping from str to TrialResult
            What is finished, by the trials' ids.
        """
        scores: dict[int, float | None] = {}
        known: list[Candidate] = []
        while len(found := self.sampler.candidates(scores)) > len(known):
            for candidate in found[len(known) :]:
                trials = self.design.trials(candidate)
                if all(trial in results for trial in trials):
                    scores[candidate.number] = score(trials, results, self.metric)
            known = found
            if not self.sampler.adapts:
                break
        return [trial for candidate in known for trial in self.design.trials(candidate).values()]


def score(trials: Identified, results: Results, metric: str) -> float | None:
    """Return the mean of a metric over finished trials; None if one failed.

    A trial with an error, without the metric, or where it is no finite number, has failed.
    """
    values = [
        results[trial].metrics.get(metric) for trial in trials if results[trial].error is None
    ]
    finite = [value for value in values if value is not None and math.isfinite(value)]
    return fmean(finite) if len(finite) == len(trials) else None
