"""A fitted estimator with the preparation of its data: takes tables as they are in files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, r2_score

from chainrule._types import Array
from chainrule.datasets.tables import Piece, table_of
from chainrule.preparation.notes import Notes
from chainrule.preparation.preparation import Preparation


class PreparedModel:
    """An estimator, and what becomes of a table's columns before it.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or MLPAutoencoder
        Fitted on what the preparation makes.
    preparation : Preparation
        Of its training data.

    Attributes
    ----------
    notes_ : Notes
        What the last call met and training had not.

    Examples
    --------
    >>> from chainrule import MLPRegressor
    >>> from chainrule.datasets.tables import table_of
    >>> from chainrule.preparation import Preparation, PreparedModel, inspect
    >>> data = {"x": [0.0, 1.5, 2.5, 4.0] * 9, "y": [1.0, 2.5, 3.5, 5.0] * 9}
    >>> table = table_of(data)
    >>> preparation = Preparation.learn(inspect(table, target="y"))
    >>> X, y = preparation.rows(table)
    >>> net = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0)
    >>> PreparedModel(net.fit(X, y), preparation).predict({"x": [2.0]}).round(1)
    array([3.])
    """

    def __init__(self, estimator: Any, preparation: Preparation) -> None:
        self.estimator, self.preparation = estimator, preparation

    def __repr__(self) -> str:
        columns = [column.name for column in self.preparation.columns]
        return f"{type(self).__name__}({self.estimator!r}, columns={columns!r})"

    @property
    def task(self) -> str:
        """``"classification"``, ``"regression"`` or ``"autoencoder"``."""
        return self.preparation.task

    @property
    def classes_(self) -> Array:
        """The labels, as in the training data; the columns of ``predict_proba``."""
        classes: Array = self._of_estimator("classes_")
        return classes

    def save(self, path: Any, *, optimizer: bool = False, history: bool = True) -> None:
        """Write estimator and preparation to one file; see :func:`chainrule.save`.

        Parameters
        ----------
        path : path
            Of the file, such as ``"model.safetensors"``; :func:`chainrule.load` reads it.
        optimizer : bool
            Whether training is to go on later as if nothing had happened.
        history : bool
            Whether to save one row an epoch.
        """
        from chainrule.preparation.saving import save  # which knows this class

        save(self, path, optimizer=optimizer, history=history)

    def prepare(self, data: Any) -> Array:
        """Return X as the estimator takes it, (n, n_features); data as :meth:`predict`'s."""
        return self._each(self.preparation.transform, data)

    # -- predictions -------------------------------------------------------------------------------

    def predict(self, data: Any) -> Array:
        """Return labels, numbers in the target's units, or an autoencoder's reconstruction of X.

        Parameters
        ----------
        data : Table, Piece, DataFrame, or mapping from str to array-like
            With the columns of training, in any order; others are ignored.

        Returns
        -------
        array of shape (n,), or (n, n_features) of an autoencoder
        """
        return self._predictions(self.estimator.predict, data)

    def predict_proba(self, data: Any) -> Array:
        """Return the probability of each class, (n, n_classes); data as :meth:`predict`'s."""
        return self._predictions(self._of_estimator("predict_proba"), data)

    def transform(self, data: Any) -> Array:
        """Return an autoencoder's bottleneck, (n, n_units); data as :meth:`predict`'s."""
        return self._predictions(self._of_estimator("transform"), data)

    def score(self, data: Any) -> float:
        """Return the accuracy, R², or the negative loss of an autoencoder.

        Parameters
        ----------
        data : Table, DataFrame, or mapping from str to array-like
            With the target's column too.
        """
        table = table_of(data)
        self.notes_ = notes = Notes(table)
        if self.task == "autoencoder":
            X, _ = self.preparation.rows(table, notes=notes)
            return float(self.estimator.score(X))
        truth, found = [], []
        for piece in self.preparation.pieces(table):
            truth.append(self.preparation.truth(piece, notes))
            found.append(self._of_piece(self.estimator.predict, piece, notes))
        measure = accuracy_score if self.task == "classification" else r2_score
        return float(measure(np.concatenate(truth), np.concatenate(found)))

    def _of_estimator(self, name: str) -> Any:
        if not hasattr(self.estimator, name):
            raise AttributeError(f"a model of {self.task} has no {name}")
        return getattr(self.estimator, name)

    def _predictions(self, method: Callable[[Array], Array], data: Any) -> Array:
        return self._each(lambda piece, notes: self._of_piece(method, piece, notes), data)

    def _of_piece(self, method: Callable[[Array], Array], piece: Piece, notes: Notes) -> Array:
        found = method(self.preparation.transform(piece, notes))
        return self.preparation.in_units(found)

    def _each(self, of_piece: Callable[[Piece, Notes], Array], data: Any) -> Array:
        if isinstance(data, Piece):
            self.notes_ = Notes()
            return of_piece(data, self.notes_)
        table = table_of(data)
        self.notes_ = Notes(table)
        return np.concatenate(
            [of_piece(piece, self.notes_) for piece in self.preparation.pieces(table)]
        )
