"""Fits by steps on batches: epochs, stopping rules, callbacks, checkpoints."""

from __future__ import annotations

import math

import numpy as np
from sklearn.exceptions import ConvergenceWarning, UndefinedMetricWarning

from chainrule._finite import all_finite
from chainrule._version import __version__
from chainrule._warnings import warn
from chainrule.engine.regularization import PenaltyPerSample
from chainrule.engine.schedules import Adaptive
from chainrule.errors import DivergenceError, DivergenceWarning, InvalidValueError
from chainrule.estimators import settings
from chainrule.estimators.fitting import (
    INTERRUPTED,
    Fitting,
    best_epoch,
    check_finite_loss,
)
from chainrule.estimators.measuring import score_columns
from chainrule.training.callbacks import (
    Callback,
    Convergence,
    Progress,
    as_callbacks,
    is_defined,
    listening,
)
from chainrule.training.checkpoint import Checkpoint, describe, keeps_state
from chainrule.training.loop import Plan, Trainer, check_memory, run_epochs
from chainrule.training.progress_bar import ProgressBar
from chainrule.training.source import InOrder, SuccessiveShuffles


class StochasticFitting(Fitting):
    """A fit by any solver that takes a step on each batch."""

    has_epochs = True

    def train(self) -> None:
        draft, fitted = self.draft, self.fitted
        self._check()
        trainer = self._trainer()
        convergence = self._convergence(adaptive=isinstance(trainer.plan.schedule, Adaptive))
        order = SuccessiveShuffles(self.random_state) if draft.shuffle else InOrder()
        progress = Progress(
            trainer, draft.history_, 1 if self.incremental else draft.max_iter, estimator=draft
        )
        callbacks = [convergence, *self._callbacks(), *self.listeners]
        if draft.checkpoint is not None:
            callbacks.append(self._checkpoint(order, callbacks))
        with listening(callbacks, progress):
            try:
                run_epochs(
                    trainer,
                    self.source,
                    order,
                    progress,
                    measure=self.measure(),
                    callbacks=callbacks,
                )
            except KeyboardInterrupt:
                warn(INTERRUPTED)
            diverged = progress.diverged  # at the end of the block the best weights come back
        if not self.incremental and progress.epochs_done == draft.max_iter and not progress.stopped:
            warn(
                f"Stochastic Optimizer: Maximum iterations ({draft.max_iter}) reached and the "
                "optimization hasn't converged yet.",
                ConvergenceWarning,
            )
        fitted.optimizer, fitted.state = trainer.plan.optimizer, trainer.state
        fitted.clock, fitted.convergence = trainer.clock, convergence
        draft.t_ += progress.epochs_done * len(self.source)
        draft.n_iter_ = progress.epochs_done
        self._publish_curves(convergence)
        if diverged:
            self._report_divergence()
        else:
            self._check_what_decided(convergence)

    def _check_memory(self) -> None:
        check_memory(self.spec, 2 + len(settings.optimizer(self.draft).slots))

    def _check(self) -> None:
        draft = self.draft
        if draft.early_stopping and self.incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if draft.checkpoint is not None and self.incremental:
            raise InvalidValueError(
                "checkpoint must be None with partial_fit, which is over after one epoch",
                draft.checkpoint,
                "call fit, or set_params(checkpoint=None)",
            )
        if draft.scoring is not None and self.validation is None and not self.incremental:
            raise InvalidValueError(
                "scoring needs validation data",
                draft.scoring,
                "pass X_val and y_val to fit, or early_stopping=True with a validation_fraction "
                "above 0",
            )

    def _trainer(self) -> Trainer:
        draft, fitted = self.draft, self.fitted
        batch_size = self._batch_size()
        steps = draft.max_iter * math.ceil(len(self.source) / batch_size)
        plan = Plan(
            epochs=draft.max_iter,
            batch_size=batch_size,
            schedule=settings.schedule(draft, steps),
            optimizer=settings.optimizer(draft),
            penalty=PenaltyPerSample(l1=float(draft.l1), l2=float(draft.alpha)),
            clip=settings.clip(draft),
            loss_scale=self.targets.loss_scale,
            stop_on_divergence=False,
            n_threads=draft.n_threads,
        )
        goes_on = self.incremental and type(fitted.optimizer) is type(plan.optimizer)
        return Trainer(
            fitted.params,
            plan,
            state=fitted.state if goes_on else None,
            clock=fitted.clock if goes_on else None,
            samples_before=draft.t_,
            dropout_rng=self.dropout_rng if any(self.spec.dropout) else None,
        )

    def _batch_size(self) -> int:
        n, given = len(self.source), self.draft.batch_size
        if given == "auto":
            return min(200, n)
        if given > n:
            warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped"
            )
        return int(min(given, n))

    def _convergence(self, *, adaptive: bool) -> Convergence:
        draft, earlier = self.draft, self.fitted.convergence
        score = score_columns(draft.scoring, self.targets)[0] if self.stops_early else None
        new = Convergence(
            draft.n_iter_no_change,
            draft.tol,
            score=score,
            adaptive=adaptive,
            say=print if draft.verbose else None,
        )
        if earlier is not None and self._is_comparable(earlier, score):
            new.load_state_dict(earlier.state_dict())
        return new

    def _is_comparable(self, earlier: Convergence, score: str | None) -> bool:
        # The best so far says nothing about another score, loss, or validation data.
        own_data = self.validation is not None and not self.holds_out
        same_loss = self.previous is None or self.previous.loss == self.targets.loss
        return earlier.score == score and same_loss and not own_data

    def _callbacks(self) -> list[Callback]:
        draft = self.draft
        callbacks = as_callbacks(draft.callbacks)
        if draft.progress and not self.incremental:
            callbacks.append(ProgressBar())
        callbacks.append(_StopWhereDiverged())
        return callbacks

    def _checkpoint(
        self, order: InOrder | SuccessiveShuffles, callbacks: list[Callback]
    ) -> Checkpoint:
        # Without a seed another process has held out other rows: those of the killed one are kept.
        drawn = {}
        if self.holds_out and self.draft.random_state is None:
            assert self.validation is not None
            drawn = {"rows": self.source.rows, "held_out": self.validation[0].rows}
        checkpoint = Checkpoint(
            self.draft.checkpoint,
            self._fingerprint(callbacks),
            order=order,
            random_state=self.random_state,
            callbacks=callbacks,
            n_rows=len(self.source),
            drawn=drawn,
        )
        if drawn and checkpoint.goes_on:
            rows, held_out = checkpoint.drawn["rows"], checkpoint.drawn["held_out"]
            if not np.array_equal(np.sort(np.r_[rows, held_out]), np.arange(len(self.data))):
                checkpoint.refuse("the rows and those held out must be each row of X once")
            self.fitted.scaling = self._scaling(rows)
            self.source = self._source(self.data, rows)
            self.validation = self._source(self.data, held_out), self.data
        return checkpoint

    def _fingerprint(self, callbacks: list[Callback]) -> dict[str, str]:
        draft, data = self.draft, self.data
        values = draft.get_params(deep=False)
        for name in ("verbose", "progress", "callbacks", "checkpoint"):
            del values[name]  # of no effect on the result, or looked at below
        if not settings.has_horizon(draft.learning_rate):
            del values["max_iter"]  # a longer training begins as a shorter one does
        seed = draft.random_state
        given = self.validation[1] if self.validation and not self.holds_out else None
        values |= {
            "random_state": "not fixed" if seed is None else seed,
            "dtype": self.spec.dtype,
            "X": data.X,
            "y": data.y,
            "sample weights": data.weight,
            "X_val": None if given is None else given.X,
            "y_val": None if given is None else given.y,
            "callbacks": [type(callback) for callback in callbacks if keeps_state(callback)],
            "estimator": type(draft),
            "version of chainrule": __version__,
        }
        if draft.warm_start and (self.previous is not None or seed is not None):
            convergence = self.fitted.convergence
            so_far = None if convergence is None else convergence.state_dict()
            values["starting weights"] = [self.fitted.params.flat, draft.t_, so_far]
        return {name: describe(value) for name, value in values.items()}

    def _publish_curves(self, convergence: Convergence) -> None:
        draft, rows = self.draft, self.draft.history_.epochs
        draft.loss_curve_ = [row.train_loss + row.penalty for row in rows]
        draft.loss_ = draft.loss_curve_[-1] if rows else math.nan
        if self.stops_early:
            score = convergence.score
            draft.validation_scores_ = [row.scores[score] for row in rows if score in row.scores]
            draft.best_validation_score_ = convergence.best_score(draft.history_)
            draft.best_loss_, draft.best_epoch_ = None, draft.history_.best_epoch
        else:
            draft.validation_scores_ = draft.best_validation_score_ = None
            draft.best_loss_, draft.best_epoch_ = convergence.best, best_epoch(draft.history_)

    def _report_divergence(self) -> None:
        """Say which weights have come back, and forget the state that has diverged."""
        fitted, history = self.fitted, self.draft.history_
        if not all_finite(fitted.params.flat):
            return  # nothing has kept any: an error, whatever the solver
        if history.best_epoch is None:
            raise DivergenceError(
                len(history),
                "the training loss",
                "lower learning_rate_init, clip the gradient, or scale the features",
            )
        fitted.optimizer = fitted.state = None
        warn(
            f"Training diverged in epoch {len(history)}: the weights of epoch "
            f"{history.best_epoch}, the best before, are kept. Lower learning_rate_init, clip the "
            "gradient, or scale the features.",
            DivergenceWarning,
        )

    def _check_what_decided(self, convergence: Convergence) -> None:
        """Raise if nothing could decide; warn if it was not what has been asked for."""
        if not self.draft.n_iter_:
            return
        check_finite_loss(
            convergence.best, f"{'validation' if self.stops_early else 'training'} loss"
        )
        if self.stops_early and not is_defined(self.draft.best_validation_score_):
            warn(
                f"{convergence.score} was undefined in every epoch, so the validation loss decided "
                "when to stop and which epoch's weights are kept. Pass other X_val and y_val, or "
                "another scoring.",
                UndefinedMetricWarning,
            )


class _StopWhereDiverged(Callback):
    """Ends a training whose weights or loss have left the finite numbers."""

    def epoch_end(self, progress: Progress) -> bool:
        return progress.diverged
