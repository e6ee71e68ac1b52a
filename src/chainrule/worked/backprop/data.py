"""The numbers of a step as lists and mappings, in the shapes in which they were given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.worked.backprop.calculation import Sample, Step
from chainrule.worked.backprop.check import Check, kinks
from chainrule.worked.backprop.example import Key, Parameters
from chainrule.worked.numbers import Value


def nested(sizes: Sequence[int], parameters: Parameters) -> dict[str, Any]:
    """Return parameters as ``weights``, a matrix a layer, and ``biases``, a vector a layer."""
    layers = range(len(sizes) - 1)
    return {
        "weights": [
            [
                [parameters[Key(layer, i, j)] for j in range(sizes[layer + 1])]
                for i in range(sizes[layer])
            ]
            for layer in layers
        ],
        "biases": [
            [parameters[Key(layer, None, j)] for j in range(sizes[layer + 1])] for layer in layers
        ],
    }


def data_of(step: Step, checks: Sequence[Check]) -> dict[str, Any]:
    """Return every number of a step, by name."""
    example = step.example
    sizes = example.sizes
    return {
        "exact": example.exact,
        "network": {
            "sizes": sizes,
            "activations": [f.engine.name for f in example.functions],
            "loss": example.loss.name,
            "reduction": "mean" if example.mean else "sum",
            **nested(sizes, example.parameters),
        },
        "samples": [
            _sample(sizes, x, y, sample)
            for x, y, sample in zip(example.X, example.Y, step.samples, strict=True)
        ],
        "loss": step.loss,
        "gradient": nested(sizes, step.gradient),
        "learning_rate": example.learning_rate,
        "updated": nested(sizes, step.updated),
        "predictions_after": step.predictions_after,
        "loss_after": step.loss_after,
        "checks": [
            {
                "name": other.name,
                "agrees": other.agrees,
                "largest_difference": other.difference,
                "tolerance": other.tolerance,
                "gradient": nested(sizes, other.gradient),
            }
            for other in checks
        ],
        "samples_at_a_kink": sorted({number for number, _ in kinks(step)}),
    }


def _sample(
    sizes: Sequence[int], x: Sequence[Value], y: Sequence[Value], sample: Sample
) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "weighted_sums": sample.z,
        "activations": sample.a[1:],
        "prediction": sample.prediction,
        "loss": sample.loss,
        "loss_by_activations": sample.da,
        "loss_by_weighted_sums": sample.dz,
        "gradient": nested(sizes, sample.gradient),
    }
