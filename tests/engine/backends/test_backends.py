import pytest

from chainrule.engine import backends
from chainrule.engine.backends import levels
from chainrule.errors import InvalidValueError


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("CHAINRULE_BACKEND", raising=False)
    monkeypatch.delenv("CHAINRULE_INSTRUCTIONS", raising=False)


def test_the_kernels_are_used_where_they_are(monkeypatch):
    monkeypatch.setattr(backends, "MISSING", None)
    why = "the compiled kernels are there and fit SciPy's BLAS"
    assert backends.in_use() == ("compiled", why)


def test_numpy_takes_over_where_they_are_not(monkeypatch):
    monkeypatch.setattr(backends, "MISSING", "no compiler")
    assert backends.in_use() == ("numpy", "the compiled kernels cannot be used: no compiler")


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setenv("CHAINRULE_BACKEND", "numpy")
    assert backends.in_use() == ("numpy", "chosen by CHAINRULE_BACKEND")


def test_a_block_chooses_before_the_environment(monkeypatch):
    monkeypatch.setattr(backends, "MISSING", None)
    monkeypatch.setenv("CHAINRULE_BACKEND", "numpy")
    with backends.using("compiled"):
        assert backends.in_use()[0] == "compiled"
    assert backends.in_use()[0] == "numpy"


def test_another_name_is_refused(monkeypatch, message_of):
    monkeypatch.setenv("CHAINRULE_BACKEND", "fortran")
    assert message_of(InvalidValueError, backends.in_use) == (
        "CHAINRULE_BACKEND must be one of auto, numpy, compiled, got 'fortran': "
        'unset it for "auto"'
    )


def test_kernels_that_are_missing_cannot_be_chosen(monkeypatch, message_of):
    monkeypatch.setattr(backends, "MISSING", "no compiler")
    monkeypatch.setenv("CHAINRULE_BACKEND", "compiled")
    assert message_of(InvalidValueError, backends.in_use) == (
        "the compiled kernels cannot be used: no compiler, got 'compiled': "
        'choose "auto" or "numpy", or install again with a C compiler'
    )


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ImportError("No module"), "the package was built without them (No module)"),
        (TypeError("signature"), "they do not fit SciPy's BLAS (signature)"),
    ],
)
def test_why_kernels_are_missing(monkeypatch, error, why):
    def fail():
        raise error

    monkeypatch.setattr(levels, "best", fail)
    assert backends._load() == ("", None, why)
