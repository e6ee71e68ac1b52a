import json
import linecache
import runpy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import MLPClassifier
from chainrule.errors import DataFormatError, DataNotFoundError, InvalidValueError, UnknownNameError
from chainrule.study import CrossValidation, Grid, HeldOut, Listed, Study, ValidationData
from chainrule.study.spec import plain

TEXT = """
name = "activations on digits"
data = "digits.csv"
target = "label"
seeds = 3
metrics = ["accuracy", "neg_log_loss"]

[fixed]
hidden_layer_sizes = [64]
max_iter = 50

[grid]
activation = ["relu", "tanh"]
learning_rate_init = [1e-2, 1e-3]

[evaluation]
folds = 5
shuffle = false
"""
DOCUMENT = {"name": "n", "data": "mnist", "grid": {"alpha": [0.1, 1]}}


def test_a_file_is_the_same_study_as_python_s_call(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT)
    assert Study.from_toml(tmp_path / "s.toml") == Study(
        name="activations on digits",
        data="digits.csv",
        target="label",
        seeds=[0, 1, 2],
        metrics=("accuracy", "neg_log_loss"),
        fixed={"hidden_layer_sizes": [64], "max_iter": 50},
        sampler=Grid({"activation": ["relu", "tanh"], "learning_rate_init": [1e-2, 1e-3]}),
        evaluation=CrossValidation(5, shuffle=False),
    )


def test_what_is_left_out_has_its_default():
    study = Study.from_dict(DOCUMENT)
    assert study.evaluation == HeldOut(0.2)
    assert (study.seeds, study.metrics, study.task, study.estimator) == ((0,), None, "auto", "auto")


def test_data_beside_the_file_is_found_from_everywhere(tmp_path):
    (tmp_path / "digits.csv").write_text("a,label\n1,2\n")
    text = TEXT.replace("folds = 5\nshuffle = false", 'data = "digits.csv"')
    (tmp_path / "s.toml").write_text(text)
    study = Study.from_toml(tmp_path / "s.toml")
    assert study.data == str((tmp_path / "digits.csv").resolve())
    assert study.evaluation == ValidationData(study.data)


SAMPLERS = st.one_of(
    st.fixed_dictionaries({"grid": st.just({"alpha": [0.1, 1], "activation": ["relu"]})}),
    st.fixed_dictionaries({"candidates": st.just([{"alpha": 0.5}, {"solver": "sgd"}])}),
    st.fixed_dictionaries(
        {"random": st.just({"n": 3, "alpha": {"low": 0.1, "high": 1.0, "log": True}})}
    ),
)
EVALUATIONS = st.one_of(
    st.fixed_dictionaries({"folds": st.integers(2, 9), "shuffle": st.booleans()}),
    st.fixed_dictionaries({"fraction": st.floats(0.01, 0.99), "each_epoch": st.booleans()}),
    st.fixed_dictionaries({"data": st.just("test.csv")}),
)
STUDIES = st.builds(
    lambda sampler, more: (
        {**DOCUMENT, **more} | sampler
        if "grid" in sampler
        else {k: v for k, v in {**DOCUMENT, **more}.items() if k != "grid"} | sampler
    ),
    SAMPLERS,
    st.fixed_dictionaries(
        {},
        optional={
            "target": st.text(min_size=1),
            "task": st.sampled_from(["auto", "regression"]),
            "seeds": st.one_of(
                st.integers(1, 50), st.lists(st.integers(0, 99), min_size=1, unique=True)
            ),
            "metrics": st.sampled_from(["r2", ["r2", "score"]]),
            "fixed": st.just({"max_iter": 3, "hidden_layer_sizes": [4, 4]}),
            "columns": st.just({"zip": "category"}),
            "evaluation": EVALUATIONS,
        },
    ),
)


@given(STUDIES)
def test_a_study_survives_the_way_to_a_dictionary_and_json_and_back(document):
    study = Study.from_dict(document)
    again = Study.from_dict(json.loads(json.dumps(study.to_dict())))
    assert again == study
    assert again.to_dict() == study.to_dict()


