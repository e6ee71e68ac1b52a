from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from chainrule import MLPClassifier, MLPRegressor
from chainrule.engine.backends import using
from chainrule.engine.checks import check_integer
from chainrule.errors import InvalidValueError
from chainrule.estimators import validation
from chainrule.estimators.validation import (
    as_generator,
    as_numbers,
    check_features,
    check_is_fitted,
    check_labels,
    check_number,
    is_plain,
)

NO_NUMBERS = "encode texts and missing values as numbers, in rows of one length"
NO_SEED = "random_state must be None, an integer of at least 0, or a NumPy generator"


def draw(generator):
    return generator.integers(2**40, size=5).tolist()


def test_a_seed_gives_the_same_numbers():
    assert draw(as_generator(3)) == draw(as_generator(np.int64(3))) != draw(as_generator(4))
    assert draw(as_generator(None)) != draw(as_generator(None))


def test_a_generator_is_used_as_it_is():
    generator = np.random.default_rng(0)
    assert as_generator(generator) is generator


def test_a_random_state_seeds_and_moves_on():
    state = np.random.RandomState(0)
    first, second = draw(as_generator(state)), draw(as_generator(state))
    assert first == draw(as_generator(np.random.RandomState(0))) != second


@pytest.mark.parametrize("value", [-1, True, 1.5, "7", [7], np.random])
def test_anything_else_is_no_random_state(value, message_of):
    message = message_of(InvalidValueError, as_generator, value)
    assert message.startswith(f"{NO_SEED}, got ")
    assert message.endswith(": pass an integer for a result that can be repeated")


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", None, [3], math.nan])
def test_what_is_no_integer(value, message_of):
    message = message_of(InvalidValueError, check_integer, "k", value, 1, "change it")
    assert message == f"k must be an integer of at least 1, got {value!r}: change it"


@pytest.mark.parametrize("value", [1, np.int32(1), 10**30])
def test_what_is_an_integer(value):
    check_integer("k", value, 1, "change it")


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "0.1", None, [0.1], 1j])
def test_what_is_no_number_in_range(value, message_of):
    message = message_of(InvalidValueError, check_number, "x", value, 0, math.inf, "change it")
    assert message == f"x must be a number in (0, inf), got {value!r}: change it"


@pytest.mark.parametrize("value", [1, 1e-300, np.float32(0.5), np.int8(1), 10**400])
def test_what_is_a_number_in_range(value):
    check_number("x", value, 0, math.inf, "change it")


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_arrays_of_numbers_pass_without_a_copy(dtype):
    X = np.ones((4, 3), dtype)
    assert check_features(X, 3) is X


def test_lists_and_images_become_rows():
    np.testing.assert_array_equal(check_features([[1, 2], [3, 4]], 2), [[1, 2], [3, 4]])
    images = np.arange(24).reshape(2, 3, 4)
    flat = check_features(images, 12)
    np.testing.assert_array_equal(flat, images.reshape(2, 12))
    assert np.shares_memory(flat, images)


@pytest.mark.parametrize(
    ("X", "what"),
    [
        ([[1, None]], "dtype object"),
        ([[1j, 2]], "dtype complex128"),
        ([[1, 2], [3]], "rows of different lengths"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], "rows of different lengths"),
        (object(), "a object"),
        (None, "a NoneType"),
        ({"a": [1]}, "a dict"),
    ],
)
def test_what_is_no_array_of_numbers(X, what, message_of):
    message = message_of(InvalidValueError, as_numbers, X, "X")
    assert message == f"X must be an array of numbers, got {what}: {NO_NUMBERS}"


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 3, 2), (), (3, 4, 0)])
def test_features_of_another_shape(shape, message_of):
    message = message_of(InvalidValueError, check_features, np.zeros(shape), 3)
    assert message == (
        f"X must have shape (n_samples, 3), as layer_sizes[0] says, got {shape}: "
        "pass 3 features a sample or change layer_sizes"
    )


def test_no_features_at_all(message_of):
    message = message_of(InvalidValueError, check_features, np.zeros((0, 3)), 3, "X_val")
    assert message == "X_val must have at least one sample, got (0, 3): pass some rows"


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (4095, 2), (4096, 0), (4999, 1)])
def test_features_that_are_not_finite(wrong, dtype, row, column, message_of):
    X = np.zeros((5000, 3), dtype)
    X[row, column] = wrong
    X[-1, -1] = wrong
    message = message_of(InvalidValueError, check_features, X, 3)
    assert message == (
        f"X must be finite, got {wrong} in row {row}, column {column}: remove or impute such rows"
    )


