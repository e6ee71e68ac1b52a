import sqlite3
import subprocess
import sys

import pytest

from chainrule.errors import StoreError
from chainrule.study.store import Store
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


def test_a_second_process_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "s.sqlite"
    code = (
        "import sys, pathlib\n"
        "from chainrule.errors import StoreError\n"
        "from chainrule.study.store import Store\n"
        "try:\n    Store(pathlib.Path(sys.argv[1]))\n"
        "except StoreError as error:\n    print(error)\n"
    )
    with Store(path):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
    assert done.stdout == (
        f"{path} cannot be used as a store of trials (database is locked): wait for the other run "
        "to end, or choose another --out folder\n"
    )


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


def test_a_store_of_another_layout_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE trials (name TEXT)")
    database.close()
    with Store(path) as store, pytest.raises(StoreError, match="no such column"):
        store.load(TRIAL)


def test_a_damaged_row_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.save(TRIAL, RESULT)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE trials SET result = 'nonsense'")
    database.close()
    with Store(path) as store, pytest.raises(StoreError, match="see to the file or its disk"):
        store.load(TRIAL)
