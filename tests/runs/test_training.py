import csv
import json
import tracemalloc

import numpy as np
import pytest

from chainrule.datasets.tables import open_table
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.preparation.saving import load
from chainrule.runs import training
from chainrule.runs.evaluating import evaluate
from chainrule.runs.files import NAMES
from chainrule.runs.listening import Listener
from chainrule.runs.settings import TrainSettings
from chainrule.runs.splitting import HELD_OUT, LEARN, RowsOf, split
from chainrule.runs.training import train

from .conftest import FAST, flower_rows, write_csv

RUNS = ["flower_run", "price_run", "shape_run", "copy_run", "row_run"]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_leaves_four_files_and_a_model_that_beats_a_constant(name, request):
    run = request.getfixturevalue(name)
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(NAMES)
    document = json.loads((run.folder / "run.json").read_text())
    assert document["figures"]["verdict"] == "better"
    assert document["summary"] == run.document["summary"]
    rows = document["data"]["rows"]
    assert sum(rows.values()) == document["data"]["n_rows"]
    assert document["figures"]["n"] == rows["held_out"]


def test_every_epoch_is_in_the_history(flower_run):
    with (flower_run.folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == flower_run.model.estimator.n_iter_
    losses = flower_run.model.estimator.history_.column("validation_loss")
    assert [float(row["validation_loss"]) for row in rows] == losses


def test_the_saved_model_predicts_the_same_to_the_bit(flower_run, flowers):
    saved = load(flower_run.folder / "model.safetensors")
    table = open_table(str(flowers))
    np.testing.assert_array_equal(saved.predict_proba(table), flower_run.model.predict_proba(table))


def test_the_same_seed_gives_the_same_model(run_on, flower_run, flowers):
    again = run_on(flowers, target="kind")
    np.testing.assert_array_equal(
        again.model.estimator.coefs_[0], flower_run.model.estimator.coefs_[0]
    )
    other = run_on(flowers, target="kind", seed=1)
    assert (other.model.estimator.coefs_[0] != again.model.estimator.coefs_[0]).any()


def test_figures_are_those_of_the_rows_that_were_held_out(flower_run, flowers):
    table = open_table(str(flowers))
    labels = np.concatenate([piece.columns["kind"] for piece in table.pieces()])
    codes = np.unique(labels.astype(str), return_inverse=True)[1]
    parts = split(len(codes), codes, held_out=0.2, stops=True, seed=0)
    held_out = RowsOf(table, parts, HELD_OUT)
    said = flower_run.model.predict(held_out)
    assert flower_run.document["figures"]["accuracy"] == (said == labels[parts == HELD_OUT]).mean()


def test_scales_are_learnt_from_the_rows_learnt_from_alone(price_run, prices):
    table = open_table(str(prices))
    area = np.concatenate([piece.columns["area"] for piece in table.pieces()]).astype(float)
    parts = split(len(area), None, held_out=0.2, stops=True, seed=0)
    (column,) = [c for c in price_run.model.preparation.columns if c.name == "area"]
    assert column.mean[0] == pytest.approx(area[parts == LEARN].mean())
    assert column.scale[0] == pytest.approx(area[parts == LEARN].std())


def test_rows_to_measure_on_may_be_in_a_file_of_their_own(run_on, flowers, tmp_path):
    more = write_csv(tmp_path / "more.csv", *flower_rows(33, seed=5))
    run = run_on(flowers, target="kind", val=str(more))
    assert run.document["data"]["rows"] == {"learnt_from": 105, "stopping": 15, "held_out": 0}
    assert run.document["figures"]["n"] == 33
    assert run.document["figures"] == evaluate(run.folder, str(more)).figures
    assert "more.csv" in run.document["summary"][1]


def test_without_stopping_rows_all_epochs_are_run(run_on, flowers):
    run = run_on(flowers, target="kind", model={**FAST, "early_stopping": False})
    assert run.document["data"]["rows"]["stopping"] == 0
    assert "nothing but the training loss" in run.document["summary"][4]


def test_lbfgs(run_on, flowers):
    run = run_on(flowers, target="kind", model={"solver": "lbfgs", "max_iter": 30})
    assert run.document["data"]["rows"]["stopping"] == 0
    assert run.document["summary"][4].startswith("L-BFGS ran ")
    assert run.document["figures"]["verdict"] == "better"


def test_counts_are_learnt_with_poisson_s_loss(run_on, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 2, 200)
    rows = [[f"{a:.3f}", int(n)] for a, n in zip(x, rng.poisson(np.exp(x)), strict=True)]
    path = write_csv(tmp_path / "counts.csv", ["x", "n"], rows)
    run = run_on(path, target="n", task="regression", model={**FAST, "loss": "poisson"})
    assert run.model.preparation.target.scale == 1
    assert (run.model.predict(open_table(str(path))) > 0).all()
    assert run.document["figures"]["verdict"] != "not better"


def test_columns_may_be_said_to_be_something_else(run_on, flowers):
    run = run_on(flowers, target="kind", columns={"noise": "drop", "length": "number"})
    assert [column.name for column in run.model.preparation.columns] == ["length", "colour"]
    kinds = {column["name"]: column["kind"] for column in run.document["data"]["columns"]}
    assert kinds == {"length": "number", "colour": "category", "noise": "drop"}


def test_a_bundled_data_set(run_on):
    run = run_on("fashion-mnist-report", model={"max_iter": 1, "hidden_layer_sizes": [8]})
    assert run.document["data"]["target"]["name"] == "label"
    assert run.document["figures"]["accuracy"] > 0.4


def test_a_folder_that_is_there_gets_the_files_with_force(run_on, flowers, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    run_on(flowers, target="kind", out=tmp_path)
    first = (tmp_path / "model.safetensors").read_bytes()
    run_on(flowers, target="kind", out=tmp_path, force=True, seed=1)
    assert (tmp_path / "model.safetensors").read_bytes() != first
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*NAMES, "mine.txt"])


