"""scikit-learn's own callbacks, such as its ProgressBar and ScoringMonitor, on chainrule's fits.

scikit-learn has them since 1.9; before, there is nothing here to inherit, and nobody to tell. A fit
is a task, and each of its epochs a task in it; with L-BFGS the fit is the only one.

A fit works on a draft, but scikit-learn keeps what belongs to its tasks on the estimator itself. So
a fit opens its task before it makes the draft, a copy that then has the same attributes, and ends
it after it has taken the draft over. ``_fit_context`` tears callbacks down, whatever happens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from chainrule.engine.params import Parameters
from chainrule.training.callbacks import Callback, Progress
from chainrule.training.history import History

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn < 1.9
    CallbackSupportMixin = object


class CallbackSupport(CallbackSupportMixin):  # type: ignore[misc]
    """Has ``set_callbacks`` where scikit-learn has callbacks."""


class SklearnCallbacks(Callback):
    """Tells scikit-learn's callbacks about a fit and its epochs, and stops when one asks to.

    Parameters
    ----------
    estimator : estimator
        The one whose ``fit`` was called; a draft of it may be what is trained.
    data : dict
        ``X``, ``y`` and ``metadata`` as scikit-learn's hooks take them. What the user gave: a
        scorer then finds the column names that it expects.
    epochs : int
        The largest number of them; 0 where a fit has none.
    """

    def __init__(self, estimator: Any, data: dict[str, Any], epochs: int) -> None:
        self.arguments = {"estimator": estimator, **data}
        self._fit = estimator._init_callback_context(max_subtasks=epochs)
        self._fit.call_on_fit_task_begin(**self.arguments)
        self._epoch: Any = None

    @classmethod
    def begin(
        cls, estimator: Any, X: Any, y: Any, sample_weight: Any, *, incremental: bool
    ) -> Self | None:
        """Open the task of a fit; return None where nobody listens."""
        if not getattr(estimator, "_skl_callbacks", None):
            return None
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        epochs = 1 if incremental else estimator.max_iter
        if estimator.solver == "lbfgs":
            epochs = 0
        return cls(estimator, {"X": X, "y": y, "metadata": metadata}, epochs)

    def end(self) -> None:
        """End the task of the fit, whose estimator is now fitted."""
        self._fit.call_on_fit_task_end(**self.arguments, reconstruction_attributes={})

    def epoch_begin(self, progress: Progress) -> None:
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(
            **self.arguments, reconstruction_attributes=lambda: self._fitted(progress)
        )

    def epoch_end(self, progress: Progress) -> bool:
        task, self._epoch = self._epoch, None
        stops = task.call_on_fit_task_end(
            **self.arguments, reconstruction_attributes=lambda: self._fitted(progress)
        )
        return bool(stops)

    def train_end(self, progress: Progress) -> None:
        if self._epoch is not None:  # the user has interrupted it
            self._epoch.call_on_fit_task_end(**self.arguments)

    def _fitted(self, progress: Progress) -> dict[str, Any]:
        """Return what makes a copy of the estimator predict as its draft does now."""
        draft = progress.estimator
        params = Parameters(draft._fitted.params.spec, draft._fitted.params.flat.copy())
        return {
            # What an earlier fit has left behind is not of this one.
            **dict.fromkeys(learnt(self.arguments["estimator"])),
            **learnt(draft),
            "_fitted": replace(draft._fitted, params=params),
            "coefs_": list(params.W),
            "intercepts_": list(params.b),
            "history_": History(list(progress.history.epochs), progress.history.best_epoch),
            "n_iter_": progress.epochs_done,
        }


def learnt(estimator: Any) -> dict[str, Any]:
    """Return an estimator's fitted attributes, those with a name that scikit-learn's rule gives."""
    return {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and not name.startswith("_")
    }
