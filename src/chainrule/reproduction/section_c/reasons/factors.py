"""What matters in C3's grid: the main effect of each factor on the score.

An effect is the mean score of a level less the mean of all candidates. Each fold of each search
gives one of its own, so that there is a range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chainrule._types import Array
from chainrule.report.bars import Bars, bar_panel
from chainrule.report.page import percent
from chainrule.reproduction.claims import Claim, Judgement, Verdict, agreement, per_seed
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_c.grid_claims import grid_needs
from chainrule.reproduction.section_c.grid_search import cv_results, fold_scores
from chainrule.reproduction.section_c.settings import BEST
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.study.effects import Observed, effects, in_order
from chainrule.study.statistics import Spread


@dataclass(frozen=True)
class Words:
    """What a factor is called, what the report says is better, and what levels begin with."""

    name: str
    said: str
    level: str


WORDS = {
    "solver": Words("solver", "adam", ""),
    "batch_size": Words("batch size", "a larger batch", "batch "),
    "learning_rate_init": Words("learning rate", "a higher rate", "rate "),
}

DIGITS = 12  # of effects; what is beyond is the rounding of sums
Main = dict[str, dict[Any, Spread]]  # factor -> level -> effects of the folds


@dataclass(frozen=True)
class Scores:
    """The scores of a grid.

    Attributes
    ----------
    params : sequence of dict
        The candidates.
    by_fold : array of shape (n_candidates, n_folds)
        Of the folds of one search, or of several one after the other.
    """

    params: Sequence[Mapping[str, Any]]
    by_fold: Array

    @classmethod
    def of(cls, tables: Sequence[Mapping[str, Any]]) -> Scores:
        """Put the searches of all seeds together."""
        return cls(tables[0]["params"], np.hstack([fold_scores(table) for table in tables]))

    def only(self, factor: str, level: object) -> Scores:
        """Keep the candidates that have a level."""
        kept = [i for i, params in enumerate(self.params) if params[factor] == level]
        return Scores([self.params[i] for i in kept], self.by_fold[kept])


def main_effects(scores: Scores) -> Main:
    """Return the main effect of each level, with its range over folds.

    A factor with fewer than two levels compares nothing and is left out.
    """
    levels = {factor: in_order([params[factor] for params in scores.params]) for factor in BEST}
    return {
        factor: {level: _effect(scores, factor, level) for level in found}
        for factor, found in levels.items()
        if len(found) > 1
    }


def _effect(scores: Scores, factor: str, level: object) -> Spread:
    less = scores.only(factor, level).by_fold.mean(axis=0) - scores.by_fold.mean(axis=0)
    return Spread.of(np.round(less, DIGITS).tolist())


def best_levels(main: Main) -> dict[str, Any]:
    """Return the level with the highest effect of each factor that has several."""
    return {
        factor: max(levels, key=lambda level: levels[level].mean) for factor, levels in main.items()
    }


def variance_shares(scores: Scores) -> dict[str, float]:
    """Return which share of the variance of the scores goes with each factor."""
    observed = [
        Observed(params, tuple(row))
        for params, row in zip(scores.params, scores.by_fold.tolist(), strict=True)
    ]
    found = effects(observed).factors
    return {effect.factor: effect.share for effect in found if effect.share is not None}


def judge(claim: Claim, results: Results) -> Judgement:
    """Compare the best level of each factor with the report's."""
    tables = cv_results(results)
    scores = Scores.of(list(tables.values()))
    main, within = main_effects(scores), _within_adam(scores)
    best = best_levels(main)
    shares = variance_shares(scores)
    return claim.judgement(
        agreement(best == BEST) if best.keys() == BEST.keys() else Verdict.UNDECIDED,
        _note(main, within, shares),
        {
            "best": _best_of(main),
            "best_within_adam": _best_of(within),
            "effects": {level_name(f, v): asdict(s) for f in main for v, s in main[f].items()},
        },
        per_seed(
            list(tables),
            best=[_best_of(main_effects(Scores.of([table]))) for table in tables.values()],
        ),
        _answer(best, within, shares),
    )


def _within_adam(scores: Scores) -> Main:
    return main_effects(scores.only("solver", BEST["solver"]))


def _best_of(main: Main) -> list[str]:
    return [level_name(factor, level, bare=True) for factor, level in best_levels(main).items()]


