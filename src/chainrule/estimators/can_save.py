"""The method by which an estimator saves itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class CanSave:
    """Has ``save``; a layer above may have another writer."""

    def save(self, path: Any, *, optimizer: bool = False, history: bool = True) -> None:
        """Write the fitted estimator to one file; see :func:`chainrule.save`.

        Parameters
        ----------
        path : path
            Of the file, such as ``"digits.safetensors"``; :func:`chainrule.load` reads it.
        optimizer : bool
            Whether training is to go on later as if nothing had happened.
        history : bool
            Whether to save one row an epoch.
        """
        self._writer()(self, path, optimizer=optimizer, history=history)

    def _writer(self) -> Callable[..., None]:
        from chainrule.estimators.saving import save  # which knows all estimators

        return save
