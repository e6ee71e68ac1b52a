"""What a study found: tables, one candidate beside another, what each factor does.

All of it is worked out from finished trials and their results, so it can be had at any time, also
while a study is running. What is missing is left out, and counts say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from chainrule._cached import cached_property
from chainrule.registry import Registry
from chainrule.study.effects import Effects, Observed, effects
from chainrule.study.statistics import LEVEL, Comparison, Estimate, Scores, holm, rounded
from chainrule.study.table import Table
from chainrule.study.trial import TIMES, Trial, TrialResult

Pair = tuple[Trial, TrialResult]

# Of every table; a factor or a metric of the same name gets a prefix.
_COLUMNS = ("number", "candidate", "seed", "fold", "budget", "epochs", "seconds", "error")


@dataclass(frozen=True)
class CandidateResult:
    """A candidate with what came of its trials.

    Attributes
    ----------
    number : int
        The sampler's.
    name : str
        The candidate in words.
    values : mapping
        Value by factor.
    rank : int or None
        From 1 for the best; None if it has no score.
    metrics : mapping from str to Estimate
        By name, over the trials that have the metric, at the highest :attr:`budget`.
    trials, failed : int
        How many are finished, at any budget, and how many of these failed: ended with an error, or
        have no finite number for the metric that decides.
    undefined : int
        How many of these have no error.
    budget : int or None
        With halving, the most epochs that it was given.
    seconds : float
        The mean time of a trial.
    """

    number: int
    name: str
    values: Mapping[str, Any]
    rank: int | None
    metrics: Mapping[str, Estimate]
    trials: int
    failed: int
    undefined: int
    budget: int | None
    seconds: float


@dataclass(frozen=True)
class AgainstBest:
    """A candidate beside the best one.

    Attributes
    ----------
    candidate, best : CandidateResult
        The two.
    comparison : Comparison or None
        The best less the candidate; None if they have no seed and fold in common.
    p : float or None
        The comparison's, corrected for the number of comparisons by Holm's procedure.
    budget : int or None
        With halving, the budget at which they are compared: the highest that both had.
    """

    candidate: CandidateResult
    best: CandidateResult
    comparison: Comparison | None
    p: float | None
    budget: int | None


@dataclass(frozen=True)
class Results:
    """The finished trials of a study.

    Parameters
    ----------
    pairs : sequence of (Trial, TrialResult)
        In any order.
    metrics : sequence of str
        The study's metrics; the first decides, and in all of them higher is better.
    """

    pairs: Sequence[Pair]
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, pairs: Sequence[Pair], metrics: Sequence[str] | None = None) -> Results:
        """Return results in the order of candidates, budgets, seeds and folds.

        Without ``metrics`` they are those that the trials' settings name.
        """
        in_order = sorted(pairs, key=lambda pair: (_number(pair), _budget(pair) or 0, _cell(pair)))
        named = metrics or (in_order[0][0].settings.get("metrics") if in_order else None)
        return cls(in_order, tuple(named or ()))

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """What the study varies, in the order in which candidates have them."""
        return tuple(
            dict.fromkeys(name for pair in self.pairs for name in pair[0].settings["candidate"])
        )

    @cached_property
    def budgets(self) -> tuple[int, ...]:
        """With halving, the rungs' epochs, ascending; empty without."""
        return tuple(sorted({b for pair in self.pairs if (b := _budget(pair)) is not None}))

    @cached_property
    def trials(self) -> Table:
        """One row a trial.

        Columns: the candidate's number and name, each factor, seed, fold (with cross-validation),
        budget (with halving: the epochs that the rung allows), epochs (trained, where any trial has
        a history), each metric that is a number, seconds, and the error of one that failed.
        """
        return Table.of([self._row(pair) for pair in self.pairs])

    @cached_property
    def history(self) -> Table:
        """One row an epoch of a trial: what identifies the trial, then the epoch's numbers."""
        return Table.of(
            [
                self._identity(pair)
                | {name: value for name, value in epoch._asdict().items() if name != "scores"}
                | dict(epoch.scores)
                for pair in self.pairs
                for epoch in pair[1].epochs
            ]
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return :attr:`trials` as dictionaries."""
        return self.trials.rows

    def to_pandas(self) -> Any:
        """Return :attr:`trials` as a DataFrame; pandas must be installed."""
        return self.trials.to_pandas()

    def write_csv(self, path: str | Path) -> None:
        """Write :attr:`trials` as comma-separated values."""
        self.trials.write_csv(path)

    def write_parquet(self, path: str | Path) -> None:
        """Write :attr:`trials` as a Parquet file; needs ``pip install pyarrow``."""
        self.trials.write_parquet(path)

    def candidates(self, metric: str | None = None) -> list[CandidateResult]:
        """Return the candidates, best first by a metric, the first one if it is None.

        Of times less is better, of every other metric more.

        With halving, whoever came further is before those that were dropped. A candidate of which a
        trial failed is after those of which none did: what fails for some seeds is not reliable.
        Candidates without a score are last. Of equal ones, which have the same rank, those with the
        lower numbers are first.

        Raises
        ------
        UnknownNameError
            If no trial has such a metric.
        """
        decisive = self.metric(metric)
        sign = 1 if decisive in TIMES else -1

        def place(one: CandidateResult) -> tuple[Any, ...]:
            score = one.metrics.get(decisive)
            mean = 0.0 if score is None else sign * rounded(score.mean)
            return score is None, -(one.budget or 0), one.failed > 0, mean

        found = sorted(
            (self._candidate(number, decisive) for number in self._by_number),
            key=lambda one: (place(one), one.number),
        )
        ranks: dict[tuple[Any, ...], int] = {}
        for rank, one in enumerate(found, 1):
            ranks.setdefault(place(one), rank)
        return [
            replace(one, rank=ranks[place(one)] if decisive in one.metrics else None)
            for one in found
        ]

    def metric(self, name: str | None = None) -> str:
        """Return a metric's name if there is such a one; for None, the one that decides."""
        if name is None:
            return next(iter(self._named), "score")
        return self._named[name]

    def undefined(self, metric: str | None = None) -> int:
        """Return how many trials succeeded and yet have no finite number for a metric."""
        metric = self.metric(metric)
        return sum(_is_undefined(result, metric) for _, result in self.pairs)

    def scores(self, number: int, metric: str | None = None, budget: int | None = None) -> Scores:
        """Return a candidate's scores by seed and fold; trials without a finite one are left out.

        Parameters
        ----------
        number : int
            The candidate's.
        metric : str, optional
            The one that decides if it is None.
        budget : int, optional
            With halving, the rung; the candidate's highest if it is None.
        """
        metric = self.metric(metric)
        pairs = self._by_number[number]
        rung = max((_budget(pair) or 0 for pair in pairs), default=0) if budget is None else budget
        return {
            _cell(pair): score
            for pair in pairs
            if (_budget(pair) or 0) == rung and (score := _finite(pair[1], metric)) is not None
        }

    def compare(
        self, a: int, b: int, metric: str | None = None, alpha: float = 1 - LEVEL
    ) -> Comparison | None:
        """Return candidate ``a`` less ``b``, by their numbers, paired over seed and fold.

        With halving they are compared at the highest budget that both had. None if no seed and fold
        is common to both. ``alpha`` is the level for the number of seeds that would be needed.
        """
        budget = self._common_budget(a, b)
        return Comparison.of(
            self.scores(a, metric, budget), self.scores(b, metric, budget), self._ratio, alpha
        )

    def against_best(self, n: int = 10, metric: str | None = None) -> list[AgainstBest]:
        """Return the next ``n`` candidates after the best, each beside it.

        The p-values are corrected for their number, and so is the number of seeds that would be
        needed, by Bonferroni's rule. The best is chosen by the scores that it is
        then compared on, so its lead is rather too large than too small.
        """
        ranked = [one for one in self.candidates(metric) if one.rank is not None][: n + 1]
        if len(ranked) < 2:
            return []
        best, others = ranked[0], ranked[1:]
        alpha = (1 - LEVEL) / len(others)
        found = [self.compare(best.number, other.number, metric, alpha) for other in others]
        corrected = holm([one.p if one else None for one in found])
        return [
            AgainstBest(other, best, one, p, self._common_budget(best.number, other.number))
            for other, one, p in zip(others, found, corrected, strict=True)
        ]

    def observed(self, metric: str | None = None) -> list[Observed]:
        """Return every candidate of which all trials succeeded, as the effects see it.

        With halving, at the lowest budget, where all candidates still are.
        """
        budget = self.budgets[0] if self.budgets else 0
        found = []
        for number, pairs in self._by_number.items():
            here = [pair for pair in pairs if (_budget(pair) or 0) == budget]
            estimate = Estimate.of(scores := self.scores(number, metric, budget), 0.0)
            if estimate is not None and len(scores) == len(here):
                scores_by_seed = estimate.values if estimate.over == "seeds" else (estimate.mean,)
                found.append(Observed(pairs[0][0].settings["candidate"], scores_by_seed))
        return found

    def effects(self, metric: str | None = None) -> Effects:
        """Return what each factor does to a metric: see :mod:`chainrule.study.effects`."""
        return effects(self.observed(metric))

    def histories(self, number: int) -> list[TrialResult]:
        """Return a candidate's trainings with every epoch, one for each seed and fold.

        With halving, a training that went on is one, from its first epoch to its last.
        """
        longest: dict[tuple[int, int | None], TrialResult] = {}
        for pair in self._by_number[number]:  # budgets ascending
            known = longest.get(_cell(pair))
            epochs = {epoch.epoch: epoch for epoch in (known.epochs if known else [])}
            epochs |= {epoch.epoch: epoch for epoch in pair[1].epochs}
            longest[_cell(pair)] = replace(pair[1], epochs=list(epochs.values()))
        return [result for result in longest.values() if result.epochs]

    @cached_property
    def _named(self) -> Registry[str]:
        names = [*self.metrics, *(n for _, result in self.pairs for n in result.metrics)]
        return Registry("metric", {name: name for name in names})

    @cached_property
    def _by_number(self) -> dict[int, list[Pair]]:
        groups: dict[int, list[Pair]] = {}
        for pair in self.pairs:
            groups.setdefault(_number(pair), []).append(pair)
        return groups

    @cached_property
    def _ratio(self) -> float:
        """Rows that judge to rows that train with cross-validation, 0 without.

        Without it all trials have the same rows, held out once for all seeds.
        """
        evaluation = self.pairs[0][0].settings.get("evaluation", {}) if self.pairs else {}
        folds = evaluation.get("folds") or len({_cell(pair)[1] for pair in self.pairs})
        return 1 / (folds - 1) if folds > 1 else 0.0

    def _common_budget(self, a: int, b: int) -> int | None:
        common = {_budget(pair) for pair in self._by_number[a]} & {
            _budget(pair) for pair in self._by_number[b]
        }
        return max((budget for budget in common if budget is not None), default=None)

    def _candidate(self, number: int, decisive: str) -> CandidateResult:
        pairs = self._by_number[number]
        trial = pairs[0][0]
        names = dict.fromkeys([*self.metrics, *(n for _, r in pairs for n in r.metrics)])
        estimates = {
            name: estimate
            for name in names
            if (estimate := Estimate.of(self.scores(number, name), self._ratio)) is not None
        }
        return CandidateResult(
            number=number,
            name=trial.configuration,
            values=trial.settings["candidate"],
            rank=None,
            metrics=estimates,
            trials=len(pairs),
            failed=sum(_finite(result, decisive) is None for _, result in pairs),
            undefined=sum(_is_undefined(result, decisive) for _, result in pairs),
            budget=max((b for pair in pairs if (b := _budget(pair)) is not None), default=None),
            seconds=fmean(result.seconds for _, result in pairs),
        )

    def _identity(self, pair: Pair) -> dict[str, Any]:
        trial, _ = pair
        seed, fold = _cell(pair)
        return {
            "number": _number(pair),
            "candidate": trial.configuration,
            **{
                _apart(name, "param"): trial.settings["candidate"].get(name)
                for name in self.factors
            },
            "seed": seed,
            **({} if fold is None else {"fold": fold}),
            **({} if _budget(pair) is None else {"budget": _budget(pair)}),
        }

    def _row(self, pair: Pair) -> dict[str, Any]:
        result = pair[1]
        return {
            **self._identity(pair),
            **({"epochs": self._trained(result)} if self.history.rows else {}),
            **{
                _apart(name, "metric"): _plain_number(result.metrics.get(name))
                for name in self._measured
            },
            "seconds": result.seconds,
            "error": result.error,
        }

    @staticmethod
    def _trained(result: TrialResult) -> int | None:
        return result.epochs[-1].epoch if result.epochs else None

    @cached_property
    def _measured(self) -> list[str]:
        """Every metric that is a number in some trial, the study's own first."""
        found = {
            name: None
            for _, result in self.pairs
            for name, value in result.metrics.items()
            if _plain_number(value) is not None
        }
        return list(dict.fromkeys([*self.metrics, *found]))


def _apart(name: str, kind: str) -> str:
    return f"{kind}_{name}" if name in _COLUMNS else name


def _number(pair: Pair) -> int:
    return int(pair[0].settings["number"])


def _budget(pair: Pair) -> int | None:
    return pair[0].settings.get("epochs")


def _cell(pair: Pair) -> tuple[int, int | None]:
    return pair[0].seed, pair[0].settings.get("fold")


def _plain_number(value: Any) -> float | None:
    if isinstance(value, float):
        return float(value)  # NumPy's float64 is one
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _finite(result: TrialResult, metric: str) -> float | None:
    value = _plain_number(result.metrics.get(metric)) if result.error is None else None
    return float(value) if value is not None and math.isfinite(value) else None


def _is_undefined(result: TrialResult, metric: str) -> bool:
    return result.error is None and _finite(result, metric) is None