@pytest.mark.parametrize("wrong", [1e39, -1e300])
def test_features_that_are_too_large_for_the_network(wrong, message_of):
    X = np.array([[0.0, 3e38], [0.0, wrong]])
    message = message_of(InvalidValueError, check_features, X, 2, dtype="float32")
    assert message == (
        f"X must be finite in float32, got {wrong} in row 1, column 1: "
        'scale the features or pass dtype="float64"'
    )
    assert check_features(X, 2) is X


def test_infinities_that_cancel_are_found(message_of):
    X = np.array([[math.inf, -math.inf]])
    assert "row 0, column 0" in message_of(InvalidValueError, check_features, X, 2)


def test_a_sum_that_overflows_is_no_infinity():
    X = np.full((10, 3), np.finfo(np.float64).max)
    assert check_features(X, 3) is X


def test_a_memory_map_is_read_in_pieces(tmp_path, peak_bytes):
    np.save(tmp_path / "X.npy", np.ones((100_000, 8)))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert peak_bytes(lambda: check_features(X, 8)) < X.nbytes / 10


@pytest.mark.parametrize(
    "y", [[0, 2, 1], np.array([0, 2, 1], np.uint8), [0.0, 2.0, 1.0], [[0], [2], [1]]]
)
def test_labels_become_int64(y):
    labels = check_labels(y, 3, 3)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, [0, 2, 1])


def test_labels_of_int64_are_not_copied():
    y = np.array([0, 2, 1])
    assert check_labels(y, 3, 3) is y


def test_labels_may_be_booleans():
    np.testing.assert_array_equal(check_labels([True, False], 2, 2), [1, 0])


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 3), ()])
def test_labels_of_another_shape(shape, message_of):
    message = message_of(InvalidValueError, check_labels, np.zeros(shape, int), 3, 3)
    assert message == (
        f"y must have shape (3,), one label a sample, got {shape}: "
        "pass class numbers, not one-hot rows, for the same samples as X"
    )


@pytest.mark.parametrize("wrong", [0.5, math.nan, math.inf])
def test_labels_that_are_not_whole(wrong, message_of):
    message = message_of(InvalidValueError, check_labels, [0, wrong, 1], 3, 3)
    assert message == (f"y must hold whole class numbers, got {wrong}: encode labels as 0, 1, 2, …")


@pytest.mark.parametrize(
    ("y", "got"),
    [
        ([0, 3, 1], "3: raise layer_sizes[-1] to 4 or encode labels as 0 … 2"),
        ([0, 7.0, -1], "7: raise layer_sizes[-1] to 8 or encode labels as 0 … 2"),
        ([0, -1, 1], "-1: encode labels as 0 … 2"),
        (
            np.array([0, 200, 1], np.uint8),
            "200: raise layer_sizes[-1] to 201 or encode labels as 0 … 2",
        ),
    ],
)
def test_labels_that_no_output_stands_for(y, got, message_of):
    message = message_of(InvalidValueError, check_labels, y, 3, 3)
    assert message == f"y must hold class numbers in 0 … 2, as layer_sizes[-1] says, got {got}"


def test_labels_that_are_texts(message_of):
    message = message_of(InvalidValueError, check_labels, ["a", "b"], 2, 2)
    assert message == f"y must be an array of numbers, got dtype <U1: {NO_NUMBERS}"


def test_is_fitted():
    class Model:
        pass

    model = Model()
    with pytest.raises(NotFittedError) as caught:
        check_is_fitted(model, "params_")
    assert str(caught.value) == "this Model is not fitted yet: call fit(X, y) first"
    model.params_ = 1
    check_is_fitted(model, "params_")


class Sub(np.ndarray):
    """An array that scikit-learn looks at more closely."""


def filled(value):
    X = np.ones((4, 3))
    X[2, 1] = value
    return X


