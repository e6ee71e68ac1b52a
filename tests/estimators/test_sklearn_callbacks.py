from __future__ import annotations

import importlib.util
import pickle
import sys
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule import MLPClassifier, MLPRegressor
from chainrule.estimators import sklearn_callbacks
from chainrule.estimators.autoencoder import MLPAutoencoder
from chainrule.estimators.sklearn_callbacks import SklearnCallbacks
from chainrule.training.callbacks import Callback

has_api = importlib.util.find_spec("sklearn.callback") is not None
needs_api = pytest.mark.skipif(not has_api, reason="needs scikit-learn 1.9")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return X, y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X, y / 100


def classifier(**settings):
    return MLPClassifier((4,), learning_rate_init=0.02, random_state=0, **settings)


def regressor(**settings):
    return MLPRegressor(
        hidden_layer_sizes=(4,), learning_rate_init=0.02, random_state=0, **settings
    )


class Hooks:
    """Notes what it is told, in the order of the calls."""

    def __init__(self, stop_after=None, fail_at=None):
        self.calls, self.stop_after, self.fail_at = [], stop_after, fail_at

    def note(self, hook, estimator, context):
        self.calls.append((hook, context.estimator_name, context.task_name, context.task_id))
        self.estimator, self.context = estimator, context
        if self.fail_at == (hook, context.task_name):
            raise ZeroDivisionError

    def setup(self, estimator, context):
        self.note("setup", estimator, context)

    def on_fit_task_begin(self, estimator, context):
        self.note("begin", estimator, context)

    def on_fit_task_end(self, estimator, context):
        self.note("end", estimator, context)
        return context.task_id + 1 == self.stop_after and context.task_name == "epoch"

    def teardown(self, estimator, context):
        self.note("teardown", estimator, context)


class Propagated(Hooks):
    max_propagation_depth = None


