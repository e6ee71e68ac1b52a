"""What the folder of a run says of the model in it: which data it is of, and how far numbers go.

The file may be anybody's, so whatever is not as expected is taken for not said; and a data file
that it names is taken only if its digest is the one that training has noted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.datasets.catalogue import CATALOGUE
from chainrule.datasets.tables import open_table
from chainrule.errors import ChainruleError
from chainrule.runs.files import FIGURES
from chainrule.runs.words import file_name


@dataclass(frozen=True)
class RunFacts:
    """What a run's folder says.

    Attributes
    ----------
    data : str or None
        What it was trained on, if that is still there.
    missing : str or None
        What that is called if it is not there, or not as it was.
    n_rows, n_learnt_from, n_stopping : int or None
        How many rows that has, how many of them were learnt from, and how many more decided when
        to stop.
    target_range : tuple of float or None
        The smallest and the largest number of the column to predict.
    """

    data: str | None = None
    missing: str | None = None
    n_rows: int | None = None
    n_learnt_from: int | None = None
    n_stopping: int | None = None
    target_range: tuple[float, float] | None = None


def run_facts(model: Path | None) -> RunFacts:
    """Return what is beside a model file; nothing for a model in memory."""
    if model is None:
        return RunFacts()
    try:
        data = json.loads((model.parent / FIGURES).read_text(encoding="utf-8"))["data"]
        name = data["name"] if isinstance(data["name"], str) else None
        there = None if name is None else _there(name, data.get("digest"), model.parent)
        rows = data.get("rows") or {}
        return RunFacts(
            data=there,
            missing=file_name(name) if name and there is None else None,
            n_rows=_count(data.get("n_rows")),
            n_learnt_from=_count(rows.get("learnt_from")),
            n_stopping=_count(rows.get("stopping")),
            target_range=_range_of(data["target"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return RunFacts()


def _there(name: str, digest: Any, folder: Path) -> str | None:
    """Return what opens a run's data; of files only one that is to the byte as it was."""
    if name in CATALOGUE:
        return name
    return next((str(path) for path in _places(name, folder) if _is(path, digest)), None)


def _places(name: str, folder: Path) -> Iterator[Path]:
    """Yield where data may lie: as it was named, in the run's folder, or beside that."""
    yield Path(name)
    for home in (folder, folder.absolute().parent):
        yield home / name
        yield home / Path(name).name


def _is(path: Path, digest: Any) -> bool:
    try:
        return path.exists() and open_table(path).digest() == digest
    except (ChainruleError, OSError, ValueError):
        return False  # no data file


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _range_of(target: Any) -> tuple[float, float] | None:
    low, high = (target["low"], target["high"]) if isinstance(target, dict) else (None, None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
