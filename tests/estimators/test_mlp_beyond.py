"""What chainrule's classes have beyond scikit-learn's."""

from __future__ import annotations

import inspect
import math
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, d2_pinball_score, log_loss, make_scorer
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from chainrule import MLPAutoencoder, MLPClassifier, MLPRegressor
from chainrule.engine.activations import ACTIVATIONS, LeakyRelu
from chainrule.engine.initializers import INITIALIZERS, VarianceScaling
from chainrule.engine.losses import Huber, Quantile
from chainrule.engine.optimizers import Lion
from chainrule.engine.schedules import SCHEDULES, StepDecay
from chainrule.errors import InvalidValueError
from chainrule.estimators.parameters import ATTRIBUTES, PARAMETERS

X, Y = (values[:300] for values in load_digits(return_X_y=True))
X = X / 16
XD, YD = load_diabetes(return_X_y=True)
YD = (YD - YD.mean()) / YD.std()

ESTIMATORS = [MLPClassifier, MLPRegressor, MLPAutoencoder]


@pytest.fixture(autouse=True)
def _short_fits_are_no_news():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def classifier(**settings):
    return MLPClassifier(
        **{"hidden_layer_sizes": (16, 8), "max_iter": 3, "random_state": 0} | settings
    )


def regressor(**settings):
    return MLPRegressor(
        **{"hidden_layer_sizes": (16,), "max_iter": 3, "random_state": 0, "dtype": "float64"}
        | settings
    )


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.coefs_, other.coefs_, strict=True))


def kept_norm(model, start):
    """Return how far the weights have come from where they began, as a share."""
    begun = np.concatenate([W.ravel() for W in start.coefs_])
    ended = np.concatenate([W.ravel() for W in model.coefs_])
    return np.linalg.norm(ended - begun) / np.linalg.norm(begun)


# -- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_parameter_and_attribute_is_documented(cls):
    doc = inspect.getdoc(cls)
    for name, parameter in inspect.signature(cls).parameters.items():
        assert f"\n{name} : {PARAMETERS[name][0]}, default={parameter.default!r}\n" in doc
    for name in ATTRIBUTES:
        assert f"\n{name} : " in doc
    assert "{" not in doc.split("Examples")[0].replace('{"standard"', "").replace('{"float32"', "")


