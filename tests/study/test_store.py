import os
import re
import sqlite3
import subprocess
import sys

import pytest

from chainrule.errors import StoreError
from chainrule.study.store import Store, read
from chainrule.study.trial import Trial, TrialResult

TRIAL = Trial("B", "relu, normal", 0, {}, "digest")
OTHER = Trial("B", "relu, normal", 1, {}, "digest")
RESULT = TrialResult(TRIAL.id, TRIAL.configuration, 0, {"test_accuracy": 0.5})


def test_a_saved_result_is_there_when_the_file_is_opened_again(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        assert store.load(TRIAL) is None
        store.save(TRIAL, RESULT)
    with Store(tmp_path / "s.sqlite") as store:
        assert store.load(TRIAL) == RESULT
        assert store.load(OTHER) is None


def test_saving_again_replaces(tmp_path):
    better = TrialResult(TRIAL.id, TRIAL.configuration, 0, {"test_accuracy": 0.75})
    with Store(tmp_path / "s.sqlite") as store:
        store.save(TRIAL, RESULT)
        store.save(TRIAL, better)
        assert store.load(TRIAL) == better


def in_another_process(code, path):
    """Return what a new interpreter prints that runs code with ``path``."""
    imports = (
        "import sys, pathlib, json\n"
        "from chainrule.errors import StoreError\n"
        "from chainrule.study.store import Store, read\n"
        "path = pathlib.Path(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", imports + code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


TRY = "try:\n    Store(path)\nexcept StoreError as error:\n    print(error)\n"


def test_a_second_process_is_refused_with_a_sentence_that_says_who_has_the_store(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        said = in_another_process(TRY, path)
        writer = store.noted("writer")
    assert said == (
        f"{path} is in use by {writer}: wait for it to end, or choose another --out folder\n"
    )
    assert re.fullmatch(
        rf"process {os.getpid()} on \S+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", writer
    )
    assert in_another_process(TRY, path) == ""


def test_a_writer_that_has_not_said_its_name_yet_is_another_process(tmp_path, message_of):
    path = tmp_path / "s.sqlite"
    lock = sqlite3.connect(tmp_path / "s.sqlite.lock", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    assert message_of(StoreError, Store, path) == (
        f"{path} is in use by another process: wait for it to end, or choose another --out folder"
    )
    lock.close()
    Store(path).__exit__(None, None, None)


def test_a_store_can_be_read_while_another_process_writes(tmp_path):
    path = tmp_path / "s.sqlite"
    look = "with read(path) as s:\n    print(len(s.results()), s.noted('study'))\n"
    with Store(path) as store:
        store.save(TRIAL, RESULT)
        store.note("study", "mine")
        assert in_another_process(look, path) == "1 mine\n"
        store.save(OTHER, RESULT)  # no reader is in the way
        assert in_another_process(look, path) == "2 mine\n"


def test_results_are_the_trials_with_what_came_of_them_in_the_order_of_keeping(tmp_path):
    path = tmp_path / "s.sqlite"
    failed = TrialResult(OTHER.id, OTHER.configuration, 1, error="it burnt")
    with Store(path) as store:
        store.save(OTHER, failed)
        store.save(TRIAL, RESULT)
        assert store.results() == [(OTHER, failed), (TRIAL, RESULT)]
    with read(path) as stored:
        assert stored.results() == [(OTHER, failed), (TRIAL, RESULT)]


def test_notes_are_kept_and_replaced(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        assert store.noted("study") is None
        store.note("study", "one")
        store.note("study", "two")
    with read(tmp_path / "s.sqlite") as stored:
        assert stored.noted("study") == "two"


def test_a_reader_cannot_write(tmp_path):
    path = tmp_path / "s.sqlite"
    Store(path).__exit__(None, None, None)
    with read(path) as stored, pytest.raises(StoreError, match="readonly database"):
        Store.note(stored, "study", "mine")


def test_what_is_not_there_cannot_be_read_and_is_not_made(tmp_path, message_of):
    path = tmp_path / "s.sqlite"
    assert message_of(StoreError, read, path) == (
        f"{path} cannot be used as a store of trials (unable to open database file): see to the "
        "file or its disk, or choose another --out folder"
    )
    assert not path.exists()
    path.touch()
    assert message_of(StoreError, read, path) == (
        f"{path} has no trials in it: run the study first"
    )


@pytest.mark.parametrize("open_it", [Store, read])
def test_another_version_is_refused_with_a_remedy_and_kept(tmp_path, open_it, message_of):
    path = tmp_path / "s.sqlite"
    for version, statement in ((0, "CREATE TABLE trials (id)"), (2, "PRAGMA user_version = 2")):
        database = sqlite3.connect(path)
        database.execute(statement)
        database.close()
        before = path.read_bytes()
        assert message_of(StoreError, open_it, path) == (
            f"{path} cannot be used as a store of trials (its version is {version}, this "
            "chainrule's is 1): choose another --out folder, or remove the file"
        )
        assert path.read_bytes() == before


def test_a_commit_is_on_disk_before_save_returns(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        pragmas = {
            name: store._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "user_version")
        }
    assert pragmas == {"journal_mode": "truncate", "synchronous": 2, "user_version": 1}


def test_a_file_that_is_no_store_is_refused_and_kept(tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_text("my notes, and quite a few of them" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="file is not a database"):
        Store(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StoreError, match=r"unable to open database file.*see to the file"):
        Store(tmp_path / "absent" / "s.sqlite")


def test_a_damaged_row_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.save(TRIAL, RESULT)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE trials SET result = 'nonsense'")
    database.close()
    remedy = rf"remove it \(sqlite3 .* WHERE id = '{TRIAL.id}'\"\) and run the study again"
    with Store(path) as store:
        for look in (store.results, lambda: store.load(TRIAL)):
            with pytest.raises(StoreError, match=f"^the row {TRIAL.id} of trials in .*{remedy}"):
                look()


@pytest.mark.parametrize("damage", ["'nonsense'", "CAST(x'ff7b7d' AS TEXT)", "'[]'", "'{}'", "''"])
@pytest.mark.parametrize("column", ["trial", "result"])
def test_a_damaged_row_takes_no_other_with_it(tmp_path, column, damage):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.save(TRIAL, RESULT)
        store.save(OTHER, RESULT)
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE trials SET {column} = {damage} WHERE id = ?", (OTHER.id,))
    database.close()
    with read(path) as stored:
        assert stored.by_id({TRIAL.id}) == {TRIAL.id: (TRIAL, RESULT)}
        assert stored.ids() == {TRIAL.id, OTHER.id}
        with pytest.raises(StoreError, match=f"row {OTHER.id} of trials in .* is damaged"):
            stored.results()


@pytest.mark.parametrize("damage", ["'nonsense'", "CAST(x'ff' AS TEXT)", "'{}'", "'[1]'"])
def test_a_damaged_note_is_named(tmp_path, damage):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.note("study", "{}")
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE notes SET text = {damage} WHERE key = 'study'")
    database.close()
    with read(path) as stored, pytest.raises(StoreError, match=r"row study of notes in .* damaged"):
        stored.document("study", lambda found: "name" in found)


def test_a_full_disk_is_one_sentence_and_what_was_kept_stays(tmp_path, message_of):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.save(TRIAL, RESULT)
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        long = TrialResult(OTHER.id, OTHER.configuration, 1, {"values": [0.5] * 10_000})
        assert message_of(StoreError, store.save, OTHER, long) == (
            f"{path} cannot be used as a store of trials (database or disk is full): see to the "
            "file or its disk, or choose another --out folder"
        )
        assert store.results() == [(TRIAL, RESULT)]
    with Store(path) as store:
        store.save(OTHER, long)
        assert store.results() == [(TRIAL, RESULT), (OTHER, long)]
