"""What leaky ReLU ends with under the plausible variants of the report's early stopping.

The report's 22.47 % is no figure that a full training ends with, and the report leaves open how
long its counter waits, what counts as an improvement, and whether its snapshot is a copy. If the
snapshot is a view of the weights, "restoring the best" keeps the last ones.

One code trained all of the report's networks. So beside each variant stands what it would have
left of ReLU, of which the report has a figure: a variant that explains the one must not spoil the
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from chainrule.reproduction.claims import points
from chainrule.reproduction.losses import losses_of
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import FAULTY, INITIALISATIONS
from chainrule.reproduction.section_b.stopping import early_stopping
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, WELL
from chainrule.study.statistics import Spread
from chainrule.study.trial import TrialResult

PATIENCES = (1, 2, 3, 5, 10)
MIN_DELTAS = (0.0, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class Variant:
    """A way in which the report's code may end a training.

    Attributes
    ----------
    keeps_last : bool
        Whether it keeps the last weights, as a snapshot does that is a view; else the best.
    patience : int or None
        Of its counter; None for none.
    min_delta : float
        What the counter takes for an improvement of the validation loss.
    epochs : int or None
        The most epochs it trains; None for the setting's.
    """

    keeps_last: bool
    patience: int | None = None
    min_delta: float = 0.0
    epochs: int | None = None

    def __str__(self) -> str:
        if self.epochs:
            return f"stopped after {self.epochs} epoch{'s' * (self.epochs > 1)}"
        counts = f", an improvement is at least {self.min_delta:g}" if self.min_delta else ""
        kept = "last" if self.keeps_last else "best"
        return f"patience {self.patience}{counts}, {kept} weights kept"

    def final_epoch(self, run: TrialResult) -> int | None:
        """Return the epoch whose weights a training ends with; None if they are no numbers."""
        losses = losses_of(run)[: self.epochs]
        stop = early_stopping(losses, self.patience, self.min_delta)
        if not self.keeps_last:
            return stop.best
        reaches = stop.by_counter or len(losses) == self.epochs
        return None if run.error and not reaches else stop.last


VARIANTS = (
    *(Variant(last, n, delta) for last, n, delta in product((False, True), PATIENCES, MIN_DELTAS)),
    *(Variant(True, epochs=epochs) for epochs in (1, 2)),
)
LEAKY = tuple(product(("leaky_relu", FAULTY.name), INITIALISATIONS))


@dataclass(frozen=True)
class Ending:
    """What some variants end with on the test images.

    Attributes
    ----------
    network : str
        The configuration.
    variants : tuple of Variant
        Those that end after the same epochs.
    epochs : tuple of int
        After which, seed by seed.
    accuracy : Spread
        Over seeds.
    off : float
        Its mean less the claimed accuracy.
    seeds_within : int
        In how many seeds it is within the tolerance of the claim.
    relu : Spread or None
        The validation accuracy that they leave of ReLU with the same initialisation.
    """

    network: str
    variants: tuple[Variant, ...]
    epochs: tuple[int, ...]
    accuracy: Spread
    off: float
    seeds_within: int
    relu: Spread | None

    @property
    def within(self) -> bool:
        """Whether its mean is within the tolerance of the claim."""
        return abs(self.off) <= ACCURACY_TOLERANCE

    @property
    def spares_relu(self) -> bool:
        """Whether they let ReLU do well, as the report's did."""
        return self.relu is not None and self.relu.mean >= WELL

    def __str__(self) -> str:
        more = len(self.variants) - 1
        others = f", or {more} more that end there" if more else ""
        return f"{self.variants[0]}{others}"


def endings(results: Results, claimed: float) -> list[Ending]:
    """Return what every variant ends with, the nearest to a claimed accuracy first.

    Variants that leave no numbers in some seed are left out.
    """
    found: list[Ending] = []
    for name, init in LEAKY:
        runs, relu = results.runs(name, init), results.runs("relu", init)
        alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Variant]] = {}
        for variant in VARIANTS:
            ends = _final_epochs(variant, runs), _final_epochs(variant, relu)
            alike.setdefault(ends, []).append(variant)
        found += [
            _ending(runs, epochs, _left_of_relu(relu, relu_epochs), tuple(variants), claimed)
            for (epochs, relu_epochs), variants in alike.items()
            if epochs
        ]
    return sorted(found, key=lambda ending: abs(ending.off))


def _ending(
    runs: Sequence[TrialResult],
    epochs: tuple[int, ...],
    relu: Spread | None,
    variants: tuple[Variant, ...],
    claimed: float,
) -> Ending:
    accuracies = [
        run.metrics["test_accuracies"][epoch - 1] for run, epoch in zip(runs, epochs, strict=True)
    ]
    accuracy = Spread.of(accuracies)
    within = sum(abs(value - claimed) <= ACCURACY_TOLERANCE for value in accuracies)
    off = accuracy.mean - claimed
    return Ending(runs[0].configuration, variants, epochs, accuracy, off, within, relu)


def _left_of_relu(runs: Sequence[TrialResult], epochs: Sequence[int]) -> Spread | None:
    scores = [
        run.epochs[epoch - 1].scores["validation_accuracy"]
        for run, epoch in zip(runs, epochs, strict=False)
    ]
    return Spread.of(scores) if scores else None


def _final_epochs(variant: Variant, runs: Sequence[TrialResult]) -> tuple[int, ...]:
    """Return the epochs that runs end with; none if one of them ends without numbers."""
    epochs = [variant.final_epoch(run) for run in runs]
    known = tuple(epoch for epoch in epochs if epoch)
    return known if len(known) == len(runs) else ()


def passes(results: Results, claimed: float, weight_init: str) -> list[int | None]:
    """Return the first epoch after which leaky ReLU has a test accuracy, seed by seed."""
    return [
        next((n for n, at in enumerate(run.metrics["test_accuracies"], 1) if at >= claimed), None)
        for run in results.runs("leaky_relu", weight_init)
    ]


def in_words(ends: Sequence[Ending]) -> str:
    """Say in a sentence or two which variants end where the report does.

    Parameters
    ----------
    ends : sequence of Ending
        The nearest first.
    """
    if not ends:
        return ""
    nearest, seeds = ends[0], ends[0].accuracy.n
    return (
        f"{how_many_fit(ends)} Nearest: {nearest.network}, {nearest}: "
        f"{nearest.accuracy.mean:.2%}, in {nearest.seeds_within} of {seeds} "
        f"{'seed' if seeds == 1 else 'seeds'} within."
    )


def how_many_fit(ends: Sequence[Ending]) -> str:
    """Say how many variants end at the claim, and how many of those leave ReLU its figure."""
    fitting = [end for end in ends if end.within]
    within = count(fitting)
    fits = {0: "none ends", 1: "one ends"}.get(within, f"{within} end")
    spared = count(end for end in fitting if end.spares_relu) or "none"
    of_those = (
        f"; of those, {spared} would have left ReLU at {WELL:.0%} or more, as the report has it"
    )
    return (
        f"Of {count(ends)} variants of the early stopping (patience, smallest improvement, copy or "
        "view of the best weights, one or two epochs; each network), "
        f"{fits} within {points(ACCURACY_TOLERANCE)} of the claim{of_those if within else ''}."
    )


def count(ends: Iterable[Ending]) -> int:
    """Return how many variants these are."""
    return sum(len(end.variants) for end in ends)
