import subprocess
import sys
import threading

import numpy as np
import pytest

from chainrule.errors import InvalidValueError, WorkerError
from chainrule.study.pools import sharing
from chainrule.study.pools.processes import ProcessPool
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import fixed, run


def test_epochs_are_heard_as_from_threads(trials, execute, data, store, ears):
    run(fixed(trials), execute, data, store, pool=ProcessPool(2), resume=False, listener=ears)
    there, ears.epochs = sorted(ears.epochs), []
    run(fixed(trials), execute, data, store, pool=ThreadPool(2), resume=False, listener=ears)
    assert there == sorted(ears.epochs)
    assert len(there) == 12


def test_what_a_worker_finds_is_mapped_and_has_one_thread(trials, store, ears, data):
    def look(trial, data, callbacks):
        import mmap

        from threadpoolctl import threadpool_info

        from chainrule.study.trial import TrialResult

        base = data["X"]
        while isinstance(base, np.ndarray):
            base = base.base
        threads = [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]
        print("this goes to standard error")
        found = {"mapped": isinstance(base, mmap.mmap), "threads": max(threads)}
        return TrialResult(trial.id, trial.configuration, trial.seed, found)

    found = run(
        fixed(trials[:1]), look, data, store, pool=ProcessPool(1), resume=False, listener=ears
    )
    assert [result.metrics for result in found.values()] == [{"mapped": True, "threads": 1}]


def test_a_result_that_cannot_be_sent_is_recorded(trials, store, ears):
    def execute(trial, data, callbacks):
        return threading.Lock()

    found = run(
        fixed(trials[:1]), execute, None, store, pool=ProcessPool(1), resume=False, listener=ears
    )
    assert found[trials[0].id].error == "TypeError: cannot pickle '_thread.lock' object"


def test_what_cannot_be_sent_is_refused(trials, execute, store, ears, message_of):
    call = (run, fixed(trials), execute, threading.Lock(), store)
    message = message_of(InvalidValueError, *call, pool=ProcessPool(1), resume=False, listener=ears)
    assert message == (
        "what goes to another process must be something that can be pickled, got cannot pickle "
        "'_thread.lock' object: use the threads backend, which sends nothing"
    )


class Vanishing:
    """Something of a module that a worker does not find."""

    def __reduce__(self):
        return sys.intern, (1,)  # raises there


def test_a_worker_that_cannot_read_the_study_is_no_trial_s_error(
    trials, execute, store, ears, message_of
):
    call = (run, fixed(trials), execute, Vanishing(), store)
    assert message_of(WorkerError, *call, pool=ProcessPool(1), resume=False, listener=ears) == (
        "a worker process cannot read the study (TypeError('intern() argument must be str, not "
        "int'))"
    )


ENDLESS = """
import sys, tempfile, threading
from pathlib import Path
from chainrule.study.pools.processes import ProcessPool
from chainrule.study.runner import fixed, run
from chainrule.study.store import Store
from chainrule.study.trial import Trial

class Ears:
    def begin(self, trials): pass
    def started(self, trial): pass
    def epoch(self, trial, row, epochs): sys.stdout.write("training\\n"); sys.stdout.flush()
    def finished(self, trial, result): pass

def endless(trial, data, callbacks):
    from chainrule import NeuralNetwork
    net = NeuralNetwork(2, (4, 2), 0.1, "relu", "he_normal", 10**9, 50)
    net.fit(data[:100, :4], [0, 1] * 50, callbacks=list(callbacks))

tempfile.tempdir = sys.argv[1]
trials = [Trial("B", str(seed), seed, {}, "") for seed in range(2)]
with Store(Path(sys.argv[1], "trials.sqlite")) as store:
    import numpy as np
    run(fixed(trials), endless, np.zeros((1000, 100)), store, pool=ProcessPool(2), resume=False,
        listener=Ears())
"""


@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_no_process_and_no_data_outlives_the_parent(tmp_path, how):
    import signal

    parent = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout.readline() == "training\n"
    assert list(tmp_path.glob(f"{sharing.PREFIX}*/1.npy"))
    parent.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)
    # Workers have the same standard error: it ends when the last of them has.
    _, errors = parent.communicate(timeout=60)
    assert not list(tmp_path.glob(f"{sharing.PREFIX}*"))
    assert errors.strip().endswith("KeyboardInterrupt" if how == "interrupt" else "")
