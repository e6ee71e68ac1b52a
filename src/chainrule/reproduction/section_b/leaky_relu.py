"""The report's leaky ReLU: what it reaches, and what might explain the report's figure."""

from __future__ import annotations

from dataclasses import asdict

from chainrule.reproduction.claims import Claim, Judgement, Verdict, points, side
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import FAULTY, INITIALISATIONS
from chainrule.reproduction.section_b.stopping_variants import endings, in_words
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult


def judge_leaky_relu(claim: Claim, results: Results) -> Judgement:
    """Compare the best leaky ReLU, and ask whether the report's faulty derivative explains it."""
    claimed = claim.claimed["test_accuracy"]
    init, best = _best_initialisation(results, "leaky_relu")
    faulty = _best_faulty(results)
    close = abs(best.mean - claimed) <= ACCURACY_TOLERANCE
    if close and init == claim.claimed["weight_init"]:
        verdict = Verdict.REPRODUCED
    elif faulty and abs(faulty[1].mean - claimed) <= ACCURACY_TOLERANCE:
        verdict = Verdict.ERRATUM
    else:
        verdict = Verdict.DIFFERS
    note = (
        f"A leaky ReLU with its true derivative is best with {init}, at {best.mean:.2%}, "
        f"{points(best.mean - claimed)} {side(best.mean - claimed)} the claim. The report's "
        "code, called as f(z, True), returns z in place of the derivative. "
        f"{_faulty_in_words(claimed, results, faulty)} Tolerance {points(ACCURACY_TOLERANCE)}. "
        f"{in_words(endings(results, claimed))}"
    )
    return claim.judgement(
        verdict,
        note,
        {
            "test_accuracy": asdict(best),
            "weight_init": init,
            "faulty_test_accuracy": asdict(faulty[1]) if faulty else None,
            "faulty_weight_init": faulty[0] if faulty else None,
        },
        [
            {"seed": seed, "test_accuracy": accuracy, **_faulty_of(results, seed)}
            for seed, accuracy in zip(
                results.seeds, results.values("test_accuracy", "leaky_relu", init), strict=True
            )
        ],
    )


def _best_initialisation(results: Results, activation: str) -> tuple[str, Spread]:
    spreads = {
        init: Spread.of(results.values("test_accuracy", activation, init))
        for init in INITIALISATIONS
    }
    return max(spreads.items(), key=lambda item: item[1].mean)


def _accuracy(run: TrialResult) -> float | None:
    # Of a faulty run that diverged: with its best weights, as the report's early stopping has it.
    return run.metrics.get("test_accuracy", run.metrics.get("restored_accuracy"))


def _best_faulty(results: Results) -> tuple[str, Spread] | None:
    spreads = {}
    for init in INITIALISATIONS:
        accuracies = [_accuracy(run) for run in results.runs(FAULTY.name, init)]
        if known := [accuracy for accuracy in accuracies if accuracy is not None]:
            spreads[init] = Spread.of(known)
    return max(spreads.items(), key=lambda item: item[1].mean, default=None)


def _faulty_of(results: Results, seed: int) -> dict[str, float | None]:
    # One column an initialisation; null where the training diverged in its first epoch.
    return {
        f"faulty_{init}": _accuracy(run)
        for init in INITIALISATIONS
        for run in results.runs(FAULTY.name, init)
        if run.seed == seed
    }


def _faulty_in_words(claimed: float, results: Results, faulty: tuple[str, Spread] | None) -> str:
    runs = [run for init in INITIALISATIONS for run in results.runs(FAULTY.name, init)]
    diverged = sum(run.error is not None for run in runs)
    ends = (
        f"{diverged} of its {len(runs)} trainings diverged; such a one counts with the weights of "
        "its best epoch, as early stopping restores them"
        if diverged
        else f"none of its {len(runs)} trainings diverged"
    )
    if faulty is None:
        return f"That faulty variant was trained too: all of its {len(runs)} trainings diverged."
    init, best = faulty
    if abs(best.mean - claimed) <= ACCURACY_TOLERANCE:
        where = ", which explains the claim"
    else:
        where = (
            f", {points(best.mean - claimed)} {side(best.mean - claimed)} the claim, so it does "
            "not explain the figure"
        )
    return (
        f"That faulty variant, trained here too, is best with {init}, at {best.mean:.2%}{where}; "
        f"{ends}."
    )
