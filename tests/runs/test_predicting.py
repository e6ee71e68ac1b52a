import csv
import io
import tracemalloc

import numpy as np
import pytest

from chainrule import MLPClassifier
from chainrule.datasets.tables import open_table
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.preparation import Preparation, inspect, table_model
from chainrule.runs.evaluating import evaluate
from chainrule.runs.listening import Listener
from chainrule.runs.predicting import predict

from .conftest import flower_rows, write_csv


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_classes_and_their_probabilities(flower_run, flowers, tmp_path):
    out = tmp_path / "p.csv"
    done = predict(flower_run.folder, str(flowers), out, proba=True)
    rows, table = rows_of(out), open_table(str(flowers))
    assert done.n_rows == len(rows) == 120
    assert done.columns == ["kind", *(f"probability of {k}" for k in ("aster", "rose", "tulip"))]
    assert [row["kind"] for row in rows] == list(flower_run.model.predict(table))
    shares = [[float(row[name]) for name in done.columns[1:]] for row in rows]
    np.testing.assert_allclose(shares, flower_run.model.predict_proba(table), rtol=1e-6)


def test_numbers_are_in_their_units(price_run, prices, tmp_path):
    predict(price_run.folder, str(prices), tmp_path / "p.csv")
    found = [float(row["price"]) for row in rows_of(tmp_path / "p.csv")]
    np.testing.assert_array_equal(found, price_run.model.predict(open_table(str(prices))))
    assert 10_000 < np.mean(found) < 200_000


def test_an_autoencoder_gives_errors_and_codes(row_run, flowers, tmp_path):
    done = predict(row_run.folder, str(flowers), tmp_path / "p.csv")
    assert done.columns == ["squared_error", "code_1", "code_2"]
    model = row_run.model
    X, _ = model.preparation_.rows(open_table(str(flowers)))
    errors = [float(row["squared_error"]) for row in rows_of(tmp_path / "p.csv")]
    expected = ((X - model.network_.predict(X)) ** 2).mean(axis=1)
    np.testing.assert_allclose(errors, expected, rtol=1e-6)


def test_integer_labels_stay_integers(shape_run, shapes, tmp_path):
    predict(shape_run.folder, str(shapes), tmp_path / "p.jsonl")
    assert (tmp_path / "p.jsonl").read_text().splitlines()[:2] == ['{"y": 0}', '{"y": 1}']


def test_the_target_may_be_missing(flower_run, tmp_path):
    header, rows = flower_rows(12)
    path = write_csv(tmp_path / "new.csv", header[:3], [row[:3] for row in rows])
    assert predict(flower_run.folder, str(path), tmp_path / "p.csv").n_rows == 12


def test_an_open_file_gets_csv(flower_run, flowers):
    out = io.BytesIO()
    predict(flower_run.folder, str(flowers), out)
    assert out.getvalue().startswith(b"kind\n")
    assert out.getvalue().count(b"\n") == 121


def test_a_file_is_written_over_with_force_alone(flower_run, flowers, tmp_path, message_of):
    out = tmp_path / "p.csv"
    out.write_text("mine")
    assert message_of(InvalidValueError, predict, flower_run.folder, str(flowers), out) == (
        f"the output file must not be there yet, got '{out}': choose another, or write "
        "over it with --force"
    )
    assert out.read_text() == "mine"
    predict(flower_run.folder, str(flowers), out, force=True)
    assert out.read_text().startswith("kind\n")


