import os
import signal
from functools import partial
from threading import Event, Thread

import numpy as np
import pytest

from chainrule import MLPRegressor
from chainrule._cached import cached_property
from chainrule.engine.backends import compiled
from chainrule.engine.backends.blas import one_thread


class Square:
    """Its area is computed once."""

    computed = 0

    def __init__(self, side):
        self.side = side

    @cached_property
    def area(self):
        """The area."""
        self.computed += 1
        return self.side**2


def test_it_is_computed_once_for_each_object():
    squares = Square(2), Square(3)
    assert [s.area for s in squares] == [s.area for s in squares] == [4, 9]
    assert [s.computed for s in squares] == [1, 1]


def test_it_may_be_set_and_forgotten():
    square = Square(2)
    square.area = 5
    assert square.area == 5
    del square.area
    assert square.area == 4


def test_the_class_has_its_docstring():
    assert Square.area.__doc__ == "The area."


# Other tests leave threads that sleep, of which Python 3.12 warns.
forks = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")


def status_of_child(work):
    """Fork, do some work there, and return how the child ended: 0 if the work was done."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a child that waits for ever is ended
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def fit(n_rows=20):
    X = np.random.default_rng(0).normal(size=(n_rows, 3))
    MLPRegressor(hidden_layer_sizes=(4,), batch_size=5).partial_fit(X, X[:, 0])


@forks
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_can_fit_that_was_forked_while_another_thread_begins_a_fit(monkeypatch):
    inside, end, can_run = Event(), Event(), compiled.can_run

    def can_run_later(*arguments):  # asked while the trainer's compiled loop is made
        inside.set()
        end.wait()
        return can_run(*arguments)

    monkeypatch.setattr(compiled, "can_run", can_run_later)
    thread = Thread(target=fit)
    thread.start()
    assert inside.wait(60)
    monkeypatch.undo()
    status = status_of_child(fit)
    end.set()
    thread.join()
    assert status == 0


@forks
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_can_fit_that_was_forked_while_blas_is_asked():
    with one_thread._lock:
        assert status_of_child(partial(fit, n_rows=40)) == 0
