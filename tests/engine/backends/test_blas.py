import dis
import os
import sys
from threading import Barrier, Thread

import pytest

from chainrule.engine.backends import blas
from chainrule.engine.backends.blas import OneThread, OpenBLAS


class Library:
    def __init__(self, num_threads):
        self.num_threads = num_threads

    def set_num_threads(self, count):
        self.num_threads = count


@pytest.fixture
def hold():
    hold = OneThread()
    hold._libraries = [Library(4), Library(3)]
    return hold


def counts(hold):
    return [library.num_threads for library in hold._libraries]


def test_one_thread_inside_and_what_was_there_after(hold):
    with hold:
        assert counts(hold) == [1, 1]
    assert counts(hold) == [4, 3]


def test_the_last_one_gives_back(hold):
    together = Barrier(2)

    def other():
        with hold:
            together.wait()  # both are inside
            together.wait()

    thread = Thread(target=other)
    thread.start()
    together.wait()
    with hold:
        together.wait()
        thread.join()
        assert counts(hold) == [1, 1]
    assert counts(hold) == [4, 3]


def test_an_error_gives_back_too(hold):
    with pytest.raises(ZeroDivisionError), hold:
        raise ZeroDivisionError
    assert counts(hold) == [4, 3]


def test_how_many_there_are_outside(hold):
    assert hold.threads() == 3
    with hold:
        assert hold.threads() == 3


def test_one_that_has_one_thread_is_left_alone():
    class Untouchable(Library):
        def set_num_threads(self, count):
            raise AssertionError

    hold = OneThread()
    hold._libraries = [Untouchable(1), Library(3)]
    with hold:
        assert counts(hold) == [1, 1]
    assert counts(hold) == [1, 3]


def test_scipy_s_own_library_is_the_one_that_threadpoolctl_finds():
    own, expected = OpenBLAS.of_scipy(), blas._found_by_threadpoolctl()
    if own is None:
        pytest.skip("SciPy's BLAS is not OpenBLAS with threads of its own, or this is Windows")
    assert len(expected) == 1
    before = own.num_threads
    try:
        for count in (1, 2):
            own.set_num_threads(count)
            assert own.num_threads == expected[0].num_threads == count
    finally:
        own.set_num_threads(before)


def test_another_blas_is_left_to_threadpoolctl(monkeypatch):
    monkeypatch.setattr(OpenBLAS, "of_scipy", lambda: None)
    found = OneThread()._libraries
    assert [type(b) for b in found] == [type(b) for b in blas._found_by_threadpoolctl()] != []


def test_an_openblas_with_openmp_s_threads_is_left_to_threadpoolctl(monkeypatch):
    monkeypatch.setattr(blas, "PTHREADS", 99)
    assert OpenBLAS.of_scipy() is None


# The interpreter looks for Ctrl-C after these instructions, not in the middle of a `with lock`.
LOOKS_AFTER = {"RESUME", "CALL", "CALL_FUNCTION_EX", "JUMP_BACKWARD"}


def interrupted(hold, moment):
    """Enter and leave with Ctrl-C at a moment, counted from 1; return whether there is such."""
    looks = {}  # frame -> whether the interpreter looks before its next instruction

    def trace(frame, event, arg):
        nonlocal moment
        if frame.f_code.co_filename != blas.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            moment -= looks.get(frame, False)
            if moment == 0:
                raise KeyboardInterrupt
            looks[frame] = dis.opname[frame.f_code.co_code[frame.f_lasti]] in LOOKS_AFTER
        return trace

    tracer = sys.gettrace()
    sys.settrace(trace)
    try:
        with hold:
            pass
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(tracer)
    return False


def test_an_interrupt_at_any_moment_is_mended_by_the_next_to_enter():
    moment = left = 0
    came = True
    while came:
        moment += 1
        hold = OneThread()
        hold._libraries = [Library(4), Library(3)]
        came = interrupted(hold, moment)
        left += counts(hold) != [4, 3]
        assert hold.threads() == 3
        with hold:
            assert counts(hold) == [1, 1]
        assert counts(hold) == [4, 3]
    assert moment > 20
    assert left <= 1  # else it is mended at once


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_begins_anew_where_its_parent_s_threads_were_inside(hold):
    with hold, hold._lock:
        hold.forked()
        assert counts(hold) == [4, 3]
        assert hold.threads() == 3
