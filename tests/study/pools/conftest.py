"""A small study, the same for every pool: five trainings, one of which diverges."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult


class Ears:
    """A listener that keeps what it hears."""

    def __init__(self):
        self.started_ones, self.epochs, self.finished_ones = [], [], []

    def begin(self, trials):
        pass

    def started(self, trial):
        self.started_ones.append(trial.seed)

    def epoch(self, trial, row, epochs):
        self.epochs.append((trial.seed, row.epoch, epochs))

    def finished(self, trial, result):
        self.finished_ones.append(trial.seed)


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "trials.sqlite") as store:
        yield store


def make_execute():
    # A function within a function is sent to other processes as it is, and not by the name of a
    # module that they could not import.
    def execute(trial, data, callbacks):
        from chainrule import NeuralNetwork

        rate = 1e30 if trial.seed == 3 else 0.1
        net = NeuralNetwork(
            3, (100, 8, 3), rate, "relu", "he_normal", 3, 50, random_state=trial.seed
        )
        net.fit(data["X"], data["y"], callbacks=list(callbacks))
        epochs = [row._replace(seconds=0.0) for row in net.history_.epochs]
        metrics = {"loss": net.history_.epochs[-1].train_loss, "bytes": data["X"].nbytes}
        return TrialResult(trial.id, trial.configuration, trial.seed, metrics, epochs)

    return execute


def make_killed(folder, times):
    # The process of seed 1 kills itself in its first so many tries.
    execute = make_execute()

    def killed(trial, data, callbacks):
        if trial.seed == 1:
            tried = len(list(Path(folder).glob("try*")))
            if tried < times:
                Path(folder, f"try{tried}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(trial, data, callbacks)

    return killed


@pytest.fixture
def execute():
    return make_execute()


@pytest.fixture
def killed():
    """Make what kills its process in the first tries of seed 1: killed(folder, times)."""
    return make_killed


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return {"X": rng.integers(0, 256, (1000, 100), np.uint8), "y": rng.integers(0, 3, 1000)}


@pytest.fixture
def trials():
    return [Trial("B", f"seed {seed}", seed, {}, "digest") for seed in range(5)]


def without_times(results):
    """Return results as they are compared: times, which differ, are left out."""
    return {name: {**vars(result), "seconds": 0} for name, result in results.items()}


@pytest.fixture
def compared():
    return without_times
