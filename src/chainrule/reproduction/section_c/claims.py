"""What the report says about section C, and how a run judges it.

Tolerances are in :mod:`~chainrule.reproduction.thresholds`. Words of the report are held to:

- "lowest loss": the mean over seeds after the last epoch, training and validation;
- "struggles to converge": the highest training loss of the four, at least twice the lowest;
- "starts well": below the mean of the four after a tenth of the epochs;
- "plateaus": five epochs in which the validation loss falls by less than a hundredth in all;
- "falls steadily": falls in 95 of 100 epochs, to less than half of the first epoch's loss;
- "comparable": at most five percentage points apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    always,
    inside,
    named,
    per_seed,
    points,
    side,
)
from chainrule.reproduction.results import Names, Results
from chainrule.reproduction.section_c.curves import curve, falling_share, plateaus
from chainrule.reproduction.section_c.experiments import search_trials
from chainrule.reproduction.section_c.libraries import OURS
from chainrule.reproduction.section_c.settings import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    BEST,
    INPUTS,
    SCORE,
    rate_names,
)
from chainrule.reproduction.settings import Values
from chainrule.reproduction.thresholds import (
    ACCURACY_TOLERANCE,
    COMPARABLE,
    PLATEAU_EPOCHS,
    PLATEAU_FALL,
    SCORE_TOLERANCE,
    STEADY_FALL,
    STEADY_SHARE,
    STRUGGLES,
)
from chainrule.study.cv_results import cv_results as study_cv_results
from chainrule.study.statistics import Spread

WORDS = {"validation_loss": "validation loss", "train_loss": "training loss"}


def agreement(holds: bool) -> Verdict:
    """Return the verdict on what either holds or does not."""
    return Verdict.REPRODUCED if holds else Verdict.DIFFERS


def _means(results: Results, column: str, epoch: int = -1) -> dict[str, float]:
    return {
        name: Spread.of([curve(run, column)[epoch] for run in results.runs("C2", name)]).mean
        for name in ACTIVATIONS_COMPARED
    }


def _losses(losses: dict[str, float]) -> str:
    ranked = sorted(losses.items(), key=lambda item: item[1])
    return ", ".join(f"{name} {loss:.4f}" for name, loss in ranked)


# --- C2 -------------------------------------------------------------------------------------------


def judge_best_activation(claim: Claim, results: Results) -> Judgement:
    """Ask which activation ends with the lowest losses."""
    ends = {column: _means(results, column) for column in WORDS}
    lowest = {column: min(losses, key=lambda name: losses[name]) for column, losses in ends.items()}
    winners = {
        column: [
            min(
                ACTIVATIONS_COMPARED,
                key=lambda name: curve(results.runs("C2", name)[i], column)[-1],
            )
            for i in range(len(results.seeds))
        ]
        for column in WORDS
    }
    claimed = claim.claimed["activation"]
    agree = sum(pair == (claimed, claimed) for pair in zip(*winners.values(), strict=True))
    note = (
        " ".join(f"Last {WORDS[column]}: {_losses(losses)}." for column, losses in ends.items())
        + f" {claimed} has both lowest in {agree} of {len(results.seeds)} seeds."
    )
    return claim.judgement(
        agreement(set(lowest.values()) == {claimed}),
        note,
        {f"lowest_{column}": name for column, name in lowest.items()},
        per_seed(results.seeds, **{f"lowest_{column}": names for column, names in winners.items()}),
    )


def judge_logistic(claim: Claim, results: Results) -> Judgement:
    """Ask whether logistic is far behind the others at the end."""
    ends = _means(results, "train_loss")
    ratio = ends["logistic"] / min(ends.values())
    struggles = max(ends, key=lambda name: ends[name]) == "logistic" and ratio >= STRUGGLES
    accuracies = results.values("test_accuracy", "C2", "logistic")
    note = (
        f"Last training loss: {_losses(ends)}. Logistic's is {ratio:.1f} times the lowest; we call "
        f"it struggling where it is the highest and at least {STRUGGLES:g} times the lowest. "
        "Guessing by the classes' frequencies has 2.3026."
    )
    return claim.judgement(
        agreement(struggles),
        note,
        {"train_loss": ends["logistic"], "test_accuracy": asdict(Spread.of(accuracies))},
        per_seed(results.seeds, test_accuracy=accuracies),
    )


def judge_relu(claim: Claim, results: Results) -> Judgement:
    """Ask whether relu is ahead early, and whether its validation loss stalls."""
    runs = results.runs("C2", "relu")
    early = max(1, len(runs[0].epochs) // 10)
    losses = _means(results, "train_loss", early - 1)
    starts_well = losses["relu"] < Spread.of(list(losses.values())).mean
    counts = [plateaus(curve(run, "validation_loss")) for run in runs]
    stalls = Spread.of(counts).mean >= 1
    note = (
        f"Training loss after {early} epochs: {_losses(losses)}. Stretches of {PLATEAU_EPOCHS} "
        f"epochs in which the validation loss falls by less than {PLATEAU_FALL:.0%} in all: "
        f"{Spread.of(counts).mean:g} a seed."
    )
    return claim.judgement(
        agreement(starts_well and stalls),
        note,
        {"starts_well": starts_well, "plateaus": asdict(Spread.of(counts))},
        per_seed(results.seeds, plateaus=counts),
    )


# --- C3 -------------------------------------------------------------------------------------------


def grid_needs(settings: Values) -> list[Names]:
    """Return the fits of the grid search."""
    return [(trial.configuration,) for trial in search_trials(settings, OURS, 0, "")["grid"]]


def _search_needs(settings: Values) -> list[Names]:
    found = search_trials(settings, OURS, 0, "")
    return [(trial.configuration,) for trials in found.values() for trial in trials]


def cv_results(results: Results, library: str = OURS) -> dict[int, dict[str, Any]]:
    """Return scikit-learn's ``cv_results_`` of each seed whose search is finished."""
    trials = search_trials(results.settings, library, 0, "")["grid"]
    pairs = [(trial, run) for trial in trials for run in results.runs(trial.configuration)]
    counts = Counter(run.seed for _, run in pairs)
    return {
        seed: study_cv_results([pair for pair in pairs if pair[1].seed == seed], SCORE)
        for seed in results.seeds
        if counts[seed] == len(trials)
    }


