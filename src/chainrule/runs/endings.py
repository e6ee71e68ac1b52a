"""Why training ended, in words: each is a function of what a run's document says of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule._text import counted

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
        return f"L-BFGS was interrupted after {epochs:,} of at most {counted(most, 'iteration')}."
    return f"L-BFGS ran {epochs:,} of at most {counted(most, 'iteration')}."


def _was_interrupted(training: Document) -> str:
    most = training["parameters"]["max_iter"]
    return (
        f"Training was interrupted after {training['epochs']:,} of at most {counted(most, 'epoch')}"
    )


def _did_not_improve(training: Document) -> str:
    # The rule is more than so many epochs in a row, each less than tol better than the best before.
    parameters = training["parameters"]
    where = "on the stopping rows" if training["stops"] else "in the training loss"
    return (
        f"Training stopped after {training['epochs']:,} of at most "
        f"{counted(parameters['max_iter'], 'epoch')}, as none of the last "
        f"{parameters['n_iter_no_change'] + 1:,} was better {where} than the best before it "
        f"by {parameters['tol']:g} or more"
    )


def _diverged(training: Document) -> str:
    at_most = counted(training["parameters"]["max_iter"], "epoch")
    return f"Training stopped after {training['epochs']:,} of at most {at_most}, as it diverged"


def _ran_all(training: Document) -> str:
    ran = f"Training ran all of its {counted(training['epochs'], 'epoch')}"
    if training["stops"]:
        return ran
    return f"{ran}; nothing but the training loss said when to stop"


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
