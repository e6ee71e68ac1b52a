import copy
import shutil

import numpy as np
import pytest

from chainrule import MLPClassifier, save
from chainrule.datasets.tables import open_table
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError
from chainrule.runs.evaluating import evaluate, measure

from .conftest import flower_rows, write_csv


def test_a_run_s_folder_and_its_model_file_are_the_same(flower_run, flowers, tmp_path):
    one = evaluate(flower_run.folder, str(flowers))
    other = evaluate(flower_run.folder / "model.safetensors", str(flowers))
    alone = evaluate(shutil.copy(flower_run.folder / "model.safetensors", tmp_path), str(flowers))
    assert one.learnt_from
    assert one.facts() == other.facts()
    assert not alone.learnt_from  # it does not know
    assert alone.seen is None
    assert one.facts() == {**alone.facts(), "learnt_from": True, "seen": one.seen}
    assert one.figures["n"] == 120


def test_rows_of_training_are_known_in_any_file(flower_run, flowers, tmp_path):
    header, rows = flower_rows()
    more = flower_rows(30, seed=3)[1]
    rows = [[row[3], "x", *row[:3]] for row in [*more, *reversed(rows)]]
    path = write_csv(tmp_path / "mixed.csv", ["kind", "extra", *header[:3]], rows)
    facts = evaluate(flower_run.folder, str(path)).facts()
    others = write_csv(tmp_path / "others.csv", header, more)
    assert not facts["learnt_from"]  # it is another file
    assert facts["seen"]["compared"] == 150
    assert facts["seen"]["known"] == 96  # 84 learnt from, 12 that decided when to stop
    assert facts["seen"]["others"]["n"] == 54
    assert evaluate(flower_run.folder, str(others)).seen == {
        "compared": 30,
        "known": 0,
        "others": None,
    }
    alone = evaluate(flower_run.folder, str(flowers)).seen
    assert (alone["compared"], alone["known"]) == (120, 96)
    assert alone["others"] == flower_run.document["figures"]  # of the rows held out


@pytest.mark.parametrize("name", ["price_run", "shape_run", "copy_run", "row_run"])
def test_rows_of_every_kind_are_known_again(name, request):
    run = request.getfixturevalue(name)
    rows = run.document["data"]["rows"]
    found = evaluate(run.folder, run.document["data"]["name"]).seen
    assert found["compared"] == run.document["data"]["n_rows"]
    assert found["known"] == rows["learnt_from"] + rows["stopping"]
    assert found["others"]["n"] == rows["held_out"]


def test_unseen_categories_are_counted_and_other_columns_left_out(flower_run, tmp_path):
    header, rows = flower_rows(30)
    rows[3][1] = rows[7][1] = "green"
    rows = [[row[3], "x", *row[:3]] for row in rows]  # another order, one column more
    path = write_csv(tmp_path / "more.csv", ["kind", "extra", *header[:3]], rows)
    facts = evaluate(flower_run.folder, str(path)).facts()
    assert facts["unseen"] == {"colour": {"green": 2}}
    assert facts["n_unseen"] == {"colour": 2}
    assert facts["ignored"] == ["extra"]
    assert facts["imputed"]["length"] == 2


def test_what_the_format_calls_the_target_is_no_other_column(copy_run, shapes):
    assert evaluate(copy_run.folder, str(shapes)).facts()["ignored"] == []


def test_a_class_that_training_never_saw(flower_run, tmp_path, message_of):
    header, rows = flower_rows(9)
    rows[4][3] = "rosa"
    path = write_csv(tmp_path / "more.csv", header, rows)
    message = message_of(DataFormatError, evaluate, flower_run.folder, str(path))
    assert message == (
        f"{path}, line 6, column kind: 'rosa' is no class of the model (aster, rose, tulip): leave "
        "such rows out, or train with them"
    )


def test_the_test_part_of_a_bundled_data_set_is_measured_on(run_on):
    run = run_on("fashion-mnist-report", model={"max_iter": 1, "hidden_layer_sizes": [8]})
    assert evaluate(run.folder, "fashion-mnist-report").figures["n"] == 2000


def test_no_model(tmp_path, message_of):
    path = tmp_path / "nothing"
    assert message_of(DataNotFoundError, evaluate, path, "x.csv") == (
        f"there is no model {path}: give the folder that chainrule train has written, or a model "
        "file"
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_model_without_preparation(tmp_path, message_of):
    net = MLPClassifier((2,), max_iter=1).fit(np.eye(4), [0, 1, 0, 1])
    path = tmp_path / "net.safetensors"
    save(net, path)
    assert message_of(InvalidValueError, evaluate, path, "x.csv") == (
        f"{path} must hold a model with the preparation of its data, got a MLPClassifier alone: "
        "train one with chainrule train"
    )


def test_predictions_that_are_not_finite_are_not_measured(price_run, prices, message_of):
    model = copy.deepcopy(price_run.model)
    model.network_.coefs_[-1][:] = 3e38
    assert message_of(InvalidValueError, measure, model, open_table(str(prices))) == (
        f"the predictions for {prices} must be finite, got one beyond the largest number: look "
        "for rows that are far from those of training"
    )
