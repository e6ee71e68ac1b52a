"""What scikit-learn's errors about parameters lack: names in order, and the likely meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from numbers import Integral, Real
from typing import Any

from sklearn.utils._param_validation import StrOptions

from chainrule.estimators.synonyms import VALUES
from chainrule.registry import meant


class Names(StrOptions):  # type: ignore[misc]
    """Texts that a parameter may be, shown in their own order; scikit-learn's is that of a set."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(set())
        self.options = dict.fromkeys(names)


def remedy(estimator: Any, message: str) -> str:
    """Return a sentence that goes after scikit-learn's message about a parameter, or nothing."""
    found = re.match(r"The '(\w+)' parameter of ", message)
    if found is None:
        return ""
    name = found[1]
    value = getattr(estimator, name)
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if name == "learning_rate" and is_number:
        return f" It is how the step size changes: pass learning_rate_init={value!r} for its size."
    if name == "loss" and isinstance(value, Integral | Sequence) and not isinstance(value, str):
        return f" It is the first argument: pass hidden_layer_sizes={value!r} by its name."
    if not isinstance(value, str):
        return ""
    constraints = estimator._parameter_constraints[name]
    names = [
        one for allowed in constraints if isinstance(allowed, Names) for one in allowed.options
    ]
    answer = meant(value, names, VALUES)
    if answer is None:
        return ""
    return f" {answer[0].upper()}{answer[1:]}" + "." * (not answer.endswith("?"))


def refuse_twice(estimator: type, args: Sequence[Any], given: Mapping[str, Any]) -> None:
    """Raise TypeError for a parameter that is given by its place and by its name.

    scikit-learn's regressor has the loss first, its classifier the sizes of the layers.
    """
    if not args:
        return
    places = list(signature(estimator.__init__).parameters)[1:]  # type: ignore[misc]
    for name, value in zip(places, args, strict=False):
        if name in given:
            raise TypeError(
                f"{estimator.__name__} must be given {name} once, got {value!r} in its place and "
                f"{name}={given[name]!r}: pass all parameters by their names, such as "
                f"hidden_layer_sizes={value!r}"
            )
