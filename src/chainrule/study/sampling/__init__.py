"""Which candidates a study tries: sampler -> candidates.

:mod:`~chainrule.study.sampling.candidate` says what one is,
:mod:`~chainrule.study.sampling.sampler` what decides on them. Each kind of sampler is one class and
one line in :data:`SAMPLERS`.
"""

from __future__ import annotations

from chainrule.registry import Registry
from chainrule.study.sampling.candidate import Candidate
from chainrule.study.sampling.distributions import (
    Choice,
    Distribution,
    Integer,
    LogInteger,
    LogUniform,
    Uniform,
)
from chainrule.study.sampling.grid import Grid, Listed
from chainrule.study.sampling.optuna_search import Optuna
from chainrule.study.sampling.random_search import Random
from chainrule.study.sampling.sampler import Sampler, Scores

__all__ = [
    "SAMPLERS",
    "Candidate",
    "Choice",
    "Distribution",
    "Grid",
    "Integer",
    "Listed",
    "LogInteger",
    "LogUniform",
    "Optuna",
    "Random",
    "Sampler",
    "Scores",
    "Uniform",
    "key_of",
]

# By the table of a study's file that each is written in.
SAMPLERS: Registry[type[Sampler]] = Registry(
    "sampler",
    {
        "grid": Grid,
        "candidates": Listed,
        "random": Random,
        "optuna": Optuna,
    },
)


def key_of(sampler: Sampler) -> str:
    """Return the name of the table that a sampler is written in."""
    return next(key for key, kind in SAMPLERS.items() if type(sampler) is kind)
