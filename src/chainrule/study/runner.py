"""Runs what a plan asks for, and keeps every result: plan -> runner -> store.

A plan is a function of what is finished. It is asked again after each round until it has nothing
new, so that a grid is one round, and a search that learns from its results is several. A run that
was killed and taken up again asks the same questions, and so comes to the same trials.

A pool (:mod:`chainrule.study.pools`) says where trials run. The caller's thread is the only one
that touches the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any, Protocol

from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Callback
from chainrule.training.history import Epoch

# Results by trial id -> every trial that is known by now, in order.
Plan = Callable[[Mapping[str, TrialResult]], Sequence[Trial]]

# Trains one: (trial, data, callbacks); whatever it raises becomes the trial's error.
Execute = Callable[[Trial, Any, Sequence[Callback]], TrialResult]

Finished = tuple[Trial, TrialResult]


class Listener(Protocol):
    """Hears how a study goes; called from several threads."""

    def begin(self, trials: int) -> None:
        """Run before each round; ``trials`` is how many there are by now, finished ones too."""

    def started(self, trial: Trial) -> None:
        """Run when a trial begins."""

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Run after each epoch; ``epochs`` is how many are planned. Clusters do not tell."""

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Run when a trial is in the store, also when it was there already."""


class Silent:
    """A listener that says nothing."""

    def begin(self, trials: int) -> None:
        """Say nothing."""

    def started(self, trial: Trial) -> None:
        """Say nothing."""

    def epoch(self, trial: Trial, row: Epoch, epochs: int) -> None:
        """Say nothing."""

    def finished(self, trial: Trial, result: TrialResult) -> None:
        """Say nothing."""


# Starts trials in their order, and yields each as it is finished.
Work = Callable[[Sequence[Trial], Listener], Iterator[Finished]]


class Pool(Protocol):
    """Where trials run."""

    def sharing(self, data: Any) -> AbstractContextManager[Any]:
        """Yield what this process keeps of the data: as it is, or mapped from where workers do."""
        return nullcontext(data)

    def open(self, execute: Execute, data: Any) -> AbstractContextManager[Work]:
        """Start the workers and give them the data, once; leaving stops what still runs."""


def fixed(trials: Sequence[Trial]) -> Plan:
    """Return the plan that is these trials, whatever comes of them."""
    return lambda results: trials


def run(
    plan: Plan,
    execute: Execute,
    data: Any,
    store: Store,
    *,
    pool: Pool,
    resume: bool,
    listener: Listener,
) -> dict[str, TrialResult]:
    """Run every trial of a plan once and keep each result.

    Parameters
    ----------
    plan : callable
        Results by id -> the trials known by now; see :func:`fixed`. Asked after each round.
    execute : callable
        Trains one: (trial, data, callbacks) -> TrialResult. What it raises is recorded as the
        trial's error. Must be a function that can be pickled where the pool has processes.
    data : object
        Whatever ``execute`` needs; the pool shares it between the workers.
    store : Store
        Receives each result as soon as it is there.
    pool : Pool
        Where trials run.
    resume : bool
        Whether to leave out what the store has. Without it such a trial runs again, and its result
        is replaced when the new one is there, not before.
    listener : Listener
        Hears each start, epoch and end.

    Returns
    -------
    dict
        Every trial's result, by id, in the order of the plan.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the running trials have stopped; what was finished is in the store.
    """
    results: dict[str, TrialResult] = {}

    def finish(trial: Trial, result: TrialResult) -> None:
        results[trial.id] = result
        listener.finished(trial, result)

    with ExitStack() as stack:
        work: Work | None = None
        while True:
            known = {trial.id: trial for trial in plan(results)}
            listener.begin(len(known))
            new = [trial for trial in known.values() if trial.id not in results]
            if not new:
                return {name: results[name] for name in known}
            waiting = []
            for trial in new:
                kept = store.load(trial) if resume else None
                if kept is None:
                    waiting.append(trial)
                else:
                    finish(trial, kept)
            if waiting and work is None:  # a study that is finished needs no workers
                work = stack.enter_context(pool.open(execute, data))
            for trial, result in work(waiting, listener) if work else ():
                store.save(trial, result)
                finish(trial, result)