class Copies(Hooks):
    """Keeps each copy of the estimator that it is given, and what comes with it."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.begun, self.ended, self.given = [], [], []

    def on_fit_task_begin(self, estimator, context, *, fitted_estimator=None):
        self.begun.append((context.task_name, fitted_estimator))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self.ended.append((context.task_name, fitted_estimator))
        self.given.append((X, y, metadata))


def tasks(name, epochs):
    """Return the calls of a fit with so many epochs."""
    fit = (name, "fit", 0)
    inner = [(hook, name, "epoch", number) for number in range(epochs) for hook in ("begin", "end")]
    return [("setup", *fit), ("begin", *fit), *inner, ("end", *fit), ("teardown", *fit)]


def assert_nothing_is_left(net):
    ours = {"_callback_fit_ctx", "_skl_callbacks_to_teardown", "_parent_callback_ctx"}
    assert not ours & set(vars(net))


def assert_same_weights(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)


# -- without scikit-learn's callbacks --------------------------------------------------------------


def test_estimators_take_callbacks_where_scikit_learn_has_them():
    for net in (classifier(), regressor(), MLPAutoencoder()):
        assert hasattr(net, "set_callbacks") == has_api


def test_it_can_be_imported_where_scikit_learn_has_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.spec_from_file_location("older", sklearn_callbacks.__file__)
    older = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(older)
    assert not hasattr(older.CallbackSupport, "set_callbacks")
    assert older.SklearnCallbacks.begin(classifier(), None, None, None, incremental=False) is None


def test_a_fit_without_them_has_no_tasks(iris, monkeypatch):
    monkeypatch.setattr(SklearnCallbacks, "__init__", None)
    classifier(max_iter=2).fit(*iris)


# -- one estimator ---------------------------------------------------------------------------------


@needs_api
def test_a_fit_is_a_task_and_each_epoch_one_in_it(iris):
    hooks = Hooks()
    net = classifier(max_iter=3).set_callbacks(hooks)
    assert net.fit(*iris) is net
    assert hooks.calls == tasks("MLPClassifier", 3)
    assert hooks.estimator is net
    assert hooks.context.max_subtasks == 3
    assert_nothing_is_left(net)
    hooks.calls.clear()
    net.fit(*iris)
    assert hooks.calls == tasks("MLPClassifier", 3)


@needs_api
@pytest.mark.parametrize("make", [classifier, regressor], ids=["classifier", "regressor"])
def test_each_copy_is_as_if_the_fit_had_stopped_there(make, iris, diabetes):
    X, y = iris if make is classifier else diabetes
    copies = Copies()
    net = make(max_iter=4).set_callbacks(copies).fit(X, y)
    assert_same_weights(net, make(max_iter=4).fit(X, y))
    assert [name for name, _ in copies.ended] == ["epoch"] * 4 + ["fit"]
    for number, (_, copy) in enumerate(copies.ended[:-1], 1):
        shorter = make(max_iter=number).fit(X, y)
        assert_same_weights(copy, shorter)
        np.testing.assert_array_equal(copy.predict(X), shorter.predict(X))
        np.testing.assert_array_equal(copy.transform(X), shorter.transform(X))
        assert copy.n_iter_ == len(copy.history_) == number
        assert copy is not net
    assert_same_weights(copies.ended[-1][1], net)
    # What an epoch begins with is what the one before it ended with.
    assert copies.begun[0] == ("fit", None)
    assert_same_weights(copies.begun[1][1], make().initialize(X, y))
    for (_, begun), (_, ended) in zip(copies.begun[2:], copies.ended[:3], strict=True):
        assert_same_weights(begun, ended)


@needs_api
def test_a_copy_is_made_for_those_who_ask(iris, monkeypatch):
    monkeypatch.setattr(SklearnCallbacks, "_fitted", None)
    classifier(max_iter=2).set_callbacks(Hooks()).fit(*iris)
    with pytest.raises(TypeError, match="NoneType"):
        classifier(max_iter=2).set_callbacks(Copies()).fit(*iris)


@needs_api
def test_hooks_get_what_the_user_gave(iris):
    X, y = iris
    weight = np.ones(len(y))
    copies = Copies()
    classifier(max_iter=2).set_callbacks(copies).fit(X, y, sample_weight=weight)
    assert len(copies.given) == 3
    for given in copies.given:
        assert given[0] is X
        assert given[1] is y
        assert given[2].keys() == {"sample_weight"}
        assert given[2]["sample_weight"] is weight
    classifier(max_iter=2).set_callbacks(copies).fit(X, y)
    assert copies.given[-1][2] is None


@needs_api
def test_a_copy_has_nothing_of_an_earlier_fit(iris):
    pandas = pytest.importorskip("pandas")
    X, y = iris
    copies = Copies()
    net = classifier(max_iter=2).fit(pandas.DataFrame(X, columns=list("abcd")), y)
    net.set_callbacks(copies).fit(X, y)
    copy = copies.ended[0][1]
    assert net.loss_curve_
    assert copy.loss_curve_ is None
    copy.predict(X)  # no warning about names


@needs_api
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_hook_that_returns_true_stops_the_fit(early_stopping, iris):
    hooks = Hooks(stop_after=2)
    net = classifier(max_iter=9, early_stopping=early_stopping).set_callbacks(hooks)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        net.fit(*iris)
    assert net.n_iter_ == 2
    assert hooks.calls == tasks("MLPClassifier", 2)


@needs_api
def test_an_early_stop_ends_the_tasks(iris):
    hooks = Hooks()
    net = classifier(early_stopping=True, n_iter_no_change=2, tol=1).set_callbacks(hooks)
    net.fit(*iris)
    assert net.n_iter_ == 4
    assert hooks.calls == tasks("MLPClassifier", net.n_iter_)


class Interrupt(Callback):
    def batch_end(self, progress):
        if progress.epochs_done == 1:
            raise KeyboardInterrupt


@needs_api
@pytest.mark.filterwarnings("ignore:Training interrupted by user")
def test_an_epoch_that_the_user_interrupts_ends_too(iris):
    hooks, copies = Hooks(), Copies()
    net = classifier(max_iter=9, callbacks=[Interrupt()]).set_callbacks(hooks, copies)
    net.fit(*iris)
    assert net.n_iter_ == 1
    assert hooks.calls == tasks("MLPClassifier", 2)
    assert [copy is None for _, copy in copies.ended] == [False, True, False]


@needs_api
@pytest.mark.parametrize("fail_at", [("setup", "fit"), ("begin", "fit"), ("end", "epoch")])
def test_a_hook_that_fails_leaves_the_estimator_as_it_was(fail_at, iris):
    hooks = Hooks(fail_at=fail_at)
    net = classifier(max_iter=2).fit(*iris)
    before = [W.copy() for W in net.coefs_]
    with pytest.raises(ZeroDivisionError):
        net.set_callbacks(hooks).fit(*iris)
    assert hooks.calls[-1][0] == "teardown"
    assert_nothing_is_left(net)
    for W, old in zip(net.coefs_, before, strict=True):
        np.testing.assert_array_equal(W, old)


@needs_api
def test_a_fit_that_is_refused_tears_down(iris):
    X, y = iris
    hooks = Hooks()
    net = classifier().set_callbacks(hooks)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        net.fit(X, y[:9])
    assert [call[0] for call in hooks.calls] == ["setup", "begin", "teardown"]
    assert_nothing_is_left(net)


@needs_api
def test_a_warm_start_and_partial_fit_have_tasks_too(iris):
    hooks = Hooks()
    net = classifier(max_iter=2, warm_start=True).set_callbacks(hooks).fit(*iris).fit(*iris)
    assert hooks.calls == 2 * tasks("MLPClassifier", 2)
    assert len(net.history_) == 4
    hooks.calls.clear()
    net.partial_fit(*iris).partial_fit(*iris)
    assert hooks.calls == 2 * tasks("MLPClassifier", 1)
    assert_nothing_is_left(net)


@needs_api
def test_with_lbfgs_the_fit_is_the_only_task(iris):
    hooks = Hooks()
    classifier(solver="lbfgs", max_iter=3).set_callbacks(hooks).fit(*iris)
    assert hooks.calls == tasks("MLPClassifier", 0)
    assert hooks.context.max_subtasks == 0


@needs_api
def test_drawing_weights_is_no_fit(iris):
    hooks = Hooks()
    net = classifier().set_callbacks(hooks).initialize(*iris)
    assert not hooks.calls
    assert_nothing_is_left(net)


@needs_api
def test_an_estimator_without_targets_has_tasks_too(iris):
    hooks, copies = Hooks(), Copies()
    MLPAutoencoder((2,), max_iter=2, random_state=0).set_callbacks(hooks, copies).fit(iris[0])
    assert hooks.calls == tasks("MLPAutoencoder", 2)
    assert copies.given[0][1] is None
    assert copies.ended[0][1].transform(iris[0]).shape == (150, 2)


@needs_api
@pytest.mark.filterwarnings("ignore:Training interrupted by user")
def test_a_fit_from_a_checkpoint_has_the_epochs_that_are_left(iris, tmp_path):
    path = tmp_path / "fit.checkpoint"
    classifier(max_iter=4, checkpoint=path, callbacks=[Interrupt()]).fit(*iris)
    copies, hooks = Copies(), Hooks()
    net = classifier(max_iter=4, checkpoint=path).set_callbacks(copies, hooks).fit(*iris)
    assert hooks.calls == tasks("MLPClassifier", 3)
    assert_same_weights(copies.begun[1][1], classifier(max_iter=1).fit(*iris))
    assert_same_weights(net, classifier(max_iter=4).fit(*iris))


class Pickles(Hooks):
    def on_fit_task_end(self, estimator, context):
        loaded = pickle.loads(pickle.dumps((estimator, context)))
        assert type(loaded[0]) is type(estimator)
        super().on_fit_task_end(estimator, context)


@needs_api
def test_an_estimator_goes_to_other_processes_while_it_is_fitted(iris):
    net = classifier(max_iter=2).set_callbacks(Pickles()).fit(*iris)
    net.fit(*iris)
    assert len(net._skl_callbacks[0].calls) == 2 * len(tasks("MLPClassifier", 2))


@needs_api
def test_callbacks_stay_with_copies_of_the_estimator(iris):
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring="accuracy")
    net = classifier(max_iter=2).set_callbacks(monitor).fit(*iris)
    assert clone(net)._skl_callbacks == [monitor]
    loaded = pickle.loads(pickle.dumps(net))
    assert len(loaded._skl_callbacks) == 1
    np.testing.assert_array_equal(loaded.predict(iris[0]), net.predict(iris[0]))
    assert not hasattr(net.set_callbacks().fit(*iris), "_skl_callbacks")


# -- scikit-learn's own ----------------------------------------------------------------------------


@needs_api
def test_its_monitor_scores_each_epoch_of_a_classifier(iris):
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    net = classifier(max_iter=5).set_callbacks(monitor).fit(*iris)
    fit, *epochs = monitor.get_logs().data
    assert [row["task_name"] for row in epochs] == ["epoch"] * 5
    assert [row["task_id"] for row in epochs] == list(range(5))
    wanted = [classifier(max_iter=number).fit(*iris).score(*iris) for number in range(1, 6)]
    assert [row["accuracy"] for row in epochs] == wanted
    assert fit["accuracy"] == net.score(*iris)
    assert len({row["neg_log_loss"] for row in epochs}) == 5


@needs_api
def test_its_monitor_scores_the_best_weights_at_the_end_of_an_early_stop(diabetes):
    from sklearn.callback import ScoringMonitor

    X, y = diabetes
    monitor = ScoringMonitor(scoring="r2")
    net = regressor(early_stopping=True, n_iter_no_change=3, max_iter=500, alpha=0)
    net.set_params(learning_rate_init=0.3).set_callbacks(monitor).fit(X, y)
    fit, *epochs = (row["r2"] for row in monitor.get_logs().data)
    assert len(epochs) == net.n_iter_ < 500
    assert fit == net.score(X, y)
    assert fit == epochs[net.best_epoch_ - 1] != epochs[-1]


@needs_api
def test_its_monitor_takes_column_names_and_weights(iris):
    from sklearn.callback import ScoringMonitor

    pandas = pytest.importorskip("pandas")
    X, y = iris
    frame, weight = pandas.DataFrame(X, columns=list("abcd")), np.linspace(0, 1, len(y))
    monitor = ScoringMonitor(scoring="accuracy")
    net = classifier(max_iter=2).set_callbacks(monitor).fit(frame, y, sample_weight=weight)
    assert monitor.get_logs().data[0]["accuracy"] == net.score(frame, y, sample_weight=weight)


@needs_api
@pytest.mark.parametrize("make", [classifier, regressor], ids=["classifier", "regressor"])
def test_its_bar_shows_the_fit(make, iris, capsys):
    from sklearn.callback import ProgressBar

    net = make(max_iter=9, early_stopping=True, n_iter_no_change=2, tol=1)
    net.set_callbacks(ProgressBar()).fit(*iris)
    assert net.n_iter_ < 9
    out = capsys.readouterr().out
    assert f"{type(net).__name__} - fit" in out
    assert "100%" in out


@needs_api
def test_a_pipeline_hands_its_callbacks_on(iris, capsys):
    from sklearn.callback import ProgressBar, ScoringMonitor

    hooks, monitor = Propagated(), ScoringMonitor(scoring="accuracy")
    net = classifier(max_iter=3).set_callbacks(monitor)
    pipe = make_pipeline(StandardScaler(), net).set_callbacks(hooks, ProgressBar())
    pipe.fit(*iris)
    assert (
        [call for call in hooks.calls if call[1] == "MLPClassifier"]
        == [
            (hook, name, task, number if task == "epoch" else 1)  # the second step of the pipeline
            for hook, name, task, number in tasks("MLPClassifier", 3)[1:-1]
        ]
    )
    assert "Pipeline - fit-final-estimator | MLPClassifier - fit" in capsys.readouterr().out
    log = monitor.get_logs()
    assert log.estimator_name == "Pipeline"
    assert [row["task_id_path"] for row in log.data] == [(0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2)]
    assert log.data[0]["accuracy"] == pipe.score(*iris)
    assert_nothing_is_left(net)
    assert net._skl_callbacks == [monitor]


@needs_api
def test_a_pipeline_hands_its_callbacks_to_a_network_that_transforms(iris):
    hooks = Propagated()
    make_pipeline(classifier(max_iter=2), StandardScaler()).set_callbacks(hooks).fit(*iris)
    names = [call[2] for call in hooks.calls if call[:2] == ("end", "MLPClassifier")]
    assert names == ["epoch", "epoch", "fit"]


@needs_api
def test_a_search_hands_its_callbacks_on(iris, capsys):
    from sklearn.callback import ProgressBar, ScoringMonitor

    monitor = ScoringMonitor(scoring="accuracy")
    net = classifier(max_iter=3, early_stopping=True).set_callbacks(monitor)
    pipe = make_pipeline(StandardScaler(), net)
    grid = {"mlpclassifier__alpha": [0, 1]}
    with joblib.parallel_config("threading"):
        search = GridSearchCV(pipe, grid, cv=2, n_jobs=2, error_score="raise")
        search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*iris)
    out = capsys.readouterr().out
    assert out.count("MLPClassifier - fit") >= 5
    assert "100%" in out
    assert_nothing_is_left(search.best_estimator_[-1])
    data = monitor.get_logs().data
    assert len(data) == 5 * (3 + 1)
    assert len({row["task_id_path"] for row in data}) == len(data)
