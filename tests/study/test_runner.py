import threading

import pytest
from threadpoolctl import threadpool_info

from chainrule.study.runner import count_jobs, run
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


def square(trial, callbacks):
    history = History([Epoch(1, 1.0, None, {}, 0.1, 0.0)])
    for callback in callbacks:
        callback.batch_end(Progress(None, history, 3))
        callback.epoch_end(Progress(None, history, 3))
    return TrialResult(trial.id, trial.configuration, trial.seed, {"square": trial.seed**2})


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        yield store


@pytest.mark.parametrize("jobs", [1, 2, -1])
def test_every_trial_is_run_once_and_kept(store, jobs):
    ears = Ears()
    run(TRIALS, square, store, jobs=jobs, resume=False, listener=ears)
    assert ears.trials == len(TRIALS)
    assert [store.load(trial).metrics["square"] for trial in TRIALS] == [0, 1, 4, 9, 16]
    for i in range(5):
        mine = [event for event in ears.heard if event[1] == i]
        assert mine == [("started", i), ("epoch", i, 1, 3), ("finished", i, i**2)]


def test_resume_leaves_out_what_is_finished_and_reports_it(store):
    run(TRIALS[:2], square, store, jobs=1, resume=False, listener=Ears())
    ears = Ears()
    run(TRIALS, square, store, jobs=1, resume=True, listener=ears)
    assert {event[1] for event in ears.heard if event[0] == "started"} == {2, 3, 4}
    assert {event[1] for event in ears.heard if event[0] == "finished"} == {0, 1, 2, 3, 4}


def test_without_resume_everything_runs_again(store):
    run(TRIALS, square, store, jobs=1, resume=False, listener=Ears())
    ears = Ears()
    run(TRIALS, square, store, jobs=1, resume=False, listener=ears)
    assert sum(event[0] == "started" for event in ears.heard) == len(TRIALS)


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


def test_blas_has_one_thread_meanwhile_and_its_own_number_afterwards(store):
    before, seen = blas_threads(), []

    def look(trial, callbacks):
        seen.append(blas_threads())
        return square(trial, callbacks)

    run(TRIALS[:1], look, store, jobs=1, resume=False, listener=Ears())
    assert seen == [{1}]
    assert blas_threads() == before


def test_an_interrupt_stops_trials_that_are_running_and_keeps_the_finished(store):
    both_running = threading.Barrier(2, timeout=30)

    class Interrupt(Ears):
        def finished(self, trial, result):
            super().finished(trial, result)
            raise KeyboardInterrupt

    stopped = threading.Event()

    def execute(trial, callbacks):
        if trial.seed > 1:
            return square(trial, callbacks)
        both_running.wait()
        if trial.seed == 1:
            try:
                while True:  # trains until it is told to stop
                    for callback in callbacks:
                        callback.batch_end(Progress(None, History(), 3))
            finally:
                stopped.set()
        return square(trial, callbacks)

    with pytest.raises(KeyboardInterrupt):
        run(TRIALS, execute, store, jobs=2, resume=False, listener=Interrupt())
    assert stopped.wait(timeout=30)
    assert store.load(TRIALS[0]) is not None
    assert store.load(TRIALS[1]) is None


def test_jobs_are_counted_from_the_cores_of_this_process(monkeypatch):
    assert count_jobs(3) == 3
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    assert count_jobs(-1) == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert count_jobs(-1) == 1
