"""Whether the patience counter prevents overfitting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from chainrule.report.curves import Panel, draw_losses, line, panel
from chainrule.report.figures import FAINT, Line
from chainrule.reproduction.claims import Claim, Judgement, Verdict, agreement, always, points
from chainrule.reproduction.losses import losses_of
from chainrule.reproduction.results import Names, Results
from chainrule.reproduction.section_b.experiments import (
    FEW_IMAGES_RATE,
    OVERFITTING,
    SECTION,
    TWELVE,
    majority_share,
)
from chainrule.reproduction.section_b.networks import FEW
from chainrule.reproduction.section_b.stopping import Stop, early_stopping
from chainrule.reproduction.themes import Drawing, Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE
from chainrule.study.trial import TrialResult


@dataclass(frozen=True)
class Ended:
    """How a run that learns ended.

    Attributes
    ----------
    configuration, seed : str and int
        Which.
    kept_epoch, last_epoch : int
        Whose weights were kept; where it ended.
    stopped : bool
        Whether before its last planned epoch.
    kept_gap, last_gap : float
        Validation less training loss at either.
    """

    configuration: str
    seed: int
    kept_epoch: int
    last_epoch: int
    stopped: bool
    kept_gap: float
    last_gap: float

    @property
    def figures(self) -> dict[str, Any]:
        """Return them as a row of what is measured by seed."""
        return {
            "seed": self.seed,
            "configuration": self.configuration,
            "kept_epoch": self.kept_epoch,
            "last_epoch": self.last_epoch,
            "kept_gap_loss": self.kept_gap,
            "last_gap_loss": self.last_gap,
        }


def ended(run: TrialResult, kept: int, epochs: int) -> Ended:
    """Return how a run ended.

    Parameters
    ----------
    run : TrialResult
        With at least one epoch.
    kept : int
        The epoch whose weights were kept.
    epochs : int
        How many were planned.
    """
    gaps = [row.monitored_loss - row.train_loss for row in run.epochs]
    last = len(run.epochs)
    return Ended(run.configuration, run.seed, kept, last, last < epochs, gaps[kept - 1], gaps[-1])


def learning_runs(results: Results) -> list[Ended]:
    """Return how those of the report's twelve configurations ended that learn anything."""
    guessing = majority_share(results.data) + ACCURACY_TOLERANCE
    epochs = results.settings[SECTION]["epochs"]
    return [
        ended(run, run.metrics["best_epoch"], epochs)
        for names in TWELVE
        for run in results.trained(*names)
        if run.metrics["test_accuracy"] > guessing
    ]


def judge_early_stopping(claim: Claim, results: Results) -> Judgement:
    """Ask where the counter acted, and whether what it kept is less overfitted than the end."""
    runs = learning_runs(results)
    stopped = [run for run in runs if run.stopped]
    smaller = [run for run in stopped if run.kept_gap < run.last_gap]
    verdict = agreement(bool(smaller)) if stopped else Verdict.UNDECIDED
    kept = [run for run in runs if run.kept_epoch < run.last_epoch]
    note = (
        f"Of {len(runs)} trainings that learn, {len(stopped)} stop early, {len(smaller)} of them "
        f"with a smaller gap at the kept epoch. In {len(kept)} the kept epoch is not the last "
        f"one. {_mechanism(results)}"
    )
    return claim.judgement(
        verdict,
        note,
        {"learning_runs": len(runs), "stopped_early": len(stopped), "smaller_gap": len(smaller)},
        [run.figures for run in runs],
        f"{_acted(runs, len(stopped), len(smaller), results)} {_mechanism(results)}".strip(),
    )


def _acted(runs: Sequence[Ended], stopped: int, smaller: int, results: Results) -> str:
    if not runs:
        return "None of the trainings learns, so there is nothing to overfit."
    if stopped:
        return (
            f"The counter ended {stopped} of the {len(runs)} trainings that learn, and in "
            f"{smaller} of them what it kept has a smaller gap between validation and training "
            "loss than the end."
        )
    unacted = f"In none of the {len(runs)} trainings that learn did the counter act: "
    if all(run.kept_epoch == run.last_epoch for run in runs):
        return (
            f"{unacted}the validation loss was still falling when the epochs were over, so it had "
            "nothing to prevent."
        )
    patience = results.settings[SECTION]["patience"]
    return f"{unacted}the validation loss rose in some, but not for {patience} epochs in a row."


