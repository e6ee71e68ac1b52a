"""What the report says about section C, and how a run judges it.

Tolerances, and what the report's words are held to, are in
:mod:`~chainrule.reproduction.thresholds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    agreement,
    always,
    inside,
    named,
    per_seed,
    points,
    side,
)
from chainrule.reproduction.results import Names, Results
from chainrule.reproduction.section_c.curves import curve, falling_share, plateaus
from chainrule.reproduction.section_c.grid_claims import CLAIMS as GRID_CLAIMS
from chainrule.reproduction.section_c.settings import (
    ACTIVATIONS_COMPARED,
    AUTOENCODERS,
    INPUTS,
    rate_names,
)
from chainrule.reproduction.settings import Values
from chainrule.reproduction.thresholds import (
    ACCURACY_TOLERANCE,
    AT_TIMES,
    COMPARABLE,
    EARLY,
    PLATEAU_EPOCHS,
    PLATEAU_FALL,
    STEADY_FALL,
    STEADY_SHARE,
    STRUGGLES,
)
from chainrule.study.statistics import Spread

ALL_ACTIVATIONS = always(*[("C2", name) for name in ACTIVATIONS_COMPARED])
BOTH_AUTOENCODERS = always(*[("C4", name) for name in AUTOENCODERS])
LOSS_NAMES = {"validation_loss": "validation loss", "train_loss": "training loss"}


def _mean_losses(results: Results, column: str, epoch: int = -1) -> dict[str, float]:
    return {
        name: Spread.of([curve(run, column)[epoch] for run in results.runs("C2", name)]).mean
        for name in ACTIVATIONS_COMPARED
    }


def ranked_losses(losses: Mapping[str, float]) -> str:
    """Return losses by name in words, lowest first."""
    ranked = sorted(losses.items(), key=lambda item: item[1])
    return ", ".join(f"{name} {loss:.4f}" for name, loss in ranked)


# --- C2 -------------------------------------------------------------------------------------------


def judge_best_activation(claim: Claim, results: Results) -> Judgement:
    """Ask which activation ends with the lowest losses."""
    ends = {column: _mean_losses(results, column) for column in LOSS_NAMES}
    lowest = {column: min(losses, key=lambda name: losses[name]) for column, losses in ends.items()}
    winners = {
        column: [
            min(
                ACTIVATIONS_COMPARED,
                key=lambda name: curve(results.runs("C2", name)[i], column)[-1],
            )
            for i in range(len(results.seeds))
        ]
        for column in LOSS_NAMES
    }
    claimed = claim.claimed["activation"]
    agree = sum(pair == (claimed, claimed) for pair in zip(*winners.values(), strict=True))
    note = (
        " ".join(
            f"Last {LOSS_NAMES[column]}: {ranked_losses(losses)}."
            for column, losses in ends.items()
        )
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
    ends = _mean_losses(results, "train_loss")
    ratio = ends["logistic"] / min(ends.values())
    struggles = max(ends, key=lambda name: ends[name]) == "logistic" and ratio >= STRUGGLES
    accuracies = results.values("test_accuracy", "C2", "logistic")
    note = (
        f"Last training loss: {ranked_losses(ends)}. Logistic's is {ratio:.1f} times the "
        f"lowest; we call it struggling where it is the highest and at least "
        f"{STRUGGLES:g} times the lowest. Guessing by the classes' frequencies has 2.3026."
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
    early = max(1, int(EARLY * len(runs[0].epochs)))
    losses = _mean_losses(results, "train_loss", early - 1)
    starts_well = losses["relu"] < Spread.of(list(losses.values())).mean
    counts = [plateaus(curve(run, "validation_loss")) for run in runs]
    stalls = Spread.of(counts).mean >= AT_TIMES
    note = (
        f"Training loss after {early} epochs: {ranked_losses(losses)}. Stretches "
        f"of {PLATEAU_EPOCHS} epochs in which the validation loss falls by less than "
        f"{PLATEAU_FALL:.0%} in all: {Spread.of(counts).mean:g} a seed."
    )
    return claim.judgement(
        agreement(starts_well and stalls),
        note,
        {"starts_well": starts_well, "plateaus": asdict(Spread.of(counts))},
        per_seed(results.seeds, plateaus=counts),
    )


# --- C4 -------------------------------------------------------------------------------------------


def judge_converge(claim: Claim, results: Results) -> Judgement:
    """Ask whether both losses of both autoencoders fall steadily."""
    shares, ends = {}, {}
    for name in AUTOENCODERS:
        for column, words in LOSS_NAMES.items():
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
        min(falling_share(curve(run, column)) for run in runs for column in LOSS_NAMES)
        for runs in zip(*(results.runs("C4", name) for name in AUTOENCODERS), strict=True)
    ]
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


CLAIMS = (
    Claim(
        "C2.best_activation",
        "tanh ends with the lowest training and validation loss.",
        {"activation": "tanh"},
        ALL_ACTIVATIONS,
        judge_best_activation,
    ),
    Claim(
        "C2.logistic",
        "The logistic network struggles to converge.",
        {"statement": "struggles to converge"},
        ALL_ACTIVATIONS,
        judge_logistic,
    ),
    Claim(
        "C2.relu",
        "ReLU starts well and plateaus at times.",
        {"statement": "starts well, plateaus at times"},
        ALL_ACTIVATIONS,
        judge_relu,
    ),
    *GRID_CLAIMS,
    Claim(
        "C4.converge",
        "Both autoencoders' losses fall steadily.",
        {"statement": "both losses fall steadily, training and validation"},
        BOTH_AUTOENCODERS,
        judge_converge,
    ),
    Claim(
        "C4.sharper",
        "The identity network keeps slightly finer detail than ReLU.",
        {"sharper": "identity"},
        BOTH_AUTOENCODERS,
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
