import pytest

from chainrule.engine.backends.blas import OneThread


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
    with hold:
        with hold:
            pass
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


def test_scipy_s_own_libraries_are_found():
    assert OneThread()._libraries
