import pytest
from benchmarks.processes import FailedError, Process, variables
from benchmarks.workloads import WORKLOADS


def test_the_environment_says_the_number_of_threads(stand_in, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    one = variables(stand_in("Steady", variables={"CHAINRULE_BACKEND": "numpy"}), 1)
    assert (one["OMP_NUM_THREADS"], one["OPENBLAS_NUM_THREADS"]) == ("1", "1")
    assert one["XLA_FLAGS"] == ("--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    assert one["CHAINRULE_BACKEND"] == "numpy"
    assert "OPENBLAS_CORETYPE" not in one
    some = variables(stand_in("Steady"), 4)
    assert some["OMP_NUM_THREADS"] == "4"
    assert "XLA_FLAGS" not in some
    assert "OMP_NUM_THREADS" not in variables(stand_in("Steady"), 8)  # all that there are


def test_a_contender_has_a_process_with_that_environment(stand_in):
    process = Process(stand_in("Steady"), 3)
    try:
        assert process.ask("environment", "OMP_NUM_THREADS") == "3"
        assert process.ask("prepare", WORKLOADS["small"], 0.2) >= 0
        assert process.ask("turn") == pytest.approx(0.01)
    finally:
        process.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dying", "died with status 3: no more memory"),
        ("Raising", "ValueError: no such"),
    ],
)
def test_what_goes_wrong_is_told(name, words, stand_in):
    process = Process(stand_in(name), 1)
    try:
        with pytest.raises(FailedError) as failure:
            process.ask("prepare", WORKLOADS["small"], 0.1)
    finally:
        process.close()
    assert str(failure.value) == words


def test_a_contender_that_cannot_be_made_leaves_no_process(stand_in):
    with pytest.raises(FailedError, match=r"^ImportError: no library$"):
        Process(stand_in("RaisingAtOnce"), 1)


def test_a_dead_process_is_told_also_when_it_is_asked(stand_in):
    process = Process(stand_in("Dying"), 1)
    try:
        for _ in range(2):
            with pytest.raises(FailedError, match="died with status 3"):
                process.ask("prepare", WORKLOADS["small"], 0.1)
    finally:
        process.close()


def test_one_that_does_not_answer_is_told(stand_in, monkeypatch):
    process = Process(stand_in("Silent"), 1)
    monkeypatch.setattr("benchmarks.processes.PATIENCE", 0.0)
    try:
        with pytest.raises(FailedError, match=r"^no answer in 0 s$"):
            process.ask("prepare", WORKLOADS["small"], 0.1)
    finally:
        process.close()