def best_params(table: dict[str, Any]) -> dict[str, object]:
    """Return the candidate of the highest mean score."""
    best: dict[str, object] = table["params"][int(np.argmin(table["rank_test_score"]))]
    return best


def _in_words(candidate: dict[str, object]) -> list[str]:
    return [f"{candidate[name]:g}" if name == "learning_rate_init" else str(candidate[name])
            for name in BEST]  # fmt: skip


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
        agreement(2 * agree > len(winners)),
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


# --- C4 -------------------------------------------------------------------------------------------


def judge_converge(claim: Claim, results: Results) -> Judgement:
    """Ask whether both losses of both autoencoders fall steadily."""
    shares, ends = {}, {}
    for name in AUTOENCODERS:
        for column, words in WORDS.items():
            curves = [curve(run, column) for run in results.runs("C4", name)]
            shares[f"{name} {words}"] = min(falling_share(losses) for losses in curves)
            ends[f"{name} {words}"] = max(losses[-1] / losses[0] for losses in curves)
    steady = min(shares.values()) >= STEADY_SHARE and max(ends.values()) <= STEADY_FALL
    note = (
        f"Epochs in which the loss falls, in the worst seed: {named(shares, digits=0)}. The last "
        f"loss as a share of the first: {named(ends, digits=0)}. Steady from {STEADY_SHARE:.0%} "
        f"on, with a last loss of at most {STEADY_FALL:.0%} of the first."
    )
    lows = [
        min(falling_share(curve(results.runs("C4", name)[i], column)) for name in AUTOENCODERS
            for column in WORDS)
        for i in range(len(results.seeds))
    ]  # fmt: skip
    return claim.judgement(
        agreement(steady),
        note,
        {"falling_share": min(shares.values()), "last_of_first_share": max(ends.values())},
        per_seed(results.seeds, falling_share=lows),
    )


def judge_sharper(claim: Claim, results: Results) -> Judgement:
    """Compare the two autoencoders' errors on images that they have not seen."""
    errors = {name: results.values("test_mse", "C4", name) for name in AUTOENCODERS}
    spreads = {name: Spread.of(values) for name, values in errors.items()}
    sharper = min(spreads, key=lambda name: spreads[name].mean)
    wins = sum(a < b for a, b in zip(errors["identity"], errors["relu"], strict=True))
    ratio = spreads["identity"].mean / spreads["relu"].mean
    note = (
        f"Mean squared error on the test images; identity's is {ratio:.2f} times relu's. "
        f"It is the lower one in {wins} of {len(results.seeds)} seeds. The mean decides."
    )
    return claim.judgement(
        agreement(sharper == claim.claimed["sharper"]),
        note,
        {"sharper": sharper, "test_mse": {name: asdict(s) for name, s in spreads.items()}},
        per_seed(results.seeds, **errors),
    )


# --- C5 -------------------------------------------------------------------------------------------


def _feature_needs(*inputs: str) -> Callable[[Values], Sequence[Names]]:
    return lambda settings: [("C5", name, rate) for name in inputs for rate in rate_names(settings)]


def judge_shapes(claim: Claim, results: Results) -> Judgement:
    """Compare the shapes of the features."""
    rate = rate_names(results.settings)[0]
    shapes = {name: results.values("shapes", "C5", name, rate) for name in AUTOENCODERS}
    wanted = [list(claim.claimed[part]) for part in ("train", "test")]
    same = all(found == wanted for values in shapes.values() for found in values)
    train, test = shapes[AUTOENCODERS[0]][0]
    return claim.judgement(
        agreement(same),
        "Rows and columns of the bottleneck's outputs, of both networks and every seed.",
        {"train": train, "test": test},
        per_seed(results.seeds, **shapes),
    )


