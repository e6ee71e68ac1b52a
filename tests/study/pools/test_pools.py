import pytest

from chainrule.errors import InvalidValueError, UnknownNameError
from chainrule.study.pools import make_pool
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.pools.trying import count_jobs


def test_jobs_are_counted_from_the_cores_of_this_process(monkeypatch):
    assert count_jobs(3) == 3
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    assert count_jobs(-1) == 3
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert count_jobs(-1) == 1


@pytest.mark.parametrize("jobs", [0, -2])
def test_a_number_of_jobs_that_cannot_be_is_refused(jobs, message_of):
    assert message_of(InvalidValueError, make_pool, "threads", jobs) == (
        f"jobs must be at least 1, or -1, got {jobs}: -1 uses every core"
    )


def test_a_pool_has_a_name():
    pool = make_pool("threads", 3)
    assert isinstance(pool, ThreadPool)
    assert pool.jobs == 3


def test_a_wrong_name_gets_a_hint():
    with pytest.raises(UnknownNameError, match='did you mean "threads"'):
        make_pool("thread")


def test_a_local_pool_has_no_scheduler(message_of):
    assert message_of(InvalidValueError, make_pool, "threads", 1, "tcp://127.0.0.1:8786") == (
        "scheduler must be left out with the threads backend, got 'tcp://127.0.0.1:8786': choose "
        "dask or ray, which run on clusters"
    )
