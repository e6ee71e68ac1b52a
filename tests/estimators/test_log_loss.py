"""Log loss wherever a classifier is measured; the oracle is SciPy, on the logits in float64."""

import numpy as np
import pytest
from scipy.special import log_softmax as scipy_log_softmax
from sklearn.metrics import get_scorer
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule import MLPClassifier, NeuralNetwork
from chainrule.datasets.tables import table_of
from chainrule.errors import InvalidValueError
from chainrule.estimators.log_loss import log_loss, log_softmax
from chainrule.estimators.scorers import over_classes
from chainrule.explore.measures import figures
from chainrule.preparation import Notes, Preparation, inspect, table_model
from chainrule.runs.measuring import ClassMeasures, outputs

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
LABELS = {2: np.where(X[:, 0] > 0, "b", "a"), 3: np.array(list("abc"))[np.arange(40) % 3]}
# So sure of wrong answers that float32 rounds the probability of the right one to 0.
SURE = 60 * np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)


def fitted(k):
    return MLPClassifier((4,), random_state=0, n_iter_no_change=1, tol=9).fit(X, LABELS[k])


@pytest.fixture(params=[2, 3])
def sure(request):
    """A classifier and its labels, whose log loss is far beyond what float32 can be asked for."""
    net = fitted(request.param)
    net.coefs_[-1][:] *= 100
    return net, LABELS[request.param]


def exact(net, y, weight=None):
    logits = net.decision_function(SURE).astype(float)
    if logits.ndim == 1:
        logits = np.column_stack([np.zeros_like(logits), logits])
    found = scipy_log_softmax(logits, axis=1)[np.arange(len(y)), net.classes_.searchsorted(y)]
    return -np.average(found, weights=weight)


def test_log_loss_is_that_of_the_logits(sure):
    net, y = sure
    assert exact(net, y) > 20  # beyond the cut at epsilon
    assert log_loss(net, SURE, y) == pytest.approx(exact(net, y))
    weight = np.arange(40)
    assert log_loss(net, SURE, y, weight) == pytest.approx(exact(net, y, weight))


def test_rows_of_one_class_are_enough(sure):
    net, y = sure
    rows = y == "a"
    whole, part = log_loss(net, SURE, y, rows), log_loss(net, SURE[rows], y[rows])
    assert part == pytest.approx(whole)


def test_scorers_take_the_logits(sure):
    net, y = sure
    for estimator in (net, make_pipeline(StandardScaler().fit([[-1, -1], [1, 1]]), net)):
        scorer = over_classes(get_scorer("neg_log_loss"), estimator, y)
        assert scorer(estimator, SURE, y) == pytest.approx(-exact(net, y))
        weight = np.arange(40)
        found = scorer(estimator, SURE, y.astype(object), sample_weight=weight)
        assert found == pytest.approx(-exact(net, y, weight))


def test_early_stopping_by_log_loss_takes_the_logits():
    y, validation = LABELS[3], LABELS[3][::-1]
    net = MLPClassifier((4,), scoring="neg_log_loss", early_stopping=True, n_iter_no_change=2)
    net.set_params(tol=9, weight_init="normal", random_state=0).fit(X, y, None, SURE, validation)
    last = net.history_.column("validation_neg_log_loss")
    assert last[net.best_epoch_ - 1] == pytest.approx(-exact(net, validation))


def test_a_run_and_the_page_of_a_network_take_the_logits(sure):
    net, y = sure
    table = table_of({"p": SURE[:, 0], "q": SURE[:, 1], "y": y})
    model = table_model(net, Preparation.learn(inspect(table, target="y")))
    measures = ClassMeasures(model)
    for some in outputs(model, table, Notes()):
        measures.add(some)
    prepared = model.prepare(table)
    wanted = log_loss(net, prepared, y)
    assert wanted > 1
    assert measures.figures()["log_loss"] == pytest.approx(wanted)
    logits = net.decision_function(SURE)
    logits = logits[:, np.newaxis] if logits.ndim == 1 else logits
    truth, shares = net.classes_.searchsorted(y), net.predict_proba(SURE)
    found = figures("classification", truth, shares, logits)
    assert found["log_loss"] == pytest.approx(exact(net, y))


def test_several_labels_have_the_log_loss_of_their_logits():
    logits = np.array([[90.0, -90.0], [200.0, 0.0]], np.float32)
    truth = np.array([[0, 0], [0, 1]])
    shares = 1 / (1 + np.exp(-logits.astype(float)))
    found = figures("multilabel", truth, shares.astype(np.float32), logits)
    assert found["log_loss"] == pytest.approx((90 + 0 + 200 + np.log(2)) / 4)


def test_the_course_report_s_class_has_log_probabilities_of_its_logits():
    net = NeuralNetwork(3, [2, 4, 3], 0.1, "relu", "normal", epochs=1, batch_size=8, random_state=0)
    net.fit(X, np.arange(40) % 3)
    net.params_.W[-1][:] *= 1e4
    found = net.predict_log_proba(SURE)
    assert found.shape == (40, 3)
    assert found.min() < -200  # where a float32 has long been 0
    likely = net.predict_proba(SURE)
    normal = likely > 1e-30
    np.testing.assert_allclose(found[normal], np.log(likely[normal]), rtol=1e-4, atol=1e-6)
    wanted = -found[np.arange(40), np.arange(40) % 3].mean(dtype=float)
    assert log_loss(net, SURE, np.arange(40) % 3) == pytest.approx(wanted)


def test_other_libraries_classifiers_are_measured_as_scikit_learn_does():
    y = LABELS[3]
    net = TheirClassifier((4,), n_iter_no_change=1, tol=9).fit(X, y)
    assert log_loss(net, X, y) == sklearn_log_loss(y, net.predict_proba(X))


def test_no_loss_is_zero_and_not_minus_zero():
    net = fitted(2)
    net.coefs_[-1][:] = 0
    net.intercepts_[-1][:] = 300
    assert str(log_loss(net, X, ["b"] * 40)) == "0.0"


def test_a_label_that_is_no_class_is_refused():
    with pytest.raises(InvalidValueError, match="labels of the classifier's classes, got 'd'"):
        log_loss(fitted(3), X[:2], ["a", "d"])


def test_a_softmax_has_a_logarithm_of_its_own_dtype():
    assert log_softmax(np.zeros((1, 2), np.float32)).dtype == np.float32
