import pytest
from benchmarks.runner import Length, Measured, measure, running, thread_counts
from benchmarks.workloads import WORKLOADS

SHORT = Length(rounds=4, turn=0.05)


@pytest.fixture
def contest(stand_in):
    """Measure stand-ins, each with the numbers of threads that are given."""

    def run(*names, workload="small", threads=(1, 2), processes=None):
        entries = [
            (stand_in(name, tasks=("train", "first_fit", "grid")), n)
            for name in names
            for n in threads
        ]
        if processes is not None:
            return measure(WORKLOADS[workload], SHORT, entries, processes)
        with running() as own:
            return measure(WORKLOADS[workload], SHORT, entries, own)

    return run


def test_each_contender_has_a_turn_a_round(contest):
    found = contest("Steady", "Slow", threads=(1,))
    assert found.seconds == {
        ("Steady", 1): pytest.approx([0.01] * 4),
        ("Slow", 1): pytest.approx([0.05] * 4),
    }
    assert found.failures == {}


def test_the_number_of_threads_that_is_slower_by_far_is_left_out_after_two_rounds(contest):
    found = contest("OneThreadIsSlow")
    assert len(found.seconds["OneThreadIsSlow", 1]) == 2
    assert len(found.seconds["OneThreadIsSlow", 2]) == 4
    assert found.best() == {"OneThreadIsSlow": (2, pytest.approx([0.01] * 4))}


def test_numbers_of_threads_that_are_about_as_good_go_on(contest):
    assert {len(seconds) for seconds in contest("Steady").seconds.values()} == {4}


def test_the_better_median_counts():
    found = Measured({("a", 1): [1.0, 9.0, 1.0], ("a", 2): [2.0, 2.0, 2.0]})
    assert found.best() == {"a": (1, [1.0, 9.0, 1.0])}


def test_one_that_dies_is_told_and_the_rest_goes_on(contest):
    with running() as processes:
        found = contest("DyingLater", "Steady", threads=(1,), processes=processes)
        assert found.failures == {("DyingLater", 1): "died with status 3"}
        assert list(found.seconds) == [("Steady", 1)]
        assert list(processes) == [("Steady", 1)]
        again = contest("DyingLater", threads=(1,), processes=processes)
        assert again.failures == {("DyingLater", 1): "died with status 3"}  # in a new process


def test_one_that_cannot_even_be_made_is_told(contest):
    found = contest("RaisingAtOnce", "Dying", threads=(1,))
    assert found.failures == {
        ("RaisingAtOnce", 1): "ImportError: no library",
        ("Dying", 1): "died with status 3: no more memory",
    }
    assert found.seconds == {}


def test_a_first_fit_has_a_process_of_its_own_each_time(contest):
    with running() as processes:
        contest("Fresh", threads=(1,), processes=processes)
        found = contest("Fresh", workload="first fit", threads=(1,), processes=processes)
    assert found.seconds == {("Fresh", 1): [1.0] * 4}


def test_a_task_that_it_does_not_do_is_left_out(contest):
    found = contest("Steady", workload="predict 1 row")
    assert (found.seconds, found.failures) == ({}, {})


def test_what_takes_long_has_three_rounds_with_all_cores(contest, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = contest("Searching", workload="grid")
    assert found.seconds == {("Searching", 2): pytest.approx([1.0] * 3)}


def test_numbers_of_threads_are_one_and_all(stand_in, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert thread_counts(stand_in("Steady")) == [1, 8]
    assert thread_counts(stand_in("Steady", one_core=False)) == [8]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert thread_counts(stand_in("Steady")) == [1]
