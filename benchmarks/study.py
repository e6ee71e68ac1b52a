"""What a study costs beside its trainings: python -m benchmarks.study [PART ...].

``overhead``: 2,000 trials of a model that trains in 5 ms, stored and shown as by the command line;
what a trial takes beyond its training. ``jobs``: trials an hour of image fits, one and two at a
time. ``memory``: what four trials at a time add that share 300 MB. ``dask``: worker processes
beside threads. Rounds are interleaved; numbers are medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import warnings
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console

from benchmarks.kills import children
from chainrule import MLPClassifier
from chainrule.cli.progress import listen
from chainrule.datasets import load_mnist
from chainrule.study.environment import environment
from chainrule.study.pools import make_pool
from chainrule.study.pools.sharing import mapped, shared_folder
from chainrule.study.runner import Silent, fixed, run
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult

ROUNDS = 3
SHORT, LONG = 0.005, 2.0  # seconds that a training takes


def fit(trial, data, callbacks) -> TrialResult:
    warnings.simplefilter("ignore")  # that so few epochs are too few
    X, y = data
    own = trial.settings
    begun = perf_counter()
    MLPClassifier(
        (own["hidden"],),
        batch_size=200,
        max_iter=own["epochs"],
        tol=0,
        n_iter_no_change=10**6,
        random_state=trial.seed,
        callbacks=list(callbacks),
    ).fit(X, y)
    seconds = perf_counter() - begun
    return TrialResult(trial.id, trial.configuration, trial.seed, {"fit": seconds}, [], seconds)


def small():
    rng = np.random.default_rng(0)
    return rng.normal(size=(1000, 20)).astype(np.float32), rng.integers(0, 3, 1000)


def images():
    mnist = load_mnist()
    return mnist.X_train[:10_000].reshape(10_000, -1) / np.float32(255), mnist.y_train[:10_000]


def make_trials(n: int, hidden: int, epochs: int, start: int = 0) -> list[Trial]:
    settings = {"hidden": hidden, "epochs": epochs}
    return [Trial("S", f"trial {i}", i, settings, "") for i in range(start, start + n)]


def epochs_for(seconds: float, hidden: int, data) -> int:
    """Return how many epochs take so long on one thread of one process."""
    with make_pool("threads", 1).open(fit, data) as work:
        taken = [result.seconds for _, result in work(make_trials(5, hidden, 20), Silent())]
    return max(1, round(20 * seconds / statistics.median(taken)))


def timed(work, trials) -> tuple[float, float]:
    """Return the seconds that trials took together, and the mean of what each took alone."""
    begun = perf_counter()
    seconds = [result.seconds for _, result in work(trials, Silent())]
    return perf_counter() - begun, statistics.mean(seconds)


@contextmanager
def warm(backend: str, jobs: int, data):
    """Open a pool all of whose workers have trained once."""
    with make_pool(backend, jobs).open(fit, data) as work:
        for _ in range(2):
            list(work(make_trials(jobs, 8, 1, start=10**6), Silent()))
        yield work


def overhead() -> None:
    data = small()
    epochs = epochs_for(SHORT, 16, data)
    print(f"1,000 x 20, 20-16-3, {epochs} epochs, one trial at a time")
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for backend, n in (("threads", 2000), ("processes", 1000), ("dask", 300)):
            with tempfile.TemporaryDirectory(dir=".") as home, Path(os.devnull).open("w") as null:
                trials = make_trials(n, 16, epochs)
                with Store(Path(home, "t.sqlite")) as store, listen(Console(file=null)) as listener:
                    pool = make_pool(backend, 1)
                    run(
                        fixed(trials[:1]),
                        fit,
                        data,
                        store,
                        pool=pool,
                        resume=False,
                        listener=listener,
                    )
                    begun = perf_counter()
                    results = run(
                        fixed(trials), fit, data, store, pool=pool, resume=False, listener=listener
                    )
                    whole = perf_counter() - begun
            alone = statistics.mean(result.seconds for result in results.values())
            found.setdefault((backend, n), []).append((whole / n, alone))
    for (backend, n), rows in found.items():
        alone = 1000 * statistics.median(row[1] for row in rows)
        beyond = 1000 * statistics.median(row[0] - row[1] for row in rows)
        print(f"{backend}, {n} trials: training {alone:.2f} ms, {beyond:.2f} ms more a trial")
    print("(with the start of the processes or of the cluster)")


def jobs() -> None:
    data = images()
    print("10,000 images of MNIST, 784-256-10, adam, batches of 200; 8 trials of 5 epochs")
    for backend in ("threads", "processes"):
        taken: dict[int, list[float]] = {1: [], 2: []}
        with warm(backend, 1, data) as one, warm(backend, 2, data) as two:
            for i in range(ROUNDS):
                for n, work in ((1, one), (2, two)):
                    taken[n].append(timed(work, make_trials(8, 256, 5, start=100 * i))[0])
        rates = {n: 8 / statistics.median(seconds) for n, seconds in taken.items()}
        print(
            f"{backend}: {rates[1]:.2f} trials a second, two at a time {rates[2]:.2f}: "
            f"{rates[2] / rates[1]:.2f} times"
        )


def held(kind: str) -> int:
    """Return the bytes that this process and those it has started hold."""
    total = 0
    pids = [os.getpid()]
    for pid in pids:
        pids += children(pid)
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
    return 1024 * total


def peak(backend: str, data, kind: str) -> int:
    highest, done = 0, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.05):
            highest = max(highest, held(kind))

    with warm(backend, 4, data) as work:
        watcher = threading.Thread(target=watch)
        watcher.start()
        list(work(make_trials(4, 32, 1), Silent()))
        done.set()
        watcher.join()
        return max(highest, held(kind))


def memory() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (300_000, 784), np.uint8), rng.integers(0, 10, 300_000)
    print(f"{X.nbytes / 1e6:.0f} MB of uint8, four trials at a time; beyond the same with 2 MB")
    few = peak("threads", (X[:2500], y[:2500]), "Rss") - X.nbytes
    more = peak("threads", (X, y), "Rss") - few
    print(f"threads, RSS: {more / X.nbytes:.2f} times the data")
    few = peak("processes", (X[:2500].copy(), y[:2500]), "Pss") - X.nbytes
    more = peak("processes", (X, y), "Pss") - few
    print(f"processes, PSS of all, the array of the caller too: {more / X.nbytes:.2f} times")
    with shared_folder() as folder:
        data, size = mapped((X, y), folder), X.nbytes
        del X
        more = peak("processes", data, "Pss") - few
        print(f"processes, PSS of all, the array mapped from a file: {more / size:.2f} times")


def dask() -> None:
    samples = {"5 ms": (small(), 16, SHORT, 200), "2 s": (images(), 256, LONG, 4)}
    print(
        "| a trial takes | at a time | threads, s | Dask, s | more a trial, ms |\n"
        + "|---" * 5
        + "|"
    )
    for name, (data, hidden, seconds, n) in samples.items():
        epochs = epochs_for(seconds, hidden, data)
        for count in (1, 2, 4):
            taken: dict[str, list[float]] = {"threads": [], "dask": []}
            with warm("threads", count, data) as here, warm("dask", count, data) as there:
                for i in range(ROUNDS):
                    for backend, work in (("threads", here), ("dask", there)):
                        trials = make_trials(n, hidden, epochs, start=1000 * i)
                        taken[backend].append(timed(work, trials)[0])
            a, b = (statistics.median(taken[backend]) for backend in ("threads", "dask"))
            print(
                f"| {name} | {count} | {a:.2f} | {b:.2f} | {1000 * (b - a) / n:.1f} |", flush=True
            )


PARTS = {"overhead": overhead, "jobs": jobs, "memory": memory, "dask": dask}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    for name, value in environment().items():
        print(f"{name}: {value}")
    for part in parser.parse_args().parts or PARTS:
        print(f"\n{part}", flush=True)
        PARTS[part]()


if __name__ == "__main__":
    main()
