"""A cached property without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801 - used as functools' is
    """An attribute that is computed when it is first read, and kept.

    Before Python 3.12 :func:`functools.cached_property` holds a lock while it computes, one for all
    objects of a class. A process that forks meanwhile leaves its child waiting for ever. Here two
    threads may compute the same value; both get the one that was kept first.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        kept: T = vars(instance).setdefault(self._name, self._compute(instance))
        return kept
