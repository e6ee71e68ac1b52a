import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from chainrule.errors import InvalidValueError
from chainrule.study import CrossValidation, HeldOut, ValidationData
from chainrule.study.evaluation import from_dict

Y = np.repeat([0, 1, 2], [40, 20, 10])


@pytest.mark.parametrize("evaluation", [CrossValidation(5), CrossValidation(3, shuffle=False)])
def test_folds_part_the_rows_with_every_class_s_share(evaluation):
    rows = evaluation.rows(len(Y), Y)
    assert len(rows) == evaluation.folds
    judged = np.concatenate([test for _, test in rows])
    assert sorted(judged) == list(range(len(Y)))
    for train, test in rows:
        assert sorted([*train, *test]) == list(range(len(Y)))
        np.testing.assert_allclose(np.bincount(Y[test]), np.bincount(Y) / evaluation.folds, atol=1)


def test_unshuffled_folds_are_grid_search_s():
    wanted = list(StratifiedKFold(4).split(Y, Y))
    for found, (train, test) in zip(
        CrossValidation(4, shuffle=False).rows(len(Y), Y), wanted, strict=True
    ):
        np.testing.assert_array_equal(found[0], train)
        np.testing.assert_array_equal(found[1], test)


def test_a_held_out_part_has_its_size_and_every_class_s_share():
    ((train, test),) = HeldOut(0.3).rows(len(Y), Y)
    assert (len(train), len(test)) == (49, 21)
    assert np.bincount(Y[test]).tolist() == [12, 6, 3]
    assert sorted([*train, *test]) == list(range(len(Y)))
    assert list(train) == sorted(train)  # a memory map is read in order
    assert list(test) == sorted(test)


def test_a_class_may_have_fewer_rows_than_there_are_folds():
    rows = CrossValidation(5).rows(30, np.repeat([0, 1], [27, 3]))
    assert min(np.sum(train >= 27) for train, _ in rows) == 2


@pytest.mark.parametrize("kind", [CrossValidation, HeldOut])
def test_the_rows_are_those_of_the_seed(kind):
    def judged(seed):
        return kind(seed=seed).rows(len(Y), None)[0][1].tolist()

    assert judged(0) == judged(0) != judged(1)


@pytest.mark.parametrize("evaluation", [CrossValidation(3), HeldOut(0.5), ValidationData("a.csv")])
def test_an_evaluation_survives_its_dictionary(evaluation):
    assert from_dict(evaluation.to_dict()) == evaluation


def test_validation_arrays_are_told_apart_by_their_numbers():
    X = np.zeros((2, 2))
    assert ValidationData((X, [0, 1])) == ValidationData((X.copy(), [0, 1]))
    assert ValidationData((X, [0, 1])) != ValidationData((X + 1, [0, 1]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: CrossValidation(1),
            "evaluation.folds must be an integer of at least 2, got 1: raise it",
        ),
        (
            lambda: CrossValidation(True),
            "evaluation.folds must be an integer of at least 2, got True: raise it",
        ),
        (
            lambda: CrossValidation(shuffle=1),
            "evaluation.shuffle must be true or false, got 1: change it",
        ),
        (
            lambda: HeldOut(1.0),
            "evaluation.fraction must be a number in (0, 1), got 1.0: 0.2 is usual",
        ),
        (
            lambda: HeldOut("a"),
            "evaluation.fraction must be a number in (0, 1), got 'a': 0.2 is usual",
        ),
        (
            lambda: HeldOut(seed=-1),
            "evaluation.seed must be an integer of at least 0, got -1: 0 is usual",
        ),
        (
            lambda: ValidationData("a", each_epoch=None),
            "evaluation.each_epoch must be true or false, got None: change it",
        ),
        (
            lambda: CrossValidation(11).rows(10, None),
            "evaluation must leave rows to train on and rows that judge, got Cannot have number of "
            "splits n_splits=11 greater than the number of samples: n_samples=10: change folds or "
            "fraction",
        ),
        (
            lambda: HeldOut(0.5).rows(3, np.array(["a", "a", "b"])),
            "every class must have at least 2 rows, one to train on and one that judges, got 1 of "
            "class b: leave such rows out",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message, message_of):
    assert message_of(InvalidValueError, call) == message
