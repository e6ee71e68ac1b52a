"""Finished trials, kept in SQLite: one writer, one transaction a trial, synchronous.

A process that is killed loses the trials it was in the middle of, and none that was finished.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from chainrule.errors import StoreError
from chainrule.study.trial import Trial, TrialResult

_SCHEMA = """
CREATE TABLE IF NOT EXISTS trials (
    id            TEXT PRIMARY KEY,
    section       TEXT NOT NULL,
    configuration TEXT NOT NULL,
    seed          INTEGER NOT NULL,
    result        TEXT NOT NULL  -- TrialResult as JSON
) STRICT
"""

_OPENING = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA synchronous = FULL",
    "BEGIN IMMEDIATE",
    _SCHEMA,
    "COMMIT",
)


class Store:
    """A file of finished trials; a context manager.

    Parameters
    ----------
    path : Path
        Created if absent.

    Raises
    ------
    StoreError
        If the file is no store, cannot be written, or is in use by another process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # The parent is the only writer: a second process is refused, not queued.
        try:
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise self._error(error) from error
        try:
            for statement in _OPENING:
                self._execute(statement)
        except StoreError:
            self._db.close()
            raise

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> StoreError:
        locked = "locked" in str(error)
        remedy = "wait for the other run to end" if locked else "see to the file or its disk"
        return StoreError(
            f"{self.path} cannot be used as a store of trials ({error}): {remedy}, "
            "or choose another --out folder"
        )

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def save(self, trial: Trial, result: TrialResult) -> None:
        """Keep a result; on disk when this returns."""
        self._execute(
            "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?)",
            (trial.id, trial.section, trial.configuration, trial.seed, result.to_json()),
        )

    def load(self, trial: Trial) -> TrialResult | None:
        """Return the result of a finished trial, or None."""
        query = "SELECT result FROM trials WHERE id = ?"
        row = self._execute(query, (trial.id,)).fetchone()
        try:
            return None if row is None else TrialResult.from_json(row[0])
        except (ValueError, TypeError, KeyError) as error:
            raise self._error(error) from error