def test_no_text_is_about_a_parameter_that_is_gone():
    known = {name for cls in ESTIMATORS for name in inspect.signature(cls).parameters}
    assert set(PARAMETERS) == known


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_additions_are_keyword_only(cls):
    by_position = [
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert by_position == [
        *(["loss"] if cls is MLPRegressor else []),
        "hidden_layer_sizes",
        "activation",
    ]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_every_activation_trains(name):
    model = classifier(activation=name, max_iter=20, learning_rate_init=0.01).fit(X, Y)
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_each_layer_may_have_its_own_activation():
    model = classifier(activation=["identity", "tanh"]).fit(X, Y)
    first, second, _ = model.activations(X)
    assert first.min() < -1 or first.max() > 1
    np.testing.assert_allclose(first, X @ model.coefs_[0] + model.intercepts_[0], atol=1e-5)
    np.testing.assert_allclose(
        second, np.tanh(first @ model.coefs_[1] + model.intercepts_[1]), atol=1e-5
    )


def test_a_pair_of_callables_is_an_activation():
    given = (np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    own, known = classifier(activation=given).fit(X, Y), classifier(activation="tanh").fit(X, Y)
    for a, b in zip(own.coefs_, known.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_pairs_and_objects_may_stand_in_a_list():
    given = [(np.tanh, lambda z: 1 - np.tanh(z) ** 2), LeakyRelu(0.2)]
    assert np.isfinite(classifier(activation=given).fit(X, Y).loss_)


def test_a_list_of_another_length_is_refused(message_of):
    message = message_of(InvalidValueError, classifier(activation=["relu"]).fit, X, Y)
    assert message == (
        "activation must be one name or callable pair, or a list of 2, one for each hidden layer, "
        "got ['relu']: change it or hidden_layer_sizes"
    )


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw", "rmsprop", "lion", Lion(beta_2=0.9)])
def test_every_solver_lowers_the_loss(solver):
    model = classifier(solver=solver, max_iter=20, learning_rate_init=0.003).fit(X, Y)
    assert model.loss_curve_[-1] < model.loss_curve_[0]


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule_goes_with_every_stochastic_solver(name):
    model = classifier(solver="adamw", learning_rate=name).fit(X, Y)
    rates = model.history_.column("learning_rate")
    assert max(rates) <= 0.001
    assert len(rates) == 3


def test_schedules_end_with_the_training():
    # 300 samples in batches of 100 are 3 steps an epoch, 12 in 4 epochs.
    model = classifier(learning_rate="cosine", batch_size=100, max_iter=4, dtype="float64")
    rates = model.fit(X, Y).history_.column("learning_rate")
    wanted = [0.0005 * (1 + math.cos(math.pi * step / 12)) for step in (2, 5, 8, 11)]
    np.testing.assert_allclose(rates, wanted)


def test_a_schedule_may_be_given_whole():
    model = classifier(learning_rate=StepDecay(0.1, factor=10, every=1)).fit(X, Y)
    np.testing.assert_allclose(model.history_.column("learning_rate"), [0.1, 0.01, 0.001])


def test_adam_ignores_scikit_learn_s_schedules_as_there():
    one, other = (classifier(learning_rate=name).fit(X, Y) for name in ("constant", "invscaling"))
    assert same_weights(one, other)


@pytest.mark.parametrize("rule", [*INITIALIZERS, VarianceScaling(1, "in", "normal")])
def test_every_initialisation_can_be_asked_for(rule):
    model = classifier(weight_init=rule).initialize(X, Y)
    assert all(not b.any() for b in model.intercepts_)
    wanted = rule if isinstance(rule, VarianceScaling) else INITIALIZERS[rule]
    W = np.empty((64, 16))
    wanted.fill(W, np.random.RandomState(0))
    np.testing.assert_allclose(model.coefs_[0], W, rtol=1e-6)


def test_dropout_changes_training_but_not_prediction_and_has_its_own_stream():
    plain, dropped = classifier().fit(X, Y), classifier(dropout=[0.5, 0.1]).fit(X, Y)
    assert not same_weights(plain, dropped)
    np.testing.assert_array_equal(dropped.predict_proba(X), dropped.predict_proba(X))
    assert same_weights(dropped, classifier(dropout=[0.5, 0.1]).fit(X, Y))
    # Held-out rows and weights are scikit-learn's draws, which dropout leaves alone.
    one, other = (classifier(input_dropout=share).initialize(X, Y) for share in (0.0, 0.5))
    assert same_weights(one, other)


def test_dropout_in_the_input_drops_features():
    # With nearly every feature dropped, only the biases can learn.
    model = classifier(input_dropout=0.999, max_iter=30, alpha=0).fit(X, Y)
    start = classifier().initialize(X, Y)
    assert kept_norm(model, start) < kept_norm(classifier(max_iter=30, alpha=0).fit(X, Y), start)


def test_dropout_of_another_length_is_refused(message_of):
    message = message_of(InvalidValueError, classifier(dropout=[0.1]).fit, X, Y)
    assert message == (
        "dropout must be one number, or a list of 2, one for each hidden layer, got [0.1]: change "
        "it or hidden_layer_sizes"
    )


def test_l1_makes_weights_small():
    settings = {"max_iter": 30, "learning_rate_init": 0.01, "alpha": 0}
    plain, sparse = classifier(**settings).fit(X, Y), classifier(l1=2.0, **settings).fit(X, Y)
    small = [np.mean(np.abs(model.coefs_[0]) < 0.01) for model in (plain, sparse)]
    assert small[1] > 2 * small[0]


def test_weight_decay_shrinks_weights_by_learning_rate_times_decay():
    still = {"solver": "sgd", "learning_rate_init": 1e-3, "alpha": 0, "momentum": 0}
    plain = classifier(batch_size=300, max_iter=1, dtype="float64", **still).fit(X, Y)
    decayed = classifier(batch_size=300, max_iter=1, dtype="float64", weight_decay=0.5, **still)
    start = classifier(dtype="float64").initialize(X, Y)
    for a, b, c in zip(plain.coefs_, decayed.fit(X, Y).coefs_, start.coefs_, strict=True):
        np.testing.assert_allclose(a - b, 0.5e-3 * c, rtol=1e-9)


@pytest.mark.parametrize(("name", "order"), [("clip_value", np.inf), ("clip_norm", 2)])
def test_clipping_bounds_the_step(name, order):
    settings = {"solver": "sgd", "momentum": 0, "learning_rate_init": 1.0, "batch_size": 300}
    start = classifier(dtype="float64").initialize(X, Y)
    model = classifier(max_iter=1, dtype="float64", **settings, **{name: 1e-3}).fit(X, Y)
    arrays = zip(
        (*model.coefs_, *model.intercepts_), (*start.coefs_, *start.intercepts_), strict=True
    )
    step = np.concatenate([(a - b).ravel() for a, b in arrays])
    assert np.linalg.norm(step, order) == pytest.approx(1e-3)


def test_both_ways_to_clip_are_refused(message_of):
    message = message_of(InvalidValueError, classifier(clip_value=1, clip_norm=1).fit, X, Y)
    assert message == (
        "clip_value and clip_norm must not be given together, got (1, 1): drop one of them"
    )


def test_label_smoothing_keeps_predictions_from_certainty():
    settings = {"max_iter": 60, "learning_rate_init": 0.01}
    plain, smooth = (
        classifier(label_smoothing=share, **settings).fit(X, Y) for share in (0.0, 0.3)
    )
    assert smooth.predict_proba(X).max() < plain.predict_proba(X).max()
    assert smooth.predict_proba(X).max(axis=1).mean() < 0.9


@pytest.mark.parametrize("class_weight", ["balanced", {0: 5.0, 1: 0.5}])
def test_class_weights_are_sample_weights(class_weight):
    weight = compute_sample_weight(class_weight, Y)
    one = classifier(class_weight=class_weight).fit(X, Y)
    other = classifier().fit(X, Y, sample_weight=weight)
    assert same_weights(one, other)
    twice = classifier(class_weight=class_weight).fit(X, Y, sample_weight=weight)
    assert same_weights(twice, classifier().fit(X, Y, sample_weight=weight**2))


def test_balanced_weights_need_all_labels(message_of):
    model = classifier(class_weight="balanced")
    message = message_of(InvalidValueError, model.partial_fit, X, Y, classes=np.unique(Y))
    assert message.startswith("class_weight must be a dictionary with partial_fit")


# -- losses of the regressor ---------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_every_loss_of_the_regressor_learns(loss):
    model = regressor(loss=loss, max_iter=200, learning_rate_init=0.01).fit(XD, YD)
    assert model.score(XD, YD) > 0.4
    assert model.out_activation_ == "identity"


def test_a_loss_may_be_given_whole():
    one = regressor(loss=Huber(1e9)).fit(XD, YD)
    assert one.loss_ == pytest.approx(regressor().fit(XD, YD).loss_, rel=1e-9)


@pytest.mark.parametrize("columns", [1, 2])
def test_several_quantiles_at_once(columns):
    y = YD if columns == 1 else np.column_stack([YD, -YD])
    levels = (0.1, 0.5, 0.9)
    model = regressor(loss="quantile", quantile=levels, max_iter=300, learning_rate_init=0.01)
    predicted = model.fit(XD, y).predict(XD)
    assert predicted.shape == (len(y), 3) if columns == 1 else (len(y), 2, 3)
    below = (np.expand_dims(y, -1) < predicted).reshape(len(y), -1, 3).mean(axis=(0, 1))
    np.testing.assert_allclose(below, levels, atol=0.12)
    wanted = [
        d2_pinball_score(y, predicted[..., level], alpha=alpha)
        for level, alpha in enumerate(levels)
    ]
    assert model.score(XD, y) == pytest.approx(np.mean(wanted), rel=1e-6)
    same = regressor(loss=Quantile(levels), max_iter=300, learning_rate_init=0.01).fit(XD, y)
    assert same_weights(model, same)


def test_poisson_refuses_negative_targets(message_of):
    message = message_of(InvalidValueError, regressor(loss="poisson").fit, XD, np.arange(442) - 1)
    assert message == 'y must be at least 0 with loss="poisson", got -1: choose another loss'


# -- several columns of classes ------------------------------------------------------------------


def test_several_columns_of_classes():
    columns = np.column_stack([Y % 3, np.array(["a", "b", "c", "d"])[Y % 4]])
    model = classifier(max_iter=60, learning_rate_init=0.01).fit(X, columns)
    assert [list(classes) for classes in model.classes_] == [["0", "1", "2"], ["a", "b", "c", "d"]]
    probabilities = model.predict_proba(X)
    assert [part.shape for part in probabilities] == [(300, 3), (300, 4)]
    for part, logits in zip(probabilities, model.decision_function(X), strict=True):
        np.testing.assert_allclose(part.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(part.argmax(axis=1), logits.argmax(axis=1))
    predicted = model.predict(X)
    assert predicted.shape == (300, 2)
    assert model.score(X, columns) == (predicted == columns).all(axis=1).mean() > 0.8
    assert [part.shape for part in model.predict_log_proba(X)] == [(300, 3), (300, 4)]


def test_several_columns_of_classes_in_pieces():
    columns = np.column_stack([Y % 3, Y % 4])
    model = classifier(learning_rate_init=0.01)
    classes = [[0, 1, 2], [0, 1, 2, 3]]
    model.partial_fit(X[:20], columns[:20], classes=classes)
    for _ in range(40):
        model.partial_fit(X, columns)
    assert model.score(X, columns) > 0.8
    with pytest.raises(InvalidValueError, match="column 1 of y must have classes of the first"):
        model.partial_fit(X, columns + np.array([0, 1]))


# -- validation data, history, scores -------------------------------------------------------------


@pytest.mark.parametrize("early_stopping", [False, True])
def test_validation_data_of_one_s_own(early_stopping):
    model = classifier(early_stopping=early_stopping, max_iter=5)
    model.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    history = model.history_
    assert len(history) == model.n_iter_ == 5
    assert history.columns == (
        "epoch",
        "train_loss",
        "validation_loss",
        "learning_rate",
        "seconds",
        "penalty",
        "validation_accuracy",
    )
    if early_stopping:
        scores = history.column("validation_accuracy")
        assert model.validation_scores_ == scores
        assert model.best_epoch_ == 1 + int(np.argmax(scores))
        assert model.score(X[200:], Y[200:]) == max(scores) == model.best_validation_score_
    else:
        last = history.epochs[-1]
        assert model.score(X[200:], Y[200:]) == last.value("validation_accuracy")
        loss = log_loss(Y[200:], model.predict_proba(X[200:]), labels=np.arange(10))
        assert last.validation_loss == pytest.approx(loss, rel=1e-5)
        assert model.best_epoch_ == 1 + int(np.argmin(history.column("validation_loss")))


def test_nothing_is_held_out_when_validation_data_is_given():
    with_own = classifier(early_stopping=True, n_iter_no_change=np.inf)
    with_own.fit(X, Y, X_val=X[:50], y_val=Y[:50])
    assert with_own.t_ == 3 * 300


@pytest.mark.parametrize(
    ("scoring", "columns"),
    [
        ("neg_log_loss", ["validation_neg_log_loss"]),
        (["accuracy", "neg_log_loss"], ["validation_accuracy", "validation_neg_log_loss"]),
        ({"right": make_scorer(accuracy_score)}, ["validation_right"]),
        (lambda estimator, X, y: -1.5, ["validation_score"]),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_any_scorer_decides_about_early_stopping(scoring, columns, own):
    model = classifier(early_stopping=True, scoring=scoring, max_iter=4)
    few = Y % 3  # so that the held-out rows have every class
    validation = {"X_val": X[200:], "y_val": few[200:]} if own else {}
    model.fit(X[:200], few[:200], **validation)
    assert list(model.history_.score_names) == columns
    assert model.validation_scores_ == model.history_.column(columns[0])
    if scoring == "neg_log_loss":
        losses = model.history_.column("validation_loss")
        np.testing.assert_allclose(model.validation_scores_, [-loss for loss in losses], rtol=1e-4)


def test_scores_without_validation_data_are_refused(message_of):
    message = message_of(InvalidValueError, classifier(scoring="accuracy").fit, X, Y)
    assert message == (
        "scoring needs validation data, got 'accuracy': pass X_val and y_val to fit, or "
        "early_stopping=True with a validation_fraction above 0"
    )


def test_the_history_as_a_table():
    pytest.importorskip("pandas")
    frame = classifier(early_stopping=True).fit(X, Y).history_.to_frame()
    assert list(frame.index) == [1, 2, 3]
    assert {"train_loss", "validation_loss", "validation_accuracy"} <= set(frame.columns)


def test_a_score_of_a_frame_s_held_out_rows_warns_of_no_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"p{i}" for i in range(64)])
    classifier(early_stopping=True, scoring="accuracy").fit(frame, Y)


def test_the_loss_curve_is_training_loss_and_penalty():
    model = classifier(alpha=1.0, l1=0.1).fit(X, Y)
    rows = model.history_.epochs
    assert model.loss_curve_ == [row.train_loss + row.penalty for row in rows]
    assert all(row.penalty > 0 for row in rows)


# -- the inside -----------------------------------------------------------------------------------


def test_hidden_features_have_names_and_are_frames_on_request():
    pandas = pytest.importorskip("pandas")
    model = classifier().fit(X, Y)
    first, last, output = model.activations(X)
    np.testing.assert_array_equal(model.transform(X), last)
    np.testing.assert_array_equal(model.transform(X, layer=0), first)
    np.testing.assert_array_equal(model.transform(X, layer=-2), first)
    np.testing.assert_array_equal(output, model.predict_proba(X))
    assert list(model.get_feature_names_out()) == [f"mlpclassifier{i}" for i in range(8)]
    model.set_output(transform="pandas")
    assert isinstance(model.transform(X), pandas.DataFrame)
    assert list(model.transform(X).columns) == list(model.get_feature_names_out())
    assert model.transform(X, layer=0).shape == (300, 16)


@pytest.mark.parametrize("layer", [2, -3, 1.0, "0", True, [0], np.array([0, 1])])
def test_a_layer_that_is_not_there_is_refused(layer, message_of):
    message = message_of(InvalidValueError, classifier().fit(X, Y).transform, X, layer)
    assert message == f"layer must be in [-2, 1], a hidden layer, got {layer!r}: change it"


def test_without_hidden_layers_there_are_no_features(message_of):
    model = classifier(hidden_layer_sizes=()).fit(X, Y)
    assert message_of(InvalidValueError, model.transform, X) == (
        "hidden_layer_sizes must have a layer whose activations can be returned, got (): "
        "such as (100,)"
    )


@pytest.mark.parametrize("classes", [2, 10])
def test_the_decision_function_is_the_logit(classes):
    model = classifier(dtype="float64").fit(X, Y % classes)
    logits, probabilities = model.decision_function(X), model.predict_proba(X)
    if classes == 2:
        wanted = np.log(probabilities[:, 1] / probabilities[:, 0])
    else:
        wanted = np.log(probabilities)
        wanted += logits[:, :1] - wanted[:, :1]
    np.testing.assert_allclose(logits, wanted, rtol=1e-9, atol=1e-9)


def test_weights_without_fitting_are_those_that_fit_starts_from():
    model = classifier(learning_rate_init=1e-300, dtype="float64")
    started = classifier(dtype="float64").initialize(X, Y)
    assert same_weights(started, model.fit(X, Y))
    assert started.n_iter_ == 0
    assert started.predict(X).shape == (300,)


def test_initialised_weights_go_on_with_partial_fit():
    one = classifier(max_iter=1, shuffle=False, dtype="float64").fit(X, Y)
    other = classifier(shuffle=False, dtype="float64").initialize(X, Y).partial_fit(X, Y)
    assert same_weights(one, other)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("loss", ["squared_error", "poisson", "huber", "quantile"])
def test_loss_and_gradient_belong_together(loss, columns, rng):
    y = np.abs(np.column_stack([YD, YD * 2, YD - 1])[:, :columns] if columns > 1 else YD)
    weight = rng.uniform(0, 2, len(y))
    model = regressor(loss=loss, alpha=0.1, l1=0.1, activation="tanh").initialize(XD, y)
    _, coefs, intercepts = model.loss_and_gradient(XD, y, weight)
    arrays = [*model.coefs_, *model.intercepts_]
    starts = [array.copy() for array in arrays]
    directions = [rng.normal(size=array.shape) for array in arrays]
    slope = sum((g * d).sum() for g, d in zip([*coefs, *intercepts], directions, strict=True))

    def loss_at(step):
        for array, at, d in zip(arrays, starts, directions, strict=True):
            array[...] = at + step * d
        return model.loss_and_gradient(XD, y, weight)[0]

    assert (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6 == pytest.approx(slope, rel=1e-6)


# -- scaling --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scaler"),
    [("standard", StandardScaler), ("minmax", MinMaxScaler), ("robust", RobustScaler)],
)
def test_input_scaling_is_that_of_scikit_learn_before_the_network(name, scaler):
    raw = (X * 16).astype(np.uint8)
    ours = classifier(input_scaling=name, dtype="float64").fit(raw, Y)
    scaled = scaler().fit(raw)
    plain = classifier(dtype="float64").fit(scaled.transform(raw), Y)
    for a, b in zip(ours.coefs_, plain.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(
        ours.predict_proba(raw), plain.predict_proba(scaled.transform(raw)), rtol=1e-6
    )


def test_held_out_rows_are_not_looked_at_when_scaling_is_learnt():
    spoilt = XD.copy()
    model = regressor(input_scaling="standard", early_stopping=True).fit(spoilt, YD)
    held_out = np.setdiff1d(np.arange(442), _training_rows(442))
    spoilt[held_out] = 1e6
    other = regressor(input_scaling="standard", early_stopping=True, max_iter=1).fit(spoilt, YD)
    one = regressor(input_scaling="standard", early_stopping=True, max_iter=1).fit(XD, YD)
    np.testing.assert_allclose(
        other._fitted.scaling.shift, model._fitted.scaling.shift, rtol=1e-12, atol=1e-15
    )
    assert one.loss_ == other.loss_


def _training_rows(n):
    """Return the rows that random_state=0 trains on: those drawn after the weights."""
    from sklearn.model_selection import train_test_split

    state = np.random.RandomState(0)
    for fan_in, fan_out in ((10, 16), (16, 1)):
        state.uniform(size=(fan_in, fan_out))
        state.uniform(size=fan_out)
    return train_test_split(np.arange(n), random_state=state, test_size=0.1)[0]


# -- with L-BFGS ----------------------------------------------------------------------------------


def test_l_bfgs_keeps_a_history_too():
    model = regressor(solver="lbfgs", max_iter=5, alpha=1.0).fit(XD, YD, X_val=XD, y_val=YD)
    assert model.history_.column("epoch") == [1, 2, 3, 4, 5]
    last = model.history_.epochs[-1]
    assert last.train_loss + last.penalty == pytest.approx(model.loss_, rel=1e-12)
    assert last.validation_loss == pytest.approx(last.train_loss, rel=1e-9)
    assert not hasattr(model, "loss_curve_")


def test_l_bfgs_works_in_float64_whatever_the_dtype():
    fine, coarse = (
        regressor(solver="lbfgs", max_iter=30, dtype=dtype).fit(XD, YD)
        for dtype in ("float64", "float32")
    )
    assert coarse.coefs_[0].dtype == np.float32
    assert coarse.loss_ == pytest.approx(fine.loss_, rel=1e-3)


# -- what goes on from an earlier call -------------------------------------------------------------


def test_two_columns_of_two_classes_of_any_kind_are_columns_of_classes():
    columns = np.column_stack([np.where(Y % 2, 2, 1), np.where(Y > 4, 2, 1)])
    model = classifier(max_iter=60, learning_rate_init=0.01).fit(X, columns)
    assert [list(classes) for classes in model.classes_] == [[1, 2], [1, 2]]
    assert model.loss_ > 0
    assert model.score(X, columns) > 0.8


def test_lists_of_classes_decide_whatever_the_first_batch_holds():
    columns = np.column_stack([Y % 2, Y % 2])
    model = classifier().partial_fit(X, columns, classes=[[0, 1, 2], [0, 1]])
    assert [len(classes) for classes in model.classes_] == [3, 2]


def test_a_table_stays_one_of_0_and_1(message_of):
    table = np.column_stack([Y % 2, Y > 4, Y > 7]).astype(int)
    model = classifier().partial_fit(X, table, classes=[0, 1, 2])
    message = message_of(InvalidValueError, model.partial_fit, X, table * 7)
    assert message == (
        "y must be a table of 0 and 1, as in the first call, got other values: encode it"
    )


def test_the_best_of_another_loss_or_other_validation_data_is_forgotten():
    model = regressor(warm_start=True, max_iter=30, learning_rate_init=0.01).fit(XD, YD)
    model.set_params(loss="absolute_error").fit(XD, YD)
    assert model.n_iter_ == 30
    assert model.best_loss_ == min(model.loss_curve_[-30:])
    model = classifier(early_stopping=True, warm_start=True, max_iter=4, n_iter_no_change=np.inf)
    model.fit(X[:200], Y[:200], X_val=X[:50], y_val=Y[:50])
    model.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    assert model.best_validation_score_ == max(model.validation_scores_[-4:])
    assert model.score(X[200:], Y[200:]) == model.best_validation_score_


def test_weights_that_were_replaced_are_where_a_warm_start_begins():
    model = classifier(early_stopping=True, warm_start=True, max_iter=4).fit(X, Y)
    model.coefs_ = [np.zeros_like(W) for W in model.coefs_]
    model.set_params(max_iter=1, learning_rate_init=1e-9).fit(X, Y)
    assert np.abs(model.coefs_[0]).max() < 1e-6


def test_another_solver_leaves_nothing_of_the_one_before():
    model = classifier(warm_start=True).fit(X, Y)
    model.set_params(solver="lbfgs").fit(X, Y)
    assert not hasattr(model, "loss_curve_")
    assert model._fitted.optimizer is None
    assert model.best_epoch_ == 1 + int(np.argmin(model.history_.column("train_loss")))


def test_labels_are_checked_where_the_gradient_is_asked_for():
    model = classifier(class_weight="balanced").fit(X, Y)
    with pytest.raises(ValueError, match="has classes not in"):
        model.loss_and_gradient(X, Y + 5)
    assert np.isfinite(model.loss_and_gradient(X, Y)[0])


def test_a_scorer_of_one_s_own_gets_no_weights():
    model = classifier(
        class_weight="balanced", early_stopping=True, scoring=lambda e, X, y: e.score(X, y)
    )
    assert len(model.fit(X, Y).validation_scores_) == 3


@pytest.mark.parametrize("scoring", [[], {}, {"loss": "accuracy"}])
def test_scoring_names_scores(scoring):
    with pytest.raises(InvalidValueError, match="scoring must name at least one score"):
        classifier(early_stopping=True, scoring=scoring).fit(X, Y)


def test_a_score_of_several_columns_wants_their_shape():
    columns = np.column_stack([Y % 3, Y % 4])
    model = classifier().fit(X, columns)
    with pytest.raises(InvalidValueError, match="y must have the predictions' shape"):
        model.score(X, columns[:, :1])


def test_scoring_does_not_stand_in_the_way_of_partial_fit():
    assert classifier(scoring="accuracy").initialize(X, Y).partial_fit(X, Y).n_iter_ == 1
