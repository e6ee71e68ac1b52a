"""Candidates proposed by Optuna, which learns from the scores of earlier ones.

Optuna is asked for a batch, and told the scores of the whole batch, in the order of the numbers,
before it is asked for the next. So what it proposes depends on the scores alone, whatever the
number of jobs, and a study that was killed hears the same again.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.errors import InvalidValueError, Words
from chainrule.study.checks import check_count
from chainrule.study.sampling.candidate import Candidate, name_of
from chainrule.study.sampling.distributions import (
    Choice,
    Distribution,
    Integer,
    LogInteger,
    LogUniform,
    Uniform,
    read_distributions,
)
from chainrule.study.sampling.random_search import (
    check_counts,
    check_enough,
    combinations,
    split_settings,
    tables,
)
from chainrule.study.sampling.sampler import Sampler, Scores

BATCH = 4  # candidates asked for at a time
TRIES = 10  # at a candidate that is not there yet, before one is drawn at random


@dataclass(frozen=True)
class Optuna(Sampler):
    """Candidates proposed by Optuna's tree-structured Parzen estimator.

    The first ten are drawn at random. Where all factors are integers or choices, no candidate comes
    twice. Bergstra et al., NeurIPS 24 (2011); Watanabe, arXiv:2304.11127.

    Parameters
    ----------
    n : int
        How many candidates.
    distributions : mapping from str to Distribution, dict or list
        What each factor is drawn from: a distribution, its table in a study's file, or a list of
        values.
    seed : int
        Of everything random in it.
    batch : int
        How many candidates are proposed at a time. More can run at once; fewer learn from more.

    Raises
    ------
    InvalidValueError
        If a value breaks a rule, there are fewer than ``n`` combinations, or Optuna is not
        installed.
    """

    n: int
    distributions: Mapping[str, Distribution | Mapping[str, Any] | Sequence[Any]]
    seed: int = 0
    batch: int = BATCH
    _talks: list[_Talk] = field(default_factory=list, init=False, repr=False, compare=False)

    adapts = True

    def __post_init__(self) -> None:
        read = read_distributions(self.distributions, "optuna")
        object.__setattr__(self, "distributions", read)
        check_counts("optuna", n=self.n, seed=self.seed, batch=self.batch)
        check_count(self.n, "n in optuna", "lower it")
        check_enough(self.n, read, "optuna")
        _import()

    def __len__(self) -> int:
        return self.n

    def candidates(self, scores: Scores | None = None) -> list[Candidate]:
        scores = scores or {}
        talks = self._talks  # the last one goes on if it has heard nothing else
        if not talks or not talks[0].agrees(scores):
            talks[:] = [_Talk(self)]
        return talks[0].go_on(scores)

    @classmethod
    def from_toml(cls, given: Any) -> Optuna:
        return cls(**split_settings(given, "optuna", {"n": None, "seed": 0, "batch": BATCH}))

    def to_toml(self) -> Any:
        settings = {"n": self.n, "seed": self.seed, "batch": self.batch}
        return {**settings, **tables(self.distributions)}


class _Talk:
    """Optuna's study in memory: what it was asked and told."""

    def __init__(self, sampler: Optuna) -> None:
        optuna = _import()
        self.settings = sampler
        self.distributions: Mapping[str, Any] = sampler.distributions
        self.space = {
            name: _KINDS[type(one)](optuna.distributions, one)
            for name, one in self.distributions.items()
        }
        with _quiet(optuna):
            # Without constant_liar a batch's proposals know nothing of one another.
            tpe = optuna.samplers.TPESampler(seed=sampler.seed, constant_liar=True)
            self.study = optuna.create_study(sampler=tpe, direction="maximize")
        self.draws = np.random.default_rng(sampler.seed)
        self.asked: list[tuple[Any, Candidate]] = []
        self.names: set[str] = set()
        self.told: dict[int, float | None] = {}

    def agrees(self, scores: Scores) -> bool:
        """Whether what was told is in the scores too."""
        return all(n in scores and scores[n] == told for n, told in self.told.items())

    def go_on(self, scores: Scores) -> list[Candidate]:
        """Tell whole batches and ask for the next, as far as there are scores."""
        optuna = _import()
        with _quiet(optuna):
            while len(self.asked) < self.settings.n and all(
                candidate.number in scores for _, candidate in self.asked
            ):
                for trial, candidate in self.asked[len(self.told) :]:
                    score = self.told[candidate.number] = scores[candidate.number]
                    failed = optuna.trial.TrialState.FAIL if score is None else None
                    self.study.tell(trial, score, state=failed)
                for _ in range(min(self.settings.batch, self.settings.n - len(self.asked))):
                    self.asked.append(self._ask())
        return [candidate for _, candidate in self.asked]

    def _ask(self) -> tuple[Any, Candidate]:
        optuna = _import()
        is_finite = math.isfinite(combinations(self.distributions))
        tries = 0
        while True:
            if tries >= TRIES:
                self.study.enqueue_trial(self._random())
            trial = self.study.ask(self.space)
            values = {
                name: _value(one, trial.params[name]) for name, one in self.distributions.items()
            }
            name = name_of(values)
            if not (is_finite and name in self.names):
                self.names.add(name)
                return trial, Candidate(len(self.asked), values)
            self.study.tell(trial, state=optuna.trial.TrialState.FAIL)  # which it learns nothing of
            tries += 1

    def _random(self) -> dict[str, Any]:
        """Return, as Optuna has it, what a random search would try."""
        drawn = {name: one.at(self.draws.random()) for name, one in self.distributions.items()}
        return {
            name: one.values.index(drawn[name]) if isinstance(one, Choice) else drawn[name]
            for name, one in self.distributions.items()
        }


# A choice is a number to Optuna, as its own choices cannot be lists.
_KINDS: dict[type[Any], Callable[[Any, Any], Any]] = {
    Uniform: lambda of, one: of.FloatDistribution(one.low, one.high),
    LogUniform: lambda of, one: of.FloatDistribution(one.low, one.high, log=True),
    Integer: lambda of, one: of.IntDistribution(one.low, one.high),
    LogInteger: lambda of, one: of.IntDistribution(one.low, one.high, log=True),
    Choice: lambda of, one: of.CategoricalDistribution(range(len(one.values))),
}


def _value(distribution: Distribution, found: Any) -> Any:
    if isinstance(distribution, Choice):
        return distribution.values[found]
    if isinstance(distribution, Uniform | LogUniform):
        return distribution.rounded(found)
    return int(found)


def _import() -> Any:
    try:
        import optuna
    except ImportError:
        raise InvalidValueError(
            "sampling by Optuna needs the optuna package",
            Words("none"),
            "run pip install optuna",
        ) from None
    return optuna


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna's logging, and its warnings of what is experimental, to itself."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        logger.setLevel(level)
