import csv
import io
import sys

import pandas as pd
import pytest

from chainrule.errors import InvalidValueError
from chainrule.study.table import Table

MIXED = Table.of(
    [
        {"n": 1, "gap": 1, "x": 0.5, "yes": True, "word": "a, \"b\"\n", "list": [64, 2], "both": 1},
        {"n": 2, "x": 2, "yes": False, "word": "\udcff", "list": [64], "both": "one", "late": True},
    ]
)  # fmt: skip


def test_columns_come_in_the_order_in_which_rows_have_them():
    assert MIXED.columns == ("n", "gap", "x", "yes", "word", "list", "both", "late")
    assert MIXED.rows[0]["late"] is None


def test_pandas_gets_the_dtype_of_what_a_column_holds():
    frame = MIXED.to_pandas()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "n": "int64",
        "gap": "Int64",
        "x": "float64",
        "yes": "bool",
        "word": "string",
        "list": "string",
        "both": "string",
        "late": "boolean",
    }
    assert list(frame["list"]) == ["[64, 2]", "[64]"]
    assert list(frame["both"]) == ["1", '"one"']
    assert frame["gap"].isna().tolist() == [False, True]


def test_csv_is_read_back_by_others(tmp_path):
    MIXED.write_csv(tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_bytes().decode()
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert first["word"] == 'a, "b"\n'
    assert second["word"] == "\\udcff"  # UTF-8 has no such character
    assert (second["gap"], second["x"]) == ("", "2")
    assert "\r" not in text


def test_formulas_are_text_in_csv():
    table = Table.of([{"=a": "=1+1", "b": -1, "c": "-2.5"}])
    assert table.to_csv() == "'=a,b,c\n'=1+1,-1,-2.5\n"


def test_parquet_has_the_same_table(tmp_path):
    pytest.importorskip("pyarrow")
    MIXED.write_parquet(tmp_path / "t.parquet")
    read = pd.read_parquet(tmp_path / "t.parquet")
    expected = MIXED.to_pandas().astype(object)
    missing = expected.isna()
    assert (read.isna() == missing).all(axis=None)
    assert (read.astype(object).mask(missing, "") == expected.mask(missing, "")).all(axis=None)
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_integers_that_are_too_long_are_texts():
    assert Table.of([{"n": 2**63}]).kinds() == {"n": "text"}
    assert Table.of([{"n": 2**63 - 1}]).kinds() == {"n": "integer"}


def test_without_pyarrow_the_error_says_what_to_install(monkeypatch, message_of, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert message_of(InvalidValueError, MIXED.write_parquet, tmp_path / "t.parquet") == (
        "Parquet needs the pyarrow package, got none: run pip install pyarrow"
    )
    assert not list(tmp_path.iterdir())


def test_an_empty_table_can_be_written(tmp_path):
    assert Table.of([]).to_csv() == "\n"
    assert Table.of([]).to_pandas().empty
