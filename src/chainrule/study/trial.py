"""One training of a study, and what came of it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from chainrule._version import __version__
from chainrule.training.history import Epoch

TIMES = ("fit_time", "score_time")  # metrics of which less is better; more is of all others


@dataclass(frozen=True)
class Trial:
    """One configuration with one seed on one data set.

    Parameters
    ----------
    section : str
        The part of the study it belongs to.
    configuration : str
        What is compared, as people call it: ``"relu, normal"``.
    seed : int
        Of everything random in it.
    settings : mapping
        Whatever decides the result beside the seed; values that JSON can hold.
    data : str
        A digest of the data.
    """

    section: str
    configuration: str
    seed: int
    settings: Mapping[str, Any]
    data: str

    @property
    def id(self) -> str:
        """The hash of everything that decides the result, this library's version included.

        The candidate's number does not: a study to which candidates are added counts them anew.
        """
        settings = {name: value for name, value in self.settings.items() if name != "number"}
        parts = {**asdict(self), "settings": settings, "version": __version__}
        text = json.dumps(parts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the trial as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Trial:
        """Read what :meth:`to_json` wrote; ValueError or TypeError if it is something else."""
        types = {"section": str, "configuration": str, "seed": int, "settings": dict, "data": str}
        return cls(**_typed(json.loads(text), types))


@dataclass(frozen=True)
class TrialResult:
    """What came of a trial.

    Attributes
    ----------
    trial_id : str
        :attr:`Trial.id`.
    configuration : str
        Copied from the trial.
    seed : int
        Copied from the trial.
    metrics : dict
        Numbers, lists of numbers, or None, by name; empty where the trial failed.
    epochs : list of Epoch
        The history.
    seconds : float
        What the trial took.
    error : str or None
        Why it failed; None where it did not.
    """

    trial_id: str
    configuration: str
    seed: int
    metrics: dict[str, Any] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    seconds: float = 0.0
    error: str | None = None

    def to_json(self) -> str:
        """Return the result as one line of strict JSON."""
        return json.dumps({**asdict(self), "epochs": [list(row) for row in self.epochs]})

    @classmethod
    def from_json(cls, text: str | bytes) -> TrialResult:
        """Read what :meth:`to_json` wrote; ValueError or TypeError if it is something else."""
        types = {
            "trial_id": str, "configuration": str, "seed": int, "metrics": dict, "epochs": list,
            "seconds": int | float, "error": str | None,
        }  # fmt: skip
        fields = _typed(json.loads(text), types)
        epochs = [Epoch(*row) for row in fields["epochs"]]
        return cls(**{**fields, "epochs": epochs})


def finite(number: float) -> float | None:
    """Return a metric as a result keeps it: None if it is not finite, and 0 for -0."""
    return number + 0.0 if math.isfinite(number) else None


def _typed(fields: Any, types: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields if they are of these types."""
    if not isinstance(fields, dict):
        raise ValueError(f"it has {type(fields).__name__}, not fields")
    for name, kind in types.items():
        if not isinstance(fields.get(name), kind):
            raise ValueError(f"{name} is {type(fields.get(name)).__name__}")
    return fields
