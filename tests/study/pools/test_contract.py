"""What holds wherever trials run."""

import os

import pytest

from chainrule.study.pools import make_pool
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import fixed, run

# Ray takes 15 seconds to start and to end: `make test-ray` runs these. test_on_dask.py has Dask's.
BACKENDS = [
    "processes",
    pytest.param(
        "ray",
        marks=pytest.mark.skipif(
            "CHAINRULE_TEST_RAY" not in os.environ, reason="run by make test-ray"
        ),
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_are_those_of_threads_to_the_bit(
    backend, trials, execute, data, store, ears, compared
):
    def plan(results):  # two rounds
        return trials[:3] if len(results) < 3 else trials

    def on(pool):
        return run(plan, execute, data, store, pool=pool, resume=False, listener=ears)

    there = on(make_pool(backend, 2))
    assert [there[trial.id].error for trial in trials].count(None) == 4
    assert there[trials[3].id].error.startswith("DivergenceError: training diverged in epoch 1")
    assert [store.load(trial) for trial in trials] == list(there.values())
    assert sorted(ears.finished_ones) == sorted(ears.started_ones) == list(range(5))
    assert compared(there) == compared(on(ThreadPool(1)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_trial_whose_worker_is_killed_is_tried_again(
    backend, trials, killed, execute, data, store, ears, compared, tmp_path
):
    pool = make_pool(backend, 2)
    plan, same = fixed(trials), {"resume": False, "listener": ears}
    there = run(plan, killed(str(tmp_path), 1), data, store, pool=pool, **same)
    here = run(plan, execute, data, store, pool=ThreadPool(1), **same)
    assert (tmp_path / "try0").exists()
    assert compared(there) == compared(here)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_trial_whose_workers_are_all_killed_is_recorded(
    backend, trials, killed, data, store, ears, tmp_path
):
    pool = make_pool(backend, 2)
    run(
        fixed(trials[:3]),
        killed(str(tmp_path), 99),
        data,
        store,
        pool=pool,
        resume=False,
        listener=ears,
    )
    # A cluster tries it alone in the end.
    assert len(list(tmp_path.glob("try*"))) == {"processes": 3, "ray": 6}[backend]
    assert [store.load(trial).error is None for trial in trials[:3]] == [True, False, True]
    assert store.load(trials[1]).error.startswith("WorkerError: the worker process died ")
