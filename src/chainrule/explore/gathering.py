"""From a model and the rows of its data to the content of a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule._cached import cached_property
from chainrule._text import counted, printable
from chainrule._types import Array
from chainrule._version import __version__
from chainrule.engine.losses import Quantile
from chainrule.engine.params import Parameters
from chainrule.explore.code import code_of
from chainrule.explore.content import (
    Content,
    Input,
    Measured,
    Model,
    Network,
    Placement,
    Samples,
    Target,
)
from chainrule.explore.fields import feature_range, table_fields
from chainrule.explore.hidden import hidden_spaces
from chainrule.explore.images import grey, guessed_shape
from chainrule.explore.measures import confusion, figures, probabilities_of, reliability
from chainrule.explore.packing import Dtype, pack
from chainrule.explore.placement import MNIST, measured_placement
from chainrule.explore.rows import Rows, class_texts
from chainrule.explore.run_folder import RunFacts
from chainrule.explore.samples import chosen
from chainrule.explore.subject import Subject, named
from chainrule.explore.units import Unit, unit_of
from chainrule.preparation.prepared import BRIGHTEST
from chainrule.runs.files import MODEL

PLACED = 2000  # images that say how images sit in their frame


@dataclass(frozen=True, eq=False)
class Gathering:
    """A model, its data if there is any, and how many samples are wanted.

    Attributes
    ----------
    subject : Subject
        The model.
    rows : Rows or None
        The data.
    facts : RunFacts
        What the model's folder says.
    samples : int
        The most rows in the page.
    title : str or None
        Of the page; made from the model if left out.
    """

    subject: Subject
    rows: Rows | None
    facts: RunFacts
    samples: int
    title: str | None = None

    def content(self, weights: Dtype) -> Content:
        """Return the content with its weights stored as ``weights``."""
        stored = self._content
        flat = self.subject.params.flat
        rounded = flat.astype(weights).astype(flat.dtype)
        return replace(
            stored,
            network=replace(stored.network, weights=pack(flat, weights)),
            weights_rounding=float(np.abs(rounded - flat).max()),
            outputs_rounding=self._moved(rounded),
        )

    def _moved(self, rounded: Array) -> float | None:
        if self.rows is None:
            return None
        params, X = self.subject.params, self.rows.X[self._shown]
        other = self.subject.outputs(X, Parameters(params.spec, rounded))
        return float(np.abs(other - self._outputs[self._shown]).max())

    @cached_property
    def _content(self) -> Content:
        subject, spec = self.subject, self.subject.params.spec
        return Content(
            title=printable(self.title or self._name()),
            task=subject.task,
            model=Model(
                estimator=type(subject.estimator).__name__,
                file=None if subject.path is None else printable(subject.path.name),
                prepared=subject.preparation is not None,
                dtype=spec.dtype,
                n_parameters=spec.n_parameters,
            ),
            library=__version__,
            network=Network(
                layer_sizes=spec.layer_sizes,
                activations=[named(activation) for activation in spec.activations],
                loss=named(spec.loss),
                weights=pack(np.empty(0), "float32"),
            ),
            weights_rounding=0.0,
            outputs_rounding=None,
            input=self._input(),
            target=self._target(),
            samples=self._samples(),
            measured=self._measured(),
            code=code_of(subject, self.rows, self._unit),
            notes=list(self._notes()),
        )

    def _name(self) -> str:
        path = self.subject.path
        if path is None:
            return type(self.subject.estimator).__name__
        return path.resolve().parent.name if path.name == MODEL else path.stem

    # -- what goes in ------------------------------------------------------------------------------

    @cached_property
    def _shape(self) -> tuple[int, int] | None:
        """Height and width, where rows are grey images."""
        subject = self.subject
        if self.rows is not None:
            return self.rows.shape
        if subject.is_pixels and subject.preparation is not None:
            return grey(subject.preparation.columns[0].shape)
        nameless = subject.preparation is None and subject.feature_names is None
        return guessed_shape(subject.params.spec.layer_sizes[0]) if nameless else None

    @cached_property
    def _unit(self) -> Unit:
        return unit_of(self.subject, None if self.rows is None else self.rows.X, self._shape)

    @cached_property
    def _shift_and_scale(self) -> tuple[Array, Array]:
        """What makes (x - shift) * scale the network's input, x as the page has it."""
        shift, scale = self.subject.scaling(None if self.rows is None else self.rows.X.dtype)
        return shift / self._unit.size, scale * self._unit.size

    def _input(self) -> Input:
        X = None if self.rows is None else self.rows.X
        shift, scale = self._shift_and_scale
        low, high = self._range()
        shape = self._shape
        return Input(
            kind="table" if shape is None else "image",
            shape=shape,
            shift=shift.tolist(),
            scale=scale.tolist(),
            low=low.tolist(),
            high=high.tolist(),
            placement=None if shape is None else self._placement(shape),
            fields=table_fields(self.subject, X) if shape is None else [],
        )

    def _range(self) -> tuple[Array, Array]:
        if self._shape is None:
            return feature_range(self.subject, None if self.rows is None else self.rows.X)
        n_features = self.subject.params.spec.layer_sizes[0]
        return np.zeros(n_features), np.full(n_features, float(BRIGHTEST))

    def _placement(self, shape: tuple[int, int]) -> Placement | None:
        if self.rows is None:
            return MNIST if shape == (28, 28) else None
        some = self.rows.X[np.linspace(0, len(self.rows) - 1, PLACED).astype(int)]
        return measured_placement(self._unit.shown(some).reshape(-1, *shape))

    # -- what is predicted -------------------------------------------------------------------------

    @cached_property
    def _units(self) -> tuple[Array, Array]:
        """Return mean and scale of each output: units are output * scale + mean."""
        subject, n = self.subject, self.subject.params.spec.layer_sizes[-1]
        mean, scale = np.array(0.0), np.array(1.0)
        if subject.task == "autoencoder":
            mean, by = self._shift_and_scale
            scale = 1 / by
        elif subject.preparation is not None and subject.preparation.target is not None:
            target = subject.preparation.target
            mean, scale = np.array(target.mean), np.array(target.scale)
        return np.broadcast_to(mean, n), np.broadcast_to(scale, n)

    def _target(self) -> Target:
        subject, rows = self.subject, self.rows
        numbers = subject.task in ("regression", "autoencoder")
        low, high, range_of = self._target_range()
        mean, scale = self._units if numbers else (np.empty(0), np.empty(0))
        preparation = subject.preparation
        name = rows.target if rows is not None else None
        if preparation is not None and preparation.target is not None:
            name = preparation.target.name
        return Target(
            name=name,
            classes=class_texts(subject, None if rows is None else rows.class_names),
            names=self._output_names(name),
            mean=mean.tolist(),
            scale=scale.tolist(),
            low=low,
            high=high,
            range_of=range_of,
        )

    def _output_names(self, name: str | None) -> list[str] | None:
        subject, loss = self.subject, self.subject.params.spec.loss
        if subject.task == "autoencoder":
            return subject.feature_names
        if subject.task != "regression":
            return None
        levels = loss.levels if isinstance(loss, Quantile) else ()
        n, base = subject.params.spec.layer_sizes[-1] // max(len(levels), 1), name or "prediction"
        names = [base] if n == 1 else [f"{base} {i}" for i in range(1, n + 1)]
        if len(levels) < 2:
            return names
        return [f"{one}, quantile {level:g}" for one in names for level in levels]

    def _target_range(self) -> tuple[list[float], list[float], Any]:
        subject, rows, known = self.subject, self.rows, self.facts.target_range
        n = subject.params.spec.layer_sizes[-1]
        if subject.task != "regression":
            return [], [], None
        if known is not None:
            return [float(known[0])] * n, [float(known[1])] * n, "training"
        if rows is None or rows.truth is None:
            return [], [], None
        mean, scale = self._units
        repeat = n // rows.truth.shape[1]
        low, high = (
            np.repeat(end(rows.truth, axis=0), repeat) * scale + mean for end in (np.min, np.max)
        )
        return low.tolist(), high.tolist(), "data"

    # -- rows --------------------------------------------------------------------------------------

    @cached_property
    def _outputs(self) -> Array:
        assert self.rows is not None
        return self.subject.outputs(self.rows.X)

    @cached_property
    def _shown(self) -> Array:
        """The numbers of the rows in the page."""
        assert self.rows is not None
        truth, outputs = self.rows.truth, self._outputs
        if self.subject.task == "autoencoder":
            truth = self._network_input()
        if truth is None:
            return chosen(self.samples, len(self.rows), None, None)
        if self.subject.task == "classification":
            probabilities = probabilities_of(outputs)
            said = probabilities.argmax(axis=1)
            badness = np.where(said == truth, 0.0, probabilities.max(axis=1))
            return chosen(self.samples, len(truth), np.column_stack([truth, said]), badness)
        error = np.abs(self._point(outputs) - truth)
        if self.subject.task == "multilabel":
            error = np.where(error > 0.5, error, 0)
        return chosen(self.samples, len(truth), None, error.max(axis=1))

    def _network_input(self) -> Array:
        assert self.rows is not None
        shift, scale = self._shift_and_scale
        x: Array = (self._unit.shown(self.rows.X) - shift) * scale
        return x.astype(self.subject.params.flat.dtype)

    def _point(self, outputs: Array) -> Array:
        """Return one number for each target: of several quantiles that nearest to the median."""
        loss = self.subject.params.spec.loss
        if not isinstance(loss, Quantile) or len(loss.levels) < 2:
            return outputs
        middle = int(np.abs(np.array(loss.levels) - 0.5).argmin())
        # In ascending order, as the estimator predicts them.
        return np.sort(outputs.reshape(len(outputs), -1, len(loss.levels)), axis=2)[:, :, middle]

    def _samples(self) -> Samples | None:
        rows = self.rows
        if rows is None:
            return None
        numbers = self._shown.tolist()
        X = self._unit.shown(rows.X[self._shown])
        return Samples(
            n=len(numbers),
            X=pack(X, self._unit.dtype),
            target=None if rows.truth is None else rows.truth[self._shown].tolist(),
            places=[printable(rows.place(row)) for row in numbers],
            rows=numbers,
        )

    def _measured(self) -> Measured | None:
        rows, task = self.rows, self.subject.task
        if rows is None:
            return None
        truth, outputs = rows.truth, self._outputs
        known = truth is not None or task == "autoencoder"
        probabilities = probabilities_of(outputs)
        classes = truth if task == "classification" else None
        return Measured(
            name=printable(rows.name),
            n=len(rows),
            learnt_from=rows.learnt_from,
            n_learnt_from=self._n_learnt_from,
            figures=figures(task, *self._in_units()) if known else {},
            confusion=None if classes is None else confusion(classes, probabilities),
            reliability=(
                None
                if classes is None
                else reliability(probabilities.argmax(axis=1) == classes, probabilities.max(axis=1))
            ),
            hidden=hidden_spaces(self.subject, rows.X, self._shown),
        )

    @property
    def _n_learnt_from(self) -> int | None:
        """From how many of the rows the model has learnt, if its run says so of these very rows."""
        rows, facts = self.rows, self.facts
        known = rows is not None and rows.learnt_from and facts.n_rows == len(rows)
        return facts.n_learnt_from if known else None

    def _in_units(self) -> tuple[Array, ...]:
        """Return truth and predictions as figures are of them."""
        assert self.rows is not None
        outputs, truth = self._outputs, self.rows.truth
        if self.subject.task == "autoencoder":
            mean, scale = self._units
            return self._unit.shown(self.rows.X).astype(np.float64), outputs * scale + mean
        assert truth is not None
        if self.subject.task == "regression":
            point = self._point(outputs)
            mean, scale = (unit[: point.shape[1]] for unit in self._units)
            return truth * scale + mean, point * scale + mean
        return truth, outputs, self.subject.logits(self.rows.X)

    def _notes(self) -> Any:
        rows = self.rows
        if rows is None:
            missing = self.facts.missing
            why = (
                "no data was given"
                if missing is None
                else f"{missing}, which the model was trained on, is not here as it was then"
            )
            yield (
                f"There are no samples here, as {why}: chainrule explore MODEL --data NAME puts "
                "some in, and what is measured on all of them."
            )
            if self._shape is None:
                yield "The sliders' ranges are guesses, as there is no data to take them from."
            return
        if rows.divided:
            yield (
                "The model seems to have learnt from pixels divided by 255, so the data's are "
                "divided, too: with them as they are it does less well."
            )
        elif rows.divided is not None:
            yield (
                "The model seems to have learnt from pixels from 0 to 255, so the data's are left "
                "as they are: divided by 255 it does less well with them."
            )
        if rows.learnt_from:
            yield f"{self._learnt()}, so on new ones it may do less well than here."
        if rows.truth is None and self.subject.task != "autoencoder":
            yield "The data does not have the target, so nothing here is right or wrong."

    def _learnt(self) -> str:
        n, stopping = self._n_learnt_from, self.facts.n_stopping
        if n is None:
            return "This is the very data that the model was trained on"
        assert self.rows is not None
        more = f", and {stopping:,} more decided when to stop" if stopping else ""
        return f"The model has learnt from {n:,} of these {counted(len(self.rows), 'row')}{more}"
