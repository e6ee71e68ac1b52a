"""What the report says about C3's grid search, and how a run judges it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    agreement,
    per_seed,
    side,
)
from chainrule.reproduction.results import Names, Results
from chainrule.reproduction.section_c.grid_search import best_params, cv_results, search_trials
from chainrule.reproduction.section_c.libraries import OURS
from chainrule.reproduction.section_c.settings import BEST, SCORE
from chainrule.reproduction.settings import Values
from chainrule.reproduction.thresholds import CHOSEN, SCORE_TOLERANCE
from chainrule.study.statistics import Spread


def grid_needs(settings: Values) -> list[Names]:
    """Return the fits of the grid search."""
    return [(trial.configuration,) for trial in search_trials(settings, OURS, 0, "")["grid"]]


def _search_needs(settings: Values) -> list[Names]:
    found = search_trials(settings, OURS, 0, "")
    return [(trial.configuration,) for trials in found.values() for trial in trials]


def _in_words(candidate: dict[str, object]) -> list[str]:
    values = [candidate[name] for name in BEST]
    return [f"{value:g}" if isinstance(value, float) else str(value) for value in values]


def judge_best_params(claim: Claim, results: Results) -> Judgement:
    """Compare the winner of the grid search."""
    tables = cv_results(results)
    winners = {seed: best_params(table) for seed, table in tables.items()}
    agree = sum(winner == BEST for winner in winners.values())
    first = next(iter(tables.values()))
    order = np.argsort(first["rank_test_score"], kind="stable")[:2]
    scores = [first["mean_test_score"][i] for i in order]
    runner_up = ", ".join(_in_words(first["params"][order[-1]]))
    note = (
        f"The winner has {scores[0]:.4f}, the next, {runner_up}, {scores[-1]:.4f}. "
        f"The report's candidate wins in {agree} of {len(winners)} searches. "
        f"{_search_in_words(results)}"
    )
    return claim.judgement(
        agreement(agree > CHOSEN * len(winners)),
        note,
        {"best": _in_words(next(iter(winners.values())))},
        [{"seed": seed, "best": _in_words(winner)} for seed, winner in winners.items()],
    )


def _search_in_words(results: Results) -> str:
    fits = [results.runs(*names)[0] for names in _search_needs(results.settings)]
    limit = results.settings["C3"]["epochs"]
    early = sum(len(fit.epochs) < limit for fit in fits)
    return (
        f"{early} of {len(fits)} fits stopped before epoch {limit}, as scikit-learn's rule has it."
    )


def judge_best_score(claim: Claim, results: Results) -> Judgement:
    """Compare the winner's score with both of the report's, and ask what explains the first.

    Both cannot be the score of one search: what meets the second contradicts the first.
    """
    tables = cv_results(results)
    best = [float(table["mean_test_score"].max()) for table in tables.values()]
    ours, others = Spread.of(best).mean, _other_scores(results, tables)
    claimed, second = claim.claimed["best_score"], claim.claimed["another_run"]
    explained = [name for name, score in others.items() if _close(score, claimed)]
    if _close(ours, claimed):
        verdict = Verdict.REPRODUCED
    else:
        verdict = Verdict.ERRATUM if _close(ours, second) else Verdict.DIFFERS
    note = (
        f"Ours is {abs(ours - claimed):.4f} {side(ours - claimed)} {claimed} and "
        f"{abs(ours - second):.4f} {side(ours - second)} {second}; tolerance "
        f"{SCORE_TOLERANCE:.0%} of either. Other scores of the report's candidate: "
        + "; ".join(f"{name}, {score:.4f}" for name, score in others.items())
        + ". "
    )
    if explained:
        note += f"So {claimed} agrees with the score {explained[0]}."
    elif not results.data.complete:
        note += (
            "Complete Fashion-MNIST is not on this machine; with it (chainrule data fetch "
            f"fashion-mnist) a run also tries whether {claimed} is a score of all 60,000 images."
        )
    return claim.judgement(
        verdict,
        note,
        {"best_score": asdict(Spread.of(best)), "other_scores": others},
        per_seed(list(tables), best_score=best),
    )


def _other_scores(results: Results, tables: dict[int, dict[str, Any]]) -> dict[str, float]:
    # Of the report's candidate: what else somebody may have written down as its score.
    training = [
        float(table["mean_train_score"][table["params"].index(BEST)])
        for table in tables.values()
        if BEST in table["params"]
    ]
    folds = [f"complete, fold {fold + 1}" for fold in range(results.settings["C3"]["folds"])]
    samples = results.settings["C3"]["complete_samples"]
    scores = {
        "on the training folds": training,
        "refitted, on its own training images": results.values(f"train_{SCORE}", "C3", "refit"),
        "refitted, on the test images": results.values(SCORE, "C3", "refit"),
        f"cross-validated on {samples:,} images of complete Fashion-MNIST": [
            score for fold in folds for score in results.values(SCORE, "C3", fold)
        ],
    }
    return {name: Spread.of(values).mean for name, values in scores.items() if values}


def _close(score: float, claimed: float) -> bool:
    return abs(score - claimed) <= SCORE_TOLERANCE * abs(claimed)


CLAIMS = (
    Claim(
        "C3.best_params",
        "The grid search chooses adam, the largest batch and the highest rate.",
        {"best": ["adam", "256", "0.0001"]},
        _search_needs,
        judge_best_params,
    ),
    Claim(
        "C3.best_score",
        "This is the best score of the grid search.",
        {"best_score": -0.3277, "another_run": -0.4226},
        _search_needs,
        judge_best_score,
    ),
)
