"""What each part of a study may be, and how many trials it may have.

A part may be given as the table of a study's file as well. What only the data can tell is checked
by :mod:`~chainrule.study.prepare`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from numbers import Integral
from typing import Any

from chainrule.errors import InvalidValueError, Words
from chainrule.preparation.asked import TASKS
from chainrule.registry import Registry, meant
from chainrule.study import evaluation as evaluations

MOST_TRIALS = 100_000  # all are in memory, and known from the start


def check_count(n: int, what: str, remedy: str = "take fewer, or draw some with random") -> None:
    """Raise InvalidValueError if there are more candidates or trials than a study can have.

    Called with a product, before anything that it counts is made.
    """
    if n > MOST_TRIALS:
        raise InvalidValueError(f"{what} must be at most {MOST_TRIALS:,}", Words(f"{n:,}"), remedy)


def check_trials(candidates: int, seeds: int, folds: int) -> None:
    """Raise InvalidValueError if candidates, seeds and folds are too many together."""
    check_count(
        candidates * seeds * folds,
        f"a study's candidates x seeds x folds, {candidates:,} x {seeds:,} x {folds:,},",
        "take fewer of them",
    )


def _name(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise InvalidValueError("name must be a text", given, "call the study something")
    return given


def _task(given: Any) -> str:
    Registry("task", dict.fromkeys(TASKS))[given]
    return str(given)


def _sampler(given: Any) -> Any:
    from chainrule.study.sampling import SAMPLERS, Grid

    if isinstance(given, Mapping):
        return Grid(given)
    if type(given) not in SAMPLERS.values():
        names = ", ".join(kind.__name__ for kind in SAMPLERS.values())
        raise InvalidValueError(
            f"sampler must be one of {names}", given, 'such as Grid({"activation": ["relu"]})'
        )
    return given


def _estimator(given: Any) -> Any:
    if not isinstance(given, str) and not callable(given):
        raise InvalidValueError(
            "estimator must be a name, a class, or a function that returns an estimator",
            given,
            f"such as {type(given).__name__}, with its parameters in fixed",
        )
    return given


def _table(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InvalidValueError(f"{name} must be a table by names", given, "pass a dictionary")
    return dict(given)


def _seeds(given: Any) -> tuple[int, ...]:
    remedy = "take fewer"
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, int) and not isinstance(given, bool) and given >= 1:
        check_count(given, "seeds", remedy)
        return tuple(range(given))
    if isinstance(given, list | tuple | range) and len(given):
        check_count(len(given), "seeds", remedy)
        whole = [isinstance(seed, Integral) and not isinstance(seed, bool) for seed in given]
        if all(whole) and min(given) >= 0 and max(given) < 2**32 and len(set(given)) == len(given):
            return tuple(map(int, given))
    raise InvalidValueError(
        "seeds must be how many there are, or a list of different ones in [0, 2^32)",
        given,
        "such as 5 or [0, 1, 2]",
    )


def _evaluation(given: Any) -> Any:
    if isinstance(given, Mapping):
        return evaluations.from_dict(given)
    if not isinstance(given, evaluations.KINDS):
        names = ", ".join(kind.__name__ for kind in evaluations.KINDS)
        raise InvalidValueError(
            f"evaluation must be one of {names}", given, "such as CrossValidation(folds=5)"
        )
    return given


def _halving(given: Any) -> Any:
    from chainrule.study.halving import Halving

    return given if given is None or isinstance(given, Halving) else Halving.from_toml(given)


def _function(name: str, given: Any) -> Any:
    if given is not None and not callable(given):
        raise InvalidValueError(f"{name} must be a function", given, "pass one, or leave it out")
    return given


def _metrics(given: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    names = [given] if isinstance(given, str) or not isinstance(given, Sequence) else list(given)
    texts = all(isinstance(name, str) for name in names)
    if not names or not texts or len(set(names)) < len(names):
        raise InvalidValueError(
            "metrics must be different names, at least one", names, 'such as ["accuracy"]'
        )
    from sklearn.metrics import get_scorer_names

    known = [*get_scorer_names(), "score"]
    for name in names:
        if name not in known:
            rule = "metrics must be names of scikit-learn's scorers"
            remedy = meant(name, known) or "sklearn.metrics.get_scorer_names() lists them"
            raise InvalidValueError(rule, name, remedy)
    return tuple(names)


# A part of a study -> what is given as it is kept; each raises InvalidValueError.
CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "task": _task,
    "sampler": _sampler,
    "estimator": _estimator,
    "columns": partial(_table, "columns"),
    "fixed": partial(_table, "fixed"),
    "seeds": _seeds,
    "evaluation": _evaluation,
    "metrics": _metrics,
    "halving": _halving,
    "measure": partial(_function, "measure"),
    "callbacks": partial(_function, "callbacks"),
}