def fitted(*, names=False, dtype="float32"):
    X = np.arange(12.0).reshape(4, 3)
    if names:
        X = pd.DataFrame(X, columns=list("abc"))
    net = MLPRegressor(hidden_layer_sizes=2, max_iter=1, random_state=0, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return net.fit(X, np.arange(4))


PLAIN_X = {
    "float64": filled(2.0),
    "float32": filled(2.0).astype(np.float32),
    "uint8": filled(2.0).astype(np.uint8),
    "one row of many": filled(2.0)[1:2],
    "read-only": np.frombuffer(filled(2.0).tobytes()).reshape(4, 3),
}
OTHER_X = {
    "a list": filled(2.0).tolist(),
    "text": np.full((4, 3), "1.5"),
    "objects": filled(2.0).astype(object),
    "float16": filled(2.0).astype(np.float16),
    "int64": filled(2.0).astype(np.int64),
    "complex": filled(2.0).astype(complex),
    "big-endian": filled(2.0).astype(">f8"),
    "a subclass": filled(2.0).view(Sub),
    "by columns": np.asfortranarray(filled(2.0)),
    "every other row": np.ones((8, 3))[::2],
    "NaN": filled(math.nan),
    "infinite": filled(-math.inf),
    "infinite in float32": filled(math.inf).astype(np.float32),
    "finite in float64 alone": filled(1e39),
    "with too large squares": filled(1e200),
    "with too large squares in float32": filled(1e30).astype(np.float32),
    "no rows": filled(2.0)[:0],
    "too narrow": np.ones((4, 2)),
    "too wide": np.ones((4, 4)),
    "one dimension": np.ones(3),
    "three dimensions": np.ones((4, 3, 1)),
}


def outcome(net, X):
    """Return what a prediction returns, raises and warns of, so that it can be compared."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = net.predict(X).tolist()
        except (TypeError, ValueError) as error:
            result = type(error), str(error)
    return result, [(w.category, str(w.message)) for w in caught]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("names", [False, True], ids=["without names", "fitted with names"])
@pytest.mark.parametrize("kind", [*PLAIN_X, *OTHER_X])
def test_the_short_way_changes_no_outcome(kind, names, dtype, monkeypatch):
    net, X = fitted(names=names, dtype=dtype), {**PLAIN_X, **OTHER_X}[kind]
    short = outcome(net, X)
    monkeypatch.setattr(validation, "PLAIN", set())
    assert outcome(net, X) == short


def test_a_memory_map_is_not_plain(tmp_path):
    mapped = np.memmap(tmp_path / "X", np.float32, "w+", shape=(4, 3))
    assert not is_plain(fitted(), mapped, np.dtype("float32"))
    assert not is_plain(fitted(), np.asarray(mapped)[1:], np.dtype("float32"))


def csr(*, row=None, column=None):
    """Return a matrix of 6 rows and 3 columns, with a pointer or an index that is none."""
    X = scipy.sparse.csr_matrix(np.arange(1.0, 19).reshape(6, 3) / 19)
    if row is not None:
        X.indptr[row] = 10**7
    if column is not None:
        X.indices[4] = column
    return X


BROKEN = {
    "an index far outside": lambda: csr(column=10**7),
    "an index outside": lambda: csr(column=3),
    "an index below 0": lambda: csr(column=-5),
    "a pointer outside": lambda: csr(row=6),
    "pointers that go back": lambda: csr(row=3),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize(
    "use",
    [
        lambda model, X, good, y: model.fit(X, y),
        lambda model, X, good, y: model.partial_fit(X, y, classes=[0, 1]),
        lambda model, X, good, y: model.fit(good, y, X_val=X, y_val=y),
        lambda model, X, good, y: model.fit(good, y).predict(X),
        lambda model, X, good, y: model.fit(good, y).score(X, y),
        lambda model, X, good, y: model.set_params(input_scaling="robust").fit(X, y),
    ],
    ids=["fit", "partial_fit", "X_val", "predict", "score", "input_scaling"],
)
def test_a_sparse_matrix_that_leaves_itself_is_refused(make, use):
    y = np.arange(6) % 2
    model = MLPClassifier((2,), max_iter=1)
    for backend in ("numpy", "auto"):
        with using(backend), pytest.raises(InvalidValueError, match=r"the (indices|pointers) of X"):
            use(model, make(), csr(), y)


@pytest.mark.parametrize("kind", ["csc", "coo", "bsr"])
def test_other_sparse_formats_are_looked_at_before_they_are_converted(kind):
    X = csr().asformat(kind)
    (X.col if kind == "coo" else X.indices)[-1] = 10**7
    with pytest.raises(InvalidValueError):
        MLPClassifier((2,), max_iter=1).fit(X, np.arange(6) % 2)


def test_sparse_labels_are_looked_at_too():
    y = csr(column=40).astype(bool).astype(int)
    for fit in (
        lambda model: model.fit(csr(), y),
        lambda model: model.fit(csr(), csr().astype(bool).astype(int), X_val=csr(), y_val=y),
    ):
        with pytest.raises(InvalidValueError, match=r"the indices of y(_val)? must be in \[0, 3\)"):
            fit(MLPClassifier((2,), max_iter=1))
