"""What the folder of a run says of the model in it: which data it is of, and how far numbers go.

The file may be anybody's, so whatever is not as expected is taken for not said.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.datasets.catalogue import CATALOGUE
from chainrule.runs.files import FIGURES


@dataclass(frozen=True)
class RunFacts:
    """What a run's folder says.

    Attributes
    ----------
    data : str or None
        What it was trained on, if that is still there.
    target_range : tuple of float or None
        The smallest and the largest number of the column to predict.
    """

    data: str | None = None
    target_range: tuple[float, float] | None = None


def run_facts(model: Path | None) -> RunFacts:
    """Return what is beside a model file; nothing for a model in memory."""
    if model is None:
        return RunFacts()
    try:
        data = json.loads((model.parent / FIGURES).read_text(encoding="utf-8"))["data"]
        return RunFacts(_name_of(data["name"]), _range_of(data["target"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return RunFacts()


def _name_of(name: Any) -> str | None:
    if not isinstance(name, str) or not (name in CATALOGUE or Path(name).exists()):
        return None
    return name


def _range_of(target: Any) -> tuple[float, float] | None:
    low, high = (target["low"], target["high"]) if isinstance(target, dict) else (None, None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
