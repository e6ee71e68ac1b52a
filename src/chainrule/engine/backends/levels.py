"""The kernels are built for several sets of instructions: which of these builds runs here.

A wheel must run on every processor of its kind, and be fast on the newest. So the same source is
compiled once for each level, into a module of its own, and the best that both the processor and
the package have is loaded; the others are not.

The environment variable ``CHAINRULE_INSTRUCTIONS`` names a level: results differ between levels by
rounding, so one that all machines have gives the same bits on all.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

from chainrule.errors import InvalidValueError

_PACKAGE = "chainrule.engine.backends"


def runs_here() -> tuple[str, ...]:
    """Return the levels that this processor has, the best first."""
    try:
        return tuple(import_module(f"{_PACKAGE}.processor").levels())
    except ImportError:
        return ("baseline",)


def load(level: str) -> ModuleType:
    """Return the kernels of a level; raise ImportError if they were not built."""
    return import_module(f"{_PACKAGE}.kernels_{level}")


def built() -> dict[str, ModuleType]:
    """Return the kernels of every level that runs here and was built, the best first."""
    found = {}
    for level in runs_here():
        try:
            found[level] = load(level)
        except ImportError:
            continue
    return found


def best() -> tuple[str, ModuleType]:
    """Return the level to use, the chosen one or the best, and its kernels.

    Raises
    ------
    ImportError
        If they were not built.
    """
    levels, wanted = runs_here(), os.environ.get("CHAINRULE_INSTRUCTIONS")
    for level in [wanted] if wanted in levels else levels:
        try:
            return level, load(level)
        except ImportError as error:
            missing = error
    raise missing


def check_choice() -> None:
    """Raise InvalidValueError if ``CHAINRULE_INSTRUCTIONS`` is not a level that runs here."""
    chosen = os.environ.get("CHAINRULE_INSTRUCTIONS")
    if chosen and chosen not in runs_here():
        raise InvalidValueError(
            f"CHAINRULE_INSTRUCTIONS must be one of {', '.join(runs_here())} on this processor",
            chosen,
            "unset it for the best",
        )
