"""What scikit-learn's errors about parameters lack: names in order, and the likely meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from inspect import Parameter, signature
from numbers import Integral, Real
from typing import Any, Self

from sklearn.utils._param_validation import StrOptions

from chainrule._synonyms import SYNONYMS, VALUES
from chainrule.errors import UnknownParameterError
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


class KnownParameters:
    """An estimator that answers wrong names of parameters with the right ones.

    Python's error for them, and scikit-learn's, know no others.
    """

    def __new__(cls, *args: Any, **given: Any) -> Self:
        """Make one.

        Raises
        ------
        UnknownParameterError
            For a name that is none of its parameters.
        TypeError
            For a parameter that is given by its place and by its name.
        """
        known = _parameters(cls.__init__)
        if not any(one.kind is one.VAR_KEYWORD for one in known.values()):
            _check_names(cls, known, given)
        _refuse_twice(cls, known, args, given)
        return super().__new__(cls)

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name, those of parts by ``part__name``.

        Raises
        ------
        UnknownParameterError
            For a name that is none of its parameters.
        """
        plain = [name for name in params if "__" not in name]
        _check_names(type(self), self.get_params(deep=False), plain)  # type: ignore[attr-defined]
        super().set_params(**params)  # type: ignore[misc]
        return self


@cache
def _parameters(init: Callable[..., Any]) -> dict[str, Parameter]:
    return dict(list(signature(init).parameters.items())[1:])


def _check_names(estimator: type, known: Collection[str], given: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise UnknownParameterError(
                f"{estimator.__name__} must be given parameters that it has",
                name,
                meant(name, known, SYNONYMS) or f"choose one of {', '.join(known)}",
            )


def _refuse_twice(
    estimator: type, known: Iterable[str], args: Sequence[Any], given: Mapping[str, Any]
) -> None:
    # scikit-learn's regressor has the loss first, its classifier the sizes of the layers.
    for name, value in zip(known, args, strict=False):
        if name in given:
            sizes = isinstance(value, int | tuple | list) and "hidden_layer_sizes" in known
            example = f"hidden_layer_sizes={value!r}" if sizes else f"{name}={given[name]!r}"
            raise TypeError(
                f"{estimator.__name__} must be given {name} once, got {value!r} in its place and "
                f"{name}={given[name]!r}: pass all parameters by their names, such as {example}"
            )