def would_stop(run: TrialResult, results: Results) -> Stop:
    """Return where the run's counter would have stopped a training that had none."""
    return early_stopping(losses_of(run), results.settings[SECTION]["patience"])


def _mechanism(results: Results) -> str:
    """Say what the counter would have done where a network is trained on few images."""
    runs = [run for run in results.trained(*OVERFITTING) if run.epochs]
    if not runs:
        return ""
    run = runs[0]
    stop = would_stop(run, results)
    assert stop.best
    losses = losses_of(run)
    kept, last = losses[stop.best - 1], losses[-1]
    if not stop.by_counter:
        return "On few images, too, the counter would never have acted."
    return (
        f"On {FEW:,} images with a learning rate of {FEW_IMAGES_RATE:g} (seed {run.seed}) it "
        f"would have stopped after epoch {stop.last} and kept "
        f"epoch {stop.best}, with a validation loss of {kept:.3f}; after all {len(losses)} epochs "
        f"it is {last:.3f}."
    )


def draw(results: Results) -> Sequence[Drawing]:
    """Draw both losses of a training on few images and of the report's, with what is kept."""
    return [
        Drawing.of(
            _panel(results, OVERFITTING, "few images"),
            _panel(results, ("relu", "normal"), "the report's images"),
            legend=("ReLU, normal",),
            dashed="training",
            solid="validation",
        )
    ]


def _panel(results: Results, names: Names, title: str) -> Panel | None:
    runs = [run for run in results.trained(*names) if run.epochs][:1]
    if not runs:
        return None
    stop = would_stop(runs[0], results)
    lines = [
        line(runs, "train_loss", "training", 0, dashed=True),
        line(runs, "validation_loss", "validation", 0, dashed=False),
    ]
    stops = (
        f"the counter would stop after epoch {stop.last} (dotted)"
        if stop.by_counter
        else "the counter never has a reason to stop it"
    )
    caption = f"One seed. The best epoch is {stop.best} (vertical line); {stops}."
    return panel(f"Cross-entropy, {title}", lines, _draw_with(stop), caption)


def _draw_with(stop: Stop) -> Callable[[Sequence[Line], Axes], None]:
    def draw_stops(lines: Sequence[Line], axes: Axes) -> None:
        draw_losses(lines, axes)
        if stop.best:
            axes.axvline(stop.best, color=FAINT, linewidth=1)
        if stop.by_counter:
            axes.axvline(stop.last, color=FAINT, linewidth=1, linestyle=":")

    return draw_stops


CLAIM = Claim(
    "B.early_stopping",
    "The patience counter prevents overfitting.",
    {"statement": "prevents overfitting"},
    always(),
    judge_early_stopping,
    also=always(*TWELVE, OVERFITTING),
    rule=(
        "In the trainings that learn (test accuracy more than "
        f"{points(ACCURACY_TOLERANCE)} above the largest class): the counter stops at least one "
        "early, and at the epoch that it keeps the gap between validation and training loss is "
        "smaller than at the last one. Where it stops none, this cannot be told."
    ),
)

THEME = Theme(
    "early-stopping",
    "Does early stopping prevent overfitting?",
    (CLAIM,),
    draw,
    sentences(
        {
            CLAIM.id: {
                Verdict.REPRODUCED: (
                    "Early stopping kept an epoch before the gap between validation and training "
                    "loss had grown: look where the two curves part."
                ),
                Verdict.DIFFERS: (
                    "Early stopping ended trainings, but what it kept was no less overfitted: it "
                    "saves time, and that is not the same."
                ),
                Verdict.UNDECIDED: (
                    "Early stopping prevents nothing where it never acts: before you credit it, "
                    "look whether the training was stopped at all."
                ),
            }
        }
    ),
)
