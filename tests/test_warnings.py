"""Warnings point at the line of whoever called, however many wrappers are in between."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.training.callbacks import Callback

X, Y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 2


class Interrupt(Callback):
    def batch_end(self, progress):
        raise KeyboardInterrupt


def caught(call):
    """Return the warnings of a call that is alone on its line, and that line's number."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call()
    return found


WARNS = {
    "hasn't converged": {"max_iter": 1},
    "lbfgs failed to converge": {"max_iter": 1, "solver": "lbfgs"},
    "Got `batch_size`": {"max_iter": 1, "batch_size": 31},
    "Training interrupted by user": {"callbacks": [Interrupt()]},
}


def line_of(function):
    return inspect.getsourcelines(function)[1] + 1


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor, MLPAutoencoder])
@pytest.mark.parametrize("text", WARNS)
def test_a_fit_warns_at_the_line_that_called_it(cls, text):
    net = cls(hidden_layer_sizes=(2,), **WARNS[text])

    def call():
        net.fit(X, Y)

    found = [warning for warning in caught(call) if text in str(warning.message)]
    assert [(one.filename, one.lineno) for one in found] == [(__file__, line_of(call))]


def test_inside_scikit_learn_s_own_methods_it_is_the_line_that_called_those():
    net = MLPClassifier((2,), max_iter=1)

    def piped():
        make_pipeline(StandardScaler(), net).fit(X, Y)

    def searched():
        GridSearchCV(net, {"alpha": [0.1, 1]}, cv=2).fit(X, Y)

    for call, times in ((piped, 1), (searched, 5)):
        found = [one for one in caught(call) if "converged" in str(one.message)]
        assert [(one.filename, one.lineno) for one in found] == [(__file__, line_of(call))] * times


def test_a_column_of_targets_and_names_that_are_missing_warn_there_too():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abc"))
    net = MLPClassifier((2,), max_iter=1)

    def call():
        net.fit(frame, Y[:, None], X_val=X, y_val=Y[:, None])

    found = caught(call)
    assert {one.filename for one in found} == {__file__}
    assert [str(one.message) for one in found][:3] == [
        "A column-vector y was passed when a 1d array was expected. Please change the shape of y "
        "to (n_samples,), for example using ravel().",
        "X_val does not have valid feature names, but MLPClassifier was fitted with feature names",
        "A column-vector y_val was passed when a 1d array was expected. Please change the shape of "
        "y_val to (n_samples,), for example using ravel().",
    ]
