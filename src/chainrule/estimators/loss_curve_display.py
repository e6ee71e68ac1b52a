"""The losses of a fitted estimator over its epochs, as a display in scikit-learn's manner.

:func:`collect_losses` reads an estimator, chainrule's or scikit-learn's, and is tested on values;
:class:`LossCurveDisplay` draws. matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidValueError, Words
from chainrule.estimators.validation import check_is_fitted
from chainrule.training.history import lowest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Column = Sequence[float | None]

_SCORES = "chainrule-scores"  # marks the axes of the scores


def collect_losses(estimator: Any) -> dict[str, Any]:
    """Return what :class:`LossCurveDisplay` shows of a fitted estimator, by parameter.

    The best epoch is the one whose weights were restored; None where none were.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    InvalidValueError
        If it has no losses, as scikit-learn's after a fit with the solver ``"lbfgs"``.
    """
    history = getattr(estimator, "history_", None)
    if history:
        validation = history.column("validation_loss")
        return {
            "epochs": history.column("epoch"),
            "train_loss": history.column("train_loss"),
            "validation_loss": None if set(validation) == {None} else validation,
            "scores": {name: history.column(name) for name in history.score_names},
            "best_epoch": history.best_epoch,
        }
    losses = getattr(estimator, "loss_curve_", None)
    if not losses:
        check_is_fitted(estimator, "n_features_in_")
        raise InvalidValueError(
            "estimator must have losses, in history_ or loss_curve_",
            Words(f"a {type(estimator).__name__}"),
            'pass a multilayer perceptron, out of its pipeline and fitted with "sgd" or "adam"',
        )
    scores = getattr(estimator, "validation_scores_", None)
    best = lowest([-score for score in scores or ()])
    return {
        "epochs": list(range(1, len(losses) + 1)),
        "train_loss": list(losses),
        "scores": {"validation_score": list(scores)} if scores else None,
        "best_epoch": None if best is None else 1 + best,
    }


class LossCurveDisplay:
    """Training and validation loss over epochs.

    :meth:`from_estimator` makes one of a fitted estimator. A display has one colour, the next of
    the axes', so that several can share axes; line styles tell its curves apart: training dashed,
    validation solid, scores dotted. A ring marks the best epoch.

    Parameters
    ----------
    epochs : sequence of int
        The number of each epoch.
    train_loss : sequence of float
        One an epoch.
    validation_loss : sequence of float or None, optional
        One an epoch; None where nothing was measured.
    scores : dict of str to sequence of float or None, optional
        Under each score's name one value an epoch.
    best_epoch : int, optional
        The epoch to mark.
    estimator_name : str, optional
        Above the curves' names in the legend.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes with the losses.
    figure_ : matplotlib.figure.Figure
        The figure around them.
    lines_ : list of matplotlib.lines.Line2D
        Training loss, validation loss, best epoch, scores, as far as they are drawn.
    score_ax_ : matplotlib.axes.Axes or None
        The axes of the scores, with the scale on the right.

    Examples
    --------
    >>> from chainrule import LossCurveDisplay
    >>> display = LossCurveDisplay(epochs=[1, 2, 3], train_loss=[0.9, 0.5, 0.4])
    >>> display.plot().ax_.get_xlabel()
    'epoch'
    """

    ax_: Axes
    figure_: Any
    lines_: list[Line2D]
    score_ax_: Axes | None

    def __init__(
        self,
        *,
        epochs: Sequence[int],
        train_loss: Column,
        validation_loss: Column | None = None,
        scores: Mapping[str, Column] | None = None,
        best_epoch: int | None = None,
        estimator_name: str | None = None,
    ) -> None:
        losses = {"train_loss": train_loss, "validation_loss": validation_loss}
        for name, column in {**losses, **(scores or {})}.items():
            if column is not None and len(column) != len(epochs):
                raise InvalidValueError(
                    f"{name} must have one value an epoch, {len(epochs)} in all",
                    len(column),
                    "pass None for an epoch without one",
                )
        if best_epoch is not None and best_epoch not in epochs:
            raise InvalidValueError(
                "best_epoch must be one of epochs", best_epoch, "None marks no epoch"
            )
        self.epochs = epochs
        self.train_loss = train_loss
        self.validation_loss = validation_loss
        self.scores = scores
        self.best_epoch = best_epoch
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls, estimator: Any, ax: Axes | None = None, **plot_kw: Any
    ) -> LossCurveDisplay:
        """Draw the losses of a fitted estimator.

        Parameters
        ----------
        estimator : object
            With ``history_``, as chainrule's have, or ``loss_curve_``, as scikit-learn's
            multilayer perceptrons have. The latter includes the penalty.
        ax, **plot_kw
            As in :meth:`plot`; the name is the class's if left out.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        InvalidValueError
            If it has no losses, or no scores where they are asked for.
        """
        display = cls(**collect_losses(estimator), estimator_name=type(estimator).__name__)
        return display.plot(ax, **plot_kw)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        name: str | None = None,
        log: bool = False,
        scores: bool = False,
        **line_kw: Any,
    ) -> LossCurveDisplay:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure if left out.
        name : str, optional
            Above the curves' names in the legend, instead of ``estimator_name``.
        log : bool
            Whether the losses have a logarithmic scale.
        scores : bool
            Whether the scores are drawn too, with a scale of their own on the right.
        **line_kw
            Passed to :meth:`matplotlib.axes.Axes.plot` for each curve.

        Returns
        -------
        LossCurveDisplay
            Itself.
        """
        from matplotlib import pyplot as plt
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        if scores and not self.scores:
            raise InvalidValueError(
                "scores=True needs scores",
                self.scores,
                "leave it out, or fit with validation data or early stopping",
            )
        if ax is None:
            _, ax = plt.subplots(layout="constrained")
        self.ax_, self.figure_, self.lines_, self.score_ax_ = ax, ax.figure, [], None
        ax.plot([], [], color="none", label=name or self.estimator_name)  # heads the legend
        line_kw = normalize_kwargs(line_kw, Line2D)
        self._draw_losses(line_kw)
        if scores:
            self._draw_scores({"color": self.lines_[0].get_color()} | line_kw)
        ax.set(xlabel="epoch", ylabel="loss")
        locator = MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
        ax.xaxis.set_major_locator(locator)
        if log:
            ax.set_yscale("log")
        # Scores rise and losses fall: the middle of the right side is free.
        ax.legend(loc="center right" if scores else "best")
        return self

    def _draw(self, ax: Axes, column: Column, label: str, **style: Any) -> None:
        y = np.array(column, dtype=float)  # None becomes NaN
        there = np.isfinite(y)
        if there.sum() == 1:
            style = {"marker": "."} | style  # a line of one point shows nothing
        self.lines_ += ax.plot(np.array(self.epochs)[there], y[there], label=label, **style)

    def _draw_losses(self, line_kw: dict[str, Any]) -> None:
        ax, last = self.ax_, self.train_loss
        self._draw(ax, last, "training loss", **{"linestyle": "--"} | line_kw)
        color = self.lines_[0].get_color()
        if self.validation_loss is not None:
            last = self.validation_loss
            self._draw(ax, last, "validation loss", **{"color": color} | line_kw)
        if self.best_epoch is not None:
            best = [
                loss if epoch == self.best_epoch else None
                for epoch, loss in zip(self.epochs, last, strict=True)
            ]
            ring = {"marker": "o", "fillstyle": "none", "markersize": 8, "linestyle": "none"}
            self._draw(ax, best, f"best epoch: {self.best_epoch}", color=color, **ring)

    def _draw_scores(self, line_kw: dict[str, Any]) -> None:
        assert self.scores is not None
        self.score_ax_ = _score_axes(self.ax_)
        for (name, column), linestyle in zip(self.scores.items(), cycle((":", "-."))):
            style = {"linestyle": linestyle} | line_kw
            label = f"{name.replace('_', ' ')} (right)"
            self._draw(self.score_ax_, column, label, **style)
            self.ax_.plot([], [], label=label, **style)  # for the legend, which is made of ax_


def _score_axes(ax: Axes) -> Axes:
    """Return the axes with scores over ``ax``, made where there are none."""
    place = ax.get_position(original=True).bounds
    for other in ax.figure.axes:
        if other.get_gid() == _SCORES and other.get_position(original=True).bounds == place:
            return other
    axes = ax.twinx()
    axes.set(gid=_SCORES, ylabel="score", zorder=ax.get_zorder() - 1)  # below the legend
    axes.patch.set_visible(True)
    ax.patch.set_visible(False)
    ax.figure.sca(ax)  # twinx makes its axes the current ones
    return axes
