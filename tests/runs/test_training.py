import csv
import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chainrule.datasets.tables import open_table
from chainrule.errors import DataFormatError, InvalidValueError
from chainrule.preparation.saving import load
from chainrule.preparation.splitting import HELD_OUT, LEARN, RowsOf, split
from chainrule.runs import training
from chainrule.runs.evaluating import evaluate
from chainrule.runs.files import CHECKPOINT, NAMES
from chainrule.runs.listening import Listener
from chainrule.runs.settings import TrainSettings
from chainrule.runs.training import train

from .conftest import FAST, flower_rows, write_csv

RUNS = ["flower_run", "price_run", "shape_run", "copy_run", "row_run"]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_leaves_its_files_and_a_model_that_beats_a_constant(name, request):
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
    assert len(rows) == flower_run.model.network_.n_iter_
    losses = flower_run.model.network_.history_.column("validation_loss")
    assert [float(row["validation_loss"]) for row in rows] == losses


def test_the_saved_model_predicts_the_same_to_the_bit(flower_run, flowers):
    saved = load(flower_run.folder / "model.safetensors")
    table = open_table(str(flowers))
    np.testing.assert_array_equal(saved.predict_proba(table), flower_run.model.predict_proba(table))


def test_the_same_seed_gives_the_same_model(run_on, flower_run, flowers):
    again = run_on(flowers, target="kind")
    np.testing.assert_array_equal(
        again.model.network_.coefs_[0], flower_run.model.network_.coefs_[0]
    )
    other = run_on(flowers, target="kind", seed=1)
    assert (other.model.network_.coefs_[0] != again.model.network_.coefs_[0]).any()


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
    (column,) = [c for c in price_run.model.preparation_.columns if c.name == "area"]
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
    assert run.model.preparation_.target.scale == 1
    assert (run.model.predict(open_table(str(path))) > 0).all()
    assert run.document["figures"]["verdict"] != "not better"


def test_columns_may_be_said_to_be_something_else(run_on, flowers):
    run = run_on(flowers, target="kind", columns={"noise": "drop", "length": "number"})
    assert [column.name for column in run.model.preparation_.columns] == ["length", "colour"]
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
    assert run.model.preparation_.left_out == {"remark": "constant"}
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
    assert heard.epochs == [(i + 1, 40) for i in range(run.model.network_.n_iter_)]
    assert heard.data["rows"] == {"learnt_from": 84, "stopping": 12, "held_out": 24}


# -- all or nothing --------------------------------------------------------------------------------


class Stopping(Listener):
    """Raises at an epoch, or when a stage begins."""

    def __init__(self, error, *, epoch=None, stage=None):
        self.error, self.at_epoch, self.at_stage = error, epoch, stage

    def epoch(self, row, epochs):
        if row.epoch == self.at_epoch:
            raise self.error

    def stage(self, what, total=None):
        if what == self.at_stage:
            raise self.error


class Killed(BaseException):
    """Stands for the end of the process: nobody catches it."""


def weights(run):
    return [*run.model.network_.coefs_, *run.model.network_.intercepts_]


def assert_ended_alike(one, other):
    for mine, yours in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(mine, yours)
    assert one.document["summary"] == other.document["summary"]
    assert one.document["figures"] == other.document["figures"]
    losses = [run.document["training"]["history"]["train_loss"] for run in (one, other)]
    assert losses[0] == losses[1]
    assert sorted(path.name for path in one.folder.iterdir()) == sorted(NAMES)


def test_after_ctrl_c_before_the_first_epoch_nothing_is_written(flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "a" / "run", target="kind", model=FAST)
    for moment in ({"stage": "preparing rows"}, {"stage": "training"}, {"epoch": 1}):
        with pytest.raises(KeyboardInterrupt):
            train(settings, Stopping(KeyboardInterrupt, **moment))
        assert list(tmp_path.iterdir()) == []


