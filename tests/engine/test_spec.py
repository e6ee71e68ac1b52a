from __future__ import annotations

import pickle

import numpy as np
import pytest

from chainrule.engine.activations import ACTIVATIONS, Relu, Tanh
from chainrule.engine.losses import LOSSES, GroupedSoftmaxCrossEntropy, Quantile, Squared
from chainrule.engine.spec import NetworkSpec
from chainrule.errors import InvalidValueError, UnknownNameError


def test_counts_and_shapes():
    spec = NetworkSpec.of([4, 3, 2])
    assert spec.shapes == ((4, 3), (3, 2))
    assert spec.n_weights == 18
    assert spec.n_parameters == 23
    assert spec.np_dtype == np.float32


def test_one_name_serves_every_hidden_layer():
    spec = NetworkSpec.of([4, 3, 3, 2], "tanh", "squared", dropout=0.25)
    assert spec.activations == (Tanh(), Tanh())
    assert spec.loss == Squared()
    assert spec.dropout == (0.0, 0.25, 0.25)


def test_takes_things_as_well_as_names():
    assert NetworkSpec.of([4, 3, 2], Relu(), Squared()) == NetworkSpec.of(
        [4, 3, 2], "relu", "squared"
    )


def test_no_hidden_layer_is_a_network():
    spec = NetworkSpec.of([4, 2])
    assert spec.activations == ()
    assert spec.dropout == (0.0,)
    assert spec.n_parameters == 10


def test_numpy_integers_make_an_equal_spec():
    ours, theirs = NetworkSpec.of([4, 3, 2]), NetworkSpec.of(np.array([4, 3, 2]))
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs)


def test_pickles_to_an_equal_spec():
    spec = NetworkSpec.of([4, 3, 2], "gelu", "huber", dropout=0.5, dtype="float64")
    assert pickle.loads(pickle.dumps(spec)) == spec


RELU = Relu()


def build(sizes=(4, 3, 2), activations=(RELU,), dropout=(0.0, 0.0), dtype="float32"):
    return NetworkSpec(sizes, activations, Squared(), dropout, dtype)


NO_INTEGER = "every entry of layer_sizes must be a positive integer, got"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"sizes": (4,)},
            "layer_sizes must have at least two entries, input and output, got (4,): "
            "give the number of features first and the number of outputs last",
        ),
        (
            {"sizes": ()},
            "layer_sizes must have at least two entries, input and output, got (): "
            "give the number of features first and the number of outputs last",
        ),
        ({"sizes": (4, 0, 2)}, f"{NO_INTEGER} (4, 0, 2): replace 0"),
        ({"sizes": (4, 3.0, 2)}, f"{NO_INTEGER} (4, 3.0, 2): replace 3.0"),
        ({"sizes": (4, True, 2)}, f"{NO_INTEGER} (4, True, 2): replace True"),
        ({"sizes": (4, "3", 2)}, f"{NO_INTEGER} (4, '3', 2): replace '3'"),
        (
            {"activations": ()},
            "activations must have 1 entries, one for each hidden layer, got (): it has 0",
        ),
        (
            {"dropout": (0.0,)},
            "dropout must have 2 entries, one for the input and one for each hidden layer, "
            "got (0.0,): it has 1",
        ),
        (
            {"dropout": (0.0, 1.0)},
            "every entry of dropout must be in [0, 1), got (0.0, 1.0): "
            "it is the share of units that are dropped",
        ),
        (
            {"dropout": (float("nan"), 0.0)},
            "every entry of dropout must be in [0, 1), got (nan, 0.0): "
            "it is the share of units that are dropped",
        ),
    ],
)
def test_refuses_parts_that_do_not_fit(change, message, message_of):
    assert message_of(InvalidValueError, build, **change) == message


@pytest.mark.parametrize(
    ("dtype", "ending"),
    [
        ("float16", "got 'float16': did you mean \"float64\"?"),
        ("int", "got 'int': choose one of these"),
        (["float32"], "got ['float32']: did you mean \"float32\"?"),
        (np.float32, "got <class 'numpy.float32'>: choose one of these"),
    ],
)
def test_refuses_another_dtype(dtype, ending, message_of):
    message = message_of(UnknownNameError, build, dtype=dtype)
    assert message == f"dtype must be one of float32, float64, {ending}"


def test_refuses_names_that_no_table_has(message_of):
    message = message_of(UnknownNameError, NetworkSpec.of, [4, 3, 2], "rleu")
    assert message == (
        f"activation must be one of {', '.join(ACTIVATIONS)}, got 'rleu': did you mean \"relu\"?"
    )
    message = message_of(UnknownNameError, NetworkSpec.of, [4, 3, 2], "relu", "mse")
    assert message == f"loss must be one of {', '.join(LOSSES)}, got 'mse': choose one of these"


@pytest.mark.parametrize(
    ("loss", "rule"),
    [
        (GroupedSoftmaxCrossEntropy((3, 200)), "203, the sum of sizes"),
        (Quantile((0.1, 0.5, 0.9)), "a multiple of 3, the number of levels"),
    ],
)
def test_refuses_a_number_of_outputs_that_the_loss_cannot_have(loss, rule, message_of):
    message = message_of(InvalidValueError, NetworkSpec.of, [4, 2], loss=loss)
    assert message.startswith(f"the number of outputs must be {rule}, got 2: ")