# -- what a listener hears -------------------------------------------------------------------------


class Heard(Listener):
    def __init__(self):
        self.stages, self.n_rows, self.epochs, self.data = [], 0, [], None

    def stage(self, what, total=None):
        self.stages.append(what)

    def rows(self, n):
        self.n_rows += n

    def found(self, found):
        self.data = found.facts()

    def epoch(self, row, epochs):
        self.epochs.append((row.epoch, epochs))


def test_a_column_with_no_value_in_the_rows_learnt_from_is_left_out(tmp_path, run_on):
    header, rows = flower_rows(60)
    parts = split(60, np.arange(60) % 3, held_out=0.2, stops=True, seed=0)
    only = int(np.flatnonzero(parts == HELD_OUT)[0])
    rows = [[*row, "seldom" if i == only else ""] for i, row in enumerate(rows)]
    path = write_csv(tmp_path / "flowers.csv", [*header, "remark"], rows)
    run = run_on(path, target="kind", model=FAST)
    assert run.model.preparation.left_out == {"remark": "constant"}
    used = {column["name"]: column["used"] for column in run.document["data"]["columns"]}
    assert used == {"length": True, "colour": True, "noise": True, "remark": False}


def test_a_number_that_is_the_same_in_all_rows_learnt_from(tmp_path, message_of):
    parts = split(30, None, held_out=0.2, stops=True, seed=0)
    only = int(np.flatnonzero(parts == HELD_OUT)[0])
    rows = [[i * 0.37, 6.5 if i == only else 5.5] for i in range(30)]
    path = str(write_csv(tmp_path / "a.csv", ["x", "y"], rows))
    settings = TrainSettings(path, tmp_path / "out", target="y")
    assert message_of(InvalidValueError, lambda: train(settings)) == (
        f"the target y of the rows of {path} that are learnt from must have at least two different "
        "values, got '5.5' in every row: choose another column, or other rows"
    )


