"""Finished trials, kept in SQLite: one writer, one transaction a trial, synchronous.

A process that is killed loses the trials it was in the middle of, and none that was finished.

The journal is SQLite's ordinary one and not a write-ahead log: a log needs memory that is shared by
all who have the file open, which network file systems, where clusters have their folders, do not
give. Readers and the writer then exclude each other only for the moment of a commit, and wait.

Who may write holds a lock on a second, empty file for as long as the store is open.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from chainrule._output import locked
from chainrule.errors import StoreError
from chainrule.study.trial import Trial, TrialResult

VERSION = 1  # of the file, its PRAGMA user_version

_SCHEMA = (
    """
    CREATE TABLE trials (
        id     TEXT PRIMARY KEY,
        trial  TEXT NOT NULL,  -- Trial as JSON
        result TEXT NOT NULL   -- TrialResult as JSON
    ) STRICT
    """,
    "CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
    f"PRAGMA user_version = {VERSION}",
)
_WRITER = "writer"  # the note that says who writes
_PATIENCE = 60.0  # seconds for which a commit waits for readers, or a reader for a commit


class StoredTrials:
    """What a store's file has in it; a context manager.

    It can be read while a :class:`Store` writes to it.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    StoreError
        If the file is absent, no store, or cannot be read.
    """

    _mode = "rw"  # not "ro": what a killed writer had begun has to be taken back

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            self._db = _connect(path, self._mode, _PATIENCE)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._execute("PRAGMA query_only = ON")
        if self._is_empty():
            raise StoreError(f"{self.path} has no trials in it: run the study first")

    def _is_empty(self) -> bool:
        (version,) = self._execute("PRAGMA user_version").fetchone()
        empty = self._execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if version != VERSION and not (version == 0 and empty):
            raise StoreError(
                f"{self.path} cannot be used as a store of trials (its version is {version}, this "
                f"chainrule's is {VERSION}): choose another --out folder, or remove the file"
            )
        return empty

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{self.path} cannot be used as a store of trials ({error}): see to the file or "
                "its disk, or choose another --out folder"
            ) from error

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        with self._errors():
            return self._db.execute(sql, values)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def results(self) -> list[tuple[Trial, TrialResult]]:
        """Return every finished trial with its result, in the order in which they were kept."""
        with self._errors():
            rows = self._db.execute("SELECT trial, result FROM trials ORDER BY rowid").fetchall()
            return [(Trial(**json.loads(t)), TrialResult.from_json(r)) for t, r in rows]

    def load(self, trial: Trial) -> TrialResult | None:
        """Return the result of a finished trial, or None."""
        with self._errors():
            query = "SELECT result FROM trials WHERE id = ?"
            row = self._db.execute(query, (trial.id,)).fetchone()
            return None if row is None else TrialResult.from_json(row[0])

    def noted(self, key: str) -> str | None:
        """Return the text that was noted under a name, or None."""
        row = self._execute("SELECT text FROM notes WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])


class Store(StoredTrials):
    """A file of finished trials, for the one who writes; a context manager.

    Parameters
    ----------
    path : Path
        Created if absent.

    Raises
    ------
    StoreError
        If the file is no store, cannot be written, or another process has it.
    """

    _mode = "rwc"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = self._locked()
        try:
            super().__init__(path)
        except BaseException:
            self._lock.close()
            raise

    def _locked(self) -> ExitStack:
        held = ExitStack()
        try:
            held.enter_context(locked(self.path.with_name(f"{self.path.name}.lock")))
        except BlockingIOError as error:
            raise StoreError(self._in_use()) from error
        except OSError as error:
            raise StoreError(
                f"{error}: see to the file or its disk, or choose another --out folder"
            ) from error
        return held

    def _in_use(self) -> str:
        writer = None
        with suppress(StoreError), StoredTrials(self.path) as stored:
            writer = stored.noted(_WRITER)
        return (
            f"{self.path} is in use by {writer or 'another process'}: wait for it to end, or "
            "choose another --out folder"
        )

    def _prepare(self) -> None:
        # The journal stays, empty: to make and remove a file costs more than to truncate one, and
        # a removal is on disk only when the folder is.
        self._execute("PRAGMA journal_mode = TRUNCATE")
        self._execute("PRAGMA synchronous = FULL")
        if self._is_empty():
            for statement in ("BEGIN IMMEDIATE", *_SCHEMA, "COMMIT"):
                self._execute(statement)
        since = datetime.now().astimezone().isoformat(" ", "seconds")
        self.note(_WRITER, f"process {os.getpid()} on {socket.gethostname()} since {since}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._lock.close()

    def save(self, trial: Trial, result: TrialResult) -> None:
        """Keep a result; on disk when this returns."""
        self._execute(
            "INSERT OR REPLACE INTO trials VALUES (?, ?, ?)",
            (trial.id, json.dumps(asdict(trial)), result.to_json()),
        )

    def note(self, key: str, text: str) -> None:
        """Keep a text under a name, in place of what was there; on disk when this returns."""
        self._execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, text))


def read(path: Path) -> StoredTrials:
    """Return what a store has in it, also while a run is going on."""
    return StoredTrials(path)


def _connect(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, timeout, isolation_level=None, uri=True)
