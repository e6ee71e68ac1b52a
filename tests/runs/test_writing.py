import io
import json

import numpy as np
import pytest

from chainrule.errors import InvalidValueError, OutputOverflowError, Words
from chainrule.runs.writing import WRITERS, cells, finite_predictions, writer_of

PIECES = [
    {"kind, of": np.array(["a", 'b "c"'], object), "p": np.float32([0.1, 1e-30])},
    {"kind, of": np.array(["d\ne"], object), "p": np.float32([1.0])},
]


def written(suffix, pieces=PIECES, **options):
    file = io.BytesIO()
    writer = WRITERS[suffix](file, list(pieces[0]), **options)
    for piece in pieces:
        writer.write(piece)
    writer.close()
    assert not file.closed
    return file.getvalue()


def test_csv_and_tsv():
    assert written(".csv").decode() == '"kind, of",p\na,0.1\n"b ""c""",1e-30\n"d\ne",1.0\n'
    assert written(".tsv").decode() == 'kind, of\tp\na\t0.1\n"b ""c"""\t1e-30\n"d\ne"\t1.0\n'


FORMULAS = [{"=a": np.array(["=1+1", "-", "-3.5"], object), "p": np.array([-1.0, 2.0, -3.0])}]


@pytest.mark.parametrize(("suffix", "between"), [(".csv", ","), (".tsv", "\t")])
def test_formulas_are_text_in_tables_for_spreadsheets(suffix, between):
    lines = ["'=a,p", "'=1+1,-1.0", "-,2.0", "-3.5,-3.0", ""]
    text = "\n".join(lines).replace(",", between)
    assert written(suffix, FORMULAS).decode() == text
    assert written(suffix, FORMULAS, escape=False).decode() == text.replace("'", "")


def test_formulas_are_as_they_are_elsewhere():
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(written(".parquet", FORMULAS)))
    assert table["=a"].to_pylist() == ["=1+1", "-", "-3.5"]
    assert json.loads(written(".jsonl", FORMULAS).splitlines()[0]) == {"=a": "=1+1", "p": -1.0}


def test_json_lines():
    rows = [json.loads(line) for line in written(".jsonl").decode().splitlines()]
    assert [row["kind, of"] for row in rows] == ["a", 'b "c"', "d\ne"]
    assert [row["p"] for row in rows] == [0.1, 1e-30, 1.0]


def test_parquet_and_its_types():
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(written(".parquet")))
    assert table.column_names == ["kind, of", "p"]
    assert table["kind, of"].to_pylist() == ["a", 'b "c"', "d\ne"]
    assert table["p"].to_pylist() == [0.1, 1e-30, 1.0]


def test_integers_stay_integers():
    assert cells(np.array([3, 4])) == [3, 4]
    assert type(cells(np.array([3]))[0]) is int


def test_an_unknown_suffix(tmp_path, message_of):
    path = tmp_path / "p.xlsx"
    assert message_of(InvalidValueError, writer_of, path) == (
        f"the output file must end in one of .csv, .tsv, .parquet, .jsonl, got '{path}': rename it"
    )


def infinite():
    with finite_predictions("new.csv") as check:
        check({"y": np.array([1.0, np.inf])})


def overflowing():
    with finite_predictions("new.csv"):
        raise OutputOverflowError("X must be small", Words("an overflow in row 3"), "scale it")


@pytest.mark.parametrize("predict", [infinite, overflowing])
def test_predictions_are_numbers(predict, message_of):
    assert message_of(InvalidValueError, predict) == (
        "the predictions for new.csv must be finite, got one beyond the largest number: look for "
        "rows that are far from those of training"
    )
