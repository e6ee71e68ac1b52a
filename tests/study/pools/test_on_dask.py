"""A scheduler and two worker processes on loopback, started here."""

import os
from pathlib import Path

import pytest

from chainrule.errors import InvalidValueError, WorkerError
from chainrule.study.pools import clusters, make_pool, on_dask
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import fixed, run

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

LOCAL = {
    "host": "127.0.0.1",
    "dashboard_address": ":0",
    "memory_limit": None,
    "silence_logs": "CRITICAL",
}


@pytest.fixture(scope="module")
def cluster():
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOCAL) as cluster,
    ):
        yield cluster


def counted(array, log):
    """Return data that notes in a file each time it is sent or received."""

    class Counted:
        def __init__(self):
            self.array, self.log = array, log

        def note(self, event):
            with Path(self.log).open("a") as file:
                file.write(f"{event} {os.getpid()}\n")

        def __getstate__(self):
            self.note("sent")
            return vars(self)

        def __setstate__(self, state):
            vars(self).update(state)
            self.note("received")

        def __getitem__(self, name):
            return self.array[name]

    return Counted()


def test_results_are_those_of_threads_and_data_is_sent_once(
    cluster, trials, execute, data, store, ears, compared, tmp_path
):
    log = tmp_path / "log"
    pool = make_pool("dask", scheduler=cluster.scheduler_address)
    same = {"resume": False, "listener": ears}

    def plan(results):  # three rounds
        return trials[: 1 + 2 * min(len(results), 2)]

    there = run(plan, execute, counted(data, str(log)), store, pool=pool, **same)
    here = run(fixed(trials), execute, data, store, pool=ThreadPool(1), **same)
    assert compared(there) == compared(here)
    events = log.read_text().splitlines()
    assert events.count(f"sent {os.getpid()}") == 1
    received = [event for event in events if event.startswith("received")]
    assert len(received) == len(set(received)) <= 2
    assert len(cluster.scheduler.workers) == 2  # the cluster is not ours to close


@pytest.mark.slow
def test_a_killed_worker_costs_its_trial_s_time_and_one_that_always_dies_is_recorded(
    cluster, trials, killed, execute, data, store, ears, compared, tmp_path
):
    pool = make_pool("dask", scheduler=cluster.scheduler_address)
    same = {"resume": False, "listener": ears}
    here = run(fixed(trials), execute, data, store, pool=ThreadPool(1), **same)
    once = run(fixed(trials), killed(str(tmp_path), 1), data, store, pool=pool, **same)
    assert (tmp_path / "try0").exists()
    assert compared(once) == compared(here)
    always = run(fixed(trials), killed(str(tmp_path), 9), data, store, pool=pool, **same)
    failed = always[trials[1].id]
    assert failed.error == (
        "WorkerError: the worker process died again and again, also with no other; where memory "
        "has run out, fewer jobs at a time help"
    )
    assert {**compared(always), failed.trial_id: None} == {**compared(here), failed.trial_id: None}


def test_a_worker_of_another_version_is_refused(
    cluster, trials, execute, data, store, ears, monkeypatch, message_of
):
    ours = clusters.VERSIONS
    monkeypatch.setattr(clusters, "VERSIONS", "chainrule 0.0 and Python 3.11")
    pool = make_pool("dask", scheduler=cluster.scheduler_address)
    call = (run, fixed(trials), execute, data, store)
    assert message_of(WorkerError, *call, pool=pool, resume=False, listener=ears) == (
        f"a worker has {ours}, and this process has chainrule 0.0 and Python 3.11: install the "
        "same everywhere"
    )


def test_a_cluster_of_its_own_is_started_and_ended(trials, execute, data, store, ears, compared):
    same = {"resume": False, "listener": ears}
    there = run(fixed(trials), execute, data, store, pool=make_pool("dask", 1), **same)
    here = run(fixed(trials), execute, data, store, pool=ThreadPool(1), **same)
    assert compared(there) == compared(here)


def test_an_address_where_nobody_answers_is_one_sentence(monkeypatch, message_of):
    monkeypatch.setattr(on_dask, "PATIENCE", 0.2)
    for address in ("tcp://127.0.0.1:9", "nonsense://here"):
        pool = make_pool("dask", scheduler=address)
        assert message_of(WorkerError, pool.open(None, None).__enter__) == (
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, or give "
            "its address as it prints it, such as tcp://127.0.0.1:8786"
        )


def test_a_scheduler_without_workers_is_one_sentence(monkeypatch, message_of):
    monkeypatch.setattr(on_dask, "PATIENCE", 0.2)
    with distributed.LocalCluster(n_workers=0, **LOCAL) as empty:
        address = empty.scheduler_address
        pool = make_pool("dask", scheduler=address)
        assert message_of(WorkerError, pool.open(None, None).__enter__) == (
            f"the Dask scheduler at {address} has no worker: start some with `dask worker "
            f"{address}`"
        )


def test_without_dask_the_remedy_is_to_install_it(monkeypatch, message_of):
    monkeypatch.setattr("chainrule.study.pools.trying.find_spec", lambda name: None)
    assert message_of(InvalidValueError, make_pool, "dask") == (
        "the dask backend needs the distributed package, got none: run pip install distributed"
    )


def test_what_a_trial_hands_to_joblib_does_not_wait_for_the_cluster(cluster, trials, store, ears):
    def execute(trial, data, callbacks):
        from joblib.parallel import get_active_backend

        from chainrule.study.trial import TrialResult

        backend = type(get_active_backend()[0]).__name__
        return TrialResult(trial.id, "", 0, metrics={"backend": backend})

    pool = make_pool("dask", scheduler=cluster.scheduler_address)
    found = run(fixed(trials[:1]), execute, None, store, pool=pool, resume=False, listener=ears)
    assert [one.metrics["backend"] for one in found.values()] == ["SequentialBackend"]