def test_ctrl_c_keeps_the_best_epoch_so_far_and_resume_goes_on(flower_run, flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    run = train(settings, Stopping(KeyboardInterrupt, epoch=9))
    assert run.interrupted
    assert sorted(path.name for path in run.folder.iterdir()) == sorted([*NAMES, CHECKPOINT])
    document = json.loads((run.folder / "run.json").read_text())
    assert document["training"]["epochs"] == 9
    losses = flower_run.document["training"]["history"]["validation_loss"][:9]
    assert document["training"]["best_epoch"] == 1 + int(np.argmin(losses))
    assert document["training"]["history"]["validation_loss"] == losses
    assert "Training was interrupted after 9 of at most 40 epochs; " in " ".join(
        document["summary"]
    )
    table = open_table(str(flowers))
    saved = load(run.folder / "model.safetensors")
    np.testing.assert_array_equal(saved.predict_proba(table), run.model.predict_proba(table))
    assert_ended_alike(train(replace(settings, resume=True)), flower_run)


def test_without_stopping_rows_too_a_killed_run_goes_on_to_the_same_end(run_on, flowers, tmp_path):
    model = {**FAST, "early_stopping": False, "dropout": 0.2, "max_iter": 12}
    whole = run_on(flowers, target="kind", model=model)
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=model)
    with pytest.raises(Killed):
        train(settings, Stopping(Killed, epoch=7))
    assert [path.name for path in (tmp_path / "run").iterdir()] == [CHECKPOINT]
    with pytest.raises(InvalidValueError, match="go on with --resume"):
        train(settings)
    assert_ended_alike(train(replace(settings, resume=True)), whole)


def test_resume_without_anything_to_go_on_with_begins(flower_run, flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    assert_ended_alike(train(replace(settings, resume=True)), flower_run)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model": {**FAST, "activation": "tanh"}}, "other values of activation"),
        ({"seed": 1}, "other values of random_state, X, y, X_val and 1 more"),
        ({"columns": {"noise": "drop"}}, "other values of X, X_val"),
    ],
)
def test_resume_with_other_data_or_settings_is_refused_and_loses_nothing(
    change, named, flower_run, flowers, tmp_path, message_of
):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    train(settings, Stopping(KeyboardInterrupt, epoch=5))
    other = replace(settings, resume=True, **change)
    assert message_of(InvalidValueError, train, other) == (
        "resume must go on with the data and the settings of the run that was interrupted, got "
        f"{named}: set them back, or start anew with --force"
    )
    assert_ended_alike(train(replace(settings, resume=True)), flower_run)


def test_force_starts_anew(flower_run, flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    train(replace(settings, seed=1), Stopping(KeyboardInterrupt, epoch=5))
    assert_ended_alike(train(replace(settings, force=True)), flower_run)


@pytest.mark.parametrize("at", ["measuring on held-out rows", "writing the report"])
def test_what_fails_after_training_costs_no_training(at, flower_run, flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)
    with pytest.raises(OSError, match="no space"):
        train(settings, Stopping(OSError("no space"), stage=at))
    assert [path.name for path in (tmp_path / "run").iterdir()] == [CHECKPOINT]
    heard = Heard()
    assert_ended_alike(train(replace(settings, resume=True), heard), flower_run)
    assert heard.epochs == []


def test_a_second_run_into_the_same_folder_is_refused(flowers, tmp_path):
    settings = TrainSettings(str(flowers), tmp_path / "run", target="kind", model=FAST)

    class Another(Listener):
        refused = 0

        def stage(self, what, total=None):
            for second in (settings, replace(settings, force=True), replace(settings, resume=True)):
                with pytest.raises(InvalidValueError, match="in use by another run"):
                    train(second)
                self.refused += 1

    listener = Another()
    run = train(settings, listener)
    assert listener.refused >= 15
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(NAMES)


def test_an_interrupted_lbfgs_is_kept_and_said_to_have_no_checkpoint(run_on, flowers, monkeypatch):
    from chainrule.estimators import quasi_newton

    def interrupted_at_three(objective, *, after_iteration, **arguments):
        def after(value):
            after.calls += 1
            after_iteration(value)
            if after.calls == 3:
                raise KeyboardInterrupt

        after.calls = 0
        return lbfgs(objective, after_iteration=after, **arguments)

    lbfgs = quasi_newton.lbfgs
    monkeypatch.setattr(quasi_newton, "lbfgs", interrupted_at_three)
    run = run_on(flowers, target="kind", model={"solver": "lbfgs", "max_iter": 30})
    assert run.interrupted
    assert "L-BFGS was interrupted after 3 of at most 30 iterations." in run.document["summary"]
    assert not (run.folder / CHECKPOINT).exists()


# -- rows that training has looked at --------------------------------------------------------------


def test_rows_of_training_in_val_are_counted_and_the_others_measured(run_on, flowers, tmp_path):
    header, rows = flower_rows()
    more = flower_rows(33, seed=5)[1]
    both = write_csv(tmp_path / "both.csv", header, [*rows[:50], *more])
    alone = write_csv(tmp_path / "more.csv", header, more)
    run, other = (run_on(flowers, target="kind", val=str(path)) for path in (both, alone))
    assert run.document["seen"] == {
        "compared": 83,
        "known": 50,
        "others": other.document["figures"],
    }
    assert other.document["seen"] == {"compared": 33, "known": 0, "others": None}
    assert "that training did not look at" in other.document["summary"][1]
    assert "that training did not look at" not in " ".join(run.document["summary"])
    assert "that training did not look at" not in (run.folder / "report.html").read_text()
    assert run.document["summary"][2].startswith("50 of the 83 rows are rows that training")


def test_rows_that_are_there_twice_are_not_said_to_be_new(run_on, tmp_path):
    header, rows = flower_rows(60)
    path = write_csv(tmp_path / "twice.csv", header, rows * 2)
    document = run_on(path, target="kind").document
    assert 0 < document["seen"]["known"] < document["seen"]["compared"] == 24
    n = document["seen"]["others"]["n"]
    assert n == document["seen"]["compared"] - document["seen"]["known"]


# -- classes with few rows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels",
    [
        ["yes"] * 5 + ["no"] * 195,
        ["r"] * 2 + ["p", "q"] * 99,
        [f"c{i}" for i, n in enumerate([80, 60, 30, 12, 6, 3, 2, 1, 1, 1]) for _ in range(n)],
    ],
    ids=["5 of 200", "2 of 200", "a long tail"],
)
def test_a_class_with_few_rows_is_learnt_and_measured(labels, run_on, tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        [f"{a:.4f}", label] for a, label in zip(rng.normal(size=len(labels)), labels, strict=True)
    ]
    path = write_csv(tmp_path / "rare.csv", ["a", "y"], rows)
    run = run_on(path, target="y", model={**FAST, "max_iter": 3})
    figures = run.document["figures"]
    assert list(run.model.classes_) == sorted(set(labels))
    assert np.isfinite(figures["log_loss"])
    absent = [one["name"] for one in figures["classes"] if not one["n"]]
    said = " ".join(run.document["summary"])
    assert ("No row is of " in said) == bool(absent)
    facts = evaluate(run.folder, str(path)).facts()
    assert all(one["n"] for one in facts["figures"]["classes"])


