"""Why training ended, in words: each is a function of what a run's document says of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]


def stopped(document: Document) -> str:
    """Say how long training took, and why it ended."""
    training = document["training"]
    if training["parameters"]["solver"] == "lbfgs":
        return _lbfgs_ran(training)
    ended = _ENDS[training["ended"]](training)
    if training["stops"]:
        best = f"the weights of epoch {training['best_epoch']:,}, the best"
        so_far = " so far" * (training["ended"] == "interrupted")
        return f"{ended}; {best}{so_far}, were kept."
    if training["ended"] == "interrupted":
        return f"{ended}; the weights are what they were at that moment."
    return f"{ended}."


def _lbfgs_ran(training: Document) -> str:
    epochs, most = training["epochs"], training["parameters"]["max_iter"]
    if training["ended"] == "interrupted":
        return f"L-BFGS was interrupted after {epochs:,} of at most {most:,} iterations."
    return f"L-BFGS ran {epochs:,} of at most {most:,} iterations."


def _was_interrupted(training: Document) -> str:
    most = training["parameters"]["max_iter"]
    return f"Training was interrupted after {training['epochs']:,} of at most {most:,} epochs"


def _did_not_improve(training: Document) -> str:
    # The rule is more than so many epochs in a row, each less than tol better than the best before.
    parameters = training["parameters"]
    where = "on the stopping rows" if training["stops"] else "in the training loss"
    return (
        f"Training stopped after {training['epochs']:,} of at most {parameters['max_iter']:,} "
        f"epochs, as none of the last {parameters['n_iter_no_change'] + 1:,} was better {where} "
        f"than the best before it by {parameters['tol']:g} or more"
    )


def _diverged(training: Document) -> str:
    most = training["parameters"]["max_iter"]
    return (
        f"Training stopped after {training['epochs']:,} of at most {most:,} epochs, as it diverged"
    )


def _ran_all(training: Document) -> str:
    if training["stops"]:
        return f"Training ran all of its {training['epochs']:,} epochs"
    return (
        f"Training ran all of its {training['epochs']:,} epochs; nothing but the training loss "
        "said when to stop"
    )


_ENDS: dict[str, Callable[[Document], str]] = {
    "interrupted": _was_interrupted,
    "diverged": _diverged,
    "no improvement": _did_not_improve,
    "max_iter": _ran_all,
}


def interrupted(document: Document, goes_on: str) -> str:
    """Return a line on a run that Ctrl-C has ended, and on how to go on with it.

    Parameters
    ----------
    document : mapping
        Of the run.
    goes_on : str
        The command that goes on.
    """
    training = document["training"]
    if training["parameters"]["solver"] == "lbfgs":
        return (
            f"interrupted after iteration {training['epochs']:,}; its weights are kept. L-BFGS "
            "cannot go on from there: --force starts anew"
        )
    kept = f"epoch {training['best_epoch']:,}, the best so far, is kept" * training["stops"]
    return (
        f"interrupted after epoch {training['epochs']:,}; {kept or 'its weights are kept'}. "
        f"To go on: {goes_on}"
    )