def _note(main: Main, within: Main, shares: Mapping[str, float]) -> str:
    parts = ", ".join(
        f"{percent(share, 1)} goes with the {WORDS[name].name}" for name, share in shares.items()
    )
    sentences = {
        "Effects: ": _listed(main),
        "Within adam: ": _listed(within),
        "Of the variance of all scores ": parts,
    }
    return " ".join(f"{begin}{found}." for begin, found in sentences.items() if found)


def level_name(factor: str, level: Any, *, bare: bool = False) -> str:
    """Return what a level is called: ``batch 256``; bare, ``256``."""
    text = f"{level:g}" if isinstance(level, float) else str(level)
    return text if bare else WORDS[factor].level + text


def _listed(main: Main) -> str:
    return ", ".join(
        f"{level_name(factor, level)} {effect.mean:+.4f}"
        for factor, levels in main.items()
        for level, effect in levels.items()
    )


def _answer(best: Mapping[str, Any], within: Main, shares: Mapping[str, float]) -> str:
    sentences = [_in_words(best)]
    if shares:
        most = max(shares, key=lambda name: shares[name])
        sentences += [
            f"{percent(shares[most], 0)} of the scores' variance go with the {WORDS[most].name}."
        ]
    spans = [
        f"{max(means) - min(means):.3f} for the {WORDS[factor].name}"
        for factor, levels in within.items()
        for means in [[effect.mean for effect in levels.values()]]
    ]
    if spans:
        sentences += [f"Within adam, best and worst level are apart by {' and '.join(spans)}."]
    return " ".join(sentences)


def _in_words(best: Mapping[str, Any]) -> str:
    """Return which of the report's three hold, and what is best where one does not."""
    if not best:
        return "The grid has one candidate, so there is nothing to compare."
    right = {factor: level == BEST[factor] for factor, level in best.items()}
    holds = " and ".join(WORDS[factor].said for factor in right if right[factor])
    parts = [f"better on average: {holds}"] if holds else []
    parts += [
        f"not {WORDS[factor].said}, as {level_name(factor, best[factor])} is best"
        for factor in right
        if not right[factor]
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


# --- the picture ----------------------------------------------------------------------------------


ADAM = "those with adam"


def draw(results: Results) -> list[Drawing]:
    """Draw all effects on one axis, so that their sizes can be compared."""
    tables = list(cv_results(results).values())
    if not tables:
        return []
    scores = Scores.of(tables)
    if not np.isfinite(scores.by_fold).all():  # a fit diverged: means would not be of the same
        return []
    main, within = main_effects(scores), _within_adam(scores)
    levels = [(factor, level) for factor in main for level in main[factor]]
    bars = [
        Bars(label, series, [found.get(factor, {}).get(level) for factor, level in levels])
        for series, (label, found) in enumerate((("all candidates", main), (ADAM, within)))
        if found
    ]
    effect = bar_panel(
        "Effect on the score: mean of the level less the mean of all",
        [level_name(factor, level).replace(" ", "\n") for factor, level in levels],
        bars,
        "Above 0 is better. Lines run from the lowest fold to the highest. Where the two colours "
        "differ, what a factor does depends on the solver.",
        size=(6.2, 2.8),
    )
    return [Drawing.of(effect, legend=[one.label for one in bars])]


# --- what to take home ----------------------------------------------------------------------------

_LESSONS = {
    Verdict.REPRODUCED: "In the grid adam, the largest batch and the highest rate each do better "
    "on average, as the report says. That holds at so small rates and so few epochs; it is no rule "
    "for other ranges.",
    Verdict.DIFFERS: "The winner of a grid does not say what each of its settings does. The "
    "averages over the grid do for the whole of it, and here not all three of the report's choices "
    "are the better ones; what is best at the best rate may be another, so look at the table too.",
}


CLAIMS = (
    Claim(
        "C3.factors",
        "A larger batch, a higher rate and adam are better.",
        {"best": ["adam", "256", "0.0001"]},
        grid_needs,
        judge,
        rule="The effect of a level is the mean score of its candidates less that of all 18, in "
        "the mean over folds and searches. Reproduced where the levels of the highest effects are "
        "adam, 256 and 0.0001.",
    ),
)

THEME = Theme(
    "factors", "What matters in the grid?", CLAIMS, draw, sentences({"C3.factors": _LESSONS})
)
