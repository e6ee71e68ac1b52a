"""Many trainings, each with a seed: spec -> plan -> runner -> store -> results.

:mod:`~chainrule.study.spec` says what a study is, and :mod:`~chainrule.study.prepare` makes it
ready: its data, a plan of trials, and what executes one. :mod:`~chainrule.study.runner` runs what
the plan asks for in a pool, :mod:`~chainrule.study.store` keeps what is finished, and
:mod:`~chainrule.study.results` says what came of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.study.cv_results import cv_results
    from chainrule.study.evaluation import CrossValidation, HeldOut, ValidationData
    from chainrule.study.halving import Halving
    from chainrule.study.results import Results
    from chainrule.study.sampling import (
        Choice,
        Grid,
        Integer,
        Listed,
        LogInteger,
        LogUniform,
        Optuna,
        Random,
        Uniform,
    )
    from chainrule.study.spec import Study

_HOMES = {
    "Choice": "chainrule.study.sampling",
    "CrossValidation": "chainrule.study.evaluation",
    "Grid": "chainrule.study.sampling",
    "Halving": "chainrule.study.halving",
    "HeldOut": "chainrule.study.evaluation",
    "Integer": "chainrule.study.sampling",
    "Listed": "chainrule.study.sampling",
    "LogInteger": "chainrule.study.sampling",
    "LogUniform": "chainrule.study.sampling",
    "Optuna": "chainrule.study.sampling",
    "Random": "chainrule.study.sampling",
    "Results": "chainrule.study.results",
    "Study": "chainrule.study.spec",
    "Uniform": "chainrule.study.sampling",
    "ValidationData": "chainrule.study.evaluation",
    "cv_results": "chainrule.study.cv_results",
}

__all__ = [
    "Choice",
    "CrossValidation",
    "Grid",
    "Halving",
    "HeldOut",
    "Integer",
    "Listed",
    "LogInteger",
    "LogUniform",
    "Optuna",
    "Random",
    "Results",
    "Study",
    "Uniform",
    "ValidationData",
    "cv_results",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
