"""A study in words: what it was, how it went, what is best, and whether that is noise.

A sentence is plain text; names in it are made printable here, and HTML is Jinja's to escape.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chainrule._text import counted, printable
from chainrule.report.page import duration
from chainrule.study.effects import Effects
from chainrule.study.results import AgainstBest, CandidateResult, Results
from chainrule.study.statistics import LEVEL, Comparison, Estimate

LONGEST = 160  # characters of a name
Format = Callable[[float], str]


def name_of(text: str) -> str:
    """Return a name that came from elsewhere, safe to show."""
    return printable(text, LONGEST)


def value_of(value: Any) -> str:
    """Return a factor's value as people write it."""
    return name_of(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def number_format(estimates: Iterable[Estimate]) -> Format:
    """Return how to write the scores of a metric: with two digits of what they vary by.

    That is the median standard deviation, or the range of the means where there is none.
    """
    known = list(estimates)
    stds = sorted(one.std for one in known if one.std)
    means = [one.mean for one in known]
    unit = stds[len(stds) // 2] if stds else (max(means) - min(means) if means else 0.0)
    decimals = min(6, max(2, 1 - math.floor(math.log10(unit)))) if unit else 4

    def written(value: float) -> str:
        wide = abs(value) >= 1e5 or (0 < abs(value) < 10**-decimals / 2)
        text = f"{value:z.3g}" if wide else f"{value:z.{decimals}f}"
        return text.replace("-", "−")

    return written


def p_value(p: float | None) -> str:
    """Return a p-value as papers have it."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def interval(of: Estimate | Comparison, written: Format) -> str:
    """Return a confidence interval, or a dash."""
    if of.low is None or of.high is None:
        return "–"
    return f"{written(of.low)} to {written(of.high)}"


def design(document: Mapping[str, Any], results: Results, planned: int = 0) -> str:
    """Return what was searched, in a sentence or two; ``planned`` trials are known by now."""
    judged = _judged(document, results)
    return f"{_searched(document, results, planned)} {judged}" if results.pairs else judged


def _searched(document: Mapping[str, Any], results: Results, planned: int) -> str:
    n = len({trial.settings["number"] for trial, _ in results.pairs})
    by_now = " by now" if len(results.pairs) < planned else ""
    sampler = next((key for key in _SAMPLED if key in document), "candidates")
    factors = ", ".join(name_of(name) for name in results.factors) or "nothing"
    return f"{counted(n, 'candidate')}{by_now} {_SAMPLED[sampler]} {factors}."


_SAMPLED = {
    "grid": "from a grid of",
    "candidates": "from a list that sets",
    "random": "drawn at random:",
    "optuna": "chosen by Optuna:",
}


def _judged(document: Mapping[str, Any], results: Results) -> str:
    evaluation = document.get("evaluation", {})
    seeds = counted(len(document.get("seeds", [0])), "seed")
    if "folds" in evaluation:
        return f"Each is trained with {seeds} on {evaluation['folds']} folds of cross-validation."
    if "fraction" in evaluation:
        share = f"{100 * evaluation['fraction']:g}\u202f%"
        return f"Each is trained with {seeds}; {share} of the rows, the same for all, judge."
    return f"Each is trained with {seeds}; rows of their own judge."


def progress(results: Results, planned: int) -> str:
    """Return how many trials finished and failed, and what they took."""
    done = len(results.pairs)
    errors = sum(result.error is not None for _, result in results.pairs)
    taken = sum(result.seconds for _, result in results.pairs)
    trials = counted(planned, "trial")
    finished = f"all {counted(done, 'trial')}" if done >= planned else f"{done:,} of {trials}"
    undefined = results.undefined()
    parts = [f"{errors:,} of which failed"] * bool(errors)
    parts += [shortfall(0, undefined, results.metric())] * bool(undefined)
    how = ", ".join([f"{finished[0].upper()}{finished[1:]} finished", *(parts or ["none failed"])])
    return f"{how}; {duration(taken)} of training."


def shortfall(errors: int, undefined: int, metric: str) -> str:
    """Return how many trials failed, and how many have no score; nothing if all are well."""
    parts = [f"{errors:,} failed"] * bool(errors)
    parts += [f"{undefined:,} without a finite {name_of(metric)}"] * bool(undefined)
    return ", ".join(parts)


def best(first: CandidateResult, metric: str, written: Format) -> str:
    """Return the best candidate's score in a sentence."""
    found = first.metrics[metric]
    after = f" after {counted(first.budget, 'epoch')}" if first.budget else ""
    if found.low is None:
        return f"{metric} {written(found.mean)}{after}, from one {found.over[:-1]}."
    over = f"over {found.n} {found.over}"
    return (
        f"{metric} {written(found.mean)}{after} "
        f"({100 * LEVEL:.0f}\u202f% interval {interval(found, written)}, {over})."
    )


def ties(others: int) -> str:
    """Return that so many others are as good as the best; nothing for none."""
    return f", and {counted(others, 'other')} as good" if others else ""


def lead(comparisons: Sequence[AgainstBest], written: Format) -> str:
    """Return by how much the best leads, and whether that is noise."""
    if not comparisons:
        return "There is no other candidate with a score to compare it with."
    following = comparisons[0]
    if following.comparison is None:
        name = name_of(following.candidate.name)
        return f"The next, {name}, has no seed and fold in common with it."
    n, behind = len(comparisons), sum(map(is_clear_lead, comparisons))
    worse = f"{behind if behind else 'none'} of the next {n}"
    others = f" It is better than {worse} by more than noise." if n > 1 else ""
    return f"{_margin(following, written)}.{others}"


def _margin(following: AgainstBest, written: Format) -> str:
    name = name_of(following.candidate.name)
    rung = f" after {counted(following.budget, 'epoch')}" if following.budget else ""
    difference = following.comparison.difference if following.comparison else 0.0
    if difference == 0:
        return f"The next, {name}, is as good{rung}: {verdict(following)}"
    side = "ahead of" if difference > 0 else "behind"
    return f"It is {written(abs(difference))} {side} the next, {name}{rung}: {verdict(following)}"


def is_clear(one: AgainstBest) -> bool:
    """Whether a difference is more than noise, at the 5 % level."""
    return one.p is not None and one.p < 1 - LEVEL


def is_clear_lead(one: AgainstBest) -> bool:
    """Whether the best is better by more than noise: what comes later can have scores above it."""
    return is_clear(one) and one.comparison is not None and one.comparison.difference > 0


def verdict(one: AgainstBest) -> str:
    """Return whether a difference is noise, and how many seeds would tell."""
    noise = f"the {'seeds' if one.comparison and one.comparison.seeds > 1 else 'folds'}’ noise"
    if is_clear(one):
        return f"more than {noise}"
    tested = one.comparison is not None and one.comparison.p is not None
    return f"not more than {noise}; {_outlook(one)}" if tested else _outlook(one)


def answer(one: AgainstBest) -> str:
    """Return whether a difference is more than noise, in short."""
    return "yes" if is_clear(one) else f"no; {_outlook(one)}"


def _outlook(one: AgainstBest) -> str:
    """Return what would tell where a difference is not clear."""
    found = one.comparison
    if found is None:
        return "no seed and fold is common to both"
    if found.p is None:
        return "one pair of scores cannot tell, more seeds could"
    if found.p == 1 and not found.std:
        return "the scores are identical"
    if found.needed is None:
        return "more seeds would hardly tell"
    return f"{counted(found.needed, 'seed')} would tell"


def influence(effects: Effects) -> str:
    """Return which factor matters most, in a sentence; empty where that cannot be said.

    What an effect's test does not tell from noise is said to be so, and what ties is not "most".
    """
    known = [effect for effect in effects.factors if effect.share]
    if not known:
        return ""
    first = known[0]
    of = "the scores’ variance" if effects.balanced else "the variance of the candidates’ ranks"
    name, share = name_of(first.factor), f"{share_of(first.share)} of {of}"
    if first.p is None:
        return f"{name} goes with {share}; one seed cannot tell that from noise."
    if first.p >= 1 - LEVEL:
        return f"{name} goes with {share}, not more than noise (p = {p_value(first.p)})."
    others = [effect.share for effect in effects.factors[1:]]
    most = bool(others) and share_of(others[0]) != share_of(first.share)
    return f"{name} matters most: it goes with {share}." if most else f"{name} goes with {share}."


def share_of(share: float | None) -> str:
    """Return a share in whole percent; what is neither nothing nor all does not look so."""
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "< 1\u202f%"
    return f"{'> 99' if 0.995 <= share < 1 - 1e-12 else f'{100 * share:z.0f}'}\u202f%"
