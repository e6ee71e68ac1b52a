"""Candidates that are written down: every combination of some values, or a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.model_selection import ParameterGrid

from chainrule._cached import cached_property
from chainrule.errors import InvalidValueError
from chainrule.study.checks import check_count
from chainrule.study.sampling.candidate import (
    Candidate,
    as_json,
    check_distinct,
    check_factors,
    check_values,
)
from chainrule.study.sampling.sampler import Sampler, Scores


@dataclass(frozen=True)
class Grid(Sampler):
    """Every combination of some values, in the order of scikit-learn's ``ParameterGrid``.

    Factors are in alphabetical order, and the last one changes fastest.

    Parameters
    ----------
    factors : mapping from str to sequence, or sequence of such mappings
        The values to try of each parameter. Of several grids each is gone through, one after the
        other: for parameters that make sense with some values of another only.

    Raises
    ------
    InvalidValueError
        If a value is nothing that JSON can hold, or two candidates are the same.
    """

    factors: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Sequence[Any]]]

    def __post_init__(self) -> None:
        given = self.factors
        is_list = isinstance(given, Sequence) and not isinstance(given, str)
        grids = [_checked(grid) for grid in (given if is_list else [given])]
        if not grids:
            raise InvalidValueError("grid must have at least one table", given, "add one")
        object.__setattr__(self, "factors", grids if is_list else grids[0])
        check_count(len(self), "the candidates of grid")
        check_distinct((candidate.name for candidate in self._all), "the candidates of grid")

    @cached_property
    def _all(self) -> list[Candidate]:
        return _numbered(ParameterGrid(self.factors))

    def __len__(self) -> int:
        return len(ParameterGrid(self.factors))

    def candidates(self, scores: Scores | None = None) -> list[Candidate]:
        return self._all

    @classmethod
    def from_toml(cls, given: Any) -> Grid:
        return cls(given)

    def to_toml(self) -> Any:
        return self.factors


@dataclass(frozen=True)
class Listed(Sampler):
    """Candidates one by one, as they are listed.

    Parameters
    ----------
    given : sequence of mappings
        The values of each candidate. They need not set the same parameters; one that sets none has
        the study's fixed settings alone.

    Raises
    ------
    InvalidValueError
        If a value is nothing that JSON can hold, or two candidates are the same.
    """

    given: Sequence[Mapping[str, Any]]

    def __post_init__(self) -> None:
        given = self.given
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            raise InvalidValueError(
                "candidates must be a list of tables, at least one", given, "add one"
            )
        checked = [_values(candidate) for candidate in given]
        object.__setattr__(self, "given", checked)
        check_distinct((candidate.name for candidate in self._all), "candidates")

    @cached_property
    def _all(self) -> list[Candidate]:
        return _numbered(self.given)

    def candidates(self, scores: Scores | None = None) -> list[Candidate]:
        return self._all

    @classmethod
    def from_toml(cls, given: Any) -> Listed:
        return cls(given)

    def to_toml(self) -> Any:
        return self.given


def _checked(grid: Any) -> dict[str, list[Any]]:
    factors = check_factors(grid, "grid")
    return {name: check_values(name, values, "grid") for name, values in factors.items()}


def _values(candidate: Any) -> dict[str, Any]:
    factors = check_factors(candidate, "each of candidates") if candidate != {} else {}
    return {name: as_json(value, f"{name} in candidates") for name, value in factors.items()}


def _numbered(values: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    return [Candidate(number, dict(one)) for number, one in enumerate(values)]