def test_what_no_file_can_hold_is_described():
    X = np.zeros((3, 2))
    one, other = (
        Study(
            name="n",
            data=(data, [0, 1, 0]),
            estimator=MLPClassifier,
            sampler=Listed([{}]),
            fixed={"hidden_layer_sizes": (np.int64(3),)},
            measure=len,
        ).to_dict()
        for data in (X, X + 1)
    )
    assert one["estimator"] == "chainrule.estimators.classifier.MLPClassifier"
    assert one["fixed"] == {"hidden_layer_sizes": [3]}
    assert one["measure"] == "builtins.len"
    assert {key for key in one if one[key] != other[key]} == {"data"}
    json.dumps(one)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            {"seedss": 2},
            UnknownNameError,
            "a study's key must be one of name, data, target, task, estimator, columns, fixed, "
            "grid, candidates, random, optuna, seeds, evaluation, metrics, halving, got 'seedss': "
            'did you mean "seeds"?',
        ),
        (
            {"name": " "},
            InvalidValueError,
            "name must be a text, got ' ': call the study something",
        ),
        ({"target": 3}, InvalidValueError, "target must be a column's name, got 3: change it"),
        (
            {"seeds": True},
            InvalidValueError,
            "seeds must be a number, or a list of numbers, got True: change it",
        ),
        (
            {"seeds": [1, 1]},
            InvalidValueError,
            "seeds must be how many there are, or a list of different ones in [0, 2^32), got "
            "[1, 1]: such as 5 or [0, 1, 2]",
        ),
        (
            {"seeds": 0},
            InvalidValueError,
            "seeds must be how many there are, or a list of different ones in [0, 2^32), got 0: "
            "such as 5 or [0, 1, 2]",
        ),
        (
            {"seeds": [-1]},
            InvalidValueError,
            "seeds must be how many there are, or a list of different ones in [0, 2^32), got "
            "[-1]: such as 5 or [0, 1, 2]",
        ),
        (
            {"task": "classify"},
            UnknownNameError,
            "task must be one of auto, classification, regression, autoencoder, got 'classify': "
            'did you mean "classification"?',
        ),
        (
            {"metrics": ["acuracy"]},
            InvalidValueError,
            "metrics must be names of scikit-learn's scorers, got 'acuracy': did you mean "
            '"accuracy"?',
        ),
        (
            {"metrics": "mmmmmm"},
            InvalidValueError,
            "metrics must be names of scikit-learn's scorers, got 'mmmmmm': "
            "sklearn.metrics.get_scorer_names() lists them",
        ),
        (
            {"metrics": []},
            InvalidValueError,
            'metrics must be different names, at least one, got []: such as ["accuracy"]',
        ),
        (
            {"candidates": [{}]},
            InvalidValueError,
            "a study must have one of grid, candidates, random, optuna, got grid, candidates: such "
            'as [grid] with activation = ["relu", "tanh"]',
        ),
        (
            {"evaluation": {}},
            InvalidValueError,
            "evaluation must have one of folds, fraction and data, got none: such as folds = 5",
        ),
        (
            {"evaluation": {"folds": 3, "fraction": 0.5}},
            InvalidValueError,
            "evaluation must have one of folds, fraction and data, got folds, fraction: such as "
            "folds = 5",
        ),
        (
            {"evaluation": {"folds": 3, "shufle": True}},
            UnknownNameError,
            "a key of evaluation with folds must be one of folds, shuffle, seed, each_epoch, got "
            "'shufle': did you mean \"shuffle\"?",
        ),
    ],
)
def test_a_bad_document_is_refused(change, kind, message, message_of):
    assert message_of(kind, Study.from_dict, {**DOCUMENT, **change}) == message


@pytest.mark.parametrize("key", ["name", "data"])
def test_what_a_study_cannot_do_without_is_asked_for(key, message_of):
    document = {k: v for k, v in DOCUMENT.items() if k != key}
    message = message_of(InvalidValueError, Study.from_dict, document)
    assert message == f"a study must have the key {key}, got none: add {key} = …"


def test_a_study_without_candidates_is_refused(message_of):
    document = {"name": "n", "data": "mnist"}
    assert message_of(InvalidValueError, Study.from_dict, document) == (
        "a study must have one of grid, candidates, random, optuna, got none: such as [grid] with "
        'activation = ["relu", "tanh"]'
    )


def test_an_error_in_a_file_names_the_file(tmp_path, message_of):
    path = tmp_path / "s.toml"
    path.write_text(TEXT.replace("seeds = 3", "seeds = 0"))
    assert message_of(InvalidValueError, Study.from_toml, path) == (
        f"{path}: seeds must be how many there are, or a list of different ones in [0, 2^32), got "
        "0: such as 5 or [0, 1, 2]"
    )


def test_no_file_and_no_toml_are_told_apart(tmp_path, message_of):
    path = tmp_path / "s.toml"
    assert message_of(DataNotFoundError, Study.from_toml, path) == (
        f"there is no file {path}: give a TOML file's name"
    )
    path.write_text("name =\n")
    assert message_of(DataFormatError, Study.from_toml, path) == (
        f"{path} is not TOML: Invalid value (at line 1, column 7): mend it"
    )
    path.write_bytes(b'name = "\xff"\n')
    assert message_of(DataFormatError, Study.from_toml, path).startswith(
        f"{path} is not TOML: 'utf-8' codec can't decode byte 0xff"
    )


def module(folder, body):
    (folder / "mine.py").write_text(f"def measure(fit):\n{body}")
    return runpy.run_path(str(folder / "mine.py"), run_name="mine")["measure"]


def test_a_function_that_does_something_else_is_another(tmp_path):
    texts = []
    for body in ("    return {1: 2}", "    # a comment\n    return {1:2}", "    return {1: 3}"):
        linecache.clearcache()
        texts.append(plain(module(tmp_path, body)))
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].startswith("mine.measure ")
