import threading

import pytest
from threadpoolctl import threadpool_info

from chainrule.errors import TrainingInterrupted
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import fixed, run
from chainrule.study.store import Store
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.callbacks import Progress
from chainrule.training.history import Epoch, History

TRIALS = [Trial("B", f"configuration {i}", i, {}, "digest") for i in range(5)]


class Ears:
    def __init__(self):
        self.heard = []

    def begin(self, trials):
        self.trials = trials

    def started(self, trial):
        self.heard.append(("started", trial.seed))

    def epoch(self, trial, row, epochs):
        self.heard.append(("epoch", trial.seed, row.epoch, epochs))

    def finished(self, trial, result):
        self.heard.append(("finished", trial.seed, result.metrics["square"]))


def square(trial, data, callbacks):
    history = History([Epoch(1, 1.0, None, {}, 0.1, 0.0)])
    for callback in callbacks:
        callback.steps_end(Progress(None, history, 3))
        callback.epoch_end(Progress(None, history, 3))
    return TrialResult(trial.id, trial.configuration, trial.seed, {"square": trial.seed**2})


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        yield store


@pytest.mark.parametrize("jobs", [1, 2, -1])
def test_every_trial_is_run_once_and_kept(store, jobs):
    ears = Ears()
    run(fixed(TRIALS), square, None, store, pool=ThreadPool(jobs), resume=False, listener=ears)
    assert ears.trials == len(TRIALS)
    assert [store.load(trial).metrics["square"] for trial in TRIALS] == [0, 1, 4, 9, 16]
    for i in range(5):
        mine = [event for event in ears.heard if event[1] == i]
        assert mine == [("started", i), ("epoch", i, 1, 3), ("finished", i, i**2)]


def test_resume_leaves_out_what_is_finished_and_reports_it(store):
    run(fixed(TRIALS[:2]), square, None, store, pool=ThreadPool(1), resume=False, listener=Ears())
    ears = Ears()
    run(fixed(TRIALS), square, None, store, pool=ThreadPool(1), resume=True, listener=ears)
    assert {event[1] for event in ears.heard if event[0] == "started"} == {2, 3, 4}
    assert {event[1] for event in ears.heard if event[0] == "finished"} == {0, 1, 2, 3, 4}


def test_without_resume_everything_runs_again(store):
    run(fixed(TRIALS), square, None, store, pool=ThreadPool(1), resume=False, listener=Ears())
    ears = Ears()
    run(fixed(TRIALS), square, None, store, pool=ThreadPool(1), resume=False, listener=ears)
    assert sum(event[0] == "started" for event in ears.heard) == len(TRIALS)


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


def test_blas_has_one_thread_meanwhile_and_its_own_number_afterwards(store):
    before, seen = blas_threads(), []

    def look(trial, data, callbacks):
        seen.append(blas_threads())
        return square(trial, data, callbacks)

    run(fixed(TRIALS[:1]), look, None, store, pool=ThreadPool(1), resume=False, listener=Ears())
    assert seen == [{1}]
    assert blas_threads() == before


def test_an_interrupt_stops_trials_that_are_running_and_keeps_the_finished(store):
    both_running = threading.Barrier(2, timeout=30)

    class Interrupt(Ears):
        def finished(self, trial, result):
            super().finished(trial, result)
            raise KeyboardInterrupt

    stopped = threading.Event()

    def execute(trial, data, callbacks):
        if trial.seed > 1:
            return square(trial, data, callbacks)
        both_running.wait()
        if trial.seed == 1:
            try:
                while True:  # trains until it is told to stop
                    for callback in callbacks:
                        callback.steps_end(Progress(None, History(), 3))
            finally:
                stopped.set()
        return square(trial, data, callbacks)

    with pytest.raises(KeyboardInterrupt):
        run(
            fixed(TRIALS),
            execute,
            None,
            store,
            pool=ThreadPool(2),
            resume=False,
            listener=Interrupt(),
        )
    assert stopped.wait(timeout=30)
    assert store.load(TRIALS[0]) is not None
    assert store.load(TRIALS[1]) is None


def test_a_plan_is_asked_again_until_it_has_nothing_new(store):
    asked = []

    def two_at_a_time(results):
        asked.append([result.metrics["square"] for result in results.values()])
        return TRIALS[: min(len(results) + 2, 5)]

    ears = Ears()
    results = run(
        two_at_a_time, square, None, store, pool=ThreadPool(1), resume=False, listener=ears
    )
    assert asked == [[], [0, 1], [0, 1, 4, 9], [0, 1, 4, 9, 16]]
    assert list(results) == [trial.id for trial in TRIALS]
    assert ears.trials == 5
    asked.clear()
    ears = Ears()
    again = run(two_at_a_time, square, None, store, pool=NoPool(), resume=True, listener=ears)
    assert again == results
    assert asked == [[], [0, 1], [0, 1, 4, 9], [0, 1, 4, 9, 16]]
    assert [event[0] for event in ears.heard] == ["finished"] * 5


class NoPool:
    def open(self, execute, data):
        raise AssertionError("a finished study starts no workers")


def test_a_trial_that_is_planned_twice_is_run_once(store):
    ears = Ears()
    plan = fixed(TRIALS[:2] * 2)
    run(plan, square, None, store, pool=ThreadPool(2), resume=False, listener=ears)
    assert sum(event[0] == "started" for event in ears.heard) == 2


def test_the_workers_are_started_once_for_all_rounds(store):
    opened = []

    class Counted(ThreadPool):
        def open(self, execute, data):
            opened.append(data)
            return super().open(execute, data)

    run(
        lambda results: TRIALS[: len(results) + 1],
        square,
        "the data",
        store,
        pool=Counted(1),
        resume=False,
        listener=Ears(),
    )
    assert opened == ["the data"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "MemoryError"),
        (ValueError("no such\n  thing"), "ValueError: no such thing"),
        (TrainingInterrupted("time is up"), "TrainingInterrupted: time is up"),
    ],
)
def test_a_trial_that_fails_is_recorded_and_the_study_goes_on(store, error, words):
    def fails(trial, data, callbacks):
        if trial.seed == 1:
            raise error
        return square(trial, data, callbacks)

    class Heard(Ears):
        def finished(self, trial, result):
            self.heard.append((trial.seed, result.error))

    ears = Heard()
    run(fixed(TRIALS), fails, None, store, pool=ThreadPool(1), resume=False, listener=ears)
    assert [event for event in ears.heard if event[0] != "started" and event[0] != "epoch"] == [
        (0, None),
        (1, words),
        (2, None),
        (3, None),
        (4, None),
    ]
    kept = store.load(TRIALS[1])
    assert (kept.trial_id, kept.seed, kept.metrics, kept.error) == (TRIALS[1].id, 1, {}, words)
