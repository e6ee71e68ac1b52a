"""The report's class with one thing changed: the optimiser, or how many images it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chainrule.engine.optimizers import Adam
from chainrule.estimators import NeuralNetwork
from chainrule.training.callbacks import Callback
from chainrule.training.loop import Plan

FEW = 1000  # images


class AdamNetwork(NeuralNetwork):
    """Trained by Adam with its usual settings, at the same rate."""

    def _plan(self, samples: int) -> Plan:
        return replace(super()._plan(samples), optimizer=Adam())


class FewImagesNetwork(NeuralNetwork):
    """Learns from the first 1,000 images alone, and is measured on as many others as usual."""

    def fit(
        self,
        X: Any,
        y: Any,
        X_val: Any = None,
        y_val: Any = None,
        *,
        callbacks: Callback | Sequence[Callback] = (),
    ) -> NeuralNetwork:
        """Train on the first of X and y; validation data are the last ones."""
        others = len(X) - round(self.validation_fraction * len(X))
        few = min(FEW, others)
        return super().fit(X[:few], y[:few], X[others:], y[others:], callbacks=callbacks)