def test_more_columns_than_can_be_saved_are_refused_before_training(
    flowers, tmp_path, monkeypatch, message_of
):
    monkeypatch.setattr("chainrule.persist.model_file.LONGEST_HEADER", 100)
    monkeypatch.setattr("chainrule.estimators.MLPClassifier.fit", None)
    settings = TrainSettings(data=str(flowers), out=tmp_path / "run", target="kind")
    message = message_of(InvalidValueError, train, settings)
    assert message.startswith("what is learnt of 3 columns must take at most 100 bytes in a model")
    assert not (tmp_path / "run").exists()


def test_a_listener_hears_of_everything(flowers, tmp_path):
    heard = Heard()
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    run = train(settings, heard)
    assert heard.stages == [
        f"reading {flowers}",
        "learning scales and categories",
        "preparing rows",
        "training",
        "measuring on held-out rows",
        "writing the report",
    ]
    assert heard.n_rows == 3 * 120 + 24
    assert heard.epochs == [(i + 1, 40) for i in range(run.model.estimator.n_iter_)]
    assert heard.data["rows"] == {"learnt_from": 84, "stopping": 12, "held_out": 24}


# -- all or nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["epoch", "stage"])
def test_after_ctrl_c_nothing_is_written(flowers, tmp_path, moment):
    class Interrupting(Listener):
        def epoch(self, row, epochs):
            if moment == "epoch":
                raise KeyboardInterrupt

        def stage(self, what, total=None):
            if moment == "stage" and what == "writing the report":
                raise KeyboardInterrupt

    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    with pytest.raises(KeyboardInterrupt):
        train(settings, Interrupting())
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_fails_leaves_nothing(flowers, tmp_path, monkeypatch):
    def fail(document):
        raise OSError("no space")

    monkeypatch.setattr("chainrule.runs.page.render", fail)
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    with pytest.raises(OSError, match="no space"):
        train(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"hidden_layer_sizes": [0]},
            "the settings of the model must be ones it can be fitted with, got hidden_layer_sizes "
            "must be > 0, got [0].: change them under [model] or with --set",
        ),
    ],
)
def test_settings_that_the_estimator_refuses(model, message, flowers, tmp_path, message_of):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=model)
    assert message_of(InvalidValueError, train, settings) == message
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_diverges_says_so(flowers, tmp_path):
    model = {"learning_rate_init": 1e30, "early_stopping": False, "solver": "sgd"}
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=model)
    with pytest.raises(InvalidValueError, match="finite"):
        train(settings)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_cell_is_found_where_it_is(tmp_path, message_of):
    header, rows = flower_rows()
    rows[50][0] = "n.m."
    path = write_csv(tmp_path / "flowers.csv", header, rows)
    settings = TrainSettings(str(path), tmp_path / "run", target="kind", model=FAST)
    message = message_of(DataFormatError, train, settings)
    assert message.startswith(f"{path}, line 52, column length: 'n.m.' is no number: ")


# -- memory ----------------------------------------------------------------------------------------


def test_a_run_holds_pieces_and_not_the_file(tmp_path, monkeypatch):
    """48 MB of numbers, prepared 24 MB: what is read is forgotten, X is in a memory map."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 100_000))
    columns = {f"x{i}": values for i, values in enumerate(x)} | {"y": x[0] + x[1]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "wide.parquet")
    del x, columns
    monkeypatch.setattr(training, "IN_MEMORY", 2**20)
    model = {"hidden_layer_sizes": [4], "max_iter": 1}
    settings = TrainSettings(
        str(tmp_path / "wide.parquet"), tmp_path / "run", target="y", model=model
    )
    tracemalloc.start()
    try:
        run = train(settings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert run.document["figures"]["n"] == 20_000
    assert peak < 32_000_000
