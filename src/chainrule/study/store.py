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
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chainrule._output import locked
from chainrule.errors import StoreError
from chainrule.study.trial import Trial, TrialResult

STORE = "trials.sqlite"  # what the file is called in a run's folder
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
        except sqlite3.Error as error:
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

    @contextmanager
    def _reading(self, table: str, key: str) -> Iterator[None]:
        """Say which row it is that cannot be read; nothing is removed but by the user."""
        try:
            yield
        except (ValueError, TypeError, KeyError) as error:
            column = "key" if table == "notes" else "id"
            why = " ".join(str(error).split())
            raise StoreError(
                f"the row {key} of {table} in {self.path} is damaged ({why}): remove it (sqlite3 "
                f"{self.path} \"DELETE FROM {table} WHERE {column} = '{key}'\") and run the study "
                "again; all other rows stay"
            ) from error

    def ids(self) -> set[str]:
        """Return the ids of the finished trials."""
        with self._errors():
            rows = self._db.execute(f"SELECT {_bytes('id')} FROM trials").fetchall()
        return {_text(name) for (name,) in rows}

    # Texts are read as bytes: one that is damaged is then its row's fault, and not a query's.

    def by_id(self, known: Container[str] | None = None) -> dict[str, tuple[Trial, TrialResult]]:
        """Return finished trials with their results, by id, in the order in which they were kept.

        Parameters
        ----------
        known : container of str, optional
            The ids to read; None means all.

        Raises
        ------
        StoreError
            If a row that is asked for is damaged.
        """
        with self._errors():
            rows = self._db.execute(
                f"SELECT {_bytes('id')}, {_bytes('trial')}, {_bytes('result')} FROM trials "
                "ORDER BY rowid"
            ).fetchall()
        found = {}
        for id_, trial, result in rows:
            name = _text(id_)
            if known is None or name in known:
                with self._reading("trials", name):
                    found[name] = Trial.from_json(trial), TrialResult.from_json(result)
        return found

    def results(self) -> list[tuple[Trial, TrialResult]]:
        """Return every finished trial with its result, in the order in which they were kept."""
        return list(self.by_id().values())

    def load(self, trial: Trial) -> TrialResult | None:
        """Return the result of a finished trial, or None."""
        row = self._first(f"SELECT {_bytes('result')} FROM trials WHERE id = ?", trial.id)
        if row is None:
            return None
        with self._reading("trials", trial.id):
            return TrialResult.from_json(row)

    def noted(self, key: str) -> str | None:
        """Return the text that was noted under a name, or None."""
        row = self._first(f"SELECT {_bytes('text')} FROM notes WHERE key = ?", key)
        if row is None:
            return None
        with self._reading("notes", key):
            return row.decode()

    def document(self, key: str, is_whole: Callable[[Any], bool]) -> Any:
        """Return what was noted as JSON under a name, or None; StoreError unless it is whole."""
        text = self.noted(key)
        if text is None:
            return None
        with self._reading("notes", key):
            found = json.loads(text)
            if not is_whole(found):
                raise ValueError("something is missing in it")
            return found

    def _first(self, query: str, key: str) -> bytes | None:
        with self._errors():
            row = self._db.execute(query, (key,)).fetchone()
        return None if row is None else bytes(row[0])


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
            held.enter_context(locked(lock_of(self.path)))
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
            (trial.id, trial.to_json(), result.to_json()),
        )

    def note(self, key: str, text: str) -> None:
        """Keep a text under a name, in place of what was there; on disk when this returns."""
        self._execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, text))


def read(path: Path) -> StoredTrials:
    """Return what a store has in it, also while a run is going on."""
    return StoredTrials(path)


def lock_of(path: Path) -> Path:
    """Return the file on which the writer of a store holds a lock."""
    return path.with_name(f"{path.name}.lock")


def _bytes(column: str) -> str:
    return f"CAST({column} AS BLOB)"


def _text(name: bytes) -> str:
    return name.decode(errors="backslashreplace")


def _connect(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, timeout, isolation_level=None, uri=True)
