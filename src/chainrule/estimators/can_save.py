"""The method by which an estimator saves itself."""

from __future__ import annotations

from typing import Any


class CanSave:
    """Has ``save``."""

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
        from chainrule.estimators.saving import save  # which knows all estimators

        save(self, path, optimizer=optimizer, history=history)
