"""The page of a study, put together from its results; pure functions, but for the drawing.

Where there are many candidates, the page shows the best of them and says so; limits are the
constants below.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule._text import counted, printable
from chainrule._version import __version__
from chainrule.report.page import duration
from chainrule.report.page import render as fill_in
from chainrule.report.study import factors, figures, parallel, ranking, words
from chainrule.report.study.words import Format, name_of
from chainrule.study.results import CandidateResult, Results

RANKED = 20  # candidates in the ranking's figure
CURVES = 6  # figures of five candidates
FAILURES = 50  # trials in the list of errors
LONGEST_SETTING = 2000  # characters


def render(
    results: Results,
    *,
    document: Mapping[str, Any],
    planned: int,
    command: str,
    environment: Mapping[str, str],
    running: bool = False,
) -> str:
    """Return the page as HTML: one file, nothing to load.

    Parameters
    ----------
    results : Results
        Of the trials that are finished.
    document : mapping
        The study, as :meth:`~chainrule.study.Study.to_dict` gives it.
    planned : int
        Trials that are known by now.
    command : str
        What makes the page again.
    environment : mapping
        Versions and the machine, in words.
    running : bool
        Whether the study is being run now.
    """
    metric = results.metric()
    ranked = results.candidates()
    scored = [one for one in ranked if one.rank is not None]
    written = words.number_format(one.metrics[metric] for one in scored)
    return fill_in(
        "chainrule.report.study",
        "study.html",
        title=name_of(str(document.get("name", "A study"))),
        summary=summary(results, document, planned, scored, written),
        facts=facts(results, planned),
        running=running,
        finished=len(results.pairs),
        planned=planned,
        metric=name_of(metric),
        few=one_value_each(scored, metric),
        over=" or ".join(sorted({one.metrics[metric].over for one in scored[:RANKED]})),
        undefined=results.undefined(),
        scored=len(scored),
        folds=any("fold" in trial.settings for trial, _ in results.pairs),
        ranking=ranking.ranking(scored[:RANKED], metric, written),
        comparison=ranking.comparison(results, written),
        factors=factors.collect(results, document, metric, written),
        curves=learning_curves(results, scored),
        rungs=figures.rungs(results, scored, written),
        parallel=parallel.collect(scored, results.factors, metric, written),
        failures=failures(results),
        table=ranking.everything(results, ranked),
        settings=[(name_of(key), value) for key, value in flat(document)],
        command=command,
        environment=environment,
        version=__version__,
        limits={"ranked": RANKED, "compared": ranking.COMPARED, "failures": FAILURES,
                "curves": CURVES * figures.TOGETHER, "lines": parallel.MOST_LINES,
                "axes": parallel.MOST_AXES, "listed": ranking.LISTED},
    )  # fmt: skip


def summary(
    results: Results,
    document: Mapping[str, Any],
    planned: int,
    scored: Sequence[CandidateResult],
    written: Format,
) -> dict[str, str]:
    """Return the sentences at the top, by what they are about."""
    found = {
        "design": words.design(document, results, planned),
        "progress": words.progress(results, planned),
    }
    if not scored:
        return found
    return found | {
        "best": name_of(scored[0].name),
        "ties": words.ties(sum(one.rank == 1 for one in scored[1:])),
        "score": words.best(scored[0], results.metric(), written),
        "lead": words.lead(results.against_best(ranking.COMPARED), written),
        "influence": words.influence(results.effects()),
    }


def facts(results: Results, planned: int) -> list[tuple[str, str]]:
    """Return the numbers under the title, each with its noun."""
    candidates = {trial.settings["number"] for trial, _ in results.pairs}
    seeds = {trial.seed for trial, _ in results.pairs}
    seconds = sum(result.seconds for _, result in results.pairs)
    return [
        (f"{len(candidates):,}", "candidate" if len(candidates) == 1 else "candidates"),
        (f"{len(seeds):,}", "seed" if len(seeds) == 1 else "seeds"),
        (f"{len(results.pairs):,}", f"of {counted(planned, 'trial')}"),
        (duration(seconds), "of training"),
    ]


def one_value_each(scored: Sequence[CandidateResult], metric: str) -> bool:
    """Whether no candidate has more than one seed or fold, so that nothing has a spread."""
    return bool(scored) and all(one.metrics[metric].n == 1 for one in scored)


def learning_curves(results: Results, scored: Sequence[CandidateResult]) -> list[figures.Curves]:
    """Return the curves of the best candidates, five at a time."""
    groups = [
        figures.curves(results, scored[i : i + figures.TOGETHER], i + 1)
        for i in range(0, min(len(scored), CURVES * figures.TOGETHER), figures.TOGETHER)
    ]
    return [group for group in groups if group is not None]


def failures(results: Results) -> dict[str, Any] | None:
    """Return the errors, the most frequent first, and the trials; None if none failed."""
    failed = [(trial, result.error) for trial, result in results.pairs if result.error]
    if not failed:
        return None
    counts = Counter(printable(error, 500) for _, error in failed).most_common()
    trials = [
        (
            name_of(trial.configuration),
            trial.seed,
            trial.settings.get("fold"),
            trial.settings.get("epochs"),
            printable(error, 500),
        )
        for trial, error in failed[:FAILURES]
    ]
    return {
        "n": len(failed),
        "errors": counts[:FAILURES],
        "trials": trials,
        "folds": any(row[2] is not None for row in trials),
        "budgets": any(row[3] is not None for row in trials),
    }


def flat(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return a study's settings as pairs of name and value, tables as ``table.name``."""
    pairs = []
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            pairs += flat(value, f"{prefix}{key}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            pairs.append((f"{prefix}{key}", printable(text, LONGEST_SETTING)))
    return pairs
