"""What the report says about section B, and how a run judges it.

Tolerances are in :mod:`~chainrule.reproduction.thresholds`.
"""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    agreement,
    always,
    as_dicts,
    inside,
    named,
    per_seed,
    points,
    side,
)
from chainrule.reproduction.losses import turning_shares
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import (
    FAULTY,
    INITIALISATIONS,
    STUDIED,
    majority_share,
)
from chainrule.reproduction.section_b.leaky_relu import judge_leaky_relu
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, LOSS_TOLERANCE, OSCILLATING
from chainrule.study.statistics import Spread


def judge_configuration(claim: Claim, results: Results) -> Judgement:
    """Compare accuracy and loss of one configuration."""
    (pair,) = claim.needs(results.settings)
    accuracies = results.values("test_accuracy", *pair)
    losses = results.values("test_loss", *pair)
    accuracy, loss = Spread.of(accuracies), Spread.of(losses)
    off = accuracy.mean - claim.claimed["test_accuracy"]
    loss_off = loss.mean - claim.claimed["test_loss"]
    agrees = (
        abs(off) <= ACCURACY_TOLERANCE
        and abs(loss_off) <= LOSS_TOLERANCE * claim.claimed["test_loss"]
    )
    note = (
        f"Ours is {points(off)} {side(off)} the claimed accuracy and "
        f"{_loss(abs(loss_off))} {side(loss_off)} the claimed loss; tolerance "
        f"{points(ACCURACY_TOLERANCE)} and {LOSS_TOLERANCE:.0%} of the claimed loss. "
        f"{inside(claim.claimed['test_accuracy'], accuracy)}"
    )
    return claim.judgement(
        agreement(agrees),
        note,
        as_dicts({"test_accuracy": accuracy, "test_loss": loss}),
        per_seed(results.seeds, test_accuracy=accuracies, test_loss=losses),
    )


def judge_sigmoid(claim: Claim, results: Results) -> Judgement:
    """Compare sigmoid, with every initialisation, with the share of the largest class."""
    majority = majority_share(results.data)
    claimed = claim.claimed["test_accuracy"]
    by_init = {init: results.values("test_accuracy", "sigmoid", init) for init in INITIALISATIONS}
    spreads = {init: Spread.of(values) for init, values in by_init.items()}
    agrees = all(abs(spread.mean - claimed) <= ACCURACY_TOLERANCE for spread in spreads.values())
    note = (
        f"By initialisation: {named({init: s.mean for init, s in spreads.items()})}. Always "
        f"guessing the most frequent test class gives {majority:.2%}. Tolerance "
        f"{points(ACCURACY_TOLERANCE)}, for each of them."
    )
    return claim.judgement(
        agreement(agrees),
        note,
        {
            "test_accuracy": as_dicts(spreads),
            "majority_share": majority,
        },
        per_seed(results.seeds, **by_init),
    )


def judge_zero(claim: Claim, results: Results) -> Judgement:
    """Ask whether anything is learnt from zero weights, and whether the curves oscillate."""
    majority = majority_share(results.data)
    accuracies = {name: results.values("test_accuracy", name, "zero") for name in STUDIED}
    highest = max(max(values) for values in accuracies.values())
    turning = {name: Spread.of(turning_shares(results, name, "zero")) for name in STUDIED}
    learns = highest > majority + ACCURACY_TOLERANCE
    oscillating = [name for name, spread in turning.items() if spread.mean >= OSCILLATING]
    reproduced = not learns and len(oscillating) == len(STUDIED)
    note = (
        f"The highest test accuracy of any activation and seed is {highest:.2%}; guessing the most "
        f"frequent class gives {majority:.2%} (tolerance {points(ACCURACY_TOLERANCE)}). "
        f"So {'something is' if learns else 'nothing is'} learnt. The validation loss turns at "
        f"this share of the epochs: {named({n: s.mean for n, s in turning.items()}, digits=0)}. "
        f"We call a curve oscillating from {OSCILLATING:.0%} on: so is "
        f"{', '.join(oscillating) or 'none'}."
    )
    return claim.judgement(
        agreement(reproduced),
        note,
        {
            "highest_test_accuracy": highest,
            "learns": learns,
            "oscillating": oscillating,
            "turning_share": as_dicts(turning),
        },
        per_seed(results.seeds, **accuracies),
    )


RANKED = ("relu", "tanh", "sigmoid")  # the report ranks these three


