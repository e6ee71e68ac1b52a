"""A study's folder, read by those who did not run it: what was planned, what came of it.

Reading does not disturb a run that is going on there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainrule._output import is_locked
from chainrule.errors import InvalidValueError, Words
from chainrule.study.results import Results
from chainrule.study.spec import SAMPLERS, Study
from chainrule.study.store import STORE, Store, StoredTrials, lock_of, read
from chainrule.study.trial import Trial

_STUDY, _PLANNED, _WRITER = "study", "planned", "writer"


@dataclass(frozen=True, eq=False)
class StudyFolder:
    """What is in a study's folder now.

    Attributes
    ----------
    path : Path
        Of the folder.
    document : dict
        The study, as :meth:`Study.to_dict` gives it, its metrics named.
    planned : int
        Trials that are known by now; a sampler that learns from results may add some.
    results : Results
        Of those that are finished.
    writer : str or None
        The process that runs the study now; None if none does.
    """

    path: Path
    document: Mapping[str, Any]
    planned: int
    results: Results
    writer: str | None

    @classmethod
    def open(cls, path: Path) -> StudyFolder:
        """Read a folder.

        Raises
        ------
        InvalidValueError
            If it is no study's folder.
        StoreError
            If its file cannot be read, or a row in it is damaged.
        """
        file = path / STORE
        if not file.is_file():
            raise InvalidValueError(
                f"the folder must be one that chainrule study run has written to (with {STORE})",
                str(path),
                "give the --out folder of a study",
            )
        with read(file) as stored:
            document = noted_study(stored)
            # In the plan's order and with its numbers: a study may have grown since they were kept.
            numbers = dict(stored.document(_PLANNED, _is_plan) or [])
            pairs, writer = stored.by_id(numbers), stored.noted(_WRITER)
        if document is None:
            raise InvalidValueError(
                f"{file} must be a study's", Words("trials of something else"), "choose another"
            )
        found = [
            (_numbered(trial, numbers[name]), result) for name, (trial, result) in pairs.items()
        ]
        results = Results.of(found, document["metrics"])
        return cls(path, document, len(numbers), results, writer if is_running(path) else None)

    @property
    def data_files(self) -> list[str]:
        """The names of what the study reads; none where it was given arrays."""
        evaluation = self.document.get("evaluation") or {}
        return [
            one
            for one in (self.document.get("data"), evaluation.get("data"))
            if isinstance(one, str)
        ]

    @property
    def study(self) -> Study:
        """The study, made again from what was noted.

        Raises
        ------
        InvalidValueError
            If it has something that a file cannot hold: arrays, classes, functions.
        """
        known = {key: value for key, value in self.document.items() if key != "data_digest"}
        try:
            return Study.from_dict(known)
        except InvalidValueError as error:
            raise InvalidValueError(
                "the study must be one that a file can hold",
                Words(str(error)),
                "it was run from Python: use it there",
            ) from None


def note_study(store: Store, document: Mapping[str, Any]) -> None:
    """Write whose folder it is."""
    store.note(_STUDY, json.dumps(document))


def noted_study(store: StoredTrials) -> dict[str, Any] | None:
    """Return whose folder it is; None if it is nobody's yet."""
    found: dict[str, Any] | None = store.document(_STUDY, _is_study)
    return found


def _is_study(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("name"), str)
        and all(isinstance(found.get(key), list) for key in ("metrics", "seeds"))
        and any(key in found for key in SAMPLERS)
    )


def _is_plan(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(row, list) and [*map(type, row)] == [str, int] for row in found
    )


def note_plan(store: Store, trials: Sequence[Trial]) -> None:
    """Write which trials are known by now."""
    store.note(_PLANNED, json.dumps([[trial.id, trial.settings["number"]] for trial in trials]))


def is_running(path: Path) -> bool:
    """Return whether a process runs the study of a folder now."""
    return is_locked(lock_of(path / STORE))


def _numbered(trial: Trial, number: int) -> Trial:
    return replace(trial, settings={**trial.settings, "number": number})
