"""A study that is killed again and again: python -m benchmarks.kills --kills 100.

Forty small trainings in two rounds run in a process of their own, which says what it does line by
line. After a random number of lines it, or one of its workers, gets SIGKILL; that a result is about
to be written is a line too, so commits are hit as well. The study is taken up again until it is
finished, and begun anew until there were enough kills. After every kill what was kept must still be
there, and nothing that is kept may be run again; in the end the results must be, bit for bit, those
of a run that nobody killed. Prints the counts; the exit status is 1 if something was wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np

from chainrule import NeuralNetwork
from chainrule.study.pools import make_pool
from chainrule.study.runner import run
from chainrule.study.store import Store, read
from chainrule.study.trial import Trial, TrialResult

TRIALS = [Trial("K", f"seed {seed}", seed, {}, "made") for seed in range(40)]
EPOCHS = 3


def plan(results):
    """Twenty trials, and twenty more when these are finished."""
    return TRIALS[:20] if len(results) < 20 else TRIALS


def execute(trial, data, callbacks) -> TrialResult:
    X, y = data
    net = NeuralNetwork(
        3, (50, 16, 3), 0.1, "relu", "he_normal", EPOCHS, 50, random_state=trial.seed
    )
    net.fit(X, y, callbacks=list(callbacks))
    metrics = {"accuracy": net.score(X, y), "norm": float(np.linalg.norm(net.params_.flat))}
    epochs = [row._replace(seconds=0.0) for row in net.history_.epochs]
    return TrialResult(trial.id, trial.configuration, trial.seed, metrics, epochs)


def say(event: str, name: str = "") -> None:
    # In one piece: several threads speak.
    sys.stdout.write(f"{event} {name}\n")
    sys.stdout.flush()


class Aloud:
    """A listener that prints a line for everything."""

    def begin(self, trials) -> None:
        say("begin")

    def started(self, trial) -> None:
        say("started", trial.id)

    def epoch(self, trial, row, epochs) -> None:
        say("epoch", trial.id)

    def finished(self, trial, result) -> None:
        say("finished", trial.id)


class LoudStore(Store):
    """A store that says when it begins to write."""

    def save(self, trial, result) -> None:
        say("saving", trial.id)
        super().save(trial, result)


def study(folder: Path, backend: str) -> None:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(600, 50)), rng.integers(0, 3, 600)
    with LoudStore(folder / "trials.sqlite") as store:
        run(plan, execute, data, store, pool=make_pool(backend, 2), resume=True, listener=Aloud())


def kept(folder: Path) -> dict[str, dict]:
    """Return every result in a folder's store by trial, without times."""
    path = folder / "trials.sqlite"
    if not path.exists():
        return {}
    with read(path) as stored:
        pairs = stored.results()
    assert len(pairs) == len({trial.id for trial, _ in pairs}), "a trial is there twice"
    return {trial.id: {**asdict(result), "seconds": 0} for trial, result in pairs}


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, which still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(path.parent.name))
    return found


class Killer:
    """Runs studies, and kills them."""

    def __init__(self, backend: str, seed: int) -> None:
        self.backend, self.random, self.counts = backend, random.Random(seed), Counter()

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.counts["parents killed"] + self.counts["workers killed"]

    def whole_study(self, folder: Path, kills: int) -> None:
        """Run a study to its end, through at most ``kills`` kills."""
        before: dict[str, dict] = {}
        while True:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *f"-m benchmarks.kills --backend {self.backend} --run".split(),
                    folder,
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            killed = self._watch(process, kills, set(before))
            kills -= killed
            try:
                now = kept(folder)
            except OSError:  # killed before there was a study
                now = {}
            self.counts["lost"] += len([name for name in before if now.get(name) != before[name]])
            before = now
            if process.returncode == 0:
                return
            assert process.returncode == -signal.SIGKILL, "it ended by itself, with an error"

    def _watch(self, process: subprocess.Popen, kills: int, done: set[str]) -> int:
        # Kills workers, and in the end the parent; returns how many kills that were.
        self.counts["runs"] += 1
        killed, left, wanted, alive = 0, *self._next(), True
        for line in process.stdout:
            event, _, name = line.strip().partition(" ")
            self.counts[event] += 1
            self.counts["run again"] += event == "started" and name in done
            left -= 1
            if alive and left <= 0 and killed < kills and event in wanted:
                alive = self._kill(process, event)  # what it had said before is still heard
                killed, left, wanted = killed + 1, *self._next()
        process.wait()
        process.stdout.close()
        return killed

    def _next(self) -> tuple[int, tuple[str, ...]]:
        # After how many lines, and at what line then: often when a result is being written.
        anything = ("begin", "started", "epoch", "saving", "finished")
        return self.random.randint(1, 60), self.random.choice([anything, ("saving",)])

    def _kill(self, process: subprocess.Popen, event: str) -> bool:
        # Returns whether the parent is alive.
        for _ in range(self.random.randrange(20_000)):  # up to a millisecond later
            pass
        workers = children(process.pid)
        if workers and event != "saving" and self.random.random() < 0.6:
            self.counts["workers killed"] += 1
            os.kill(self.random.choice(workers), signal.SIGKILL)
            return True
        self.counts["parents killed"] += 1
        self.counts["of them at a commit"] += event == "saving"
        process.kill()
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--backend", default="processes", choices=["threads", "processes"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        study(options.run, options.backend)
        return 0
    killer = Killer(options.backend, options.seed)
    counts, studies, equal = killer.counts, 0, 0
    with tempfile.TemporaryDirectory() as home:
        Killer("threads", 0).whole_study(whole := new_folder(home, "whole"), 0)
        wanted = kept(whole)
        while (left := options.kills - killer.kills) > 0:
            killer.whole_study(folder := new_folder(home, str(studies)), left)
            studies += 1
            equal += kept(folder) == wanted
    print(f"{options.backend}, seed {options.seed}: {studies} studies of {len(TRIALS)} trials")
    for what in ("parents killed", "of them at a commit", "workers killed", "runs", "saving"):
        print(f"{what}: {counts[what]}")
    print(
        f"results lost or changed: {counts['lost']}; finished trials run again: "
        f"{counts['run again']}; studies equal to one without a kill: {equal} of {studies}"
    )
    return int(bool(counts["lost"] or counts["run again"] or equal < studies))


def new_folder(home: str, name: str) -> Path:
    folder = Path(home, name)
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
