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
        self._execute("PRAGMA locking_mode = EXCLUSIVE")
        self._execute("PRAGMA synchronous = FULL")
        self._execute("BEGIN IMMEDIATE")
        self._execute(_SCHEMA)
        self._execute("COMMIT")

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            self._db.close()
            raise self._error(error) from error

    def _error(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"{self.path} cannot be used as a store of trials ({error}): wait for the other "
            "run to end, or choose another --out folder"
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
        return None if row is None else TrialResult.from_json(row[0])
