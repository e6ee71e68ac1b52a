"""Which build of the kernels is loaded."""

import sys

import pytest

from chainrule.engine import backends
from chainrule.engine.backends import levels
from chainrule.errors import InvalidValueError


@pytest.fixture
def world(monkeypatch):
    """A processor and a package: what the one has, and what was built for the other."""

    def make(runs, built, chosen=None):
        def load(name):
            level = name.rpartition("_")[2]
            if level not in built:
                raise ImportError(f"No module named {level!r}")
            return level

        monkeypatch.setattr(levels, "runs_here", lambda: runs)
        monkeypatch.setattr(levels, "import_module", load)
        monkeypatch.delenv("CHAINRULE_INSTRUCTIONS", raising=False)
        if chosen is not None:
            monkeypatch.setenv("CHAINRULE_INSTRUCTIONS", chosen)

    return make


ALL = ("avx512", "avx2", "baseline")


@pytest.mark.parametrize(
    ("runs", "built", "chosen", "level"),
    [
        (ALL, ALL, None, "avx512"),
        (ALL, ALL, "", "avx512"),
        (ALL[1:], ALL, None, "avx2"),
        (ALL, ("avx2", "baseline"), None, "avx2"),  # a compiler that is too old for the best
        (ALL[2:], ALL, None, "baseline"),
        (ALL, ALL, "baseline", "baseline"),
        (ALL[1:], ALL, "avx512", "avx2"),  # refused where a backend is chosen
    ],
)
def test_the_best_that_runs_here_and_was_built(world, runs, built, chosen, level):
    world(runs, built, chosen)
    assert levels.best() == (level, level)


def test_the_others_that_run_here_and_were_built(world):
    world(ALL, ("avx512", "baseline"))
    assert list(levels.built()) == ["avx512", "baseline"]


@pytest.mark.parametrize("chosen", [None, "avx2"])
def test_where_it_was_not_built_nothing_takes_its_place(world, chosen):
    world(ALL, ("avx512",) if chosen else (), chosen)
    with pytest.raises(ImportError, match=r"^No module named '(avx2|baseline)'$"):
        levels.best()


def test_a_level_that_does_not_run_here_is_refused(world, message_of):
    world(ALL[1:], ALL, "avx512")
    assert message_of(InvalidValueError, backends.choice) == (
        "CHAINRULE_INSTRUCTIONS must be one of avx2, baseline on this processor, got 'avx512': "
        "unset it for the best"
    )


def test_without_its_extension_module_a_processor_has_the_baseline(monkeypatch):
    monkeypatch.setitem(sys.modules, "chainrule.engine.backends.processor", None)
    assert levels.runs_here() == ("baseline",)


def test_the_processor_has_what_numpy_says_that_it_has():
    features = pytest.importorskip("numpy._core._multiarray_umath").__cpu_features__
    if backends.MISSING:
        pytest.skip(backends.MISSING)
    for level, names in (("avx2", ("AVX2", "FMA3")), ("avx512", ("AVX512_SKX",))):
        if names[0] in features:
            assert (level in levels.runs_here()) == all(features[name] for name in names)
