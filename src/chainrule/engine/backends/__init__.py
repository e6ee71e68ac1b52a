"""What runs the steps of a training: NumPy, or a loop that is compiled.

:mod:`chainrule.engine.network` with NumPy is the reference, and does everything.
:mod:`~chainrule.engine.backends.compiled` runs many steps at a call, for networks all of whose
parts it knows; it may only be faster. It is missing where the package was built without a compiler.

The environment variable ``CHAINRULE_BACKEND`` (``auto``, ``numpy``, ``compiled``) chooses, and
:func:`using` does so for a while.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import TYPE_CHECKING

from chainrule.engine.backends import levels
from chainrule.errors import InvalidValueError

CHOICES = ("auto", "numpy", "compiled")
_chosen: ContextVar[str | None] = ContextVar("backend", default=None)


def _load() -> tuple[str, ModuleType | None, str | None]:
    """Return the instructions that the kernels use, the kernels, and why there are none."""
    try:
        return *levels.best(), None
    except ImportError as error:
        return "", None, f"the package was built without them ({error})"
    except Exception as error:  # whatever a BLAS of another signature brings
        return "", None, f"they do not fit SciPy's BLAS ({error})"


if TYPE_CHECKING:
    from chainrule.engine.backends import kernels

    LEVEL: str
    MISSING: str | None
else:
    LEVEL, kernels, MISSING = _load()


def choice() -> str:
    """Return what was asked for: ``auto``, ``numpy`` or ``compiled``."""
    chosen = _chosen.get() or os.environ.get("CHAINRULE_BACKEND") or "auto"
    if chosen not in CHOICES:
        raise InvalidValueError(
            f"CHAINRULE_BACKEND must be one of {', '.join(CHOICES)}", chosen, 'unset it for "auto"'
        )
    levels.check_choice()
    if chosen == "compiled" and MISSING:
        raise InvalidValueError(
            f"the compiled kernels cannot be used: {MISSING}",
            chosen,
            'choose "auto" or "numpy", or install again with a C compiler',
        )
    return chosen


def in_use() -> tuple[str, str]:
    """Return the backend in use, ``compiled`` or ``numpy``, and why it is that one."""
    chosen = choice()
    if chosen != "auto":
        return chosen, "chosen by CHAINRULE_BACKEND"
    if MISSING:
        return "numpy", f"the compiled kernels cannot be used: {MISSING}"
    return "compiled", "the compiled kernels are there and fit SciPy's BLAS"


@contextmanager
def using(name: str) -> Iterator[None]:
    """Choose a backend for what this thread trains in a ``with`` block."""
    token = _chosen.set(name)
    try:
        choice()
        yield
    finally:
        _chosen.reset(token)
