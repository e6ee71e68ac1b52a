"""What other libraries call a parameter is answered with its name here."""

import inspect

import pytest

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from chainrule._synonyms import SYNONYMS
from chainrule.errors import InvalidValueError, UnknownNameError
from chainrule.runs.settings import (
    ELSEWHERE,
    check_parameter,
    in_place_of_option,
    parameters,
)
from chainrule.study.estimator import check_names

ESTIMATORS = [MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork]
KNOWN = {name for one in ESTIMATORS for name in inspect.signature(one).parameters}


@pytest.mark.parametrize("line", SYNONYMS, ids=lambda line: line[0])
def test_every_line_begins_with_a_parameter(line):
    assert line[0] in KNOWN
    assert len(set(line)) == len(line) > 1


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("lr", "learning_rate_init"),
        ("epochs", "max_iter"),
        ("optimizer", "solver"),
        ("patience", "n_iter_no_change"),
        ("hidden_layers", "hidden_layer_sizes"),
        ("DROPOUT_RATE", "dropout"),
        ("criterion", "loss"),
    ],
)
def test_a_run_answers_with_the_name_it_has(name, right):
    with pytest.raises(UnknownNameError, match=f'it is called "{right}" here'):
        check_parameter(name, 1, "auto")


@pytest.mark.parametrize(("name", "option"), [("seed", "--seed"), ("val_split", "--val-fraction")])
def test_a_run_answers_with_the_option_it_has(name, option):
    with pytest.raises(InvalidValueError, match=f"with {option}$"):
        check_parameter(name, 1, "auto")


def test_the_right_name_is_not_behind_a_long_list():
    with pytest.raises(UnknownNameError) as error:
        check_parameter("lr", 1, "auto")
    assert str(error.value) == (
        "a setting of the model must have a known name, got 'lr': it is called "
        '"learning_rate_init" here'
    )


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("epochs", "3", "give --set max_iter=3"),
        ("lr", ".1", "give --set learning_rate_init=.1"),
        ("batch_size", "9", "give --set batch_size=9"),
        ("optimizer", "sgd", "give --set solver=sgd"),
        ("layers", "9, 3", "give --set 'hidden_layer_sizes=9, 3'"),
        ("val_split", "0.1", "rows are held out with --val-fraction"),
        ("nonsense", "1", None),
    ],
)
def test_an_option_of_other_programs_is_answered_with_what_train_has(option, value, said):
    assert in_place_of_option(option, value) == said


def test_what_a_run_takes_is_not_taken_for_what_it_sets_itself():
    for line in SYNONYMS:
        assert not (set(line) & set(parameters("auto")) and set(line) & set(ELSEWHERE))


def test_a_learning_rate_that_is_a_number_has_another_name():
    with pytest.raises(InvalidValueError, match=r'the number is called "learning_rate_init" here$'):
        check_parameter("learning_rate", 0.1, "auto")


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (MLPClassifier, "lr", 'it is called "learning_rate_init" here'),
        (NeuralNetwork, "learning_rate_init", 'it is called "lr" here'),
        (NeuralNetwork, "max_iter", 'it is called "epochs" here'),
        (MLPClassifier, "seed", "list seeds instead"),
        (MLPClassifier, "random_state", "list seeds instead"),
        (MLPClassifier, "alhpa", 'did you mean "alpha"?'),
    ],
)
def test_a_study_answers_with_the_name_its_estimator_has(make, name, said):
    with pytest.raises(InvalidValueError) as error:
        check_names(make, {name: 1}, "candidates")
    assert str(error.value).endswith(said)


def test_a_study_takes_what_a_foreign_estimator_calls_its_own():
    def make(seed, **others): ...

    check_names(make, {"seed": 1, "lr": 2}, "candidates")