def test_early_stopping_that_is_asked_for_needs_rows(tmp_path, message_of):
    path = write_csv(tmp_path / "few.csv", *flower_rows(30))
    settings = TrainSettings(
        str(path), tmp_path / "run", target="kind", model={"early_stopping": True}
    )
    assert message_of(InvalidValueError, train, settings) == (
        "early_stopping needs at least 10 rows that decide when to stop, got none beside the 24 to "
        "learn from: leave it out, or add rows"
    )
    assert not (tmp_path / "run").exists()


# -- errors ----------------------------------------------------------------------------------------


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


def test_a_training_that_diverges_late_keeps_the_best_epoch_and_says_so(prices, tmp_path):
    model = {"solver": "sgd", "momentum": 0, "activation": "identity", "learning_rate_init": 1.4}
    run = train(TrainSettings(str(prices), tmp_path / "run", target="price", model=model))
    training = json.loads((run.folder / "run.json").read_text())["training"]
    assert training["best_epoch"] < training["epochs"] < 100
    assert any("diverged" in sentence for sentence in run.document["complaints"])


def test_a_class_that_the_stopping_rows_lack(tmp_path):
    rng = np.random.default_rng(0)
    rows = [[f"{rng.normal():.3f}", "yes" if i < 5 else "no"] for i in range(200)]
    path = write_csv(tmp_path / "rare.csv", ["length", "rare"], rows)
    run = train(TrainSettings(str(path), tmp_path / "run", target="rare", model=FAST))
    assert run.document["training"]["history"]["validation_neg_log_loss"]


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


@pytest.mark.parametrize("suffix", ["npz", "parquet"])
def test_a_table_whose_only_column_is_wide(suffix, tmp_path, run_on):
    X = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    path = tmp_path / f"wide.{suffix}"
    if suffix == "npz":
        np.savez(path, X=X, y=y)
    else:
        rows = pa.FixedSizeListArray.from_arrays(pa.array(X.ravel()), 5)
        pq.write_table(pa.table({"X": rows, "y": y}), path)
    run = run_on(path, target="y", model={"max_iter": 20})
    saved = load(run.folder / "model.safetensors")
    assert saved.predict_proba({"X": X[:3]}).shape == (3, 2)
    assert evaluate(run.folder, str(path)).facts()["figures"]["n"] == 80