def judge_ranking(claim: Claim, results: Results) -> Judgement:
    """Rank relu, tanh and sigmoid by their best initialisation, and normal against random."""
    majority = majority_share(results.data)
    values = {
        (name, init): results.values("test_accuracy", name, init)
        for name in RANKED
        for init in INITIALISATIONS
    }
    rankings = [
        _ranked({pair: accuracies[i] for pair, accuracies in values.items()})
        for i in range(len(results.seeds))
    ]
    means = {pair: Spread.of(accuracies).mean for pair, accuracies in values.items()}
    ranking, best = _ranked(means), _best(means)
    # Where nothing is learnt, no initialisation is better than another.
    learning = [name for name in RANKED if best[name] > majority + ACCURACY_TOLERANCE]
    wins = [
        bool(learning)
        and all(values[name, "normal"][i] > values[name, "random"][i] for name in learning)
        for i in range(len(results.seeds))
    ]
    gaps = {name: means[name, "normal"] - means[name, "random"] for name in learning}
    normal_better = bool(gaps) and min(gaps.values()) > 0
    holds = ranking == claim.claimed["ranking"] and normal_better
    agree = sum(
        order == claim.claimed["ranking"] and better
        for order, better in zip(rankings, wins, strict=True)
    )
    compared = ", ".join(f"{name} {points(gap)} {side(gap)}" for name, gap in gaps.items())
    note = (
        f"By mean accuracy of the best initialisation: {named({n: best[n] for n in ranking})}. "
        f"Normal against random, where anything is learnt: {compared or 'nothing to compare'}. "
        f"All of it holds in {agree} of {len(results.seeds)} seeds."
    )
    return claim.judgement(
        agreement(holds),
        note,
        {"ranking": ranking, "normal_better_than_random": normal_better, "best_accuracy": best},
        per_seed(results.seeds, ranking=rankings, normal_better_than_random=wins),
    )


def _best(accuracies: Mapping[tuple[str, str], float]) -> dict[str, float]:
    return {n: max(accuracies[n, init] for init in INITIALISATIONS) for n in RANKED}


def _ranked(accuracies: Mapping[tuple[str, str], float]) -> list[str]:
    best = _best(accuracies)
    return sorted(best, key=lambda name: -best[name])


def _loss(value: float) -> str:
    return f"{value:.4f}" if value < 1e4 else f"{value:.2g}"


CLAIMS = (
    Claim(
        "B.relu.normal",
        "ReLU with normal initialisation gets this many test images right.",
        {"test_accuracy": 0.9460, "test_loss": 0.1825},
        always(("relu", "normal")),
        judge_configuration,
    ),
    Claim(
        "B.tanh.normal",
        "tanh with normal initialisation gets this many test images right.",
        {"test_accuracy": 0.9327, "test_loss": 0.2503},
        always(("tanh", "normal")),
        judge_configuration,
    ),
    Claim(
        "B.relu.random",
        "ReLU with random initialisation gets this many test images right.",
        {"test_accuracy": 0.9180, "test_loss": 0.2809},
        always(("relu", "random")),
        judge_configuration,
    ),
    Claim(
        "B.leaky_relu.best",
        "Leaky ReLU gets no further than this.",
        {"test_accuracy": 0.2247, "weight_init": "random"},
        always(*[("leaky_relu", init) for init in INITIALISATIONS]),
        judge_leaky_relu,
        also=always(*[(name, init) for name in (FAULTY.name, "relu") for init in INITIALISATIONS]),
    ),
    Claim(
        "B.sigmoid.best",
        "Sigmoid does no better than guessing, with every initialisation.",
        {"test_accuracy": 0.1135, "weight_init": "every initialisation"},
        always(*[("sigmoid", init) for init in INITIALISATIONS]),
        judge_sigmoid,
    ),
    Claim(
        "B.zero",
        "With zero initialisation no network learns, and its curves oscillate.",
        {"statement": "does not learn, with any activation; oscillating curves"},
        always(*[(name, "zero") for name in STUDIED]),
        judge_zero,
    ),
    Claim(
        "B.ranking",
        "ReLU is best, tanh second, sigmoid worst, and normal beats random.",
        {"ranking": ["relu", "tanh", "sigmoid"], "normal_better_than_random": True},
        always(*[(name, init) for name in RANKED for init in INITIALISATIONS]),
        judge_ranking,
    ),
)

# The claims that are about one configuration, as the ranked table wants them.
CLAIMED_ACCURACIES = {
    needs[0]: claim.claimed["test_accuracy"]
    for claim in CLAIMS
    if len(needs := claim.needs({})) == 1
}
