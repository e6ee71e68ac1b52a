"""What the report says about section B, and how a run judges it.

The tolerances were fixed before the first full run: one percentage point of accuracy, a tenth of
the claimed loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from chainrule.reproduction.claims import Judgement, Spread, Verdict
from chainrule.reproduction.results_b import Results
from chainrule.reproduction.section_b import FAULTY, INITIALISATIONS, STUDIED
from chainrule.study.trial import TrialResult

ACCURACY_TOLERANCE = 0.01
LOSS_TOLERANCE = 0.1  # of the claimed loss
OSCILLATING = 1 / 3  # the share of epochs at which an oscillating curve turns, at least

PAIRS = [(activation, init) for activation in STUDIED for init in INITIALISATIONS]


def judge(results: Results, n_seeds: int) -> list[Judgement]:
    """Return a judgement on every claim; those whose trials are not all there have no verdict."""
    return [
        claim.judge(claim, results) if _complete(results, claim, n_seeds) else _open(claim)
        for claim in CLAIMS
    ]


@dataclass(frozen=True)
class Claim:
    """A claim of the section.

    Attributes
    ----------
    id : str
        Its id.
    claimed : dict
        The report's figures.
    needs : sequence of (activation, initialisation)
        The configurations that decide it.
    judge : callable
        (claim, results) -> Judgement.
    """

    id: str
    claimed: dict[str, Any]
    needs: Sequence[tuple[str, str]]
    judge: Callable[[Claim, Results], Judgement]


def _complete(results: Results, claim: Claim, n_seeds: int) -> bool:
    return all(len(results.runs(*pair)) == n_seeds for pair in claim.needs)


def _open(claim: Claim) -> Judgement:
    missing = "Not all of the runs that this claim needs are finished."
    return Judgement(claim.id, claim.claimed, {}, [], None, missing)


def judge_configuration(claim: Claim, results: Results) -> Judgement:
    """Compare accuracy and loss of one configuration."""
    ((activation, init),) = claim.needs
    accuracies = results.values("test_accuracy", activation, init)
    losses = results.values("test_loss", activation, init)
    accuracy, loss = Spread.of(accuracies), Spread.of(losses)
    off, loss_off = (
        accuracy.mean - claim.claimed["test_accuracy"],
        loss.mean - claim.claimed["test_loss"],
    )
    agrees = (
        abs(off) <= ACCURACY_TOLERANCE
        and abs(loss_off) <= LOSS_TOLERANCE * claim.claimed["test_loss"]
    )
    inside = accuracy.contains(claim.claimed["test_accuracy"])
    note = (
        f"Ours is {_points(off)} {_side(off)} the claimed accuracy and "
        f"{abs(loss_off):.4f} {_side(loss_off)} the claimed loss; tolerance "
        f"{_points(ACCURACY_TOLERANCE)} and {LOSS_TOLERANCE:.0%} of the claimed loss. "
        f"{_inside(inside, accuracy.n)}"
    )
    return Judgement(
        claim.id,
        claim.claimed,
        {"test_accuracy": asdict(accuracy), "test_loss": asdict(loss)},
        _per_seed(results, test_accuracy=accuracies, test_loss=losses),
        Verdict.REPRODUCED if agrees else Verdict.DIFFERS,
        note,
    )


def judge_sigmoid(claim: Claim, results: Results) -> Judgement:
    """Compare the best sigmoid with the share of the largest class."""
    init, best = results.best("sigmoid")
    claimed = claim.claimed["test_accuracy"]
    agrees = abs(best.mean - claimed) <= ACCURACY_TOLERANCE
    note = (
        f"Ours is best with {init} initialisation, at {best.mean:.2%}; always guessing the most "
        f"frequent test class gives {results.majority:.2%}. Tolerance "
        f"{_points(ACCURACY_TOLERANCE)}. {_inside(best.contains(claimed), best.n)}"
    )
    return Judgement(
        claim.id,
        claim.claimed,
        {"test_accuracy": asdict(best), "weight_init": init, "majority_share": results.majority},
        _per_seed(results, test_accuracy=results.values("test_accuracy", "sigmoid", init)),
        Verdict.REPRODUCED if agrees else Verdict.DIFFERS,
        note,
    )


def judge_leaky_relu(claim: Claim, results: Results) -> Judgement:
    """Compare the best leaky ReLU, and ask whether the report's faulty derivative explains it."""
    init, best = results.best("leaky_relu")
    faulty_init, faulty = results.best(FAULTY.name)
    claimed = claim.claimed["test_accuracy"]
    if abs(best.mean - claimed) <= ACCURACY_TOLERANCE:
        verdict, why = Verdict.REPRODUCED, "."
    elif abs(faulty.mean - claimed) <= ACCURACY_TOLERANCE or faulty.contains(claimed):
        verdict = Verdict.ERRATUM
        why = f", and so explains the claimed {claimed:.2%}."
    else:
        verdict = Verdict.DIFFERS
        why = (
            f". That it learns so little points the same way as the claim, but the claimed "
            f"{claimed:.2%} itself is not reproduced by it."
            if faulty.mean < (best.mean + claimed) / 2
            else ": the fault does not explain the claim."
        )
    note = (
        f"A leaky ReLU with its true derivative reaches {best.mean:.2%} ({init}), "
        f"{_points(best.mean - claimed)} {_side(best.mean - claimed)} the claim. "
        "The report's code, called as f(z, True), returns z in place of the derivative. That "
        f"faulty variant, trained here too, reaches at best {faulty.mean:.2%} ({faulty_init})"
        f"{why} Tolerance {_points(ACCURACY_TOLERANCE)}."
    )
    return Judgement(
        claim.id,
        claim.claimed,
        {
            "test_accuracy": asdict(best),
            "weight_init": init,
            "faulty_test_accuracy": asdict(faulty),
            "faulty_weight_init": faulty_init,
        },
        _per_seed(
            results,
            test_accuracy=results.values("test_accuracy", "leaky_relu", init),
            faulty_test_accuracy=results.values("test_accuracy", FAULTY.name, faulty_init),
        ),
        verdict,
        note,
    )


