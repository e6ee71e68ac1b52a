import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.preprocessing import StandardScaler

from chainrule.errors import DataFormatError, InvalidValueError, UnknownNameError
from chainrule.study import CrossValidation, Grid, HeldOut, Study, ValidationData
from chainrule.study.data import Folds, OneSplit, load
from chainrule.study.sources import Arrays

X = np.arange(60, dtype=np.uint8).reshape(20, 3)
Y = np.arange(20) % 2
SAMPLER = Grid({"alpha": [1]})


def study(data, **more):
    return Study(name="n", data=data, sampler=SAMPLER, **more)


@pytest.fixture
def table(rng):
    """Columns of each kind; the value of one row is far from all others."""
    return {
        "size": np.r_[rng.normal(size=59), 1e6],
        "colour": np.array(["red", "green", "blue"] * 20, object),
        "label": np.array(["yes", "no"] * 30, object),
    }


def test_arrays_come_in_as_they_are():
    split = load(study((X, Y), evaluation=ValidationData((X[:4], Y[:4])))).split(None)
    assert split.X is X
    assert split.y is Y
    assert split.X.dtype == np.uint8
    sparse = load(study((csr_matrix(X), Y), evaluation=HeldOut(0.5))).split(None)
    assert sparse.X.shape == sparse.X_val.shape == (10, 3)
    assert sparse.X.format == "csr"


def test_every_trial_of_a_held_out_part_shares_it():
    data = load(study((X, Y), evaluation=HeldOut(0.25)))
    assert isinstance(data, OneSplit)
    assert data.split(None) is data.split(None)
    assert len(data.split(None).X_val) == 5


def test_trials_of_a_fold_share_its_rows():
    data = load(study((X, Y), evaluation=CrossValidation(4)))
    assert isinstance(data, Folds)
    first = data.split(1)
    assert data.split(1) is first
    assert data.split(2) is not first
    again = pickle.loads(pickle.dumps(data)).split(1)
    np.testing.assert_array_equal(again.X_val, first.X_val)


@pytest.mark.parametrize(("limit", "kept"), [(0, []), (2 * X.nbytes, [1, 2]), (2**29, [0, 1, 2])])
def test_folds_that_are_small_together_stay_for_the_next_trial(monkeypatch, limit, kept):
    monkeypatch.setattr("chainrule.study.data.KEPT_BYTES", limit)
    data = load(study((csr_matrix(X), Y), evaluation=CrossValidation(4)))
    for fold in (0, 1, 2):
        split = data.split(fold)
        assert split.n_bytes == pytest.approx(X.nbytes, abs=1)  # of one zero, which is not stored
        assert data.split(fold) is split
        del split
    assert sorted(data._made) == kept


def test_the_task_is_what_the_target_or_the_estimator_says():
    assert load(study((X, Y))).task == "classification"
    assert load(study((X, Y + 0.5))).task == "regression"
    assert load(study((X, Y), estimator="MLPRegressor")).task == "regression"
    assert load(study((X, Y), estimator="MLPAutoencoder")).split(None).y is None
    assert load(study(X, task="autoencoder")).task == "autoencoder"


def test_the_digest_is_of_all_that_decides():
    seen = {
        load(study((X, Y))).digest,
        load(study((X + 1, Y))).digest,
        load(study((X, 1 - Y))).digest,
        load(study((X, Y), task="regression")).digest,
        load(study((X, Y), evaluation=ValidationData((X, Y)))).digest,
        load(study((X, Y), evaluation=ValidationData((X, 1 - Y)))).digest,
    }
    assert len(seen) == 6
    assert load(study((X, Y))).digest in seen


def test_a_table_is_prepared_with_what_its_training_rows_say(table):
    evaluation = CrossValidation(5)
    data = load(study(table, target="label", evaluation=evaluation))
    for fold, (train, test) in enumerate(evaluation.rows(60, table["label"].astype(str))):
        split = data.split(fold)
        scaler = StandardScaler().fit(table["size"][train, None])
        for X_found, rows in ((split.X, train), (split.X_val, test)):
            wanted = scaler.transform(table["size"][rows, None])[:, 0]
            np.testing.assert_allclose(X_found[:, 0], wanted, rtol=1e-5, atol=1e-5)
            assert X_found.shape[1] == 1 + 3
        assert list(split.y_val) == list(table["label"][test])


def test_what_the_columns_are_is_what_was_said_in_every_fold(table):
    table["size"] = np.repeat([0.0, 1.0, 2.0], 20)  # numbers, if nobody says otherwise
    said = {"size": "category"}
    data = load(study(table, target="label", columns=said, evaluation=CrossValidation(3)))
    assert [data.split(fold).X.shape[1] for fold in range(3)] == [3 + 3] * 3


def test_a_table_of_validation_data_is_prepared_as_the_training_rows_say(table):
    other = {name: values[:6] for name, values in table.items()}
    split = load(study(table, target="label", evaluation=ValidationData(other))).split(None)
    np.testing.assert_array_equal(split.X_val, split.X[:6])
    assert split.preparation.target.name == "label"


def test_images_of_a_bundled_data_set_are_pixels_from_0_to_1_and_its_test_images_judge():
    name = "fashion-mnist-report"
    split = load(study(name, evaluation=ValidationData(name))).split(None)
    assert (split.X.shape, split.X_val.shape) == ((8000, 784), (2000, 784))
    assert split.X.max() == 1


@pytest.mark.parametrize(
    ("build", "kind", "message"),
    [
        (
            lambda t: study((X,)),
            InvalidValueError,
            "data must be (X, y), got 1 values: pass two arrays",
        ),
        (
            lambda t: study((X, Y[:3])),
            InvalidValueError,
            "X and y of data must have the same number of rows, got 20 and 3: give each row its "
            "target",
        ),
        (
            lambda t: study((X, Y), evaluation=ValidationData((X[:, :2], Y))),
            InvalidValueError,
            "evaluation.data must have the features of data, got rows of shape (2,) beside (3,): "
            "give both the same columns",
        ),
        (
            lambda t: study((X, Y), evaluation=ValidationData((X, Y + 1))),
            InvalidValueError,
            "the classes of evaluation.data must be among those of data, got 2: leave these rows "
            "out, or train on some of them",
        ),
        (
            lambda t: study((X, Y), evaluation=ValidationData("mnist")),
            InvalidValueError,
            "evaluation.data must be arrays, as data, got 'mnist': pass (X, y)",
        ),
        (
            lambda t: study(t, target="lable"),
            UnknownNameError,
            "the target must be a column of data (size, colour, label), got 'lable': did you mean "
            '"label"?',
        ),
        (
            lambda t: study(
                t, target="label", evaluation=ValidationData({"size": [1.0], "label": ["yes"]})
            ),
            DataFormatError,
            "data: there must be a column colour, as in training, got size, label: add it",
        ),
    ],
)
def test_data_that_do_not_fit_are_refused(build, kind, message, message_of, table):
    assert message_of(kind, load, build(table)) == message


def test_a_sparse_matrix_that_leaves_itself_is_refused():
    X = csr_matrix(np.eye(4))
    X.indices[1] = 10**7
    for data, task in (((X, np.arange(4) % 2), "classification"), (X, "autoencoder")):
        with pytest.raises(InvalidValueError, match=r"the indices of X must be in \[0, 4\)"):
            Arrays.of(data, task)
