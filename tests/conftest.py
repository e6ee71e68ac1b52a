"""What every part of the tests shares."""

from __future__ import annotations

import os
import shutil
import tracemalloc

import numpy as np
import pytest
from hypothesis import settings
from numpy.lib import NumpyVersion

from chainrule.study.results import Results
from chainrule.study.trial import Trial, TrialResult
from chainrule.training.history import Epoch

# The same examples in every run, however slow the machine, and nothing written to disk.
settings.register_profile("chainrule", deadline=None, derandomize=True, database=None)
settings.load_profile("chainrule")


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)


class _Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """Return a clock that stands still: a test moves it by ``clock.now += seconds``."""
    return _Clock()


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


@pytest.fixture(scope="session")
def program():
    """Return the path of the first of some programs that is installed.

    Without any the test is skipped, or fails where the environment says that all are there.
    """

    def find(*names):
        path = next((path for name in names if (path := shutil.which(name))), None)
        if path is None:
            refuse = pytest.fail if os.environ.get("CHAINRULE_REQUIRE_TOOLS") else pytest.skip
            refuse(f"{names[0]} is not installed: tools/install_debian.sh does that")
        return path

    return find


@pytest.fixture(scope="session")
def browser(program):
    """Start the system's Chromium, headless."""
    path = program("chromium", "chromium-browser")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Open a file in the browser: open_page(path, width=…, dark=…, fragment="#…").

    What the page writes to the console, and every request that it makes beyond the file itself,
    is a failure when the test ends.
    """
    contexts, complaints = [], []

    def open_file(path, *, width=1440, height=900, dark=False, fragment=""):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        address = path.resolve().as_uri()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                request.url.split("#")[0] == address
                or request.url.startswith("data:")
                or complaints.append(f"request: {request.url}")
            ),
        )
        page.goto(address + fragment)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture(scope="session")
def pair_of():
    """Make a finished trial of a study by hand, with its result: pair_of(number, accuracy, …)."""

    def make(
        number, score, *, seed=0, fold=None, budget=None, values=None, evaluation=None, error=None,
        losses=(), metrics=None, seconds=1.0,
    ):  # fmt: skip
        values = {"activation": f"a{number}"} if values is None else values
        settings = {
            "number": number,
            "candidate": values,
            "metrics": ["accuracy"],
            "evaluation": evaluation or {"data": "other.csv"},
            **({} if fold is None else {"fold": fold}),
            **({} if budget is None else {"epochs": budget}),
        }
        name = ", ".join(f"{key}={value}" for key, value in values.items())
        trial = Trial("study", name, seed, settings, "digest")
        found = {} if error else {"accuracy": score, **(metrics or {})}
        history = [
            Epoch(n, loss, loss + 0.1, {"validation_accuracy": 1 - loss / 4}, 0.01, 0.1)
            for n, loss in enumerate(losses, 1)
        ]
        return trial, TrialResult(trial.id, name, seed, found, history, seconds, error)

    return make


@pytest.fixture(scope="session")
def results_of(pair_of):
    """Make results: results_of(scores by seed of candidate 0, of 1, …); None is not there."""

    def make(*candidates, **same):
        return Results.of(
            [
                pair_of(number, score, seed=seed, **same)
                for number, scores in enumerate(candidates)
                for seed, score in enumerate(scores)
                if score is not None
            ]
        )

    return make