def turning_share(curve: Sequence[float]) -> float:
    """Return the share of a curve's inner points at which it turns; 0 for fewer than three."""
    steps = [later - earlier for earlier, later in pairwise(curve)]
    turns = [before * after < 0 for before, after in pairwise(steps)]
    return sum(turns) / len(turns) if turns else 0.0


def judge_zero(claim: Claim, results: Results) -> Judgement:
    """Ask whether anything is learnt from zero weights, and whether the curves oscillate."""
    accuracies = {
        activation: Spread.of(results.values("test_accuracy", activation, "zero"))
        for activation in STUDIED
    }
    highest = max(spread.high for spread in accuracies.values())
    turning = {
        activation: Spread.of(
            [turning_share(_curve(run)) for run in results.runs(activation, "zero")]
        )
        for activation in STUDIED
    }
    learns_nothing = highest <= results.majority + ACCURACY_TOLERANCE
    steady = [name for name, spread in turning.items() if spread.mean < OSCILLATING]
    shares = ", ".join(f"{name} {spread.mean:.0%}" for name, spread in turning.items())
    note = (
        f"{_zero_in_words(learns_nothing, steady)} "
        f"The highest test accuracy of any activation and seed is {highest:.2%}; guessing the most "
        f"frequent class gives {results.majority:.2%} (tolerance {_points(ACCURACY_TOLERANCE)}). "
        f"The validation loss turns at this share of the epochs: {shares}; we call it oscillating "
        f"from {OSCILLATING:.0%} on."
    )
    return Judgement(
        claim.id,
        claim.claimed,
        {
            "test_accuracy": {name: asdict(spread) for name, spread in accuracies.items()},
            "turning_share": {name: asdict(spread) for name, spread in turning.items()},
        },
        _per_seed(
            results,
            **{name: results.values("test_accuracy", name, "zero") for name in STUDIED},
        ),
        Verdict.REPRODUCED if learns_nothing and not steady else Verdict.DIFFERS,
        note,
    )