def judge_features(claim: Claim, results: Results) -> Judgement:
    """Compare the accuracy on one autoencoder's features, at the default learning rate."""
    name = claim.claimed["features"]
    rates = rate_names(results.settings)
    by_rate = {rate: results.values("test_accuracy", "C5", name, rate) for rate in rates}
    accuracy, claimed = Spread.of(by_rate[rates[0]]), claim.claimed["test_accuracy"]
    off = accuracy.mean - claimed
    means = {rate: Spread.of(values).mean for rate, values in by_rate.items()}
    explains = [rate for rate in rates[1:] if abs(means[rate] - claimed) <= ACCURACY_TOLERANCE]
    note = (
        f"Ours is {points(off)} {side(off)} the claim, tolerance {points(ACCURACY_TOLERANCE)}. "
        f"{inside(claimed, accuracy)} The report does not state the learning rate; by rate: "
        f"{named(means)}. The first, scikit-learn's default, decides."
    )
    if explains and abs(off) > ACCURACY_TOLERANCE:
        note += f" A rate of {explains[0]} would explain the claim."
    return claim.judgement(
        agreement(abs(off) <= ACCURACY_TOLERANCE),
        note,
        {"test_accuracy": asdict(accuracy)},
        per_seed(results.seeds, **{f"test_accuracy_{rate}": v for rate, v in by_rate.items()}),
    )


def judge_comparable(claim: Claim, results: Results) -> Judgement:
    """Compare the classifiers on features with one on raw pixels, of the same budget."""
    rate, *others = rate_names(results.settings)
    means = {
        r: {name: Spread.of(results.values("test_accuracy", "C5", name, r)).mean for name in INPUTS}
        for r in (rate, *others)
    }
    gap = means[rate]["pixels"] - min(means[rate][name] for name in AUTOENCODERS)
    note = (
        "The classifier on pixels is C2's tanh network, trained as long and at the same learning "
        f"rate as those on features. The worse features are {points(gap)} {side(-gap)} the pixels; "
        f"comparable up to {points(COMPARABLE)}."
        + "".join(f" At a learning rate of {r}: {named(means[r])}." for r in others)
    )
    columns = {name: results.values("test_accuracy", "C5", name, rate) for name in INPUTS}
    return claim.judgement(
        agreement(gap <= COMPARABLE),
        note,
        {"test_accuracy": means[rate]},
        per_seed(results.seeds, **columns),
    )


_ALL_ACTIVATIONS = always(*[("C2", name) for name in ACTIVATIONS_COMPARED])
_BOTH_AUTOENCODERS = always(*[("C4", name) for name in AUTOENCODERS])

CLAIMS = (
    Claim(
        "C2.best_activation",
        "tanh ends with the lowest training and validation loss.",
        {"activation": "tanh"},
        _ALL_ACTIVATIONS,
        judge_best_activation,
    ),
    Claim(
        "C2.logistic",
        "The logistic network struggles to converge.",
        {"statement": "struggles to converge"},
        _ALL_ACTIVATIONS,
        judge_logistic,
    ),
    Claim(
        "C2.relu",
        "ReLU starts well and plateaus at times.",
        {"statement": "starts well, plateaus at times"},
        _ALL_ACTIVATIONS,
        judge_relu,
    ),
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
    Claim(
        "C4.converge",
        "Both autoencoders' losses fall steadily.",
        {"statement": "both losses fall steadily, training and validation"},
        _BOTH_AUTOENCODERS,
        judge_converge,
    ),
    Claim(
        "C4.sharper",
        "The identity network keeps slightly finer detail than ReLU.",
        {"sharper": "identity"},
        _BOTH_AUTOENCODERS,
        judge_sharper,
    ),
    Claim(
        "C5.shapes",
        "The bottleneck gives 32 features for each image.",
        {"train": [8000, 32], "test": [2000, 32]},
        _feature_needs(*AUTOENCODERS),
        judge_shapes,
    ),
    Claim(
        "C5.relu_accuracy",
        "On the ReLU network's features a classifier gets this many test images right.",
        {"features": "relu", "test_accuracy": 0.7740},
        _feature_needs("relu"),
        judge_features,
    ),
    Claim(
        "C5.identity_accuracy",
        "On the identity network's features a classifier gets this many test images right.",
        {"features": "identity", "test_accuracy": 0.8115},
        _feature_needs("identity"),
        judge_features,
    ),
    Claim(
        "C5.comparable",
        "Classifiers on features are comparable to one on the raw pixels.",
        {"statement": "comparable to the classifier on raw pixels"},
        _feature_needs(*INPUTS),
        judge_comparable,
    ),
)
