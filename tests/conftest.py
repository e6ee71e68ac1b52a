"""What every part of the tests shares."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import settings
from numpy.lib import NumpyVersion

# The same examples in every run, however slow the machine, and nothing written to disk.
settings.register_profile("chainrule", deadline=None, derandomize=True, database=None)
settings.load_profile("chainrule")


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)


@pytest.fixture
def cast_buffers():
    """Return by how much more an older NumPy's buffers take than a newer one's.

    They are of a fixed size, and there while a function of arrays works in another dtype.
    """
    return 2**16 if NumpyVersion(np.__version__) < "2.3.0" else 0


@pytest.fixture
def peak_bytes():
    """Measure the most memory that a call holds at once, beyond what was there before it."""

    def measure(call):
        call()  # whatever is made once is made now
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure


@pytest.fixture
def message_of():
    """Return the whole message of the error that a call must raise."""

    def catch(error, call, *args, **kwargs):
        with pytest.raises(error) as caught:
            call(*args, **kwargs)
        assert type(caught.value) is error
        return str(caught.value)

    return catch