def judge_ranking(claim: Claim, results: Results) -> Judgement:
    """Rank relu, tanh and sigmoid by their best initialisation, and normal against random."""
    names = [name for name in STUDIED if name != "leaky_relu"]
    best = {name: results.best(name)[1].mean for name in names}
    ranking = _ranked(best)
    by_init = {
        (name, init): results.values("test_accuracy", name, init)
        for name in names
        for init in INITIALISATIONS
    }
    seeds = range(len(results.seeds()))
    rankings = [
        _ranked({name: max(by_init[name, i][seed] for i in INITIALISATIONS) for name in names})
        for seed in seeds
    ]
    normal_wins = [
        all(by_init[name, "normal"][seed] > by_init[name, "random"][seed] for name in _LEARNING)
        for seed in seeds
    ]
    means = {pair: Spread.of(values).mean for pair, values in by_init.items()}
    normal_better = all(means[name, "normal"] > means[name, "random"] for name in _LEARNING)
    holds = ranking == claim.claimed["ranking"] and normal_better
    agree = sum(
        order == claim.claimed["ranking"] and wins
        for order, wins in zip(rankings, normal_wins, strict=True)
    )
    gaps = ", ".join(
        f"{name} {means[name, 'normal'] - means[name, 'random']:+.2%}" for name in _LEARNING
    )
    leaky = results.best("leaky_relu")[1].mean
    note = (
        f"By mean accuracy of the best initialisation: "
        f"{', '.join(f'{name} {best[name]:.2%}' for name in ranking)}; normal over random: {gaps}. "
        f"All of it holds in {agree} of {len(seeds)} seeds. With its true derivative leaky ReLU "
        f"reaches {leaky:.2%}."
    )
    return Judgement(
        claim.id,
        claim.claimed,
        {"ranking": ranking, "normal_better_than_random": normal_better, "best_accuracy": best},
        _per_seed(results, ranking=rankings, normal_better_than_random=normal_wins),
        Verdict.REPRODUCED if holds else Verdict.DIFFERS,
        note,
    )


_LEARNING = ("relu", "tanh")  # sigmoid learns with no initialisation, so none of its is better


def _zero_in_words(learns_nothing: bool, steady: Sequence[str]) -> str:
    learning = "Nothing is learnt, as claimed" if learns_nothing else "Something is learnt"
    if not steady:
        return f"{learning}, and every curve oscillates."
    return f"{learning}; but the curves of {', '.join(steady)} do not oscillate."


def _ranked(figures: Mapping[str, float]) -> list[str]:
    return sorted(figures, key=lambda name: -figures[name])


def _curve(run: TrialResult) -> list[float]:
    return [row.monitored_loss for row in run.epochs]


def _points(difference: float) -> str:
    return f"{100 * abs(difference):.2f} percentage points"


def _side(difference: float) -> str:
    return "above" if difference > 0 else "below"


def _inside(inside: bool, n: int) -> str:
    if n == 1:
        return "One seed has no spread to compare with."
    where = "inside" if inside else "outside"
    return f"The claimed accuracy lies {where} the range of our {n} seeds."


def _per_seed(results: Results, **columns: Sequence[Any]) -> list[dict[str, Any]]:
    rows = zip(results.seeds(), *columns.values(), strict=True)
    return [{"seed": seed, **dict(zip(columns, row, strict=True))} for seed, *row in rows]


CLAIMS = (
    Claim(
        "B.relu.normal",
        {"test_accuracy": 0.9460, "test_loss": 0.1825},
        [("relu", "normal")],
        judge_configuration,
    ),
    Claim(
        "B.tanh.normal",
        {"test_accuracy": 0.9327, "test_loss": 0.2503},
        [("tanh", "normal")],
        judge_configuration,
    ),
    Claim(
        "B.relu.random",
        {"test_accuracy": 0.9180, "test_loss": 0.2809},
        [("relu", "random")],
        judge_configuration,
    ),
    Claim(
        "B.leaky_relu.best",
        {"test_accuracy": 0.2247, "weight_init": "random"},
        [(name, init) for name in ("leaky_relu", FAULTY.name) for init in INITIALISATIONS],
        judge_leaky_relu,
    ),
    Claim(
        "B.sigmoid.best",
        {"test_accuracy": 0.1135, "weight_init": "every initialisation"},
        [("sigmoid", init) for init in INITIALISATIONS],
        judge_sigmoid,
    ),
    Claim(
        "B.zero",
        {"statement": "does not learn, with any activation; oscillating curves"},
        [(name, "zero") for name in STUDIED],
        judge_zero,
    ),
    Claim(
        "B.ranking",
        {
            "ranking": ["relu", "tanh", "sigmoid"],
            "normal_better_than_random": True,
        },
        PAIRS,
        judge_ranking,
    ),
)