@pytest.mark.parametrize("to_file", [True, False])
def test_a_bad_row_leaves_nothing(flower_run, tmp_path, message_of, to_file):
    header, rows = flower_rows(30)
    rows[20][0] = "long"
    path = write_csv(tmp_path / "new.csv", header, rows)
    out = tmp_path / "p.csv" if to_file else io.BytesIO()
    message = message_of(DataFormatError, predict, flower_run.folder, str(path), out)
    assert message == (
        f"{path}, line 22, column length: 'long' is no number, as those of training were: mend it"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["new.csv"]
    assert to_file or not out.getvalue()


def test_a_column_that_is_missing(flower_run, tmp_path, message_of):
    header, rows = flower_rows(3)
    path = write_csv(tmp_path / "new.csv", ["lenght", *header[1:]], rows)
    message = message_of(DataFormatError, predict, flower_run.folder, str(path), tmp_path / "p.csv")
    assert message == (
        f"{path}: there must be a column length, as in training, got lenght, colour, noise, kind: "
        'rename the column "lenght" if it is the one'
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p.xls", "the output file must end in one of .csv, .tsv, .parquet, .jsonl, got '{}': "),
        ("no/p.csv", "the output file's folder must exist, got '{}': make it first"),
    ],
)
def test_where_predictions_cannot_go(name, message, flower_run, flowers, tmp_path, message_of):
    out = tmp_path / name
    found = message_of(InvalidValueError, predict, flower_run.folder, str(flowers), out)
    assert found.startswith(message.format(out))
    assert list(tmp_path.iterdir()) == []


def test_numbers_have_no_probabilities(price_run, prices, tmp_path, message_of):
    arguments = price_run.folder, str(prices), tmp_path / "p.csv"
    assert message_of(InvalidValueError, predict, *arguments, proba=True) == (
        "proba needs a model that tells classes apart, got one of regression: leave it out"
    )


def test_predictions_hold_a_piece_at_a_time(price_run, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    n = 400_000
    area, town = np.linspace(20, 100, n), np.resize(["Aa", "Bb"], n)
    table = pyarrow.table({"area": area, "town": town})
    parquet.write_table(table, tmp_path / "many.parquet", row_group_size=50_000)
    del area, town, table
    tracemalloc.start()
    try:
        predict(price_run.folder, str(tmp_path / "many.parquet"), tmp_path / "p.parquet")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000  # of 3 MB of numbers and as many texts, read and written


@pytest.fixture
def formulas(tmp_path):
    """Return a model file whose classes are formulas, and its data."""
    labels = np.array(["=cmd|' /C calc'!A0", "-1+1", "b"] * 10, object)
    path = write_csv(tmp_path / "f.csv", ["x", "y"], zip(np.arange(30) % 3, labels, strict=True))
    table = open_table(path)
    preparation = Preparation.learn(inspect(table, target="y"))
    net = MLPClassifier((4,), solver="lbfgs", max_iter=200, tol=0.01, random_state=0)
    table_model(net.fit(*preparation.rows(table)), preparation).save(tmp_path / "f.safetensors")
    return tmp_path / "f.safetensors", path


@pytest.mark.parametrize("escape", [True, False])
def test_classes_that_are_formulas(formulas, tmp_path, escape):
    model, data = formulas
    predict(model, data, tmp_path / "p.csv", escape_formulas=escape)
    rows, told = rows_of(data), rows_of(tmp_path / "p.csv")
    for row, one in zip(rows, told, strict=True):
        assert one["y"] == ("'" if escape and row["y"] != "b" else "") + row["y"]
    again = write_csv(
        tmp_path / "a.csv", ["x", "y"], ([r["x"], t["y"]] for r, t in zip(rows, told, strict=True))
    )
    assert evaluate(model, again).figures["accuracy"] == 1


def test_a_file_that_comes_while_predictions_are_made_stays(flower_run, flowers, tmp_path):
    out = tmp_path / "p.csv"

    class Other(Listener):
        def stage(self, what, total=None):
            out.write_text("another's")

    with pytest.raises(InvalidValueError, match="the output file must not be there yet"):
        predict(flower_run.folder, str(flowers), out, listener=Other())
    assert out.read_text() == "another's"
    predict(flower_run.folder, str(flowers), out, force=True, listener=Other())
    assert len(rows_of(out)) == 120
